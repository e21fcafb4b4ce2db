"""What is told of proofs: shares of the flows, weighted, and a reason where nothing was attacked."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.dataset.release import load
from analysis.detection.evaluation import score_interval
from analysis.evasion.attackers import Budget
from analysis.evasion.bound import EVADES, OPEN, SAFE
from analysis.evasion.report_bound import Proof, record_bound
from analysis.evasion.targets import Target
from analysis.evasion.trial import Setting
from analysis.record import Record

SETTING = Setting(load("original"), Budget(10_000, 60), 1)
STATUS = np.array([[SAFE, SAFE, SAFE, EVADES], [SAFE, OPEN, SAFE, EVADES], [SAFE, OPEN, EVADES, EVADES]])
SEARCHED = np.array([[False, False, False, False], [False, False, False, True], [False, False, False, True]])


def told(reason: str | None = None) -> Record:
    record = Record("evasion", "test flows")
    weight = np.array([1.0, 0.5, 0.5, 2.0])
    record_bound(record, [] if reason else [Proof(Target(), STATUS, SEARCHED, weight)], reason, SETTING)
    return record


def test_flows_count_by_their_weight() -> None:
    rows = {row["id"]: row for row in told().tables["evasion_bound"].records()}
    found = {key: [row[column] for column in ("safe", "most", "search", "open")] for key, row in rows.items()}
    assert found == {
        "random_forest.ranked.none.hundredth": [0.5, 0.5, 1, 0],
        "random_forest.ranked.none.tenth": [0.375, 0.5, 0.5, 0.125],
        "random_forest.ranked.none.whole": [0.25, 0.375, 0.5, 0.125],
    }
    whole = rows["random_forest.ranked.none.whole"]
    assert (whole["safe_low"], whole["safe_high"]) == pytest.approx(score_interval(0.25, 16 / 5.5))
    assert (whole["most_bytes"], whole["most_seconds"], whole["n"]) == (10_000, 60, 4)


def test_values_are_cells_of_the_table() -> None:
    values = told().values
    assert values["evasion.bound.ranked.safe"].value == 0.25
    assert values["evasion.bound.ranked.most_tenth"].value == 0.5
    assert values["evasion.bound.ranked.most_high"].value == values["evasion.bound.ranked.most"].high
    assert values["evasion.bound.flows"].value == 4
    assert (values["evasion.bound.ranked.exact"].value, values["evasion.bound.all.exact"].value) == (False, False)
    decided = Record("evasion", "test flows")
    status = np.where(STATUS == OPEN, SAFE, STATUS)
    record_bound(decided, [Proof(Target(), status, SEARCHED, np.ones(4))], None, SETTING)
    assert decided.values["evasion.bound.ranked.exact"].value is True
    assert decided.values["evasion.bound.ranked.safe"].value == decided.values["evasion.bound.ranked.most"].value
    assert values["evasion.bound.all.safe"].reason == "this model was not attacked"


def test_without_attackers_everything_has_the_reason() -> None:
    record = told("no attacker")
    assert not record.tables["evasion_bound"].rows
    assert {value.reason for value in record.values.values() if value.value is not False} == {"no attacker"}
