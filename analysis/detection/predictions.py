"""Predictions of the binary models on the test part, gathered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import polars as pl

from analysis.detection.evaluation import Confusion
from analysis.detection.names import MODELS, SETS
from analysis.record import checked


def load_binary(paths: Iterable[Path]) -> dict[str, dict[str, pl.DataFrame]]:
    """Predictions by feature set and model, from files named ``binary_<set>_<model>.parquet``."""
    by_stem = {path.stem: path for path in paths}
    return {
        features: {model: pl.read_parquet(checked(by_stem[f"binary_{features}_{model}"])) for model in MODELS}
        for features in SETS
    }


def confusion(frame: pl.DataFrame) -> Confusion:
    """Counts of one model's predictions."""
    return Confusion.of(frame["is_attack"].to_numpy(), frame["predicted"].to_numpy())


def ranked(frames: Mapping[str, pl.DataFrame]) -> list[str]:
    """Models by F1, best first; ties in the order of the models."""
    f1 = [confusion(frame).f1 for frame in frames.values()]
    return [list(frames)[i] for i in np.argsort(-np.array(f1), kind="stable")]


def wrong(frame: pl.DataFrame) -> np.ndarray:
    """Boolean array of shape (n,): the flows that the model gets wrong."""
    return (frame["is_attack"] != frame["predicted"]).to_numpy()
