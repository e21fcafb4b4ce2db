"""A piece of a CSV file: which row of the file each of its lines is, and where something is wrong in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.dataset.input.cells import no_number

ENCODINGS = ("ASCII", "UTF-8", "cp1252")
CELL = rb'(?:"(?:[^"]|"")*"|[^",]*)'
WELL_QUOTED = re.compile(rb"%b(?:,%b)*\r*" % (CELL, CELL))

Schema = Mapping[str, type[pl.DataType]]


@dataclass(frozen=True)
class Piece:
    """Whole lines of a file without its header lines, which stood at ``headers`` (rows of the piece, from 1).

    ``before`` rows of the file come before the piece.
    """

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
        """The row of the file in which the byte at ``position`` stands."""
        return self.row(self.content.count(b"\n", 0, position))

    def lines(self) -> list[bytes]:
        """The lines of the content without their ends."""
        return self.content.removesuffix(b"\n").split(b"\n")

    def all_commas(self) -> int:
        """How many commas separate cells in the whole piece."""
        if b'"' in self.content:
            return int(self.commas().sum())
        # Where every fourth byte is one, five times as fast as a search of the bytes.
        return int(np.count_nonzero(np.frombuffer(self.content, dtype=np.uint8) == ord(",")))

    def commas(self) -> NDArray[np.int64]:
        """How many commas separate cells in each line: all that stand in no quotation marks."""
        letters = np.frombuffer(self.content, dtype=np.uint8)
        separates = letters == ord(",")
        if b'"' in self.content:
            separates &= ~np.logical_xor.accumulate(letters == ord('"'))
        return np.add.reduceat(separates, self._starts(letters), dtype=np.int64)

    def open_quotes(self) -> NDArray[np.bool_]:
        """For each line whether it has an odd number of quotation marks."""
        letters = np.frombuffer(self.content, dtype=np.uint8)
        return np.logical_xor.reduceat(letters == ord('"'), self._starts(letters))

    @staticmethod
    def _starts(letters: NDArray[np.uint8]) -> NDArray[np.int64]:
        ends = np.flatnonzero(letters[:-1] == ord("\n"))
        return np.concatenate([np.zeros(1, dtype=np.int64), ends + 1])


def decoded(line: bytes) -> str:
    """Text that is UTF-8, or else cp1252."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def encoding(content: bytes) -> str:
    """The first of the encodings that the content can be in."""
    if content.isascii():
        return "ASCII"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "UTF-8"


def scan(piece: Piece, schema: Schema) -> pl.LazyFrame:
    """The cells of the piece; bytes that are no UTF-8 are cp1252, run by run, as both may stand in one file."""
    content = piece.content
    if encoding(content) == "cp1252":
        content = re.sub(rb"[\x80-\xff]+", lambda run: decoded(run[0]).encode(), content)
    return pl.scan_csv(
        BytesIO(content),
        has_header=False,
        schema=schema,
        missing_columns="insert",  # a first row that is cut short; its missing cells are refused later, with its place
    )


def stray_mark(piece: Piece) -> str | None:
    """Where a NUL byte stands, a return that ends no line, or a quotation mark that stays open in its line."""
    content = piece.content
    if (at := content.find(b"\x00")) >= 0:
        return f"row {piece.row_at(at)}: there is a NUL byte; the file was damaged: fetch it again"
    lonely = b"\r" in content and content.count(b"\r") != content.count(b"\r\n")
    if lonely and (stray := re.search(rb"\r(?!\r*(?:\n|\Z))", content)):
        return f"row {piece.row_at(stray.start())}: a carriage return stands inside the row; mend the row"
    # No cell of a file of flows goes over several lines.
    if b'"' in content and (left_open := piece.open_quotes()).any():
        return f"row {piece.row(int(left_open.argmax()))}: a quotation mark is not closed; mend the row"
    return None


def bad_row(piece: Piece, columns: int) -> str | None:
    """Where quotation marks stand within a cell, or a row has not as many cells as there are ``columns``."""
    commas = piece.commas()
    for place, line in enumerate(piece.lines()):
        if b'"' in line and not WELL_QUOTED.fullmatch(line):
            return f"row {piece.row(place)}: a quotation mark stands inside a cell; mend the row"
        if commas[place] != columns - 1 and line.strip():
            return f"row {piece.row(place)}: {commas[place] + 1} cells where the header has {columns}; mend the row"
    return None


def bad_cell(text: pl.DataFrame, piece: Piece, features: Collection[str]) -> str | None:
    """Where the first cell of ``features`` stands that is no number, in a piece of which all cells are text."""
    worst: tuple[int, str] | None = None
    # Most columns are numbers as they stand, which one look at all of them tells.
    column = pl.col(*features)
    odd = text.select((column.is_not_null() & column.cast(pl.Float64, strict=False).is_null()).any())
    for name in (name for name in features if odd[name][0]):
        if (bad := no_number(text[name])).any():
            found = (bad.arg_max() or 0, name)
            worst = min(worst or found, found, key=lambda item: item[0])
    if worst is None:
        return None
    place, name = worst
    cell = text[name][place]
    comma = "," in cell and cell.replace(",", "").strip("-").isdecimal()
    hint = "write decimal points, not commas" if comma else "mend or remove it"
    return f"row {piece.row(place)}, column {name}: {cell[:60]!r} is not a number; {hint}"
