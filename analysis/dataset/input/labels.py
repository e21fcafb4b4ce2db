"""The labels of a file: canonical names for the spellings in it, and what cannot be read as one."""

from __future__ import annotations

from difflib import get_close_matches

import polars as pl

from analysis.dataset.input.layout import LABEL
from analysis.dataset.input.member import Member
from analysis.dataset.release import Release
from analysis.errors import UserError


class Labels:
    """Reads label columns piece by piece; ``spellings`` has how often each spelling occurred."""

    def __init__(self, release: Release, member: Member) -> None:
        self._release, self._member = release, member
        self._read: dict[str, tuple[str, bool]] = {}
        self._first_rows: dict[str, int] = {}
        self.spellings: dict[str, int] = {}

    def read(self, raw: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
        """Canonical label and 'attempted' of each row; UserError names the first row of the piece that has none."""
        found = raw.group_by(LABEL).agg(pl.len().alias("n"), pl.col("source_row").min().alias("row")).sort("row")
        for text, n, row in found.iter_rows():
            reading = self._release.read_label(text) if text is not None else None
            if reading is None:
                raise UserError(_unknown(text, row, self._member, self._release))
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
        """UserError where a group and a single type of it stand in one file, known after its last piece."""
        labels = {label for label, _ in self._read.values()}
        for family, entry in self._release.families.items():
            single = sorted(labels & set(entry.labels))
            if family in labels and family not in self._release.labels and single:
                spelling = next(text for text, (label, _) in self._read.items() if label == family)
                raise UserError(
                    f"{self._member}, row {self._first_rows[spelling]}: the label {spelling!r} stands for a group, but "
                    f"single types of it occur too ({', '.join(single)}); use one or the other (or is the cell cut "
                    "off?)"
                )


def _unknown(text: str | None, row: int, member: Member, release: Release) -> str:
    where = f"{member}, row {row}"
    if text is None:
        return f"{where}: there is no label (a cut-off row?); remove the row or fetch the file again"
    if text.strip() in (release.label_column, *release.label_column_aliases):
        return f"{where}: the header line is repeated inside the file; remove the line"
    near = get_close_matches(text.casefold(), [label.casefold() for label in release.labels], n=1, cutoff=0.5)
    nearest = f"; the nearest known one is {release.canonical_label(near[0])}" if near else ""
    return f"{where}: unknown label {text[:60]!r}{nearest}; known labels: {', '.join(release.labels)}"
