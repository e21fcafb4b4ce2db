"""Rows that are the same: each numbered by the first that it equals."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl


def first_identical(columns: Iterable[pl.Series], height: int) -> np.ndarray:
    """For each of ``height`` rows the number of the first that is equal to it in all ``columns``, shape (height,).

    >>> first_identical([pl.Series([1, 2, 1]), pl.Series([0, 0, 0])], 3).tolist()
    [0, 1, 0]
    """
    frame = pl.DataFrame({"first": np.zeros(height, dtype=np.int64)}).with_row_index("row")
    for column in columns:
        # One column at a time: all of them would be the whole release in memory.
        frame = frame.with_columns(column.alias("value"))
        frame = frame.select("row", pl.col("row").first().over("first", "value").alias("first"))
    return frame["first"].to_numpy().astype(np.int64)
