"""Figures that are to be drawn: in several processes, where there are several and threads for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from analysis.record import Table
from figures.origin import Origin


@dataclass(frozen=True)
class Due:
    """A figure that is to be drawn: its tables by name, the flows they are of, the key of all that, and its files."""

    name: str
    tables: dict[str, Table]
    flows: Origin
    made_of: str
    targets: Sequence[Path]


def in_turn(due: Sequence[Due], threads: int) -> Iterator[Due]:
    """Draw figures, so many at once as there are ``threads``, and give each when it and those before it are done."""
    if min(threads, len(due)) <= 1:
        yield from map(_draw, due)
        return
    # Matplotlib takes long to load: once, by the process from which those that draw are split off.
    server = get_context("forkserver")
    server.set_forkserver_preload(["figures.draw"])
    with ProcessPoolExecutor(min(threads, len(due)), server) as pool:
        yield from pool.map(_draw, due)


def _draw(due: Due) -> Due:
    from figures.draw import draw  # where nothing has changed it is not needed

    draw(due.name, due.tables, due.flows, *due.targets)
    return due
