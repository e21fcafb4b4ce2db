"""Test flows that repeat a training row, counted by hand and by brute force."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.dataset.parts import Part
from analysis.findings.repeats import NO_PORT, report_repeats, seen, told_apart, verdict


def both(folder: Path, rows: list[tuple[int, int]], train: list[bool]) -> tuple[Part, Part]:
    pl.DataFrame(rows, schema=["a", "b"], orient="row").write_parquet(folder / "flows.parquet")
    mask = np.array(train)
    return Part(folder / "flows.parquet", mask), Part(folder / "flows.parquet", ~mask)


def test_seen_by_hand(tmp_path: Path) -> None:
    train, test = both(
        tmp_path, [(1, 1), (1, 2), (1, 1), (2, 2), (1, 2), (2, 2)], [True, True, False, False, False, True]
    )
    assert seen(train, test, ["a", "b"]).tolist() == [True, True, True]
    # Of the training flows only the first was fitted on.
    assert seen(train, test, ["a", "b"], np.array([0])).tolist() == [True, False, False]
    assert seen(train, test, ["a"], np.array([0])).tolist() == [True, False, True]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), min_size=2, max_size=30))
def test_seen_is_membership(tmp_path: Path, flows: list[tuple[int, int, bool]]) -> None:
    train, test = both(tmp_path, [(a, b) for a, b, _ in flows], [side for _, _, side in flows])
    known = {(a, b) for a, b, side in flows if side}
    assert seen(train, test, ["a", "b"]).tolist() == [(a, b) in known for a, b, side in flows if not side]


ATTACK = [True] * 100 + [False] * 100
KNOWN = np.array([True] * 50 + [False] * 50 + [True] * 20 + [False] * 80)


def shares(found_seen: int, found_unseen: int) -> dict[str, dict[str, Any]]:
    predicted = (
        [i < found_seen for i in range(50)] + [i < found_unseen for i in range(50)] + [i < 4 for i in range(100)]
    )
    return told_apart(pl.DataFrame({"is_attack": ATTACK, "predicted": predicted}), KNOWN, KNOWN)


def test_recall_and_false_alarms_of_seen_and_unseen_flows() -> None:
    found = shares(45, 20)
    assert {key: one["share"] for key, one in found.items()} == {
        "attacks": 0.5, "benign": 0.2, "recall_seen": 0.9, "recall_unseen": 0.4, "fpr_seen": 0.2, "fpr_unseen": 0,
    }  # fmt: skip
    assert found["fpr_unseen"]["low"] == 0 < found["fpr_unseen"]["high"]


@pytest.mark.parametrize(("here", "there", "answer"), [(45, 20, "higher"), (20, 45, "lower"), (40, 42, "undecided")])
def test_recall_is_higher_or_lower_only_where_intervals_lie_apart(here: int, there: int, answer: str) -> None:
    assert verdict(shares(here, there)) == answer
    record = report_repeats(
        {"selected": shares(here, there), "all": shares(0, 0), "all_but_port": None}, "random_forest", "x"
    )
    assert record.tables["repeats"].column("answer") == [answer, "undecided", "not comparable"]
    assert record.values["repeats.compared"].value


def test_no_port_and_no_repeats_have_a_reason() -> None:
    none = told_apart(pl.DataFrame({"is_attack": ATTACK, "predicted": ATTACK}), KNOWN & False, KNOWN & False)
    record = report_repeats({"selected": none, "all": none, "all_but_port": None}, "random_forest", "x")
    cells = {row.id: row.cells for row in record.tables["repeats"].rows}
    assert NO_PORT in {cell.reason for cell in cells["all_but_port"]}
    assert record.values["repeats.recall_seen"].reason == "there are no such flows"
    assert record.values["repeats.recall_unseen"].value == 1
    assert record.values["repeats.compared"].value is False
