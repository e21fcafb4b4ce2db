"""Rows that are the same: each numbered by the first that it equals.

Rows are compared exactly. A hash only sorts out rows that are certainly alone (equal rows have equal hashes), so a
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
    first = np.arange(height)
    maybe = np.flatnonzero(perhaps_repeated(column, names, height))
    frame = pl.DataFrame({"first": np.zeros(maybe.size, dtype=np.int64)}).with_row_index("row")
    for name in names if maybe.size else ():
        # One column at a time: all of them would be the whole release in memory.
        frame = frame.with_columns(column(name).gather(maybe).alias("value"))
        frame = frame.select("row", pl.col("row").first().over("first", "value").alias("first"))
    first[maybe] = maybe[frame["first"].to_numpy()]
    return first


def perhaps_repeated(column: Callable[[str], pl.Series], names: Sequence[str], height: int) -> np.ndarray:
    """Which of ``height`` rows share the hash of all these columns with another row, boolean of shape (height,)."""
    mixed = np.zeros(height, dtype=np.uint64)
    for name in names:
        mixed *= MIX
        mixed ^= hashes(column(name))
    return pl.Series(mixed).is_duplicated().to_numpy()


def hashes(cells: pl.Series) -> np.ndarray:
    """A hash of each cell, alike for cells that are equal, (rows,) of uint64."""
    # Adding zero turns minus zero into zero; all undefined cells get the same bits.
    alike = (cells + 0.0).fill_nan(float("nan")) if cells.dtype.is_float() else cells
    return alike.hash(seed=0).to_numpy()
