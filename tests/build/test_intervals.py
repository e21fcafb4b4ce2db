"""Each interval that a build prints is of a kind of which it is known how often it holds the truth."""

from __future__ import annotations

from pathlib import Path

from analysis.record import read_json
from analysis.statistics.coverage import FILE

OVER_FLOWS, OVER_CAMPAIGNS = (f"percentile bootstrap over {unit} of the test part" for unit in ("flows", "campaigns"))
SIMULATED = {
    "Wilson": "share",
    "Wilson, each alert a trial": "share",
    "Wilson of TP / (TP + FP + FN), carried to F1": "f1",
    "Wilson; Clopper-Pearson without a false alarm": "rare_share",
    "Wilson, families weighted (Kish's effective number)": "weighted_share",
    "Wilson, families weighted (Kish's effective number), of what is still detected": "weighted_share",
    "Wilson with the attacks as trials (after Boyd et al. 2013)": "average_precision",
    "percentiles of draws from Jeffreys' distributions of the shares": "area",
    "from the ends of the intervals of recall and false-positive rate": "precision",
    "normal": "brier",
    "corrected resampled t": "splits",
    "corrected resampled t (Nadeau and Bengio 2003)": "splits",
    "paired bootstrap over test flows, percentiles": "f1_difference",
    OVER_FLOWS: "f1_flows",
    OVER_CAMPAIGNS: "f1_campaigns",
    "percentile bootstrap over test flows": "f1_flows",
    "percentile bootstrap": "rank",
    "percentile bootstrap over the explained flows": "credit",
    "percentile bootstrap over the flows": "fall",
    "Feng and Cliff, flows independent": "delta",
}
"""What a record says of how an interval was made, and the kind of it that is simulated."""
ROUNDING = "rounding"
"""What a printed number may stand for: no sample's interval."""


def test_every_interval_is_of_a_kind_that_is_simulated(results: Path) -> None:
    values = read_json(results / "values.json")["values"].values()
    tables = (results.parents[1] / "build" / results.name / "tables").glob("*.json")
    columns = [column for table in tables for column in read_json(table)["columns"]]
    named = {one["interval"] for one in (*values, *columns) if one.get("interval")} - {ROUNDING}
    assert len(named) > 9
    assert named <= SIMULATED.keys(), "add it here, and its simulation in tools/coverage"
    assert set(SIMULATED.values()) <= read_json(FILE)["kinds"].keys()
