"""Misses by type, and what a block of identical flows costs, by hand."""

from __future__ import annotations

import polars as pl
import pytest
from statsmodels.stats.proportion import proportion_confint

from analysis.findings.misses import by_type, looks, record_types, report_misses, without
from analysis.record import Record
from tests.findings.test_blocks import FLOWS

FEATURES = ["a", "b"]
TRAIN = pl.DataFrame(
    {
        "a": [3, 3, 3, 1, 9],
        "b": [0.0, 0.0, 0.0, 0.0, 9.0],
        "Label": ["Bot", "DoS Hulk", "DoS Hulk", "BENIGN", "Bot"],
        "is_attack": [True, True, True, False, True],
    }
)
TEST = FLOWS.select("a", "b", pl.col("label").alias("Label"), "is_attack")


def made(frame: pl.DataFrame = FLOWS, margin: float = 0.01) -> Record:
    test = frame.select("a", "b", pl.col("label").alias("Label"), "is_attack")
    return report_misses(TRAIN, test, FEATURES, "random_forest", frame, 1, margin, "synthetic twin")


def test_errors_by_type_and_what_false_alarms_look_like() -> None:
    alike = looks(TRAIN, TEST, FEATURES)
    # Flows with a = 3 look like training attacks, most of them of DoS Hulk; those with a = 1 only like a benign flow.
    assert alike.tolist() == ["", "", "", "", "", *["DoS Hulk"] * 4]
    rows = by_type(FLOWS, alike)
    assert [(row["label"], row["flows"], row["errors"], row["alike"]) for row in rows] == [
        ("DoS Hulk", 3, 1, 1), ("Bot", 3, 0, 0), ("BENIGN", 3, 1, 0),
    ]  # fmt: skip


def test_shares_have_wilsons_interval() -> None:
    record = made()
    rows = {row["label"]: row for row in record.tables["misses"].records()}
    assert rows["DoS Hulk"]["rate"] == pytest.approx(2 / 3)
    assert rows["BENIGN"]["rate"] == pytest.approx(1 / 3)
    few = report_misses(TRAIN, TEST, FEATURES, "random_forest", FLOWS, 4, 0.01, "x").tables["misses"]
    assert [row.cells[3].text for row in few.rows] == ["2 of 3", "3 of 3", "1 of 3"], "those of fewer than four flows"
    assert (rows["DoS Hulk"]["low"], rows["DoS Hulk"]["high"]) == pytest.approx(
        proportion_confint(2, 3, method="wilson")
    )
    assert (rows["DoS Hulk"]["share"], rows["Bot"]["share"], rows["BENIGN"]["share"]) == (1, 0, None)
    value = record.values["misses.most.share"]
    assert (value.value, value.n, value.low) == (1, 1, pytest.approx(proportion_confint(1, 1, method="wilson")[0]))
    assert record.values["misses.alarms_alike"].value == 1
    assert record.values["misses.any_alarm"].value is True
    assert made(FLOWS.filter("is_attack")).values["misses.any_alarm"].value is False


def test_the_block_that_costs_most_is_told() -> None:
    record = made()
    value = {key.removeprefix("misses.block."): one.value for key, one in record.values.items()}
    assert (value["flows"], value["attacks"], value["benign"], value["called"]) == (4, 3, 1, "attack")
    assert value["types"] == ["2 DoS Hulk", "1 Bot"]
    # TP 5, FP 1, FN 1; without the false alarm FP 0.
    assert value["cost"] == pytest.approx(10 / 11 - 10 / 12)
    assert (value["recall_from"], value["recall_to"]) == pytest.approx((2 / 6, 5 / 6))
    assert (value["fpr_from"], value["fpr_to"]) == pytest.approx((0, 1 / 3))
    assert value["largest"]
    assert value["costs"] is True
    assert made(margin=0.08).values["misses.block.costs"].value is False
    assert record.values["misses.blocks.errors_lie"].value == "all 2 lie"
    assert record.values["misses.errs"].value is True


def test_misses_in_a_block_that_is_called_benign_cost_recall() -> None:
    from analysis.dataset.identical_rows import first_identical
    from analysis.detection.predictions import confusion
    from analysis.findings.blocks import mixed

    _, second = mixed(first_identical(FLOWS.get_column, FEATURES, FLOWS.height), FLOWS)
    assert without(confusion(FLOWS), second) == pytest.approx(12 / 13)


@pytest.mark.parametrize(("misses", "others", "most"), [(5, 2, False), (12, 2, True), (2, 2, False)])
def test_few_misses_have_no_main_source(misses: int, others: int, most: bool) -> None:
    """Five of seven, whose interval begins at 36 %, are no more than half for sure; twelve of fourteen are."""
    missed = [*["DoS Hulk"] * misses, *["Bot"] * others]
    rows = [{"label": label, "is_attack": True, "flows": 20, "errors": missed.count(label), "alike": 0}
            for label in ("DoS Hulk", "Bot")]  # fmt: skip
    record = Record("misses", "x")
    record_types(record, rows, "random_forest", 10)
    low = proportion_confint(misses, misses + others, method="wilson")[0]
    assert record.values["misses.of_one_type"].value is most is bool(low > 0.5)
    assert record.values["misses.most.errors"].value == misses


def test_a_model_without_an_error_says_so() -> None:
    record = made(FLOWS.with_columns(predicted=pl.col("is_attack")))
    assert record.values["misses.any"].value is False
    assert record.values["misses.most.share"].reason == "the model misses no attack"
    assert record.values["misses.block.any"].value is False
    assert record.values["misses.block.cost"].value is None
    assert record.values["misses.block.costs"].value is False
    assert record.values["misses.blocks.errors_lie"].reason == "the model makes no error"
    assert record.values["misses.errs"].value is False


@pytest.mark.parametrize("attack", [True, False])
def test_a_test_part_of_one_class_is_no_crash(attack: bool) -> None:
    record = made(FLOWS.filter(pl.col("is_attack") == attack))
    assert record.tables["staircase"].rows == ()
    assert record.values["misses.block.any"].value is False


def test_points_are_those_of_types_with_enough_flows() -> None:
    table = made().tables["staircase"]
    assert set(table.column("label")) == {"Bot", "DoS Hulk"}
    assert made().values["misses.curves"].value is True
    few = report_misses(TRAIN, TEST, FEATURES, "random_forest", FLOWS, 4, 0.01, "x")
    assert few.tables["staircase"].rows == ()
    assert few.values["misses.curves"].value is False
