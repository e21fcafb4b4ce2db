"""What was fitted before: one entry a condition, believed only where everything it depends on is the same.

The workflow removes a rule's outputs before it runs again. Entries are none of its outputs, so that the change of one
model's setting fits that model and takes the others from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from analysis.errors import UserError
from analysis.record import checked, checksums, read_json, write_atomically, write_json


@dataclass(frozen=True)
class Store:
    """Entries of one group of conditions, in a folder of their own: ``<id>.json`` and ``<id>.parquet``."""

    folder: Path

    def get(self, id: str, key: str) -> tuple[list[dict[str, Any]], pl.DataFrame] | None:
        """Description and predictions, fold by fold; None where there is none of this key, or it is damaged."""
        told, frame = self._paths(id)
        try:
            entry = read_json(told)
            if entry["key"] != key:
                return None
            return entry["folds"], pl.read_parquet(checked(frame))
        except (OSError, ValueError, KeyError, UserError, pl.exceptions.PolarsError):
            return None

    def put(self, id: str, key: str, folds: list[dict[str, Any]], predictions: pl.DataFrame) -> None:
        """Keep an entry; the description comes last, so that a kill between the two leaves none that is believed."""
        told, frame = self._paths(id)
        told.unlink(missing_ok=True)
        with write_atomically(frame) as temporary:
            predictions.write_parquet(temporary)
        write_json(told, {"key": key, "folds": folds})

    def forget_others(self, ids: Iterable[str]) -> None:
        """Remove the entries of conditions that are asked for no more."""
        kept = {path for id in ids for path in self._paths(id)}
        for path in sorted(self.folder.glob("[!.]*")):
            if path not in kept:
                path.unlink()
                checksums.beside(path).unlink(missing_ok=True)

    def _paths(self, id: str) -> tuple[Path, Path]:
        # Not with_suffix: an id may hold dots.
        return self.folder / f"{id}.json", self.folder / f"{id}.parquet"
