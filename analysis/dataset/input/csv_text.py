"""The text of a CSV file of flows: what is wrong with it, its quirks, and its cells as a table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.dataset.input.layout import LABEL, Layout, recognise
from analysis.dataset.input.source import Member
from analysis.errors import UserError

BOM = b"\xef\xbb\xbf"
Integers = NDArray[np.int64]
Schema = Mapping[str, type[pl.DataType]]


def parse(content: bytes, member: Member) -> tuple[Layout, pl.DataFrame, dict[str, Any]]:
    """Layout, cells (features as Float64, label and roles as String, null where empty) and quirks of a CSV file.

    UserError for what is no complete CSV table of numbers and labels, with row and column where there is one.
    """
    first = _first_line(content, member)
    layout = recognise(_decode(first.removeprefix(BOM)).rstrip("\r"), member)
    if not content[len(first) :].strip(b"\r\n \t,"):
        raise UserError(f"{member}: the file has a header but no flows; fetch it again")
    content, repeated = _without_repeated_headers(content, first, layout, member)
    _refuse_open_quotes(content, member)
    _refuse_inner_returns(content, member)
    kinds: dict[str, type[pl.DataType]] = {}
    for position, name in enumerate(layout.columns):
        kinds[name or f"unused {position}"] = pl.Float64 if name in layout.features else pl.String
    wanted = [*layout.features, LABEL, *layout.roles]
    try:
        table = _scan(content, kinds).select(wanted).collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise UserError(_first_bad_cell(content, member, kinds, repeated, error)) from None
    _refuse_short_rows(content, table, member, len(layout.columns), repeated)
    return layout, table, {
        "encoding": _encoding(content),
        "bom": content.startswith(BOM),
        "line_ending": "CRLF" if first.endswith(b"\r") else "LF",
        "repeated_headers": len(repeated),
        "header_rows": repeated,
    }  # fmt: skip


def _first_line(content: bytes, member: Member) -> bytes:
    """The header line with everything that can be said from it and a look at the bytes; UserError for no CSV."""
    if not content.strip(BOM + b" \t\r\n"):
        raise UserError(f"{member}: the file is empty; fetch it again")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UserError(f"{member}: the file is encoded as UTF-16; save it as UTF-8")
    first = content.partition(b"\n")[0]
    if first.removeprefix(BOM).lstrip()[:1] == b"<":
        raise UserError(f"{member}: this is a web page, not a CSV file; download the file itself")
    if b"\r" in first.rstrip(b"\r"):
        raise UserError(f"{member}: its lines end in carriage returns alone; save it with usual line ends")
    if first.count(b";") > max(first.count(b","), 2) or first.count(b"\t") > max(first.count(b","), 2):
        mark = "semicolons" if b";" in first else "tabs"
        raise UserError(f"{member}: its columns are separated by {mark}; export it with commas and decimal points")
    if first.count(b",") < 2 or not _decode(first.removeprefix(BOM)).rstrip("\r").isprintable():
        raise UserError(f"{member}: this is no CSV file of flows; expected a header line with {LABEL}")
    at = content.find(b"\x00")
    if at >= 0:
        row = content.count(b"\n", 0, at)
        raise UserError(f"{member}, row {row}: there is a NUL byte; the file was damaged: fetch it again")
    return first


def _decode(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _encoding(content: bytes) -> str:
    if content.isascii():
        return "ASCII"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "UTF-8"


def _without_repeated_headers(content: bytes, first: bytes, layout: Layout, member: Member) -> tuple[bytes, list[int]]:
    """The content without further header lines, and the rows where they stood; UserError where the release has none."""
    line = b"\n" + first.removeprefix(BOM)
    rows: list[int] = []
    at, end = 0, content.find(line)
    while end >= 0:
        rows.append((rows[-1] if rows else 0) + content.count(b"\n", at, end + 1))
        at, end = end + 1, content.find(line, end + 1)
    if rows and not layout.release.repeated_headers:
        raise UserError(f"{member}, row {rows[0]}: the header line is repeated inside the file; remove the line")
    return (content.replace(line, b"") if rows else content), rows


def in_file(rows: Integers, headers: Sequence[int]) -> Integers:
    """Rows of the file, from 1, of ``rows`` counted without the repeated header lines, which stood at ``headers``."""
    places = np.asarray(headers, dtype=np.int64)
    return np.asarray(rows + np.searchsorted(places - np.arange(places.size), rows, side="right"), dtype=np.int64)


def _refuse_inner_returns(content: bytes, member: Member) -> None:
    """A carriage return that ends no line stands in a cell, where it would be read as a blank."""
    if content.count(b"\r") == content.count(b"\r\n"):
        return
    if stray := re.search(rb"\r(?!\r*(?:\n|\Z))", content):
        row = content.count(b"\n", 0, stray.start())
        raise UserError(f"{member}, row {row}: a carriage return stands inside the row; mend the row")


def _refuse_open_quotes(content: bytes, member: Member) -> None:
    """No cell of a file of flows goes over several lines, so a quotation mark that stays open is damage."""
    if content.count(b'"') == 0:
        return
    for row, line in enumerate(content.splitlines()):
        if line.count(b'"') % 2:
            where = f"row {row}" if row else "header line"
            raise UserError(f"{member}, {where}: a quotation mark is not closed; mend the row")


def _scan(content: bytes, schema: Schema) -> pl.LazyFrame:
    return pl.scan_csv(
        BytesIO(content),
        has_header=False,
        skip_rows=1,
        schema=schema,
        encoding="utf8-lossy",
        missing_columns="insert",  # a first row that is cut short; its missing cells are refused later, with its place
    )


def _refuse_short_rows(
    content: bytes, table: pl.DataFrame, member: Member, columns: int, headers: Sequence[int]
) -> None:
    """Polars refuses rows that are too long and fills up short ones; with none too long, a count of commas tells."""
    expected = (table.height + 1) * (columns - 1)
    if _unquoted(content).count(b",") == expected:
        return
    problem = _row_of_other_length(content, member, columns, headers)
    if problem:
        raise UserError(problem)


def _unquoted(content: bytes) -> bytes:
    """Without what stands between quotation marks, where a comma separates nothing."""
    return re.sub(rb'"[^"\n]*"', b"", content) if b'"' in content else content


def _row_of_other_length(content: bytes, member: Member, columns: int, headers: Sequence[int]) -> str | None:
    for row, line in enumerate(_unquoted(content).splitlines()[1:], start=1):
        cells = line.count(b",") + 1
        if line.strip() and cells != columns:
            place = in_file(np.array([row]), headers)[0]
            return f"{member}, row {place}: {cells} cells where the header has {columns}; mend the row"
    return None


def _first_bad_cell(
    content: bytes, member: Member, schema: Schema, headers: Sequence[int], error: BaseException
) -> str:
    """Find the first cell that is not what the schema says, by reading everything as text (slow, on error only)."""
    problem = _row_of_other_length(content, member, len(schema), headers)
    if problem:
        return problem
    try:
        text = _scan(content, dict.fromkeys(schema, pl.String)).collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return f"{member}: not readable as CSV ({str(error).splitlines()[0]}); look for stray quotation marks"
    worst: tuple[int, str] | None = None
    for name, kind in schema.items():
        bad = text[name].is_not_null() & text[name].cast(pl.Float64, strict=False).is_null()
        if kind is pl.Float64 and bad.any():
            row = bad.arg_max() or 0
            worst = min(worst or (row, name), (row, name), key=lambda item: item[0])
    if worst is None:
        return f"{member}: not readable as CSV ({str(error).splitlines()[0]})"
    row, name = worst
    cell = text[name][row]
    comma = "," in cell and cell.replace(",", "").strip("-").isdecimal()
    hint = "write decimal points, not commas" if comma else "mend or remove it"
    place = in_file(np.array([row + 1]), headers)[0]
    return f"{member}, row {place}, column {name}: {cell[:60]!r} is not a number; {hint}"
