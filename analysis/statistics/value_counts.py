"""A feature as its distinct values, ascending, with the number of benign and attack flows at each.

Missing cells are left out. Every statistic of one feature (moments, quantiles, histogram, ECDF, Kolmogorov-Smirnov) is
computed from this; of millions of flows it is far smaller than the column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.dataset.gather import gathered
from analysis.errors import UserError
from analysis.record import checked

BLOCK = 1 << 22
"""Flows that are counted at a time; the counts of more are merged."""

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

POPULATIONS = {"all": "all flows", "benign": "benign flows", "attack": "attack flows"}


@dataclass(frozen=True)
class ValueCounts:
    """Distinct values in ascending order, shape (k,), and the number of benign and of attack flows at each."""

    values: Floats
    benign: Counts
    attack: Counts

    def counts(self, population: str) -> Counts:
        """Number of flows at each value in ``population``: 'all', 'benign' or 'attack'."""
        return (
            self.benign + self.attack if population == "all" else self.benign if population == "benign" else self.attack
        )

    def present(self, population: str) -> tuple[Floats, Counts]:
        """Values that occur in ``population`` and their counts, all positive."""
        counts = self.counts(population)
        return self.values[counts > 0], counts[counts > 0]

    @classmethod
    def of(cls, values: Sequence[float] | NDArray[Any], is_attack: Sequence[bool] | NDArray[Any]) -> ValueCounts:
        """Value counts of a column given as an array, with one class flag a row.

        >>> value_counts = ValueCounts.of([3, 1, 3], [False, True, True])
        >>> value_counts.values.tolist(), value_counts.benign.tolist(), value_counts.attack.tolist()
        ([1.0, 3.0], [0, 1], [1, 1])
        """
        return cls._of_frame(
            pl.DataFrame({"value": np.asarray(values), "is_attack": np.asarray(is_attack, dtype=bool)})
        )

    @classmethod
    def read(cls, paths: Sequence[Path], feature: str) -> ValueCounts:
        """Value counts of ``feature`` over the flow tables at ``paths`` taken together; only that column is read.

        Raises UserError where one of the classes has no flow.
        """
        flows = pl.scan_parquet(list(map(checked, paths)))
        frame = flows.select(pl.col(feature).alias("value"), "is_attack").collect()
        value_counts = cls._of_frame(frame)
        for name, count in (("benign", value_counts.benign.sum()), ("attack", value_counts.attack.sum())):
            if count == 0:
                files = " and ".join(path.name for path in paths)
                raise UserError(f"{files}: there is no {name} flow; give data with flows of both classes")
        return value_counts

    def merge(self, other: ValueCounts) -> ValueCounts:
        """Value counts of the flows of both.

        >>> parts = ValueCounts.of([1, 2], [False, True]), ValueCounts.of([2, 9], [False, True])
        >>> whole = parts[0].merge(parts[1])
        >>> whole.values.tolist(), whole.benign.tolist(), whole.attack.tolist()
        ([1.0, 2.0, 9.0], [1, 1, 0], [0, 1, 1])
        """
        both = np.concatenate([self.values, other.values])
        # Of two ascending runs a stable sort is one pass.
        order = np.argsort(both, kind="stable")
        new = np.ones(both.size, dtype=bool)
        new[1:] = both[order[1:]] != both[order[:-1]]
        starts = np.flatnonzero(new)
        benign, attack = (
            np.add.reduceat(np.concatenate(counts)[order], starts) if starts.size else counts[0]
            for counts in ((self.benign, other.benign), (self.attack, other.attack))
        )
        return ValueCounts(both[order[starts]], benign, attack)

    @classmethod
    def _of_frame(cls, frame: pl.DataFrame) -> ValueCounts:
        # Groups of all flows at once would take several times the memory of the column.
        return gathered(map(cls._of_some, frame.iter_slices(BLOCK) if frame.height else [frame]), cls.merge)

    @classmethod
    def _of_some(cls, frame: pl.DataFrame) -> ValueCounts:
        counted = (
            frame.with_columns(pl.col("value").cast(pl.Float64).fill_nan(None))
            .drop_nulls("value")
            .group_by("value")
            .agg(pl.len().cast(pl.Int64).alias("n"), pl.col("is_attack").sum().cast(pl.Int64).alias("attack"))
            .sort("value")
        )
        attack = counted["attack"].to_numpy()
        # Grouping takes the two zeros for one value but keeps the sign of either; adding zero drops a minus. (Polars
        # leaves out such an addition, NumPy does not.)
        return cls(counted["value"].to_numpy() + 0.0, counted["n"].to_numpy() - attack, attack)


@dataclass(frozen=True)
class SortedColumn:
    """A column of all flows sorted once, from which the value counts of any of them are a count of places.

    ``values`` are its distinct values, ascending, shape (k,); ``places`` has the place of each flow's value among them,
    k where the cell is missing, shape (n,).
    """

    values: Floats
    places: NDArray[np.int64]

    @classmethod
    def of(cls, column: pl.Series) -> SortedColumn:
        """Sort a column of numbers."""
        # Ranks tell the two zeros apart; adding zero drops the minus.
        plain = column.cast(pl.Float64).fill_nan(None).to_numpy() + 0.0
        ranks = pl.Series(plain).fill_nan(None).rank("dense")
        most = int(ranks.max() or 0)  # type: ignore[arg-type]
        places = ranks.fill_null(most + 1).to_numpy().astype(np.int64) - 1
        values = np.empty(most + 1)
        values[places] = plain
        return cls(values[:most], places)

    def only(self, rows: NDArray[np.bool_]) -> SortedColumn:
        """The column of the flows of ``rows``, boolean of shape (n,), at the places among all flows' values."""
        return replace(self, places=self.places[rows])

    def counts(self, is_attack: NDArray[np.bool_]) -> ValueCounts:
        """Value counts of the flows, each with its class.

        >>> column = SortedColumn.of(pl.Series([3.0, 1.0, None, 3.0])).only(np.array([True, False, True, True]))
        >>> some = column.counts(np.array([False, True, True]))
        >>> some.values.tolist(), some.benign.tolist(), some.attack.tolist()
        ([3.0], [1], [1])
        """
        benign, attack = self.grouped(is_attack, 2).T
        there = benign + attack > 0
        return ValueCounts(self.values[there], benign[there], attack[there])

    def grouped(self, group: NDArray[Any], groups: int) -> Counts:
        """Flows of each group at each distinct value, shape (k, groups); flows without a value are left out.

        ``group`` has a number from 0 on for each flow, (n,).

        >>> SortedColumn(np.array([1.0, 5.0]), np.array([1, 0, 1])).grouped(np.array([0, 1, 1]), 2).tolist()
        [[0, 1], [1, 1]]
        """
        places, size = self.places, self.values.size
        if not (there := places < size).all():
            places, group = places[there], group[there]
        return np.bincount(places * groups + group, minlength=size * groups).reshape(size, groups)


def class_sizes(paths: Sequence[Path]) -> dict[str, int]:
    """Number of flows in each population of the flow tables at ``paths`` together, with or without a value."""
    whole = pl.scan_parquet(list(map(checked, paths)))
    flows, attacks = whole.select(pl.len(), pl.col("is_attack").sum()).collect().row(0)
    return {"all": flows, "benign": flows - attacks, "attack": attacks}
