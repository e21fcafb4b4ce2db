"""A Parquet table in slices. As a script: read all of the file that it is given, and say what is wrong with it.

Imports nothing of this project, so that the rehearsal starts fast.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl

ROWS = 1 << 17
"""Rows of a slice."""
CAUGHT = 3


def slices(path: Path, size: int = ROWS) -> Iterator[pl.DataFrame]:
    """The rows of the file, ``size`` at once."""
    table = pl.scan_parquet(path, glob=False)
    rows = table.select(pl.len()).collect().item()
    for start in range(0, rows, size):
        yield table.slice(start, size).collect()


def rehearse(path: Path) -> None:
    """Read everything; on an error that can be caught, print it and end with CAUGHT."""
    try:
        for _ in slices(path):
            pass
    # Polars raises several kinds, some of them without a common base; a panic is not even an Exception.
    except (Exception, pl.exceptions.PanicException) as error:
        print(str(error).strip().partition("\n")[0])
        sys.exit(CAUGHT)


if __name__ == "__main__":
    rehearse(Path(sys.argv[1]))
