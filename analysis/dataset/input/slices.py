"""A Parquet table in slices. As a script: read all of the file that it is given, to see whether the process survives.

Imports nothing of this project, so that the rehearsal starts fast.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl

ROWS = 1 << 18
"""Rows of a slice."""


def slices(path: Path, size: int = ROWS) -> Iterator[pl.DataFrame]:
    """The rows of the file, ``size`` at once."""
    rows = pl.scan_parquet(path).select(pl.len()).collect().item()
    for start in range(0, rows, size):
        yield pl.scan_parquet(path).slice(start, size).collect()


def rehearse(path: Path) -> None:
    """Read everything; what can be caught is left to who reads the file next."""
    try:
        pl.read_parquet_schema(path)
        for _ in slices(path):
            pass
    except (Exception, pl.exceptions.PanicException):
        return


if __name__ == "__main__":
    rehearse(Path(sys.argv[1]))
