"""The text of a CSV file of flows, read in pieces: what is wrong with it, its quirks, and its cells as tables."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.dataset.input.layout import LABEL, Layout, recognise
from analysis.dataset.input.member import Member
from analysis.errors import UserError

BOM = b"\xef\xbb\xbf"
PIECE = 1 << 26
"""Bytes of text that become a table at once; the reading of them takes some five times as much memory."""
ENCODINGS = ("ASCII", "UTF-8", "cp1252")

Schema = Mapping[str, type[pl.DataType]]


class CsvText:
    """A CSV file of flows: its ``layout``, by its header line, and its cells; ``size`` bytes are read at once."""

    def __init__(self, chunks: Iterable[bytes], member: Member, size: int = PIECE) -> None:
        self._member = member
        self._pieces = _whole_lines(chunks, size)
        start = next(self._pieces, b"")
        first = _first_line(start, member)
        self._start = start[len(first) + 1 :]
        self._header = first.removeprefix(BOM)
        self.layout: Layout = recognise(_cells(self._header), member)
        self.quirks: dict[str, Any] = {
            "encoding": _encoding(first),
            "bom": first.startswith(BOM),
            "line_ending": "CRLF" if first.endswith(b"\r") else "LF",
            "repeated_headers": 0,
        }
        """What is odd about the text; known after the last table."""

    def tables(self) -> Iterator[pl.DataFrame]:
        """Cells of one piece after the other: features as Float64, label and roles as String, null where empty.

        Beside them stands source_row: the row of the file, from 1, of which every line below the header line is one.
        UserError for what is no complete CSV table of numbers and labels, with row and column where there is one.
        """
        before = 0
        content = self._start
        self._start = b""
        while content or (content := next(self._pieces, b"")):
            piece = _piece(content, self._header, before)
            if piece.headers.size and not self.layout.release.repeated_headers:
                row = before + piece.headers[0]
                raise UserError(
                    f"{self._member}, row {row}: the header line is repeated inside the file; remove the line"
                )
            before += content.count(b"\n")
            self.quirks["repeated_headers"] += piece.headers.size
            self.quirks["encoding"] = max(self.quirks["encoding"], _encoding(content), key=ENCODINGS.index)
            content = b""
            yield _table(piece, self.layout, self._member)


@dataclass(frozen=True)
class _Piece:
    """Whole lines of a file without its header lines; ``headers``: rows from 1 of the piece where such lines stood."""

    content: bytes
    headers: NDArray[np.int64]
    before: int

    def rows(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows of the file, from 1, of lines of the content, from 0."""
        skipped = np.searchsorted(self.headers - np.arange(self.headers.size), places + 1, side="right")
        return np.asarray(self.before + places + 1 + skipped, dtype=np.int64)

    def row(self, place: int) -> int:
        """The row of the file of one line."""
        return int(self.rows(np.array([place]))[0])

    def row_at(self, position: int) -> int:
        """The row of the file of the byte at ``position``."""
        return self.row(self.content.count(b"\n", 0, position))


def _whole_lines(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Pieces of at least ``size`` bytes, the last one excepted, each of which ends where a line does."""
    held: list[bytes] = []
    length = 0
    for chunk in chunks:
        end = chunk.rfind(b"\n") + 1
        if length + len(chunk) >= size and end:
            yield b"".join([*held, chunk[:end]])
            held, length = [], 0
            chunk = chunk[end:]
        held.append(chunk)
        length += len(chunk)
    if length:
        yield b"".join(held)


def _first_line(start: bytes, member: Member) -> bytes:
    """The header line, with everything that can be said from it; UserError for no CSV."""
    if not start.strip(BOM + b" \t\r\n"):
        raise UserError(f"{member}: the file is empty; fetch it again")
    if start.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        raise UserError(f"{member}: the file is encoded as UTF-32; save it as UTF-8")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UserError(f"{member}: the file is encoded as UTF-16; save it as UTF-8")
    line = start.partition(b"\n")[0]
    first = line.removeprefix(BOM).strip()
    if not first:
        raise UserError(f"{member}: its first line is blank; remove it, so that the header line comes first")
    if re.fullmatch(rb'"?sep=.?"?', first, re.IGNORECASE):
        raise UserError(f"{member}: its first line, {_decode(first)!r}, is a note to a spreadsheet; remove it")
    if first.startswith(b"<"):
        raise UserError(f"{member}: this is a web page, not a CSV file; download the file itself")
    if b"\r" in line.rstrip(b"\r"):
        raise UserError(f"{member}: its lines end in carriage returns alone; save it with usual line ends")
    if first.count(b";") > max(first.count(b","), 2) or first.count(b"\t") > max(first.count(b","), 2):
        mark = "semicolons" if b";" in first else "tabs"
        raise UserError(f"{member}: its columns are separated by {mark}; export it with commas and decimal points")
    if first.count(b",") < 2 or not _decode(first).isprintable():
        raise UserError(f"{member}: this is no CSV file of flows; expected a header line with {LABEL}")
    if first.count(b'"') % 2:
        raise UserError(f"{member}, header line: a quotation mark is not closed; mend the line")
    return line


def _decode(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _cells(header: bytes) -> list[str]:
    return next(csv.reader([_decode(header).rstrip("\r")]), [])


def _encoding(content: bytes) -> str:
    if content.isascii():
        return "ASCII"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "UTF-8"


def _as_utf8(content: bytes) -> bytes:
    """The content in UTF-8, each run of other bytes by itself: two encodings may stand in one file."""
    if _encoding(content) != "cp1252":
        return content
    return re.sub(rb"[\x80-\xff]+", lambda run: _decode(run[0]).encode(), content)


def _piece(content: bytes, header: bytes, before: int) -> _Piece:
    """The ``content`` of a piece, which comes after ``before`` rows, without the lines that repeat the header."""
    if header not in content:
        return _Piece(content, np.empty(0, dtype=np.int64), before)
    text, line = b"\n" + content, b"\n" + header
    kept, rows = [], []
    start, row = 0, 1
    at = text.find(line)
    while at >= 0:
        end = at + len(line)
        if text[end : end + 1] in (b"\n", b""):
            row += content.count(b"\n", start, at)
            rows.append(row)
            kept.append(content[start:at])
            start, row = end, row + 1
        at = text.find(line, end)
    return _Piece(b"".join([*kept, content[start:]]), np.array(rows, dtype=np.int64), before)


def _table(piece: _Piece, layout: Layout, member: Member) -> pl.DataFrame:
    """The cells of a piece and the row of the file that each line is."""
    _refuse_stray_marks(piece, member)
    kinds: dict[str, type[pl.DataType]] = {}
    for position, name in enumerate(layout.columns):
        kinds[name or f"unused {position}"] = pl.Float64 if name in layout.features else pl.String
    wanted = [*layout.features, LABEL, *layout.roles]
    try:
        table = _scan(piece.content, kinds).select(wanted).collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise UserError(_first_bad_cell(piece, member, kinds, error)) from None
    # Polars refuses rows that are too long and fills up short ones; with none too long, a count of commas tells.
    if _unquoted(piece.content).count(b",") != table.height * (len(layout.columns) - 1) and (
        problem := _row_of_other_length(piece, member, len(layout.columns))
    ):
        raise UserError(problem)
    return table.with_columns(pl.Series("source_row", piece.rows(np.arange(table.height))))


def _refuse_stray_marks(piece: _Piece, member: Member) -> None:
    """NUL bytes; quotation marks that stay open, as no cell goes over several lines; returns that end no line."""
    content = piece.content
    if (at := content.find(b"\x00")) >= 0:
        raise UserError(f"{member}, row {piece.row_at(at)}: there is a NUL byte; the file was damaged: fetch it again")
    if content.count(b"\r") != content.count(b"\r\n") and (stray := re.search(rb"\r(?!\r*(?:\n|\Z))", content)):
        raise UserError(
            f"{member}, row {piece.row_at(stray.start())}: a carriage return stands inside the row; mend the row"
        )
    if content.count(b'"'):
        for place, line in enumerate(content.split(b"\n")):
            if line.count(b'"') % 2:
                raise UserError(f"{member}, row {piece.row(place)}: a quotation mark is not closed; mend the row")


def _scan(content: bytes, schema: Schema) -> pl.LazyFrame:
    return pl.scan_csv(
        BytesIO(_as_utf8(content)),
        has_header=False,
        schema=schema,
        missing_columns="insert",  # a first row that is cut short; its missing cells are refused later, with its place
    )


def _unquoted(content: bytes) -> bytes:
    """Without what stands between quotation marks, where a comma separates nothing."""
    return re.sub(rb'"[^"\n]*"', b"", content) if b'"' in content else content


def _row_of_other_length(piece: _Piece, member: Member, columns: int) -> str | None:
    for place, line in enumerate(_unquoted(piece.content).split(b"\n")):
        cells = line.count(b",") + 1
        if line.strip() and cells != columns:
            return f"{member}, row {piece.row(place)}: {cells} cells where the header has {columns}; mend the row"
    return None


def _first_bad_cell(piece: _Piece, member: Member, schema: Schema, error: BaseException) -> str:
    """Find the first cell that is not what the schema says, by reading everything as text (slow, on error only)."""
    problem = _row_of_other_length(piece, member, len(schema))
    if problem:
        return problem
    try:
        text = _scan(piece.content, dict.fromkeys(schema, pl.String)).collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return f"{member}: not readable as CSV ({str(error).splitlines()[0]}); look for stray quotation marks"
    worst: tuple[int, str] | None = None
    for name, kind in schema.items():
        bad = text[name].is_not_null() & text[name].cast(pl.Float64, strict=False).is_null()
        if kind is pl.Float64 and bad.any():
            place = bad.arg_max() or 0
            worst = min(worst or (place, name), (place, name), key=lambda item: item[0])
    if worst is None:
        return f"{member}: not readable as CSV ({str(error).splitlines()[0]})"
    place, name = worst
    cell = text[name][place]
    comma = "," in cell and cell.replace(",", "").strip("-").isdecimal()
    hint = "write decimal points, not commas" if comma else "mend or remove it"
    return f"{member}, row {piece.row(place)}, column {name}: {cell[:60]!r} is not a number; {hint}"
