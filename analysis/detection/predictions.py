"""What was fitted, as reports read it: the conditions of one subset with their predictions and descriptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analysis.dataset import recent
from analysis.detection.evaluation import Confusion
from analysis.record import checked, read_json

BASE = ("fold", "source_file", "source_row", "label", "is_attack")


@dataclass(frozen=True)
class Fit:
    """One condition: its entry with a description for each fold, and its predictions.

    Columns of ``frame``: source_file, source_row, label, is_attack, predicted and, where there is one, score.
    """

    entry: Mapping[str, Any]
    frame: pl.DataFrame

    @property
    def description(self) -> dict[str, Any]:
        """The description of its only fold, with the model's key and name."""
        (fold,) = self.entry["folds"]
        return {"model": self.entry["factors"]["model"], "name": self.entry["name"], **fold}


def load_fits(predictions: Iterable[Path], descriptions: Iterable[Path], subset: str) -> dict[str, Fit]:
    """The conditions of a ``subset`` by the name that they have in it; files of the same group follow one another.

    Only the columns of these conditions are read, so that further ones cannot change what is found.
    """
    found: dict[str, Fit] = {}
    for frames, told in zip(predictions, descriptions, strict=True):
        base = None
        for entry in read_json(told).values():
            names = [name for of, name in entry["names"] if of == subset]
            if names:
                # What is the same for all conditions of a file is in memory once.
                base = _base(frames) if base is None else base
                found |= dict.fromkeys(names, Fit(entry, _beside(base, frames, entry["id"])))
    return found


def answers(path: Path, id: str) -> pl.DataFrame:
    """The predictions of one condition from its group's file, flows for which it has none left out."""
    return _beside(_base(path), path, id)


def _base(path: Path) -> pl.DataFrame:
    # Conditions of a file are asked for one after another.
    return pl.DataFrame(recent.columns(path, BASE))


def _beside(base: pl.DataFrame, path: Path, id: str) -> pl.DataFrame:
    known = pl.read_parquet_schema(checked(path))
    own = {f"{id}/{name}": name for name in ("score", "predicted") if f"{id}/{name}" in known}
    frame = base.hstack(pl.read_parquet(checked(path), columns=list(own)).select(list(own)).rename(own))
    missing = frame["predicted"].is_null()
    return frame.filter(~missing) if missing.any() else frame


def binary(fits: Mapping[str, Fit]) -> dict[str, dict[str, Fit]]:
    """The binary models of the source by feature set and model, in the order of the catalogue."""
    found: dict[str, dict[str, Fit]] = {}
    for name, fit in fits.items():
        features, _, model = name.partition(".")
        if features != "types":
            found.setdefault(features, {})[model] = fit
    return found


def types(fits: Mapping[str, Fit]) -> dict[str, Fit]:
    """The attack-type forest of the source by variant."""
    return {name.removeprefix("types."): fit for name, fit in fits.items() if name.startswith("types.")}


def frames(fits: Mapping[str, Fit]) -> dict[str, pl.DataFrame]:
    """Their predictions."""
    return {name: fit.frame for name, fit in fits.items()}


def side_by_side(fits: Mapping[str, Fit]) -> dict[str, pl.DataFrame]:
    """The decisions of conditions named ``<model>.<variant>``: by model one frame, with a column for each variant."""
    found: dict[str, pl.DataFrame] = {}
    for name, fit in fits.items():
        model, _, variant = name.partition(".")
        known = found.get(model, fit.frame.select("source_file", "source_row", "label", "is_attack"))
        found[model] = known.with_columns(fit.frame["predicted"].alias(variant))
    return found


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
