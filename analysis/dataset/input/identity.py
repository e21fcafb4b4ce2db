"""Who talked to whom and when: times and addresses of flows, where a file has them in usable form."""

from __future__ import annotations

import polars as pl

from analysis.dataset.input.layout import Layout
from analysis.dataset.input.member import Member
from analysis.dataset.release import Release
from analysis.errors import UserError

ADDRESS = r"^(\d{1,3}(\.\d{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)$"
NUMBERS = ("Source Port", "Protocol")
FORMS = (
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.fZ",
    "%Y-%m-%d %H:%M",
    "%d/%m/%Y %I:%M:%S %p",
    "%d/%m/%Y %I:%M %p",
)
"""How tables are often written out again (ISO 8601, AM and PM), tried after the forms of the release."""
NOON = 12


class Times:
    """Reads Timestamp columns piece by piece, and keeps in mind what holds for the whole file."""

    def __init__(self, release: Release, member: Member) -> None:
        assert release.timestamp is not None
        self._start, self._member = release.timestamp.twelve_hours_from, member
        self._own = release.timestamp.formats
        self._forms = (*self._own, *(form for form in FORMS if form not in self._own))
        self._first: tuple[int, str] | None = None
        self._usable = False
        self._latest = 0
        self.unusable: str | None = None
        """Why the column is of no use: not one cell of it is a time."""

    def read(self, raw: pl.DataFrame) -> pl.Series | None:
        """Time of each row in microseconds as written, or None where none is a time; UserError for a mixture."""
        column, rows = raw["Timestamp"], raw["source_row"]
        stamp = column if column.dtype == pl.Datetime else self._parsed(column)
        if self._first is None:
            self._first = rows[0], _shown(column[0])
            self._usable = not stamp.is_null().all()
        if self._usable and stamp.is_null().any():
            at = stamp.is_null().arg_max() or 0
            raise self._no_time(rows[at], _shown(column[at]))
        if not self._usable:
            if not stamp.is_null().all():
                raise self._no_time(*self._first)
            self.unusable = f"Timestamp is in no known form of time (but {self._first[1]})"
            return None
        self._latest = max(self._latest, int(stamp.dt.hour().max() or 0))  # type: ignore[arg-type]
        return stamp.alias("timestamp")

    @property
    def afternoon(self) -> int | None:
        """The hour before which the file's times are in the afternoon; None where its clock has 24 hours."""
        return self._start if self._latest <= NOON else None

    def _parsed(self, column: pl.Series) -> pl.Series:
        text = column.str.strip_chars()
        stamp = pl.Series("timestamp", [None] * len(column), dtype=pl.Datetime("us"))
        for form in self._forms:
            if not stamp.is_null().any():
                break
            stamp = stamp.fill_null(text.str.to_datetime(form, time_unit="us", strict=False))
        return stamp

    def _no_time(self, row: int, cell: str) -> UserError:
        return UserError(
            f"{self._member}, row {row}, column Timestamp: {cell} is not a time of the form "
            f"{' or '.join(self._own)}, or ISO 8601 (as in 2017-07-04 15:30:00); mend or remove the row"
        )


def _shown(cell: object) -> str:
    return "an empty cell" if cell is None else repr(str(cell)[:60])


def in_afternoon(flows: pl.DataFrame, start: int) -> pl.DataFrame:
    """The flows with times before the hour ``start`` twelve hours later, as on a clock without AM or PM."""
    later = pl.when(pl.col("timestamp").dt.hour() < start).then(pl.duration(hours=12)).otherwise(pl.duration())
    return flows.with_columns(pl.col("timestamp") + later)


def conversation(raw: pl.DataFrame, layout: Layout) -> tuple[list[pl.Series], str | None]:
    """Addresses, source port and protocol, or none of them and why (they do not look like addresses)."""
    roles = [role for role in layout.roles if role not in ("Timestamp", "Flow ID")]
    if "Source IP" not in roles or "Destination IP" not in roles:
        return [], None
    found = []
    for role in roles:
        column = raw[role].cast(pl.String)
        if role in NUMBERS:
            found.append(column.cast(pl.Float64, strict=False).cast(pl.Int64, strict=False).alias(role))
            continue
        others = column.filter(~column.str.contains(ADDRESS).fill_null(False))
        if len(others):
            return [], f"{role} holds no addresses (but {_shown(others[0])})"
        found.append(column)
    return found, None
