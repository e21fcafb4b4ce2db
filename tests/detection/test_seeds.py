"""Repetitions of split, ranking and fit, and their spread."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from analysis.detection.repetition import ranked_features, repeat

from analysis.detection.names import METRICS, MODELS
from analysis.detection.seeds import report, summary

from .conftest import FEATURES, make_flows

SMALL: dict[str, dict[str, Any]] = {
    "random_forest": {"n_estimators": 5},
    "gradient_boosting": {"n_estimators": 5},
    "adaboost": {"n_estimators": 5},
    "logistic_regression": {"max_iter": 200},
}


def test_features_are_ranked_on_the_flows_given(train: pl.DataFrame) -> None:
    frame = train.with_columns(pl.lit(1.0).alias("constant"))
    chosen = ranked_features(frame, ["constant", *FEATURES], 2)
    correlations = {name: abs(frame.select(pl.corr(name, pl.col("is_attack").cast(float))).item()) for name in FEATURES}
    assert chosen == sorted(FEATURES, key=lambda name: -correlations[name])[:2]


def test_a_repetition_is_decided_by_its_seed() -> None:
    flows = make_flows(300, 4)
    found = [
        repeat(flows, FEATURES, 2, SMALL, test_fraction=0.2, min_type=5, seed=seed, threads=1) for seed in (1, 1, 2)
    ]
    assert found[0] == found[1]
    assert found[0]["metrics"] != found[2]["metrics"]
    assert found[0]["test"] == pytest.approx(60, abs=2)
    assert all(metrics.keys() == METRICS.keys() for metrics in found[0]["metrics"].values())


def test_summary_by_hand() -> None:
    assert summary([0.5, 0.7, 0.9]) == pytest.approx({"mean": 0.7, "sd": 0.2, "min": 0.5, "max": 0.9})


def test_report_of_repetitions() -> None:
    def repetition(forest: float, boosting: float) -> dict[str, Any]:
        f1 = {"random_forest": forest, "gradient_boosting": boosting, "adaboost": 0.5, "logistic_regression": 0.2}
        return {"features": ["a"], "metrics": {model: dict.fromkeys(METRICS, f1[model]) for model in MODELS}}

    record = report([repetition(0.9, 0.8), repetition(0.8, 0.9), repetition(0.9, 0.7)], "synthetic twin")
    assert record.values["seeds.n"].value == 3
    assert record.values["seeds.best_model"].value == "random_forest"
    assert record.values["seeds.random_forest.f1.mean"].value == pytest.approx(2.6 / 3)
    assert record.values["seeds.gradient_boosting.f1.max"].value == 0.9
    assert record.values["seeds.margin.wins"].value == 2
    assert record.values["seeds.margin.min"].value == pytest.approx(-0.1)
    assert len(record.tables["seeds"].rows) == len(MODELS) * 4
