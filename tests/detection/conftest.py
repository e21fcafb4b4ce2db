"""Small flow tables, and predictions of all models on them."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.detection.names import MODELS, SETS

FEATURES = ["Flow Duration", "Packet Length Std", "Fwd IAT Std"]


def make_flows(n: int, seed: int) -> pl.DataFrame:
    """Flows of three types; the first two features tell attacks from benign ones, not without error."""
    generator = np.random.default_rng(seed)
    labels = generator.choice(["BENIGN", "DDoS", "PortScan"], n, p=[0.7, 0.2, 0.1])
    attack = labels != "BENIGN"
    return pl.DataFrame(
        {
            FEATURES[0]: (generator.exponential(50, n) + 60 * attack).round().astype(np.int64),
            FEATURES[1]: np.maximum(generator.normal(0, 1, n) + 2 * (labels == "DDoS"), 0),
            FEATURES[2]: generator.normal(0, 1, n),
            "Label": labels,
            "is_attack": attack,
            "source_file": ["flows.csv"] * n,
            "source_row": np.arange(2, n + 2),
        }
    )


@pytest.fixture
def train() -> pl.DataFrame:
    """400 flows."""
    return make_flows(400, 1)


@pytest.fixture
def test() -> pl.DataFrame:
    """150 other flows."""
    return make_flows(150, 2)


def as_predictions(test: pl.DataFrame, wrong: int, seed: int) -> pl.DataFrame:
    """Predictions that are wrong on ``wrong`` flows, with scores that agree with the decision."""
    attack = test["is_attack"].to_numpy()
    generator = np.random.default_rng(seed)
    predicted = attack.copy()
    flipped = generator.choice(attack.size, wrong, replace=False)
    predicted[flipped] = ~predicted[flipped]
    score = np.where(predicted, 0.5, 0) + generator.uniform(0.01, 0.49, attack.size)
    return test.select(
        "source_file",
        "source_row",
        pl.col("Label").alias("label"),
        "is_attack",
        pl.Series("score", score),
        pl.Series("predicted", predicted),
    )


@pytest.fixture
def predictions(test: pl.DataFrame) -> dict[str, dict[str, pl.DataFrame]]:
    """By feature set and model: gradient boosting is best on the ten, the forest on all."""
    wrong = {"selected": [20, 10, 30, 40], "all": [2, 5, 6, 15]}
    return {
        key: {model: as_predictions(test, n, n) for model, n in zip(MODELS, wrong[key], strict=True)} for key in SETS
    }


def described(model: str, features: list[str], **changes: Any) -> dict[str, Any]:
    """What the step ``fit`` writes about a model."""
    logistic = model == "logistic_regression"
    return {
        "model": model,
        "estimator": f"sklearn.{model}",
        "n_train": 400,
        "n_train_all": 400,
        "on_train": {"tn": 300, "fp": 1, "fn": 1, "tp": 98},
        "features": features,
        "converged": True if logistic else None,
        "iterations": 12 if logistic else None,
        "parameters": {"max_iter": 50, "C": 1.0} if logistic else {"n_estimators": 100, "max_depth": None, "n_jobs": 1},
    } | changes
