"""Flows of any release in pieces, as a detector sees them: its features, and where each flow comes from.

Labels are not needed and not looked at. Files are read by the project's own readers, so that names of columns, missing
cells and damage are to a detector what they are to a build.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from analysis.conditions.features import PORT
from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.headings import LABEL
from analysis.dataset.input.identifiers import Conversation, Times, in_afternoon
from analysis.dataset.input.layout import Layout
from analysis.dataset.input.reading import EXACT, opened
from analysis.dataset.input.source import flow_files, located, naming_the_download
from analysis.detector.packets import refuse_packets
from analysis.errors import UserError, explained

STANDARD_INPUT = "-"
UNLABELLED = "BENIGN"
"""What stands for a label in files that have none."""
COUNTS = (PORT, "Flow Duration", "Total Fwd Packets", "Total Backward Packets")
"""Columns of whole numbers, in which other units or scaling would show, whatever the detector's features are."""
ENDS = ("Timestamp", "Source IP", "Source Port", "Destination IP", "Protocol")
UNITS = "are these the units of the release (microseconds, bytes, packets), not scaled?"


@dataclass(frozen=True)
class Flows:
    """Some flows of one file: ``matrix`` (n, k) of a detector's features, and the file's other columns with its rows.

    ``about`` has source_row, and timestamp, addresses, ports and protocol where the file has them in usable form;
    ``skipped`` flows beside these were left out, since a cell of theirs is no finite number.
    """

    file: str
    matrix: np.ndarray
    about: pl.DataFrame
    layout: Layout
    skipped: int = 0


@contextmanager
def given(data: str) -> Iterator[list[FlowFile]]:
    """The files of flows that ``data`` stands for: a path, an address, or '-' for what standard input holds."""
    if data != STANDARD_INPUT:
        with naming_the_download(data):
            try:
                there = located(data)
                refuse_packets(there, data)
                files = flow_files(there)
            except UserError as error:
                raise UserError(_of_flows(error)) from None
            yield files
        return
    # Kept on disk: what it is (zip, Parquet, CSV) shows at its start, and an archive is read from its end.
    with tempfile.TemporaryDirectory(prefix="flowpaper-") as folder, explained(folder):
        path = Path(folder, "standard input")
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        refuse_packets(path, "standard input")
        try:
            yield flow_files(path)
        except UserError as error:
            raise UserError(_of_flows(error).replace(f"{folder}{os.sep}", "")) from None


def _of_flows(error: UserError) -> str:
    """The message, of what is called the data in a study and the flows here."""
    return re.sub(r"^data: ", "flows: ", str(error))


def pieces(
    file: FlowFile, features: Sequence[str], size: int | None = None, skip: bool = False
) -> Iterator[Flows]:  # fmt: skip
    """The flows of a file, piece by piece; ``size`` is read at once (bytes of text, rows of Parquet).

    With ``skip``, flows with a cell that is no finite number are left out and counted. UserError where a feature is
    missing, such a cell is there otherwise, columns that count hold fractions, or the file has no flows.
    """
    rows = 0
    labelled = replace(file, label=file.label or UNLABELLED)
    needed = {*features, *COUNTS, *ENDS, LABEL}
    with opened(file.chunks(), labelled, size, None, needed) as text:
        layout = text.layout
        if lacking := [name for name in features if name not in layout.features]:
            raise UserError(
                f"{file}: lacks {', '.join(lacking)}, which this detector needs; by its columns it is of the "
                f"{layout.release.title}; give flows that have them, or make a detector on other features (FEATURES=)"
            )
        whole = {one.name for one in layout.release.columns if one.type == "integer"}
        counts = [name for name in layout.features if name in whole and name in needed]
        known = _Known(file, layout)
        for raw in text.tables():
            filled = raw.remove(pl.all_horizontal(pl.exclude("source_row").is_null()))
            if not filled.height:
                continue
            rows += filled.height
            _refuse_other_units(filled, counts, file)
            matrix = filled.select(features).fill_null(float("nan")).to_numpy(order="c")
            sound = np.isfinite(matrix).all(axis=1)
            if not sound.all() and not skip:
                raise _no_number(filled, matrix, features, file)
            about = known.about(filled.filter(pl.Series(sound)))
            yield Flows(file.name, np.asarray(matrix[sound]), about, layout, int(np.count_nonzero(~sound)))
    if not rows:
        raise UserError(f"{file}: the file has a header but no flows; give one that has")


class _Known:
    """What a file tells of its flows beside their features."""

    def __init__(self, file: FlowFile, layout: Layout) -> None:
        self._times = Times(layout.release, file) if "Timestamp" in layout.roles else None
        self._conversation = Conversation(layout)
        self._port = PORT in layout.features

    def about(self, flows: pl.DataFrame) -> pl.DataFrame:
        """Rows, times and ends of the conversation of some flows; nothing that the file so far does not tell."""
        stamp = self._times.read(flows) if self._times else None
        found = self._conversation.read(flows)
        columns = [one for one in found if one.name in self._conversation.columns]
        columns += [flows[PORT].cast(pl.Int64, strict=False)] if self._port else []
        told = pl.DataFrame([flows["source_row"], *columns, *([stamp] if stamp is not None else [])])
        start = self._times.afternoon if self._times else None
        return in_afternoon(told, start) if start and stamp is not None else told


def _no_number(flows: pl.DataFrame, found: np.ndarray, features: Sequence[str], file: FlowFile) -> UserError:
    row, column = np.argwhere(~np.isfinite(found))[0]
    wrong = int((~np.isfinite(found)).any(axis=1).sum())
    return UserError(
        f"{file}, row {flows['source_row'][int(row)]}, column {features[column]}: no finite number, which the detector "
        f"needs ({wrong:,} of the {len(found):,} flows read with this one lack one); remove such flows, or leave them "
        "out with SKIP=1"
    )


def _refuse_other_units(flows: pl.DataFrame, counts: Sequence[str], file: FlowFile) -> None:
    """UserError where a column of whole numbers holds fractions: seconds for microseconds, or scaled numbers."""
    cells = pl.col(counts)
    broken = flows.select((cells.is_finite() & (cells != cells.round()) & (cells.abs() < EXACT)).any()).row(
        0, named=True
    )
    if name := next((name for name, bad in broken.items() if bad), None):
        column = flows[name]
        row = flows["source_row"][int((column.is_finite() & (column != column.round())).arg_max() or 0)]
        raise UserError(
            f"{file}, row {row}, column {name}: holds a fraction, and the release writes whole numbers there; {UNITS}"
        )
