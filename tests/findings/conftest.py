"""Conditions as fitted: small predictions of the four models under any names."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.detection.names import MODELS
from analysis.detection.predictions import Fit


def predicted(n: int, seed: int, skill: float = 2.0, attacks: float = 0.3) -> pl.DataFrame:
    """Flows of two types of attack and benign ones, with scores that tell them apart by ``skill``."""
    generator = np.random.default_rng(seed)
    label = generator.choice(["BENIGN", "DDoS", "Bot"], n, p=[1 - attacks, 0.8 * attacks, 0.2 * attacks])
    attack = label != "BENIGN"
    score = 1 / (1 + np.exp(-(generator.normal(0, 1, n) + skill * (attack - 0.5))))
    return pl.DataFrame({
        "fold": ["random"] * n, "source_file": ["a.csv"] * n, "source_row": np.arange(2, n + 2), "label": label,
        "is_attack": attack, "score": score, "predicted": score > 0.5,
    })  # fmt: skip


def fit_of(model: str, frame: pl.DataFrame, **told: Any) -> Fit:
    """A condition with one fold, its description and predictions."""
    fold = {"fold": "random", "reason": None, "n_train": 400, "n_train_all": 400, "n_test": frame.height} | told
    return Fit({"factors": {"model": model}, "name": MODELS[model], "folds": [fold]}, frame)


@pytest.fixture
def source() -> dict[str, Fit]:
    """The four models on one test part; the first is the best."""
    return {model: fit_of(model, predicted(3_000, 1, 4 - i)) for i, model in enumerate(MODELS)}
