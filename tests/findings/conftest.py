"""Conditions as fitted: small predictions under any names; few flows with a training and a test part."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.conditions.condition import Condition
from analysis.conditions.findings import ROWS, Row
from analysis.dataset.parts import TEST, TRAIN, Fold, folds
from analysis.detection.names import MODELS
from analysis.detection.predictions import Fit
from analysis.record import write_atomically, write_json


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


class Small:
    """A folder with flows, their roles and their split."""

    def __init__(self, folder: Path) -> None:
        self.flows, self.roles, self.split = (
            folder / name for name in ("flows.parquet", "roles.parquet", "split.json")
        )

    def put(self, frame: pl.DataFrame, roles: np.ndarray) -> list[Fold]:
        """The folds of these flows."""
        n = frame.height
        places = {"source_file": ["x.csv"] * n, "source_row": np.arange(n), "attempted": np.zeros(n, dtype=bool)}
        frame = frame.with_columns(
            pl.Series("Label", np.where(frame["is_attack"].to_numpy(), "DDoS", "BENIGN").tolist()),
            *(pl.Series(name, list(column)) for name, column in places.items()),
        )
        for path, table in ((self.flows, frame), (self.roles, pl.DataFrame({"0": roles.astype(np.uint8)}))):
            with write_atomically(path) as temporary:
                table.write_parquet(temporary)
        write_json(self.split, {"split": "random", "folds": [{"name": "random", "reason": None, "filled": []}]})
        return folds(self.flows, self.roles, self.split)


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return Small(tmp_path)


def halves(n: int) -> np.ndarray:
    """Roles of n flows: training and test in turns of four, so that both hold what repeats every two flows."""
    return np.where(np.arange(n) % 4 < 2, TRAIN, TEST)


def entry(rows: int = 0, validated: bool = True) -> dict[str, Any]:
    """A condition as the step that fits it has it."""
    condition = replace(Condition(), train_rows=rows, validated=validated)
    return {"id": condition.id, "factors": condition.factors(), "streams": condition.streams(), "min_type": 2,
            "folds": [{"fold": "random", "reason": None}]}  # fmt: skip


def forest(parts: list[Fold], answers: np.ndarray) -> Fit:
    """A forest that gives these answers to the test part."""
    assert parts[0].test is not None
    frame = parts[0].test.read("is_attack").with_columns(fold=pl.lit("random"), predicted=pl.Series(answers))
    return Fit(entry(), frame)


def row(key: str = "random") -> Row:
    """A row of the conditions."""
    return next(one for one in ROWS if one.key == key)
