"""Reading one CSV file of flows into a typed table, with errors that name file, row and column."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from io import BytesIO
from pathlib import PurePosixPath

import polars as pl

from analysis.dataset.release import Release
from analysis.dataset.source import Member
from analysis.errors import UserError

LABEL = "Label"


def header(content: bytes, member: Member, release: Release) -> dict[str, int]:
    """Position of each column of ``release`` (and of Label) in the file; unknown columns keep their own name.

    A name that stands there twice means the first and, as pandas writes it, ``<name>.1``. UserError where the file is
    empty, no CSV, or lacks a column.
    """
    if not content.strip():
        raise UserError(f"{member}: the file is empty; fetch it again")
    first = content.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0]
    if first.count(b";") > max(first.count(b","), 2):
        raise UserError(f"{member}: its columns are separated by semicolons; export it with commas and decimal points")
    if b"\x00" in content[:65536] or first.count(b",") < 2 or not _is_text(first):
        raise UserError(f"{member}: this is no CSV file of flows; expected a header line with {release.label_column}")
    canonical = {name.casefold(): name for name in release.features}
    canonical |= {alias.casefold(): LABEL for alias in (release.label_column, *release.label_column_aliases)}
    positions: dict[str, int] = {}
    for position, spelling in enumerate(first.decode("utf-8").rstrip("\r").split(",")):
        name = spelling.strip().strip('"').strip()
        name = canonical.get(name.casefold(), name)
        positions[f"{name}.1" if name in positions else name] = position
    missing = [name for name in (*release.features, LABEL) if name not in positions]
    if missing:
        raise UserError(_missing(missing, list(positions), member, release))
    if not content[len(first) :].strip(b"\xef\xbb\xbf\r\n \t,"):
        raise UserError(f"{member}: the file has a header but no flows; fetch it again")
    return positions


def _is_text(line: bytes) -> bool:
    try:
        return line.decode("utf-8").rstrip("\r").isprintable()
    except UnicodeDecodeError:
        return False


def _missing(missing: list[str], names: list[str], member: Member, release: Release) -> str:
    shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
    near = get_close_matches(missing[0], [name for name in names if name not in release.features], n=1)
    hint = f" (nearest to {missing[0]}: {near[0]})" if near else ""
    return (
        f"{member}: {'a column is' if len(missing) == 1 else f'{len(missing)} columns are'} missing: {shown}{hint}; "
        f"the files of the {release.title} have {len(release.features)} features and {release.label_column}"
    )


def label_counts(content: bytes, member: Member, release: Release) -> dict[str, int]:
    """Number of flows per canonical label of a file; UserError for an unknown label or a row without one."""
    positions = header(content, member, release)
    column = _parse(content, member, positions, {LABEL: pl.String})[LABEL]
    found: dict[str, int] = {}
    for text, n in column.value_counts().rows():
        label = release.canonical_label(text) if text is not None else None
        if label is None:
            raise UserError(_unknown_label(text, column, member, release))
        found[label] = found.get(label, 0) + n
    return {label: found[label] for label in release.labels if label in found}


def _unknown_label(text: str | None, column: pl.Series, member: Member, release: Release) -> str:
    row = (column.is_null() if text is None else column.eq_missing(pl.Series([text]))).arg_max()
    where = f"{member}, row {(row or 0) + 1}"
    if text is None:
        return f"{where}: there is no label (a blank or cut-off row?); remove the row or fetch the file again"
    if text.strip() in (release.label_column, *release.label_column_aliases):
        return f"{where}: the header line is repeated inside the file; remove the line"
    near = get_close_matches(text.casefold(), [label.casefold() for label in release.labels], n=1, cutoff=0.5)
    nearest = f"; the nearest known one is {release.canonical_label(near[0])}" if near else ""
    return f"{where}: unknown label {text!r}{nearest}; known labels: {', '.join(release.labels)}"


def flows(content: bytes, member: Member, release: Release) -> pl.DataFrame:
    """All flows of a file: features by canonical name, Label, is_attack, day, source_file and source_row (from 1).

    Whole-number columns are Int64, the others Float64 with NaN for missing cells; a whole-number column that holds a
    missing cell or a fraction stays Float64. UserError names the first cell that is not a number.
    """
    label_counts(content, member, release)  # refuses what is not a complete, labelled table
    schema: dict[str, type[pl.DataType]] = dict.fromkeys(release.features, pl.Float64) | {LABEL: pl.String}
    table = _parse(content, member, header(content, member, release), schema)
    known = {text: release.canonical_label(text) for text in table[LABEL].unique()}
    numbers = pl.col(release.features).fill_null(float("nan"))
    table = table.with_columns(numbers, pl.col(LABEL).replace_strict(known, return_dtype=pl.String))
    integers = [column.name for column in release.columns if column.type == "integer"]
    whole = table.select((pl.col(integers).is_finite() & (pl.col(integers) == pl.col(integers).round())).all())
    return table.with_columns(pl.col([name for name in integers if whole[name][0]]).cast(pl.Int64)).select(
        *release.features,
        LABEL,
        (pl.col(LABEL) != release.benign).alias("is_attack"),
        pl.lit(_day(member, release), dtype=pl.String).alias("day"),
        pl.lit(member.name).alias("source_file"),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("source_row"),
    )


def _day(member: Member, release: Release) -> str | None:
    """Day of a file by its name, with or without the '.pcap_ISCX' that the release adds."""
    days = {PurePosixPath(file.name).stem.casefold(): file.day for file in release.files}
    stem = PurePosixPath(member.name).stem.casefold()
    return days.get(stem) or days.get(f"{stem}.pcap_iscx")


def _parse(
    content: bytes, member: Member, positions: Mapping[str, int], wanted: Mapping[str, type[pl.DataType]]
) -> pl.DataFrame:
    """Read the wanted columns by position; the header line itself is skipped."""
    schema = {name: wanted.get(name, pl.String) for name in positions}
    try:
        return _scan(content, schema).select(wanted.keys()).collect()
    except pl.exceptions.PolarsError as error:
        raise UserError(_first_bad_cell(content, member, schema, error)) from None


def _scan(content: bytes, schema: Mapping[str, type[pl.DataType]]) -> pl.LazyFrame:
    return pl.scan_csv(
        BytesIO(content),
        has_header=False,
        skip_rows=1,
        schema=schema,
        encoding="utf8-lossy",
        missing_columns="insert",  # a first row that is cut short; its missing label is refused later, with its place
    )


def _first_bad_cell(
    content: bytes, member: Member, schema: Mapping[str, type[pl.DataType]], error: pl.exceptions.PolarsError
) -> str:
    """Find the first cell that is not what the schema says, by reading everything as text (slow, on error only)."""
    for row, line in enumerate(content.splitlines()[1:], start=1):
        if b'"' not in line and line.count(b",") + 1 > len(schema):
            return f"{member}, row {row}: {line.count(b',') + 1} cells where the header has {len(schema)}; mend the row"
    try:
        text = _scan(content, dict.fromkeys(schema, pl.String)).collect()
    except pl.exceptions.PolarsError:
        return f"{member}: not readable as CSV ({str(error).splitlines()[0]}); look for stray quotation marks"
    for name, kind in schema.items():
        bad = text[name].is_not_null() & text[name].cast(pl.Float64, strict=False).is_null()
        if kind is pl.Float64 and bad.any():
            row = bad.arg_max() or 0
            return f"{member}, row {row + 1}, column {name}: {text[name][row]!r} is not a number; mend or remove it"
    return f"{member}: not readable as CSV ({str(error).splitlines()[0]})"
