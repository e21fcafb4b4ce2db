"""Repetitions of split, ranking and fit, and their spread."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.detection.names import METRICS, MODELS
from analysis.detection.seeds import repetitions, report_seeds, summary
from analysis.record import Column, Record


def test_summary_by_hand() -> None:
    assert summary([0.5, 0.7, 0.9]) == pytest.approx({"mean": 0.7, "sd": 0.2, "min": 0.5, "max": 0.9})


def test_report_of_repetitions() -> None:
    def repetition(forest: float, boosting: float) -> dict[str, Any]:
        f1 = {"random_forest": forest, "gradient_boosting": boosting, "adaboost": 0.5, "logistic_regression": 0.2}
        return {"features": ["a"], "metrics": {model: dict.fromkeys(METRICS, f1[model]) for model in MODELS}}

    record = report_seeds([repetition(0.9, 0.8), repetition(0.8, 0.9), repetition(0.9, 0.7)], "synthetic twin")
    assert record.values["seeds.n"].value == 3
    assert record.values["seeds.best_model"].value == "random_forest"
    assert record.values["seeds.random_forest.f1.mean"].value == pytest.approx(2.6 / 3)
    assert record.values["seeds.gradient_boosting.f1.max"].value == 0.9
    assert record.values["seeds.margin.wins"].value == 2
    assert record.values["seeds.margin.min"].value == pytest.approx(-0.1)
    assert len(record.tables["seeds"].rows) == len(MODELS) * 4


def test_repetitions_are_read_by_their_names_and_further_conditions_do_not_count() -> None:
    told = [
        {"id": f"random.r{k}-{model}-{more}", "names": [[subset, f"{k}.{model}"]], "folds": [{"features": [f"f{k}"]}]}
        for k in (2, 1) for model in MODELS for more, subset in (("own", "repetitions"), ("other", "settings"))
    ]  # fmt: skip
    rows = [{"id": one["id"]} | dict.fromkeys(METRICS, i / 100) for i, one in enumerate(told)]
    columns = [Column("id", "Condition"), *(Column(metric, metric) for metric in METRICS)]
    record = Record("scores", "test")
    record.table("scores", "Scores", columns, rows, id="id")
    found = repetitions(told, record.tables["scores"])
    assert [one["features"] for one in found] == [["f1"], ["f2"]]
    assert [one["metrics"]["random_forest"]["f1"] for one in found] == [0.08, 0.0]
