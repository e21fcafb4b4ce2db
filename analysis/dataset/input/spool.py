"""Flows on their way from files into one table: in pieces on disk, so that memory holds one, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from analysis.dataset.blocks import blocks, lazily
from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.layout import Layout
from analysis.dataset.input.reading import examine
from analysis.dataset.release import Release


@dataclass(frozen=True)
class Kept:
    """The flows of one file that was read: how to have them piece by piece, once, and the columns that pieces have."""

    pieces: Callable[[], Iterator[pl.DataFrame]]
    empty: Sequence[pl.DataFrame]


class Spool:
    """Keeps the flows of files in ``folder``, in pieces of ``size`` bytes of text, until they become a table.

    The table has the files in their order, in whichever they were read.
    """

    def __init__(self, folder: Path, flow_files: Sequence[FlowFile], size: int | None = None) -> None:
        self._folder, self._order, self._size = folder, list(flow_files), size
        self._read: dict[FlowFile, Kept] = {}

    def examine(self, flow_file: FlowFile, release: Release | None) -> tuple[Layout, dict[str, Any]]:
        """Layout and facts of a file, the flows of which are kept."""
        paths: list[Path] = []
        empty: list[pl.DataFrame] = []

        def keep(flows: pl.DataFrame) -> None:
            paths.append(self._folder / f"{self._order.index(flow_file)}-{len(paths)}.arrow")
            flows.write_ipc(paths[-1], compression="lz4")
            empty.append(flows.clear())

        layout, facts, mended = examine(flow_file.chunks(), flow_file, keep, self._size, release)

        def pieces() -> Iterator[pl.DataFrame]:
            for path in paths:
                yield mended(pl.read_ipc(path))
                path.unlink()

        self._read[flow_file] = Kept(pieces, [mended(one) for one in empty])
        return layout, facts

    def take(self, flow_file: FlowFile, path: Path) -> None:
        """Keep the flows of a file that was read elsewhere, which :meth:`table` gave there."""
        flows = pl.scan_ipc(path)
        empty = pl.DataFrame(schema=flows.collect_schema())
        self._read[flow_file] = Kept(lambda: (block for _, block in blocks(flows)), [empty])

    def table(self) -> pl.LazyFrame:
        """All flows as one table, in the order of their files, to be asked for once; nothing of them is kept.

        A whole-number column that one piece had to keep as Float64 (missing cells) is Float64 for all; columns that
        only some files have (addresses) are null in the others.
        """
        files = [self._read[flow_file] for flow_file in self._order]
        empty = pl.concat((one for kept in files for one in kept.empty), how="diagonal_relaxed")

        def pieces() -> Iterator[pl.DataFrame]:
            for kept in files:
                for piece in kept.pieces():
                    yield pl.concat([empty, piece], how="diagonal_relaxed")

        return lazily(pieces, empty.schema)
