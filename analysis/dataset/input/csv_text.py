"""The text of a CSV file of flows: what is wrong with it, its quirks, and its cells as a table."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import polars as pl

from analysis.dataset.input.layout import LABEL, Layout, recognise
from analysis.dataset.input.source import Member
from analysis.errors import UserError

BOM = b"\xef\xbb\xbf"
Schema = Mapping[str, type[pl.DataType]]


def parse(content: bytes, member: Member) -> tuple[Layout, pl.DataFrame, dict[str, Any]]:
    """Layout, cells (features as Float64, label and roles as String, null where empty) and quirks of a CSV file.

    UserError for what is no complete CSV table of numbers and labels, with row and column where there is one.
    """
    first = _first_line(content, member)
    layout = recognise(_decode(first.removeprefix(BOM)).rstrip("\r"), member)
    if not content[len(first) :].strip(b"\r\n \t,"):
        raise UserError(f"{member}: the file has a header but no flows; fetch it again")
    content, repeated = _without_repeated_header(content, first, layout, member)
    _refuse_open_quotes(content, member)
    kinds: dict[str, type[pl.DataType]] = {}
    for position, name in enumerate(layout.columns):
        kinds[name or f"unused {position}"] = pl.Float64 if name in layout.features else pl.String
    wanted = [*layout.features, LABEL, *layout.roles]
    try:
        table = _scan(content, kinds).select(wanted).collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise UserError(_first_bad_cell(content, member, kinds, error)) from None
    _refuse_short_rows(content, table, member, len(layout.columns))
    return layout, table, {
        "encoding": _encoding(content),
        "bom": content.startswith(BOM),
        "line_ending": "CRLF" if first.endswith(b"\r") else "LF",
        "repeated_headers": repeated,
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


def _without_repeated_header(content: bytes, first: bytes, layout: Layout, member: Member) -> tuple[bytes, int]:
    """The content without further header lines, and their number; UserError where the release has none."""
    line = b"\n" + first.removeprefix(BOM)
    number = content.count(line)
    if number and not layout.release.repeated_headers:
        row = content.count(b"\n", 0, content.find(line)) + 1
        raise UserError(f"{member}, row {row}: the header line is repeated inside the file; remove the line")
    return (content.replace(line, b"") if number else content), number


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


def _refuse_short_rows(content: bytes, table: pl.DataFrame, member: Member, columns: int) -> None:
    """Polars refuses rows that are too long and fills up short ones; with none too long, a count of commas tells."""
    if b'"' in content:
        return
    expected = (table.height + 1) * (columns - 1)
    if content.count(b",") == expected:
        return
    problem = _row_of_other_length(content, member, columns)
    if problem:
        raise UserError(problem)


def _row_of_other_length(content: bytes, member: Member, columns: int) -> str | None:
    for row, line in enumerate(content.splitlines()[1:], start=1):
        if line.strip() and b'"' not in line and line.count(b",") + 1 != columns:
            return f"{member}, row {row}: {line.count(b',') + 1} cells where the header has {columns}; mend the row"
    return None


def _first_bad_cell(content: bytes, member: Member, schema: Schema, error: BaseException) -> str:
    """Find the first cell that is not what the schema says, by reading everything as text (slow, on error only)."""
    problem = _row_of_other_length(content, member, len(schema))
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
    hint = "write decimal points, not commas" if cell.replace(",", "").strip("-").isdigit() else "mend or remove it"
    return f"{member}, row {row + 1}, column {name}: {cell[:60]!r} is not a number; {hint}"
