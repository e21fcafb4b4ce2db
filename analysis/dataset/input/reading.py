"""Reading one file of flows into the flow table, with errors that name file, row and column."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import polars as pl

from analysis.dataset.input import csv_text
from analysis.dataset.input.identity import conversation, times
from analysis.dataset.input.layout import LABEL, Layout, recognise
from analysis.dataset.input.source import Member, checksum, md5
from analysis.dataset.release import Release, ReleaseFile
from analysis.errors import UserError

EXACT = 2.0**53
"""Whole numbers below this are exact as floating-point numbers."""


@dataclass(frozen=True)
class Part:
    """The flows of one file, and what was found out about the file on the way."""

    flows: pl.DataFrame
    layout: Layout
    facts: dict[str, Any]


def read(member: Member) -> Part:
    """All flows of a file as part of the flow table; see :func:`parse`."""
    return parse(member.read(), member)


def parse(content: bytes, member: Member) -> Part:
    """All flows of a file with this ``content``.

    Columns: the features that the file has, by canonical name (Int64 where every cell is a whole number, else Float64
    with NaN for missing cells), Label, is_attack (False for attempted attacks), attempted, day, source_file,
    source_row (from 1, blank rows counted), and timestamp and addresses where the file has them in usable form.
    UserError names the first thing that is wrong.
    """
    facts: dict[str, Any] = {"name": member.name, "bytes": len(content), "sha256": checksum(content)}
    if member.kind == "parquet":
        layout, raw, quirks = _parquet(content, member)
    else:
        layout, raw, quirks = csv_text.parse(content, member)
    if any(file.md5 for file in layout.release.files):
        facts["md5"] = md5(content)
    del content
    flows, found = _flows(raw, layout, member, quirks.pop("header_rows", []))
    columns = {"missing": list(layout.missing), "unknown": list(layout.unknown), "header_spaces": layout.spaces}
    return Part(flows, layout, facts | columns | quirks | found)


def _flows(
    raw: pl.DataFrame, layout: Layout, member: Member, headers: list[int]
) -> tuple[pl.DataFrame, dict[str, Any]]:
    release, features = layout.release, layout.features
    raw = raw.with_columns(pl.Series("source_row", csv_text.in_file(np.arange(1, raw.height + 1), headers)))
    # A cell of an attack's label may be blank by damage; a row is blank only if nothing stands in it.
    blank = raw.select(pl.all_horizontal(pl.exclude("source_row").is_null())).to_series() if raw.height else None
    blanks = int(blank.sum()) if blank is not None else 0
    if blanks:
        assert blank is not None
        raw = raw.filter(~blank)
    if not raw.height:
        raise UserError(f"{member}: the file has a header but no flows; fetch it again")
    if hollow := next((name for name in features if raw[name].null_count() == raw.height), None):
        raise UserError(
            f"{member}, column {hollow}: not one cell has a value; fetch the file again, or remove the column"
        )
    label, attempted, spellings = _labels(raw, release, member)
    raw = raw.with_columns(pl.col(features).fill_null(float("nan")))
    integers = [c.name for c in release.columns if c.type == "integer" and c.name in features]
    whole = raw.select(((pl.col(integers) == pl.col(integers).round()) & (pl.col(integers).abs() < EXACT)).all())
    stamp, unusable = times(raw, release, member) if "Timestamp" in layout.roles else (None, None)
    tuple_columns, no_addresses = conversation(raw, layout)
    day = _day(stamp, release) if stamp is not None else pl.lit(_day_by_name(member, release), dtype=pl.String)
    flows = raw.select(
        *(pl.col(name).cast(pl.Int64) if name in integers and whole[name][0] else pl.col(name) for name in features),
        label.alias(LABEL),
        (label.ne(release.benign) & ~attempted).alias("is_attack"),
        attempted.alias("attempted"),
        (day if isinstance(day, pl.Expr) else day.alias("day")).alias("day"),
        pl.lit(member.name).alias("source_file"),
        pl.col("source_row").cast(pl.Int64),
        *([stamp.alias("timestamp")] if stamp is not None else []),
        *tuple_columns,
    )
    counted = flows.group_by(LABEL, "attempted").len()
    counts = {name: n for name, tried, n in counted.rows() if not tried}
    tried = {name: n for name, tried, n in counted.rows() if tried}
    order = (*release.labels, *(family for family in release.families if family not in release.labels))
    return flows, {
        "rows": flows.height,
        "blank_rows": blanks,
        "counts": {name: counts[name] for name in order if name in counts},
        "attempted": {name: tried[name] for name in order if name in tried},
        "label_spellings": spellings,
        "attacks": int(flows["is_attack"].sum()),
        "days": flows["day"].drop_nulls().unique().sort().to_list(),
        "has_timestamps": stamp is not None,
        "has_five_tuple": bool(tuple_columns),
        "unusable": [reason for reason in (unusable, no_addresses) if reason],
    }


def _labels(raw: pl.DataFrame, release: Release, member: Member) -> tuple[pl.Series, pl.Series, dict[str, int]]:
    """Canonical label and 'attempted' of each row, and how often each spelling occurs."""
    column = raw[LABEL]
    found = {}
    counts = dict(sorted(column.value_counts().rows(), key=lambda item: (item[0] is None, item[0])))
    for text in counts:
        reading = release.read_label(text) if text is not None else None
        if reading is None:
            at = (column.is_null() if text is None else column.eq_missing(pl.Series([text]))).arg_max() or 0
            raise UserError(_unknown_label(text, raw["source_row"][at], member, release))
        found[text] = reading
    canonical = column.replace_strict({text: label for text, (label, _) in found.items()}, return_dtype=pl.String)
    attempted = column.replace_strict({text: tried for text, (_, tried) in found.items()}, return_dtype=pl.Boolean)
    for family, entry in release.families.items():
        single = {label for label, _ in found.values()} & set(entry.labels)
        if family in {label for label, _ in found.values()} and family not in release.labels and single:
            spelling = next(text for text, (label, _) in found.items() if label == family)
            at = column.eq(spelling).arg_max() or 0
            raise UserError(
                f"{member}, row {raw['source_row'][at]}: the label {spelling!r} stands for a group, but single types "
                f"of it occur too ({', '.join(sorted(single))}); use one or the other (or is the cell cut off?)"
            )
    return canonical, attempted, counts


def _unknown_label(text: str | None, row: int, member: Member, release: Release) -> str:
    where = f"{member}, row {row}"
    if text is None:
        return f"{where}: there is no label (a cut-off row?); remove the row or fetch the file again"
    if text.strip() in (release.label_column, *release.label_column_aliases):
        return f"{where}: the header line is repeated inside the file; remove the line"
    near = get_close_matches(text.casefold(), [label.casefold() for label in release.labels], n=1, cutoff=0.5)
    nearest = f"; the nearest known one is {release.canonical_label(near[0])}" if near else ""
    return f"{where}: unknown label {text[:60]!r}{nearest}; known labels: {', '.join(release.labels)}"


def inventory_file(name: str, release: Release) -> ReleaseFile | None:
    """The day file of the release that goes by this name, with or without the '.pcap_ISCX' that the release adds."""
    stem = PurePosixPath(name).stem.casefold().removesuffix(".pcap_iscx")
    files = {PurePosixPath(file.name).stem.casefold().removesuffix(".pcap_iscx"): file for file in release.files}
    return files.get(stem)


def _day_by_name(member: Member, release: Release) -> str | None:
    file = inventory_file(member.name, release)
    return file.day if file else None


def _day(stamp: pl.Series, release: Release) -> pl.Series:
    """The release's name of the day of each time, else the date."""
    dates = stamp.dt.date()
    days = {file.date: file.day for file in release.files}
    return dates.replace_strict({d: days.get(d, str(d)) for d in dates.unique()}, return_dtype=pl.String)


def _parquet(content: bytes, member: Member) -> tuple[Layout, pl.DataFrame, dict[str, Any]]:
    try:
        table = pl.read_parquet(BytesIO(content))
    # Polars raises several kinds, some of them without a common base; a panic is not even an Exception.
    except (Exception, pl.exceptions.PanicException) as error:
        raise UserError(f"{member}: not readable as Parquet ({str(error).splitlines()[0]}); fetch it again") from None
    layout = recognise(",".join(f'"{name}"' for name in table.columns), member)
    columns = []
    for spelling, name in zip(table.columns, layout.columns, strict=True):
        if name is None:
            continue
        column = table[spelling]
        if name in layout.features:
            wanted: pl.DataType | type[pl.DataType] = pl.Float64
        else:
            wanted = pl.Datetime("us") if column.dtype == pl.Datetime else pl.String
        kinds = (pl.String, pl.Categorical, pl.Enum, pl.Null) + (() if name in layout.features else (pl.Datetime,))
        if not column.dtype.is_numeric() and column.dtype not in kinds:
            raise UserError(f"{member}, column {name}: its cells are {column.dtype}, not numbers or text")
        cast = column.cast(wanted, strict=False)
        bad = cast.is_null() & column.is_not_null()
        if bad.any():
            row = bad.arg_max() or 0
            raise UserError(
                f"{member}, row {row + 1}, column {name}: {str(column[row])[:60]!r} is not a number; mend or remove it"
            )
        columns.append(cast.alias(name))
    return layout, pl.DataFrame(columns), {"encoding": "Parquet"}
