"""Reading one file of flows into the flow table, piece by piece, with errors that name file, row and column."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from analysis.dataset.defects.definitions import beyond_arithmetic
from analysis.dataset.input.csv_text import PIECE, CsvText
from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.headings import LABEL
from analysis.dataset.input.identifiers import Conversation, Times, in_afternoon
from analysis.dataset.input.labels import Labels, groups
from analysis.dataset.input.layout import Layout
from analysis.dataset.input.moments import Moments
from analysis.dataset.input.parquet import ParquetFlows
from analysis.dataset.input.slices import ROWS
from analysis.dataset.release import Release, ReleaseFile
from analysis.errors import UserError, explained

EXACT = 2.0**53
"""Whole numbers below this are exact as floating-point numbers."""


Mend = Callable[[pl.DataFrame], pl.DataFrame]
"""Gives flows of a file, all or a piece, what only the whole file tells."""


@dataclass(frozen=True)
class Part:
    """The flows of one file, and what was found out about the file on the way."""

    flows: pl.DataFrame
    layout: Layout
    facts: dict[str, Any]


def read(flow_file: FlowFile, release: Release | None = None) -> Part:
    """All flows of a file as part of the flow table; see :func:`parse`."""
    return parse(flow_file.chunks(), flow_file, release=release)


def parse(
    chunks: Iterable[bytes], flow_file: FlowFile, size: int | None = None, release: Release | None = None
) -> Part:
    """All flows of a file with the content ``chunks``, of which ``size`` bytes (Parquet: rows) are read at once.

    The file is taken for one of the ``release``, or of the one that its columns are most like.

    Columns: the features that the file has, by canonical name (Int64 where every cell is a whole number, else Float64
    with NaN for missing cells), Label, is_attack (False for attempted attacks), attempted, day, source_file,
    source_row (from 1, blank rows counted), and timestamp and addresses where the file has them in usable form.
    UserError names one thing that is wrong, where there are several.
    """
    flows: list[pl.DataFrame] = []
    layout, facts, mended = examine(chunks, flow_file, flows.append, size, release)
    # A whole-number column that is Float64 in one piece (missing cells) is Float64 in all.
    return Part(mended(pl.concat(flows, how="diagonal_relaxed")), layout, facts)


def survey(flow_file: FlowFile, release: Release | None = None) -> tuple[Layout, dict[str, Any]]:
    """Layout and facts of a file, of which every cell is read, but no flows are kept."""
    layout, facts, _ = examine(flow_file.chunks(), flow_file, lambda flows: None, None, release)
    return layout, facts


def examine(
    chunks: Iterable[bytes],
    flow_file: FlowFile,
    keep: Callable[[pl.DataFrame], None],
    size: int | None,
    release: Release | None,
) -> tuple[Layout, dict[str, Any], Mend]:
    """Layout and facts of a file, whose flows go to ``keep`` piece by piece, and what is to be done to them at the end.

    For ``chunks`` and ``size`` see :func:`parse`.
    """
    sums = _Sums()
    with opened(sums.through(chunks), flow_file, size, release) as text:
        file = _File(text.layout, flow_file, text.headings, text.label)
        for raw in text.tables():
            if (filled := file.without_blank_rows(raw)).height:
                keep(file.flows(filled))
        layout = text.layout
        columns = {
            "missing": list(layout.missing),
            "unknown": list(layout.unknown),
            "respelled": [list(pair) for pair in layout.respelled],
            "header_spaces": layout.spaces,
        }
        return layout, sums.facts(flow_file, layout.release) | columns | text.quirks | file.facts(), file.mended


@contextmanager
def opened(
    chunks: Iterable[bytes],
    flow_file: FlowFile,
    size: int | None,
    release: Release | None,
    only: Collection[str] | None = None,
) -> Iterator[CsvText | ParquetFlows]:
    """A file with the content ``chunks``, ready to give its layout, and its cells in pieces; see :func:`parse`.

    ``only`` are the columns that are wanted, by canonical name; None: all.
    """
    if flow_file.kind == "csv":
        yield CsvText(chunks, flow_file, size or PIECE, release, only)
        return
    with tempfile.TemporaryDirectory() as folder:
        # Parquet is read from its end: in place, or from a copy where it is packed.
        path = flow_file.path if flow_file.on_disk else Path(folder, "flows.parquet")
        with explained(tempfile.gettempdir()), Path(os.devnull if flow_file.on_disk else path).open("wb") as copy:
            copy.writelines(chunks)
        yield ParquetFlows(path, flow_file, size or ROWS, release, only)


class _Sums:
    """Length and checksums of bytes that pass through; MD5 to compare with published sums, not for security."""

    def __init__(self) -> None:
        self._length = 0
        self._sha256, self._md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)

    def through(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._length += len(chunk)
            self._sha256.update(chunk)
            self._md5.update(chunk)
            yield chunk

    def facts(self, flow_file: FlowFile, release: Release) -> dict[str, Any]:
        found = {"name": flow_file.name, "bytes": self._length, "sha256": self._sha256.hexdigest()}
        return found | ({"md5": self._md5.hexdigest()} if any(file.md5 for file in release.files) else {})


class _File:
    """What holds for a whole file and adds up over its pieces."""

    def __init__(self, layout: Layout, flow_file: FlowFile, headings: Sequence[str], label: str | None) -> None:
        self.layout = layout
        self._label = label
        self._flow_file = flow_file
        self._labels = Labels(layout, flow_file, headings)
        self._times = Times(layout.release, flow_file) if "Timestamp" in layout.roles else None
        self._conversation = Conversation(layout)
        self._empty = set(layout.features)
        self._fractions: set[str] = set()
        self._moments = Moments(layout.features)
        self._days: set[str] = set()
        self._counts: Counter[tuple[str, bool]] = Counter()
        self._not_finite: Counter[str] = Counter()
        self._beyond_arithmetic: Counter[str] = Counter()
        self._first_beyond = ""
        self._attacks = self._blank_rows = 0

    def without_blank_rows(self, raw: pl.DataFrame) -> pl.DataFrame:
        """The rows in which something stands, with the label of their folder where they have none of their own."""
        whole = any(not column.null_count() for column in raw if column.name != "source_row")
        filled = raw if whole else raw.remove(pl.all_horizontal(pl.exclude("source_row").is_null()))
        self._blank_rows += raw.height - filled.height
        return filled if self._label is None else filled.with_columns(pl.lit(self._label).alias(LABEL))

    def flows(self, raw: pl.DataFrame) -> pl.DataFrame:
        """The flows of one piece; after the last one, times and addresses may have to be :meth:`mended`."""
        release, features = self.layout.release, self.layout.features
        self._empty -= {name for name in self._empty if raw[name].null_count() < raw.height}
        label, attempted = self._labels.read(raw)
        self._moments.add(raw)
        raw = raw.with_columns(pl.col(features).fill_null(float("nan")))
        integers = [c.name for c in release.columns if c.type == "integer" and c.name in features]
        cells = pl.col(integers)
        whole = raw.select(((cells == cells.round()) & (cells.abs() < EXACT)).all())
        broken = [name for name in integers if not whole[name][0]]
        broken = [name for name in broken if (raw[name].is_finite() & (raw[name] != raw[name].round())).any()]
        self._fractions |= set(broken)
        stamp = self._times.read(raw) if self._times else None
        day = pl.lit(_day_by_name(self._flow_file, release), dtype=pl.String) if stamp is None else _day(stamp, release)
        flows = raw.select(
            *(pl.col(name).cast(pl.Int64) if name in integers and whole[name][0] else name for name in features),
            label.alias(LABEL),
            (label.ne(release.benign) & ~attempted).alias("is_attack"),
            attempted.alias("attempted"),
            day.alias("day"),
            pl.lit(self._flow_file.name).alias("source_file"),
            pl.col("source_row").cast(pl.Int64),
            *([stamp] if stamp is not None else []),
            *self._conversation.read(raw),
        )
        benign = label.eq(release.benign)
        not_finite = raw.select(~pl.all_horizontal(pl.col(features).is_finite())).to_series()
        self._not_finite.update(
            attacks=int((not_finite & flows["is_attack"]).sum()), benign=int((not_finite & benign).sum())
        )
        beyond = self._beyond(raw) & ~not_finite
        self._beyond_arithmetic.update(
            attacks=int((beyond & flows["is_attack"]).sum()), benign=int((beyond & benign).sum())
        )
        self._days |= set(flows["day"].drop_nulls().unique())
        self._attacks += int(flows["is_attack"].sum())
        for name, tried, n in flows.group_by(LABEL, "attempted").len().iter_rows():
            self._counts[name, tried] += n
        return flows

    def _beyond(self, raw: pl.DataFrame) -> pl.Series:
        """Which flows hold a number that later arithmetic cannot hold; the first such cell is noted."""
        found = raw.select("source_row", beyond_arithmetic(pl.col(self.layout.features)).fill_null(False))
        any_ = found.select(pl.any_horizontal(self.layout.features)).to_series()
        if any_.any() and not self._first_beyond:
            first = found.filter(any_).row(0, named=True)
            self._first_beyond = (
                f"row {first['source_row']}, column {next(n for n in self.layout.features if first[n])}"
            )
        return any_

    def facts(self) -> dict[str, Any]:
        """What was found out about the file; UserError where there is nothing in it, or in a column of it."""
        rows = self._counts.total()
        if not rows:
            raise UserError(f"{self._flow_file}: the file has a header but no flows; fetch it again")
        if empty := next((name for name in self.layout.features if name in self._empty), None):
            raise UserError(
                f"{self._flow_file}, column {empty}: not one cell has a value; fetch the file again, or remove the "
                "column"
            )
        self._labels.refuse_mixture()
        release = self.layout.release
        order = (*release.labels, *groups(release))
        unusable = [self._times.unusable if self._times else None, self._conversation.unusable]
        return {
            "rows": rows,
            "blank_rows": self._blank_rows,
            "counts": {name: self._counts[name, False] for name in order if self._counts[name, False]},
            "attempted": {name: self._counts[name, True] for name in order if self._counts[name, True]},
            "label_spellings": dict(sorted(self._labels.spellings.items())),
            "attacks": self._attacks,
            "non_finite": {name: self._not_finite[name] for name in ("attacks", "benign")},
            "magnitude": {name: self._beyond_arithmetic[name] for name in ("attacks", "benign")},
            "first_beyond_arithmetic": self._first_beyond,
            "days": sorted(self._days),
            "has_timestamps": self._times is not None and not self._times.unusable,
            "has_five_tuple": bool(self._conversation.columns),
            "unusable": [reason for reason in unusable if reason],
            "fractions": [name for name in self.layout.features if name in self._fractions],
            "scaled": self._moments.scaled(self._fractions, {c.name for c in release.columns if c.type == "integer"}),
        }

    def mended(self, flows: pl.DataFrame) -> pl.DataFrame:
        """Flows of the file, with what only the whole file tells: its clock, and whether it has addresses."""
        if not self._conversation.columns:
            flows = flows.drop(set(self.layout.roles) - {"Timestamp"}, strict=False)
        if self._times and not self._times.unusable and (start := self._times.afternoon):
            flows = in_afternoon(flows, start)
        return flows


def inventory_file(name: str, release: Release) -> ReleaseFile | None:
    """The day file of the release that goes by this name, with or without the '.pcap_ISCX' that the release adds."""
    stem = PurePosixPath(name).stem.casefold().removesuffix(".pcap_iscx")
    files = {PurePosixPath(file.name).stem.casefold().removesuffix(".pcap_iscx"): file for file in release.files}
    return files.get(stem)


def _day_by_name(flow_file: FlowFile, release: Release) -> str | None:
    file = inventory_file(flow_file.name, release)
    return file.day if file else None


def _day(stamp: pl.Series, release: Release) -> pl.Series:
    """The release's name of the day of each time, else the date."""
    dates = stamp.dt.date()
    days = {file.date: file.day for file in release.files}
    return dates.replace_strict({d: days.get(d, str(d)) for d in dates.unique()}, return_dtype=pl.String)
