"""Flows on their way from files into one table: in pieces on disk, so that memory holds one, however many there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from analysis.dataset.blocks import lazily, write
from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.layout import Layout
from analysis.dataset.input.reading import Mend, examine
from analysis.dataset.release import Release


class Spool:
    """Keeps the flows of files in ``folder``, in pieces of ``size`` bytes of text, until they become a table.

    The table has the files in their order, in whichever they were read.
    """

    def __init__(self, folder: Path, flow_files: Sequence[FlowFile], size: int | None = None) -> None:
        self._folder, self._order, self._size = folder, list(flow_files), size
        self._read: dict[FlowFile, tuple[Mend, list[Path], list[pl.DataFrame]]] = {}

    def examine(self, flow_file: FlowFile, release: Release | None) -> tuple[Layout, dict[str, Any]]:
        """Layout and facts of a file, the flows of which are kept."""
        pieces: list[Path] = []
        empty: list[pl.DataFrame] = []

        def keep(flows: pl.DataFrame) -> None:
            pieces.append(self._folder / f"{self._order.index(flow_file)}-{len(pieces)}.arrow")
            flows.write_ipc(pieces[-1], compression="lz4")
            empty.append(flows.clear())

        layout, facts, mended = examine(flow_file.chunks(), flow_file, keep, self._size, release)
        self._read[flow_file] = (mended, pieces, empty)
        return layout, facts

    def write(self, path: Path) -> None:
        """Write all flows as one Parquet table, in the order in which they were read; nothing of them is kept.

        A whole-number column that one piece had to keep as Float64 (missing cells) is Float64 for all; columns that
        only some files have (addresses) are null in the others.
        """
        files = [self._read[flow_file] for flow_file in self._order]
        empty = pl.concat((mended(one) for mended, _, shapes in files for one in shapes), how="diagonal_relaxed")

        def mended_pieces() -> Iterator[pl.DataFrame]:
            for mended, pieces, _ in files:
                for piece in pieces:
                    yield pl.concat([empty, mended(pl.read_ipc(piece))], how="diagonal_relaxed")
                    piece.unlink()

        write(lazily(mended_pieces, empty.schema), path)
