"""Flow tables that are larger than memory: read, and written, a block of rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

BLOCK = 1 << 17
"""Rows that are read or written at a time; in a table they lie together, column by column (a row group)."""


def height(flows: pl.LazyFrame) -> int:
    """The number of rows of a table."""
    return int(flows.select(pl.len()).collect().item())


def blocks(flows: pl.LazyFrame, size: int | None = None) -> Iterator[tuple[slice, pl.DataFrame]]:
    """The rows of a table, ``size`` (BLOCK) of them at a time, each with its place; of none one block of none.

    >>> [(place.start, block["a"].to_list()) for place, block in blocks(pl.LazyFrame({"a": [1, 2, 3]}), 2)]
    [(0, [1, 2]), (2, [3])]
    """
    size = size or BLOCK
    for start in range(0, height(flows) or 1, size):
        yield slice(start, start + size), flows.slice(start, size).collect()


def lazily(frames: Callable[[], Iterator[pl.DataFrame]], schema: pl.Schema) -> pl.LazyFrame:
    """A table of which ``frames`` gives the rows, anew each time that it is asked, as many at a time as it likes."""

    def source(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, size: int | None
    ) -> Iterator[pl.DataFrame]:
        left = rows
        for frame in frames():
            found = frame if predicate is None else frame.filter(predicate)
            found = found if columns is None else found.select(columns)
            if left is not None:
                found = found.head(left)
                left -= found.height
            yield found
            if left == 0:
                return

    return register_io_source(source, schema=schema)


def write(flows: pl.LazyFrame, temporary: Path) -> None:
    """Write a table as Parquet, a block at a time, to the place that the one writer gives (``write_atomically``)."""
    flows.sink_parquet(temporary, compression="zstd", compression_level=1, row_group_size=BLOCK)
