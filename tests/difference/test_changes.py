"""What counts as changed, by how much, and what as flipped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.difference import changes
from analysis.difference.read import read_both

from .builds import claim, interval, make, pitfall, value, verdict


def read(tmp_path, first=None, second=None):
    return read_both(*(str(make(tmp_path / name, **(given or {}))) for name, given in (("a", first), ("b", second))))


def change_of(tmp_path, a, b, key="new.key"):
    found = {one.key: one for one in changes.values(*read(tmp_path, {"values": {key: a}}, {"values": {key: b}}))}
    return found.get(key)


def test_equal_builds_have_no_changes(tmp_path):
    one, other = read(tmp_path)
    assert changes.values(one, other) == changes.flips(one, other) == changes.unpaired(one, other) == []


@pytest.mark.parametrize(
    ("a", "b", "said", "size"),
    [
        (value(0.25), value(0.5), "+0.250", 0.25),
        (value(0.5), value(0.25), "−0.250", 0.25),
        (value(0.271, display="percent:1"), value(0.197, display="percent:1"), "−7.4 points", 0.074),
        (value(100, unit="flows"), value(400, unit="flows"), "+300", 0.75),
        (value(-2, unit="flows"), value(2, unit="flows"), "+4", 2.0),
        (value("x", unit=""), value("y", unit=""), "", 1.0),
        (value(True, unit=""), value(False, unit=""), "", 1.0),
        (value(None), value(0.5), "", 1.0),
        (value(["a"], unit=""), value(["b"], unit=""), "", 1.0),
        (value(1e-9, display="p"), value(0.04, display="p"), "+0.0400", 0.04),
    ],
)
def test_difference_and_size(tmp_path, a, b, said, size):
    change = change_of(tmp_path, a, b)
    assert (change.said, change.size) == (said, pytest.approx(size))
    assert change.place == changes.RECORD


def test_a_missing_value_says_why(tmp_path):
    change = change_of(tmp_path, value(None), value(True, unit=""))
    assert change.texts == ("not available (not measured)", "yes")


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (interval(0.5, 0.4, 0.6), interval(0.7, 0.6, 0.8), changes.OVERLAP),
        (interval(0.5, 0.4, 0.59), interval(0.7, 0.6, 0.8), changes.APART),
        (interval(0.7, 0.6, 0.8), interval(0.5, 0.4, 0.59), changes.APART),
        (interval(0.5, 0.1, 0.9), interval(0.6, 0.55, 0.65), changes.OVERLAP),
        (interval(0.5, 0.4, 0.6), value(0.9, "F1"), changes.UNKNOWN),
    ],
)
def test_intervals(tmp_path, a, b, expected):
    assert change_of(tmp_path, a, b).intervals == expected


ENDS = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted)


@given(ENDS, ENDS)
def test_intervals_overlap_where_they_share_a_point(a, b):
    entries = [{"low": low, "high": high} for low, high in (a, b)]
    shared = {*range(2 * a[0], 2 * a[1] + 1)} & {*range(2 * b[0], 2 * b[1] + 1)}
    assert (changes._intervals(*entries) == changes.OVERLAP) is bool(shared)
    assert changes._intervals(*entries) == changes._intervals(*reversed(entries))


@pytest.mark.parametrize(
    ("definitions", "units", "redefined", "said"),
    [
        (("F1 on all 66 features", "F1 on all 66 features"), ("fraction",) * 2, "same", "+0.250"),
        (("F1 on all 66 features", "F1 on all 70 features"), ("fraction",) * 2, "numbers", "+0.250"),
        (("F1 of the forest", "F1 of AdaBoost"), ("fraction",) * 2, "otherwise", ""),
        (("duration", "duration"), ("s", "ms"), "otherwise", ""),
    ],
)
def test_the_same_key_with_another_definition(tmp_path, definitions, units, redefined, said):
    a, b = (value(now, text, unit) for now, text, unit in zip((0.25, 0.5), definitions, units, strict=True))
    change = change_of(tmp_path, a, b)
    assert (change.redefined, change.said) == (redefined, said)
    assert change.size == (1 if redefined == "otherwise" else 0.25)


def test_another_definition_of_an_equal_number_is_a_change(tmp_path):
    assert change_of(tmp_path, value(0.5, "F1 of A"), value(0.5, "F1 of B")).redefined == "otherwise"
    assert change_of(tmp_path / "same", value(0.5, "F1 of A"), value(0.5, "F1 of A")) is None


def test_what_is_told_among_data_and_settings_is_no_change(tmp_path):
    for i, key in enumerate(("settings.seed", "versions.numpy", "build.id", "paper.title", "data.flows")):
        assert change_of(tmp_path / str(i), value(1), value(2), key) is None


def test_sentences_and_places(tmp_path):
    other = {"values": {"clean.share": value(0.5, "share of attacks")}, "f1": interval(0.95, 0.94, 0.96)}
    found = {one.key: one for one in changes.values(*read(tmp_path, None, other))}
    assert found["binary.best.f1"].place == changes.ABSTRACT
    assert found["clean.share"].place == changes.TEXT
    first, second = found["binary.best.f1"].sentences
    assert first.text == "On 900 flows the forest leads with 0.910 [0.900, 0.920]."
    assert second.text == "On 900 flows the forest leads with 0.950 [0.940, 0.960]."
    assert found["clean.share"].sentences[1].text == "The share is 0.500, i.e. small."


def test_keys_of_one_build_alone(tmp_path):
    one, other = read(tmp_path, {"values": {"more.here": value(1)}}, {"values": {"more.there": value(1)}})
    assert changes.only_in(one, other) == ["more.here"]
    assert changes.only_in(other, one) == ["more.there"]


@pytest.mark.parametrize(
    ("a", "b", "flipped"),
    [(True, False, True), (False, True, True), (True, True, False), (None, True, False), (False, None, False)],
)
def test_a_claim_flips_where_both_papers_speak(tmp_path, a, b, flipped):
    one, other = read(tmp_path, {"holds": a}, {"holds": b})
    assert [flip.id for flip in changes.flips(one, other)] == ["forest-leads"] * flipped
    assert bool(changes.unpaired(one, other)) is (None in (a, b))
    if flipped:
        (flip,) = changes.flips(one, other)
        assert [sentence.text for sentence in flip.sentences[0]] == [
            "On 900 flows the forest leads with 0.910 [0.900, 0.920]."
        ]
        assert flip.states == (("holds", "does not hold") if a else ("does not hold", "holds"))


def test_another_condition_of_a_claim_is_said(tmp_path):
    one, other = read(tmp_path, None, {"claims.json": {"forest-leads": claim(False, "binary.best.f1 > 0.99")}})
    (flip,) = changes.flips(one, other)
    assert flip.note == "the second build asks another condition: binary.best.f1 > 0.99"


@pytest.mark.parametrize(
    ("a", "b", "flipped"),
    [
        ("reproduced", "not reproduced", True), ("reproduced", "inconclusive", True),
        ("reproduced in part", "does not follow", True), ("reproduced", "reproduced", False),
        ("reproduced", "not comparable", False), ("synthetic: pipeline check only", "reproduced", False),
        ("untested opinion", "not comparable", False),
    ],
)  # fmt: skip
def test_a_verdict_flips_where_both_builds_judge(tmp_path, a, b, flipped):
    ledgers = [{"ledger.json": {"schema": "l", "claims": [verdict("many", said)]}} for said in (a, b)]
    found = changes.flips(*read(tmp_path, *ledgers))
    assert [(flip.id, flip.states) for flip in found] == [("many", (a, b))] * flipped


def test_a_pitfall_that_is_judged_otherwise(tmp_path):
    reports = [{"pitfalls.json": {"schema": "p", "pitfalls": [pitfall("x", here)]}} for here in ("present", "partly")]
    (flip,) = changes.flips(*read(tmp_path, *reports))
    assert (flip.kind, flip.states, flip.words) == (
        "pitfall",
        ("present", "partly"),
        ("because present", "because partly"),
    )


def test_builds_without_ledger_and_pitfalls_are_compared(tmp_path):
    without = {"ledger.json": None, "pitfalls.json": None}
    one, other = read(tmp_path, without, None)
    assert changes.flips(one, other) == []
    assert changes.unpaired(one, other) == ["1 claims of the source study only in b: many"]
