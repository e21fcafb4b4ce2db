"""Cleaning at its borders: cells without a word on them, columns that one class alone has, one attack left."""

from __future__ import annotations

import polars as pl
import pytest

from analysis.dataset.cleaning.clean import clean
from analysis.dataset.cleaning.policy import Policy
from analysis.dataset.release import load

RELEASE = load("original")
FORWARD, DURATION = "Init_Win_bytes_forward", "Flow Duration"
CLASSES = ["BENIGN", "BENIGN", "DDoS", "DDoS"]


def flows(**columns: list[object]) -> pl.DataFrame:
    """Two benign flows and two attacks."""
    given = {DURATION: [1, 2, 3, 4]} | {name.replace("_", " "): cells for name, cells in columns.items()}
    return pl.DataFrame(given | {"Label": CLASSES, "is_attack": [label != "BENIGN" for label in CLASSES]}, strict=False)


def test_a_flow_of_which_it_is_not_said_is_no_attempted_attack() -> None:
    table = flows(attempted=[None, None, None, True])
    cleaned = clean(table.lazy(), RELEASE, Policy(attempted="out"))
    assert cleaned.decision("attempted").flows == 1
    assert cleaned.flows.collect()[DURATION].to_list() == [1, 2, 3]


@pytest.mark.parametrize(
    ("cells", "empty", "missing"),
    [
        ([None, None, 7, 8], True, 0),
        ([7, 8, None, None], True, 0),
        ([None, 7, None, 8], False, 2),
        ([7, 8, 9, None], False, 1),
        ([None, None, None, None], True, 0),
    ],
)
def test_a_column_needs_a_value_in_either_class(cells: list[int | None], empty: bool, missing: int) -> None:
    table = flows().with_columns(pl.Series(FORWARD, [-1 if cell is None else cell for cell in cells]))
    cleaned = clean(table.lazy(), RELEASE, Policy(sentinels="missing", constant="keep"))
    assert (cleaned.empty == (FORWARD,)) is empty
    assert cleaned.missing == ({FORWARD: missing} if missing else {})
    assert cleaned.features == 1 + (not empty)
    assert cleaned.constant == {}


def test_a_column_of_one_value_beside_missing_cells_does_not_vary() -> None:
    table = flows().with_columns(pl.Series(FORWARD, [-1, 7, 7, -1]))
    cleaned = clean(table.lazy(), RELEASE, Policy(sentinels="missing"))
    assert cleaned.constant == {FORWARD: 7.0}
    assert cleaned.missing == {FORWARD: 2}
    assert FORWARD not in cleaned.flows.collect_schema().names()


def test_a_cell_that_became_missing_is_no_negative_number() -> None:
    table = flows(Flow_Bytes_s=[1.0, float("nan"), -3.0, 4.0]).rename({"Flow Bytes s": "Flow Bytes/s"})
    cleaned = clean(table.lazy(), RELEASE, Policy(non_finite="missing", negatives="drop"))
    assert cleaned.decision("negatives").flows == 1
    assert cleaned.flows.collect()[DURATION].to_list() == [1, 2, 4]
