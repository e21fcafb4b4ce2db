"""The labels of a file: canonical names for the spellings in it, and what cannot be read as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import polars as pl

from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.headings import LABEL
from analysis.dataset.input.layout import Layout, fit, like
from analysis.dataset.input.sisters import sister_by_label
from analysis.dataset.release import Release, code
from analysis.errors import UserError


class ForeignLabel(UserError):
    """A label that the release does not have; ``others`` that fit the columns nearly as well do."""

    def __init__(self, message: str, others: Sequence[Release] = ()) -> None:
        super().__init__(message)
        self.others = others


class Labels:
    """Reads label columns piece by piece; ``spellings`` has how often each spelling occurred."""

    def __init__(self, layout: Layout, flow_file: FlowFile, headings: Sequence[str]) -> None:
        self._headings = headings
        self._layout, self._release, self._flow_file = layout, layout.release, flow_file
        self._read: dict[str, tuple[str, bool]] = {}
        self._first_rows: dict[str, int] = {}
        self.spellings: dict[str, int] = {}

    def read(self, raw: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
        """Canonical label and 'attempted' of each row; UserError names the first row of the piece that has none."""
        found = raw.group_by(LABEL).agg(pl.len().alias("n"), pl.col("source_row").min().alias("row")).sort("row")
        for text, n, row in found.iter_rows():
            reading = self._release.read_label(text) if text is not None else None
            if reading is None:
                raise _unknown(text, row, self._flow_file, self._layout, self._headings)
            self._read[text] = reading
            self._first_rows.setdefault(text, row)
            self.spellings[text] = self.spellings.get(text, 0) + n
        column = raw[LABEL]
        canonical = {text: label for text, (label, _) in self._read.items()}
        attempted = {text: tried for text, (_, tried) in self._read.items()}
        return (
            column.replace_strict(canonical, return_dtype=pl.String),
            column.replace_strict(attempted, return_dtype=pl.Boolean),
        )

    def refuse_mixture(self) -> None:
        """UserError where labels of two kinds stand in one file, known after its last piece.

        Those are a group and a single type of it, and codes such as 0 and 1 beside names.
        """
        labels = {label for label, _ in self._read.values()}
        for family in groups(self._release):
            single = sorted(labels & within(family, self._release))
            if family in labels and single:
                spelling = next(text for text, (label, _) in self._read.items() if label == family)
                raise UserError(
                    f"{self._where(spelling)}: the label {spelling!r} stands for a group, but "
                    f"single types of it occur too ({', '.join(single)}); use one or the other (or is the cell cut "
                    "off?)"
                )
        codes = [text for text in self._read if code(text) is not None]
        if codes and len(codes) < len(self._read):
            names = [text for text in self._read if text not in codes]
            raise UserError(
                f"{self._where(codes[0])}: the label {codes[0]!r} is a code, but names occur too "
                f"({', '.join(names[:3])}); use one or the other (or are cells shifted?)"
            )

    def _where(self, spelling: str) -> str:
        return f"{self._flow_file}, row {self._first_rows[spelling]}"


def candidates(layout: Layout, spellings: Iterable[str]) -> list[Release]:
    """The release of the columns, and its rivals that know all labels and write at least as many of them so.

    First is the one that writes most of them as the file does: on a draw, the release of the columns.
    """
    seen = {text.strip() for text in spellings}

    def written(release: Release) -> int:
        return sum(text in seen for forms in release.labels.values() for text in forms)

    able = [one for one in layout.rivals if all(one.read_label(text) for text in seen)]
    ahead = [one for one in able if written(one) >= written(layout.release)]
    return sorted([layout.release, *ahead], key=written, reverse=True)


def groups(release: Release) -> list[str]:
    """Groups of labels that are no labels of the release themselves."""
    return [family for family in release.families if family not in release.labels]


def within(family: str, release: Release) -> set[str]:
    """The single types of a group, and the groups that are part of it."""
    labels = set(release.families[family].labels)
    return labels | {other for other in groups(release) if set(release.families[other].labels) < labels}


def _unknown(text: str | None, row: int, flow_file: FlowFile, layout: Layout, headings: Sequence[str]) -> UserError:
    where, release = f"{flow_file}, row {row}", layout.release
    if text is None:
        return UserError(f"{where}: there is no label (a cut-off row?); remove the row or fetch the file again")
    if text.strip() in (release.label_column, *release.label_column_aliases):
        return UserError(f"{where}: the header line is repeated inside the file; remove the line")
    if text.strip().replace(".", "", 1).isdecimal():
        return UserError(
            f"{where}: the label {text[:60]!r} is a number; codes are read where they are 0 (benign) and 1 "
            "(attack) and no others; write the names of the attack types in their place"
        )
    others = [other for other in like(headings) if other is not release and other.read_label(text)]
    if not others and (set_of_its_own := sister_by_label(text)):
        return UserError(f"{where}: {set_of_its_own}")
    known = [label.casefold() for label in (*release.labels, *groups(release))]
    near = get_close_matches(text.casefold(), known, n=1, cutoff=0.5)
    # In a file of another release the nearest label of this one would lead astray.
    sure = layout.likeness == 1 and not layout.respelled
    nearest = f"; the nearest known one is {release.canonical_label(near[0])}" if near and sure else ""
    return ForeignLabel(
        f"{where}: unknown label {text[:60]!r}{nearest}; by its columns the file is of the {release.title} "
        f"({fit(layout)}), whose labels are {', '.join(release.labels)}, or for groups {', '.join(groups(release))}",
        others,
    )
