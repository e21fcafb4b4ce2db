"""Rows that are the same: each numbered by the first that it equals.

Rows are compared exactly: equal rows have equal hashes, and each row is compared with the first of its hash, so that a
collision costs time and changes nothing. Minus zero equals zero, and an undefined cell equals an undefined cell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

MIX = np.uint64(0x9E3779B97F4A7C15)
"""2^64 divided by the golden ratio: multiplied by it, a sum of hashes depends on their order (Knuth, volume 3, 6.4)."""


def first_identical(column: Callable[[str], pl.Series], names: Sequence[str], height: int) -> np.ndarray:
    """For each of ``height`` rows the number of the first equal to it in all columns of these ``names``, (height,).

    >>> cells = {"a": pl.Series([1, 2, 1]), "b": pl.Series([0, 0, 0])}
    >>> first_identical(cells.get, ["a", "b"], 3).tolist()
    [0, 1, 0]
    """
    first = _first_of_hash(_mixed(column, names, height))
    later = np.flatnonzero(first != np.arange(height))
    equal = np.ones(later.size, dtype=bool)
    for name in names if later.size else ():
        # One column at a time: all of them would be the whole release in memory.
        cells = column(name)
        equal &= cells.gather(later).eq_missing(cells.gather(first[later])).to_numpy()
    if not equal.all():
        met = np.flatnonzero(np.isin(first, first[later[~equal]]))
        first[met] = met[_compared([column(name).gather(met) for name in names], met.size)]
    return first


def _first_of_hash(mixed: np.ndarray) -> np.ndarray:
    """For each row the number of the first with its hash, (rows,)."""
    first = np.arange(mixed.size)
    ordered = np.sort(mixed)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    del ordered
    # Only rows whose hash occurs again are grouped: groups of one row each would take many times the memory.
    again = np.flatnonzero(pl.Series(mixed).is_in(pl.Series(twice).implode()).to_numpy())
    rows = pl.DataFrame({"row": again, "hash": mixed[again]})
    first[again] = rows.select(pl.col("row").first().over("hash"))["row"].to_numpy()
    return first


def _compared(columns: Sequence[pl.Series], height: int) -> np.ndarray:
    """The same for rows that a hash does not tell apart: grouped by one column after the other."""
    frame = pl.DataFrame({"first": np.zeros(height, dtype=np.int64)}).with_row_index("row")
    for cells in columns:
        frame = frame.with_columns(cells.alias("value"))
        frame = frame.select("row", pl.col("row").first().over("first", "value").alias("first"))
    return frame["first"].to_numpy()


def _mixed(column: Callable[[str], pl.Series], names: Sequence[str], height: int) -> np.ndarray:
    """One hash of all these columns for each row, (height,) of uint64."""
    mixed = np.zeros(height, dtype=np.uint64)
    for name in names:
        mixed *= MIX
        mixed ^= hashes(column(name))
    return mixed


def hashes(cells: pl.Series) -> np.ndarray:
    """A hash of each cell, alike for cells that are equal, (rows,) of uint64."""
    # Adding zero turns minus zero into zero; all undefined cells get the same bits.
    alike = (cells + 0.0).fill_nan(float("nan")) if cells.dtype.is_float() else cells
    return alike.hash(seed=0).to_numpy()
