"""What builds rest on, and the two standing uses."""

from __future__ import annotations

import pytest

from analysis.difference.foundations import foundations, same_data
from analysis.difference.read import read_both
from analysis.difference.report import compared
from analysis.difference.standing import NOT_PAIRED, use_of

from .builds import interval, make, value


def both(tmp_path, first=None, second=None):
    return read_both(str(make(tmp_path / "a", **(first or {}))), str(make(tmp_path / "b", **(second or {}))))


def test_the_same_foundations_have_no_rows(tmp_path):
    assert foundations(*both(tmp_path)) == {"Data": [], "Settings": [], "Code": []}


def test_other_settings(tmp_path):
    settings = {"seed": 2, "cleaning": {"duplicates": "drop"}, "models": {"forest": {"trees": None}}}
    one, other = both(tmp_path, {"build": {"settings": {"seed": 1, "cleaning": {"duplicates": "keep"}}}},
                      {"build": {"settings": settings}})  # fmt: skip
    assert foundations(one, other)["Settings"] == [("seed", "1", "2"), ("cleaning.duplicates", "keep", "drop")]
    assert same_data(one, other)
    assert use_of(one, other) == "settings"


@pytest.mark.parametrize("more", [{}, {"new": None}, {"paper": {"author": "Bob"}}])
def test_a_setting_that_is_not_given_or_a_title_makes_no_other_study(tmp_path, more):
    one, other = both(tmp_path, None, {"build": {"settings": {"seed": 1} | more}})
    assert use_of(one, other) == ""


def test_other_code(tmp_path):
    sums = "a" * 64, "b" * 64
    first = {
        "version": "0.1.0",
        "code": sums[0],
        "commit": "c" * 40,
        "clean": True,
        "sources": {"x.py": sums[0], "y.py": "1"},
    }
    second = {
        "version": "0.2.0",
        "code": sums[1],
        "commit": "c" * 40,
        "clean": False,
        "sources": {"x.py": sums[1], "y.py": "1"},
    }
    assert foundations(*both(tmp_path, {"build": first}, {"build": second}))["Code"] == [
        ("version of flowpaper", "0.1.0", "0.2.0"),
        ("code", sums[0][:12], sums[1][:12]),
        ("commit", "c" * 12, "c" * 12 + ", with changes"),
        ("x.py", sums[0][:12], sums[1][:12]),
    ]  # fmt: skip


def test_other_versions_of_libraries(tmp_path):
    rows = foundations(*both(tmp_path, None, {"build": {"versions": {"versions.numpy": "3"}}}))["Code"]
    assert rows == [("numpy", "2", "3")]


def test_other_data_without_a_path(tmp_path):
    names = [{"name": f"{i}.csv"} for i in range(5)]
    other = {"build": {"identity": "f" * 64, "data": "/srv/b.csv", "input": names},
             "values": {"clean.flows": value(800, "flows after cleaning", "flows")}}  # fmt: skip
    rows = foundations(*both(tmp_path, None, other))["Data"]
    assert ("flows after cleaning", "900", "800") in rows
    assert ("files", "flows.csv", "0.csv, 1.csv, 2.csv and 2 more") in rows
    assert rows[-1] == ("checksum of the data", "59091fa38860", "f" * 12)
    assert "/home" not in str(rows)


def test_of_other_data_what_is_the_same_is_no_row(tmp_path):
    twin = {"identity": "synthetic twin", "synthetic": True}
    made = [{"build": twin | {"settings": {"seed": seed, "twin": {"rows": 9}}}} for seed in (1, 2)]
    rows = foundations(*both(tmp_path, *made))["Data"]
    assert rows == [("draw of the twin", "rows 9, seed 1", "rows 9, seed 2")]
    assert [row for row in rows if row[1] == row[2]] == []


@pytest.mark.parametrize(
    ("settings", "same"), [(({"seed": 1},) * 2, True), (({"seed": 1}, {"seed": 2}), False),
                           (({"seed": 1, "twin": {"rows": 1}}, {"seed": 1, "twin": {"rows": 2}}), False)]
)  # fmt: skip
def test_a_twin_is_the_same_where_it_is_drawn_alike(tmp_path, settings, same):
    builds = [{"build": {"identity": "synthetic twin", "synthetic": True, "settings": one}} for one in settings]
    assert same_data(*both(tmp_path, *builds)) is same


CORRECTED = {
    "release.is_corrected": value(True, unit=""), "data.of_cicids2017": value(True, unit=""),
    "data.origin": value("2 flows of the corrected release", unit=""), "clean.prevalence": value(0.2),
    "data.attempted": value(7, unit="flows"),
}  # fmt: skip
ORIGINAL = CORRECTED | {
    "release.is_corrected": value(False, unit=""), "data.origin": value("1 flow of the original release", unit=""),
    "clean.prevalence": value(0.3), "data.attempted": value(0, unit="flows"),
}  # fmt: skip


def labels(tmp_path, **second):
    scores = (
        {"binary.random_forest.f1": interval(0.8, 0.7, 0.9)},
        {"binary.random_forest.f1": interval(0.99, 0.98, 1.0)},
    )
    other = {"values": CORRECTED | scores[1], "build": {"settings": {"cleaning": {"attempted": "benign"}}}} | second
    return both(tmp_path, {"values": ORIGINAL | scores[0]}, other)


def test_what_changes_with_the_labels(tmp_path):
    one, other = labels(tmp_path, holds=False)
    assert use_of(one, other) == use_of(other, one) == "labels"
    report = compared(one, other)
    assert report.what_changes == [
        "a has 1 flow of the original release; b has 2 flows of the corrected release.",
        NOT_PAIRED,
        "Attacks are 0.300 of the flows of a and 0.200 of those of b.",
        "7 flows of b are labelled as attempted attacks; the setting for them is 'benign'.",
        "Of 1 claims that both papers make or deny, 1 flipped.",
        "Of 1 claims of the source study that both judge, 0 have another verdict.",
        "Of 1 F1 that changed, of models on the ranked and on all features, 1 have intervals that lie apart.",
        "No complete release: a and b. What changes here is of these excerpts.",
    ]


def test_labels_of_another_data_set_are_not_corrected_ones(tmp_path):
    one, other = labels(tmp_path)
    other.values["data.of_cicids2017"] = value(False, unit="")
    assert use_of(one, other) == "settings", "of one checksum"


def test_a_table_for_class(tmp_path):
    other = {"build": {"settings": {"seed": 2}}, "f1": interval(0.95, 0.94, 0.96)}
    report = compared(*both(tmp_path, None, other))
    assert [(row.key, row.texts, row.said, row.intervals) for row in report.side_by_side] == [
        ("clean.flows", ("900", "900"), "same", ""),
        ("binary.best.f1", ("0.910 [0.900, 0.920]", "0.950 [0.940, 0.960]"), "+0.040", "apart"),
    ]  # fmt: skip
    assert report.what_changes == []


def test_synthetic_flows_are_told(tmp_path):
    one, other = both(tmp_path, {"build": {"synthetic": True}})
    assert compared(one, other).warning.startswith("Synthetic flows: a.")
    assert compared(other, other).warning == ""
