"""Who lies at the minimum of a feature and up to the benign median, counted by hand; and the bound to F1."""

from __future__ import annotations

import polars as pl
import pytest

from analysis.detection.names import MODELS, SETS
from analysis.detection.overlap import PORT, identical_groups, lying, record_port, report_overlap
from analysis.record import Record

FEATURES = ["Bwd Packet Length Std", "Flow Bytes/s"]
TRAIN = pl.DataFrame(
    {FEATURES[0]: [0, 0, 4, 9, 0, 7], FEATURES[1]: [2.5, 1.0, 8.0, 3.0, 1.0, 5.0],
     "is_attack": [False, False, False, False, True, True]}
)  # fmt: skip
TEST = pl.DataFrame(
    {FEATURES[0]: [0, 0, 5, 0, 0, -1, 7], FEATURES[1]: [1.0, 1.0, 9.0, 1.0, 2.0, 4.0, 6.0],
     "is_attack": [False, False, False, True, True, True, True]}
)  # fmt: skip


def run(wrong: dict[str, list[int]]) -> Record:
    """Every model is wrong on the test flows named by feature set, the forest on the fewest."""
    predictions = {}
    for key in SETS:
        frames = {}
        for model in MODELS:
            flips = set(wrong[key]) | ({2} if model != "random_forest" else set())
            attack = TEST["is_attack"].to_list()
            predicted = [a != (i in flips) for i, a in enumerate(attack)]
            frames[model] = pl.DataFrame({"is_attack": attack, "predicted": predicted})
        predictions[key] = frames
    return report_overlap(TRAIN, TEST, FEATURES, predictions, "synthetic twin")


@pytest.fixture
def record() -> Record:
    return run({"selected": [3, 6], "all": [4]})


def test_shares_at_the_minimum(record: Record) -> None:
    values = record.values
    assert values["overlap.model"].text == "random forest"
    row = next(row for row in record.tables["at_minimum"].records() if row["feature"] == "Bwd Packet Length Std")
    assert row["threshold"] == 0
    # A test flow below the training minimum counts as at it.
    assert row["benign"] == pytest.approx(2 / 3)
    assert row["attack"] == pytest.approx(3 / 4)
    assert row["errors_selected"] == pytest.approx(1 / 2)
    assert row["errors_selected_n"] == 1
    assert row["errors_all"] == 1
    assert values["at_minimum.first.share_attack"].value == row["attack"]
    assert values["at_minimum.first.feature"].value == FEATURES[0]
    assert (values["overlap.errors_selected"].value, values["overlap.errors_all"].value) == (2, 1)


def test_shares_up_to_the_benign_median(record: Record) -> None:
    # Benign training values in order: 1, 2.5, 3, 8. The inverted CDF at one half is the second.
    row = next(row for row in record.tables["up_to_median"].records() if row["feature"] == "Flow Bytes/s")
    assert (row["threshold"], row["flows"]) == (2.5, pytest.approx(4 / 7))
    assert row["attack"] == pytest.approx(2 / 4)


def test_bound_from_identical_groups(record: Record) -> None:
    groups = zip(*identical_groups(TEST, FEATURES), strict=True)
    assert sorted(groups) == [(0, 1), (1, 1), (1, 1), (1, 1), (1, 3)]
    # Three groups are pure attacks; the mixed one, 1 attack of 3, is best left: 6/7 against 8/10.
    assert record.values["overlap.f1_bound"].value == pytest.approx(6 / 7)
    assert record.values["overlap.mixed_flows"].value == 3
    assert record.values["overlap.mixed_attacks"].value == pytest.approx(1 / 4)
    assert record.values["overlap.groups"].value == 5
    forest_f1 = 2 * 2 / (2 * 2 + 2)
    assert record.values["overlap.f1_bound_gap"].value == pytest.approx(6 / 7 - forest_f1)
    assert record.values["overlap.f1_beyond"].value == pytest.approx(1 / 7)
    assert record.values["overlap.f1_lack"].value == pytest.approx(1 - forest_f1)


def test_what_the_port_gives_away_by_itself() -> None:
    record = Record("overlap", "synthetic twin")
    record_port(record, TRAIN, TEST)
    assert record.values["overlap.port.f1"].value is None
    assert record.values["overlap.port.f1_bound"].value is None
    record = Record("overlap", "synthetic twin")
    # In training port 22 is an attack, 80 and 53 are not (53 at a tie); 21 occurs in the test part alone.
    train = TRAIN.with_columns(pl.Series(PORT, [80, 80, 53, 80, 22, 53]))
    record_port(record, train, TEST.with_columns(pl.Series(PORT, [22, 80, 53, 22, 21, 80, 53])))
    value = record.values["overlap.port.f1"]
    assert value.value == pytest.approx(2 / (2 + 1 + 3))
    assert value.low < value.value < value.high
    # A rule chosen on the test flows would call 21 an attack, and 80 and 53 too: that is the bound.
    assert record.values["overlap.port.f1_bound"].value == pytest.approx(8 / 11)
    record = Record("overlap", "synthetic twin")
    record_port(record, train, TEST.with_columns(pl.Series(PORT, [53, 80, 53, 80, 80, 80, 53])))
    # Calling port 80 an attack finds three of four with one false alarm; port 53 is an attack in one of three.
    assert record.values["overlap.port.f1_bound"].value == pytest.approx(6 / 8)


def test_the_order_of_flows_does_not_matter(record: Record) -> None:
    one, other = (zip(*identical_groups(flows, FEATURES), strict=True) for flows in (TEST, TEST.reverse()))
    assert sorted(one) == sorted(other)


def test_no_errors_leave_no_share() -> None:
    record = run({"selected": [3], "all": []})
    value = record.values["at_minimum.first.share_errors_all"]
    assert value.value is None
    assert "no errors on all features" in value.text
    assert record.tables["at_minimum"].column("errors_all") == [None, None]


@pytest.mark.parametrize(
    ("there", "errors", "words"),
    [(73, 73, "all 73 lie"), (41, 73, "41 of 73 lie"), (1, 73, "1 of 73 lies"), (0, 73, "none lies"),
     (1, 1, "the only one lies"), (0, 1, "the only one does not lie")],
)  # fmt: skip
def test_how_many_errors_lie_in_a_place_reads_as_a_sentence(there, errors, words):
    assert lying(there, errors) == words
