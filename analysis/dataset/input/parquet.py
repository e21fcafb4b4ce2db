"""A Parquet file of flows, read in pieces: its cells as tables like those of a CSV file."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analysis.dataset.input import slices as reader
from analysis.dataset.input.cells import marks, no_number, numbers
from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.headings import LABEL, labelled
from analysis.dataset.input.layout import CONTROL, Layout, recognise
from analysis.dataset.release import Release
from analysis.errors import UserError

TEXT = (pl.String, pl.Categorical, pl.Enum, pl.Null)


class ParquetFlows:
    """A Parquet file of flows: its ``layout``, by the names of its columns, and its cells, ``size`` rows at once.

    ``only``: the columns that are wanted, by canonical name.
    """

    def __init__(
        self,
        path: Path,
        flow_file: FlowFile,
        size: int = reader.ROWS,
        release: Release | None = None,
        only: Collection[str] | None = None,
    ) -> None:
        self._only = only
        self._path, self._flow_file, self._size = path, flow_file, size
        _refuse_unreadable(path, flow_file)
        self._spellings = pl.scan_parquet(path, glob=False).collect_schema().names()
        if odd := next((name for name in self._spellings if CONTROL.search(name)), None):
            raise UserError(f"{flow_file}: the column name {odd[:60]!r} holds what cannot be shown; rename the column")
        self.label = None if labelled(self._spellings) else flow_file.label
        self.headings = [*self._spellings, *([LABEL] if self.label is not None else [])]
        self.layout: Layout = recognise(self.headings, flow_file, release)
        self._missing: Counter[str] = Counter()
        self.quirks: dict[str, Any] = {"encoding": "Parquet", "missing_marks": {}}

    def tables(self) -> Iterator[pl.DataFrame]:
        """As of :class:`~analysis.dataset.input.csv_text.CsvText`; a Timestamp column may be Datetime."""
        before = 0
        for raw in reader.slices(self._path, self._size):
            rows = pl.Series("source_row", np.arange(before + 1, before + raw.height + 1))
            yield pl.DataFrame([*self._cells(raw, before), rows])
            before += raw.height
            self.quirks["missing_marks"] = dict(sorted(self._missing.items()))

    def _cells(self, raw: pl.DataFrame, before: int) -> Iterator[pl.Series]:
        for spelling, name in zip(self._spellings, self.layout.columns, strict=False):
            if name is None or (self._only is not None and name not in self._only):
                continue
            column = raw[spelling]
            feature = name in self.layout.features
            others = () if feature else (pl.Datetime, pl.Boolean)
            if not column.dtype.is_numeric() and column.dtype not in (*TEXT, *others):
                raise UserError(
                    f"{self._flow_file}, column {name}: its cells are {column.dtype}, not numbers or text; convert them"
                )
            if column.dtype in TEXT:
                column = column.cast(pl.String).str.strip_chars().replace("", None)
            if feature and column.dtype == pl.String:
                cast, bad = numbers(column), no_number(column)
                self._missing += marks(column)
            else:
                cast = _cast(column, feature)
                bad = cast.is_null() & column.is_not_null()
            if bad.any():
                at = bad.arg_max() or 0
                raise UserError(
                    f"{self._flow_file}, row {before + at + 1}, column {name}: {str(column[at])[:60]!r} is not "
                    "a number; mend or remove it"
                )
            yield cast.alias(name)


def _cast(column: pl.Series, feature: bool) -> pl.Series:
    if feature:
        return column.cast(pl.Float64, strict=False)
    if column.dtype == pl.Datetime:
        return column.dt.replace_time_zone(None).cast(pl.Datetime("us"))
    return column.cast(pl.String, strict=False)


def _refuse_unreadable(path: Path, flow_file: FlowFile) -> None:
    """Let another process read the file first: some damage ends it, with no error to catch, or prints much."""
    command = [sys.executable, "-I", reader.__file__, str(path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")
    if not done.returncode:
        return
    if done.returncode == reader.CAUGHT:
        reason = done.stdout.strip()
    elif done.returncode < 0:
        reason = f"it ends the program that reads it: {signal.Signals(-done.returncode).name}"
    else:
        reason = f"it ends the program that reads it: exit code {done.returncode}"
    raise UserError(f"{flow_file}: not readable as Parquet ({reason}); fetch it again")
