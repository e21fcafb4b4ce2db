"""Columns of a table of flows as they were read last, so that parts of the same flows do not read them over again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from analysis.record import checked

KEPT = 12
"""Columns that are kept: the ranked features and the labels. Who reads more at a time does not ask for them again."""


class _State(NamedTuple):
    """Which file columns are of: another may take its place under the same name."""

    path: Path
    inode: int
    changed: int
    size: int

    @classmethod
    def of(cls, path: Path) -> _State:
        found = path.stat()
        return cls(path, found.st_ino, found.st_mtime_ns, found.st_size)


_kept: dict[tuple[_State, str], pl.Series] = {}
"""The columns, those longest not asked for first."""


def columns(flows: Path, names: Sequence[str]) -> list[pl.Series]:
    """These columns of a Parquet file, whole, in the order given."""
    unique = list(dict.fromkeys(names))
    if len(unique) > KEPT:
        read = pl.read_parquet(checked(flows), columns=unique)
        return [read[name] for name in names]
    state = _State.of(flows)
    asked = {(state, name): _kept.pop((state, name), None) for name in unique}
    missing = [name for (_, name), column in asked.items() if column is None]
    fresh = pl.read_parquet(checked(flows), columns=missing) if missing else pl.DataFrame()
    for key, column in asked.items():
        _kept[key] = fresh[key[1]] if column is None else column
    for key in list(_kept)[:-KEPT]:
        del _kept[key]
    return [_kept[state, name] for name in names]
