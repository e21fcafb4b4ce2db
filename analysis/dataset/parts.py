"""The training and the test part of a split: rows of the cleaned flows, read column by column, never copied to disk.

A split is a small table of roles, one row a flow and one column a *fold* (most splits have one; a split by file has one
for each file), and a JSON file that says of each fold what it is called, why it cannot be built where it cannot, and
what fills its missing cells: medians of its training part alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analysis.dataset import recent
from analysis.dataset.cleaning.policy import NO_FEATURES
from analysis.errors import UserError
from analysis.record import checked, read_json

UNUSED, TRAIN, TEST = 0, 1, 2
"""The roles of a flow in a fold."""
TOGETHER = 16
"""Columns that are read at a time at least: opening the table costs more than a column of it, and all columns of all
flows would not fit into memory."""
CELLS = 10_000_000
"""Cells of the table that are read at a time where these are more."""
ATTEMPTED = "Attempted"
"""The type of attempted attacks that cleaning called benign, where a condition counts them as attacks."""


@dataclass(frozen=True)
class Part:
    """Flows of one role: those rows of the table ``flows`` where ``rows`` (boolean, one a row) is true.

    ``filled`` has what stands in a feature's missing cells. With ``tried``, attempted attacks count as attacks, of a
    type of their own where cleaning called them benign.
    """

    flows: Path
    rows: np.ndarray
    filled: Mapping[str, float] = field(default_factory=dict)
    tried: bool = False

    @classmethod
    def whole(cls, flows: Path) -> Part:
        """All flows of a table, in which no cell is filled."""
        return cls(flows, np.ones(pl.scan_parquet(checked(flows)).select(pl.len()).collect().item(), dtype=bool))

    @property
    def height(self) -> int:
        """Number of its flows."""
        return int(np.count_nonzero(self.rows))

    @cached_property
    def columns(self) -> list[str]:
        """Names of the table's columns."""
        return list(pl.read_parquet_schema(checked(self.flows)))

    @cached_property
    def features(self) -> list[str]:
        """Names of its numeric features, in the table's order."""
        schema = pl.read_parquet_schema(checked(self.flows))
        return [name for name, kind in schema.items() if kind.is_numeric() and name not in NO_FEATURES]

    def read(self, *columns: str) -> pl.DataFrame:
        """These columns of its flows, in the table's order of rows."""
        return pl.DataFrame([column for some in self._batched(columns) for column in self._some(some)])

    def column(self, name: str) -> pl.Series:
        """One column of its flows."""
        return self._some([name])[0]

    def matrix(self, features: Sequence[str]) -> np.ndarray:
        """Features as float64, shape (flows, features); each column lies together, and few are read at a time."""
        found = np.empty((self.height, len(features)), order="F")
        read = (column for some in self._batched(features) for column in self._some(some))
        for i, column in enumerate(read):
            found[:, i] = column.cast(pl.Float64).to_numpy()
        return found

    @staticmethod
    def read_each(parts: Sequence[Part], *columns: str) -> list[pl.DataFrame]:
        """These columns of the flows of each of several small parts of one table, which is read once for all."""
        places = [pl.Series(np.flatnonzero(part.rows)) for part in parts]
        found: list[list[pl.Series]] = [[] for _ in parts]
        for some in parts[0]._batched(columns) if parts else []:
            read = recent.columns(parts[0].flows, some)
            for part, own, at in zip(parts, found, places, strict=True):
                own += [part._as_condition_has_it(column.gather(at)) for column in read]
        return [pl.DataFrame(own) for own in found]

    def _batched(self, names: Sequence[str]) -> Iterator[Sequence[str]]:
        """The names in their order, as many together as are read at a time."""
        together = max(TOGETHER, CELLS // max(self.rows.size, 1))
        for first in range(0, len(names), together):
            yield names[first : first + together]

    def _some(self, names: Sequence[str]) -> list[pl.Series]:
        """These columns of its flows, filled and labelled as its condition has them."""
        return [self._as_condition_has_it(column) for column in self._plain(*names)]

    def _as_condition_has_it(self, column: pl.Series) -> pl.Series:
        name = column.name
        if name in self.filled:
            fill = pl.lit(self.filled[name]).cast(column.dtype)
            column = column.to_frame().select(pl.col(name).fill_null(fill))[name]
        if self.tried and name in ("is_attack", "Label"):
            attempted, attack = self._plain("attempted", "is_attack")
            attempted = attempted.fill_null(False)
            if name == "is_attack":
                return (attempted | attack).alias(name)
            return pl.select(
                pl.when(attempted & ~attack).then(pl.lit(ATTEMPTED)).otherwise(column).alias(name)
            ).to_series()
        return column

    def _plain(self, *names: str) -> list[pl.Series]:
        """Columns of its flows as they stand in the table."""
        return [column.filter(pl.Series(self.rows)) for column in recent.columns(self.flows, names)]

    def only(self, chosen: np.ndarray) -> Part:
        """Of its flows those ``chosen``: numbers in ascending order, or a boolean of shape (flows,)."""
        rows = np.zeros_like(self.rows)
        rows[np.flatnonzero(self.rows)[chosen]] = True
        return replace(self, rows=rows)


@dataclass(frozen=True)
class Fold:
    """One training and test part of a split; neither where it cannot be built, for the ``reason`` given."""

    name: str
    train: Part | None
    test: Part | None
    reason: str | None = None


def relabelled(part: Part, labels: str) -> Part:
    """The flows with the labels of a condition, by the level of its factor ``labels``."""
    return replace(part, tried=labels == "attempted_attack")


def folds(flows: Path, roles: Path, split: Path) -> list[Fold]:
    """The folds of a split by its two files, of the cleaned ``flows``."""
    entry = read_json(split)
    told: list[dict[str, Any]] = entry["folds"]
    found = []
    for number, fold in enumerate(told):
        if fold["reason"]:
            found.append(Fold(fold["name"], None, None, fold["reason"]))
            continue
        role = pl.read_parquet(checked(roles), columns=[str(number)])[str(number)].to_numpy()
        filled = {one["feature"]: one["value"] for one in fold["filled"]}
        train, test = (
            relabelled(Part(flows, role == one, filled), entry.get("labels", "cleaned")) for one in (TRAIN, TEST)
        )
        found.append(Fold(fold["name"], train, test))
    return found


def parts(flows: Path, roles: Path, split: Path) -> tuple[Part, Part]:
    """Training and test part of a split that has one fold."""
    (fold,) = folds(flows, roles, split)
    if fold.train is None or fold.test is None:
        raise UserError(f"the split of the study cannot be made: {fold.reason}")
    return fold.train, fold.test
