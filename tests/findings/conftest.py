"""Few flows with a training and a test part, and a forest's answers to them."""

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
from analysis.detection.predictions import Fit
from analysis.record import write_atomically, write_json


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
