"""The text of a CSV file of flows, read in pieces: what is wrong with it, its quirks, and its cells as tables."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from analysis.dataset.input.cells import marks, numbers
from analysis.dataset.input.csv_piece import (
    ENCODINGS,
    Piece,
    bad_cell,
    bad_row,
    decoded,
    encoding,
    scan,
    stray_mark,
)
from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.headings import LABEL, labelled
from analysis.dataset.input.layout import CONTROL, Layout, recognise
from analysis.dataset.release import Release
from analysis.errors import UserError

BOM = b"\xef\xbb\xbf"
PIECE = 1 << 24
"""Bytes of text that become a table at once; the reading of them takes some fifteen times as much memory."""
LONGEST_HEADER = 100_000
LONGEST_LINE = 1 << 20
"""Bytes of the longest line that is read; a row of flows has a few hundred."""


class CsvText:
    """A CSV file of flows: its ``layout``, by its header line, and its cells; ``size`` bytes are read at once.

    ``only``: the columns that are wanted, by canonical name; the others are passed over, whatever they hold.
    """

    def __init__(
        self,
        chunks: Iterable[bytes],
        flow_file: FlowFile,
        size: int = PIECE,
        release: Release | None = None,
        only: Collection[str] | None = None,
    ) -> None:
        self._flow_file = flow_file
        self._pieces = _whole_lines(chunks, size)
        start = next(self._pieces, b"")
        first = _first_line(start, flow_file)
        self._start = start[len(first) + 1 :]
        self._header = first.removeprefix(BOM).rstrip(b"\r")
        cells = _cells(self._header)
        self.label = None if labelled(cells) else flow_file.label
        self.headings = [*cells, *([LABEL] if self.label is not None else [])]
        self.layout: Layout = recognise(self.headings, flow_file, release)
        self._columns = self.layout.columns[: len(cells)]
        there = (*self.layout.features, LABEL, *self.layout.roles)
        self._wanted = [name for name in there if name in self._columns and (only is None or name in only)]
        self.quirks: dict[str, Any] = {
            "encoding": encoding(first),
            "bom": first.startswith(BOM),
            "line_ending": "",
            "repeated_headers": 0,
            "missing_marks": {},
        }
        """What is odd about the text; known after the last table."""
        self._missing: Counter[str] = Counter()
        self._breaks = Counter({"CRLF" if first.endswith(b"\r") else "LF": 1})

    def tables(self) -> Iterator[pl.DataFrame]:
        """Cells of one piece after the other: features as Float64, label and roles as String, null where empty.

        The label is not there where it is that of the folder, ``label``. Beside them stands source_row: the row of the
        file, from 1, of which every line below the header line is one.
        UserError for what is no complete CSV table of numbers and labels, with row and column where there is one.
        """
        before = 0
        content = self._start
        self._start = b""
        while content or (content := next(self._pieces, b"")):
            _refuse_long_line(content, before, self._flow_file)
            piece = _piece(content, self._header, before)
            if piece.headers.size and not self.layout.release.repeated_headers:
                row = before + piece.headers[0]
                raise UserError(
                    f"{self._flow_file}, row {row}: the header line is repeated inside the file; remove the line"
                )
            lines = content.count(b"\n")
            before += lines
            self._note(content, lines, piece.headers.size)
            content = b""
            if not piece.content:
                continue
            table, found = _table(piece, self._columns, self._wanted, self.layout, self._flow_file)
            self._missing += found
            self.quirks["missing_marks"] = dict(sorted(self._missing.items()))
            yield table

    def _note(self, content: bytes, lines: int, headers: int) -> None:
        returns = content.count(b"\r\n") if b"\r" in content else 0
        self._breaks += Counter({"CRLF": returns, "LF": lines - returns})
        self.quirks["line_ending"] = " and ".join(sorted(self._breaks))
        self.quirks["repeated_headers"] += headers
        self.quirks["encoding"] = max(self.quirks["encoding"], encoding(content), key=ENCODINGS.index)


def _whole_lines(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Pieces of at least ``size`` bytes, the last one excepted, each of which ends where a line does."""
    held: list[bytes] = []
    length = 0
    for chunk in chunks:
        if length + len(chunk) >= size:
            text = b"".join([*held, chunk])
            # A line longer than a piece is damage, which is found in what it is cut into.
            end = text.rfind(b"\n") + 1 or len(text)
            yield text[:end]
            held, length = [], 0
            chunk = text[end:]
            del text
        held.append(chunk)
        length += len(chunk)
    if length:
        yield b"".join(held)


def _first_line(start: bytes, flow_file: FlowFile) -> bytes:
    """The header line, with everything that can be said from it; UserError for no CSV."""
    if not start.strip(BOM + b" \t\r\n"):
        raise UserError(f"{flow_file}: the file is empty; fetch it again")
    if start.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        raise UserError(f"{flow_file}: the file is encoded as UTF-32; save it as UTF-8")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UserError(f"{flow_file}: the file is encoded as UTF-16; save it as UTF-8")
    line = start.partition(b"\n")[0]
    first = line.removeprefix(BOM).strip()
    if not first:
        raise UserError(f"{flow_file}: its first line is blank; remove it, so that the header line comes first")
    if re.fullmatch(rb'"?sep=.?"?', first, re.IGNORECASE):
        raise UserError(f"{flow_file}: its first line, {decoded(first)!r}, is a note to a spreadsheet; remove it")
    if CONTROL.search(decoded(re.sub(rb"[\r\t]", b"", first))):
        raise UserError(f"{flow_file}: this is no CSV file of flows; expected a header line with {LABEL}")
    if b"\r" in line.rstrip(b"\r"):
        raise UserError(f"{flow_file}: its lines end in carriage returns alone; save it with usual line ends")
    if first.startswith(b"<"):
        raise UserError(f"{flow_file}: this is a web page, not a CSV file; download the file itself")
    if len(line) > LONGEST_HEADER:
        raise UserError(
            f"{flow_file}: its header line has over {LONGEST_HEADER:,} bytes; this is no CSV file of flows, or its "
            "line ends are lost"
        )
    if first.count(b";") > max(first.count(b","), 2) or first.count(b"\t") > max(first.count(b","), 2):
        mark = "semicolons" if b";" in first else "tabs"
        raise UserError(f"{flow_file}: its columns are separated by {mark}; export it with commas and decimal points")
    if first.count(b",") < 2 or CONTROL.search(decoded(first)):
        raise UserError(f"{flow_file}: this is no CSV file of flows; expected a header line with {LABEL}")
    if first.count(b'"') % 2:
        raise UserError(f"{flow_file}, header line: a quotation mark is not closed; mend the line")
    return line


def _refuse_long_line(content: bytes, before: int, flow_file: FlowFile) -> None:
    """UserError where a piece ends in a line that is too long to be one; others show by their number of cells."""
    start = content.rfind(b"\n", 0, len(content) - 1) + 1
    if len(content) - start > LONGEST_LINE:
        row = before + content.count(b"\n", 0, start) + 1
        raise UserError(
            f"{flow_file}, row {row}: the line has over {LONGEST_LINE:,} "
            "bytes, which no row of flows has; mend its line ends or fetch the file again"
        )


def _cells(header: bytes) -> list[str]:
    return next(csv.reader([decoded(header)]), [])


def _piece(content: bytes, header: bytes, before: int) -> Piece:
    """The ``content`` of a piece, which comes after ``before`` rows, without the lines that repeat the header."""
    if header not in content:
        return Piece(content, np.empty(0, dtype=np.int64), before)
    text, line = b"\n" + content, b"\n" + header
    kept, rows = [], []
    start, row = 0, 1
    at = text.find(line)
    while at >= 0:
        if ends := re.compile(rb"\r*(?:\n|\Z)").match(text, at + len(line)):
            row += content.count(b"\n", start, at)
            rows.append(row)
            kept.append(content[start:at])
            # In content, which the line break before it makes one byte shorter than text.
            start, row = ends.end() - 1, row + 1
        at = text.find(line, at + len(line))
    return Piece(b"".join([*kept, content[start:]]), np.array(rows, dtype=np.int64), before)


def _table(
    piece: Piece, columns: Sequence[str | None], wanted: list[str], layout: Layout, flow_file: FlowFile
) -> tuple[pl.DataFrame, Counter[str]]:
    """The cells of a piece with the row of the file that each line is, and marks of missing numbers in it."""
    if problem := stray_mark(piece):
        raise UserError(f"{flow_file}, {problem}")
    kinds: dict[str, type[pl.DataType]] = {}
    for position, name in enumerate(columns):
        kinds[name or f"unused {position}"] = pl.Float64 if name in layout.features else pl.String
    found: Counter[str] = Counter()
    try:
        table = scan(piece, kinds).select(wanted).collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        table, found = _from_text(piece, layout, flow_file, list(kinds), wanted, str(error).partition("\n")[0])
    # Polars refuses rows that are too long and fills up short ones; with none too long, a count of commas tells.
    if piece.all_commas() != table.height * (len(kinds) - 1) and (problem := bad_row(piece, len(kinds))):
        raise UserError(f"{flow_file}, {problem}")
    return table.with_columns(pl.Series("source_row", piece.rows(np.arange(table.height)))), found


def _from_text(
    piece: Piece, layout: Layout, flow_file: FlowFile, columns: list[str], wanted: list[str], reason: str
) -> tuple[pl.DataFrame, Counter[str]]:
    """The same by way of text (slow), for cells that say in words that they are missing; UserError for what is wrong.

    ``reason`` is why the piece could not be read as numbers.
    """
    if problem := bad_row(piece, len(columns)):
        raise UserError(f"{flow_file}, {problem}")
    try:
        text = scan(piece, dict.fromkeys(columns, pl.String)).select(wanted).collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        raise UserError(f"{flow_file}: not readable as CSV ({reason})") from None
    features = [name for name in layout.features if name in wanted]
    if problem := bad_cell(text, piece, features):
        raise UserError(f"{flow_file}, {problem}")
    found = sum((marks(text[name]) for name in features), Counter())
    return text.with_columns(numbers(text[name]) for name in features), found
