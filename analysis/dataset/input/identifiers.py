"""Who talked to whom and when: times and addresses of flows, where a file has them in usable form."""

from __future__ import annotations

import polars as pl

from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.layout import Layout
from analysis.dataset.release import Release
from analysis.errors import UserError

ADDRESS = r"^(\d{1,3}(\.\d{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)$"
NUMBERS = ("Source Port", "Protocol")
FORMS = (
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%d/%m/%Y %I:%M:%S %p",
    "%d/%m/%Y %I:%M %p",
)
"""How tables are often written out again (ISO 8601, AM and PM), tried after the forms of the release."""
ZONE = r"(:\d\d(?:\.\d+)?)(?:Z|[+-]\d\d:?\d\d)$"
"""A time zone after a time: what stands before it is the time that a clock showed there."""
FIRST_YEAR = 2000
NOON = 12


class Times:
    """Reads Timestamp columns piece by piece, and keeps in mind what holds for the whole file."""

    def __init__(self, release: Release, flow_file: FlowFile) -> None:
        assert release.timestamp is not None
        self._afternoon_before, self._flow_file = release.timestamp.twelve_hours_from, flow_file
        self._release_forms = release.timestamp.formats
        self._forms = (*self._release_forms, *(form for form in FORMS if form not in self._release_forms))
        self._first: tuple[int, str] | None = None
        self._usable = False
        self._latest = 0
        self._with_am_pm = False
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
        return self._afternoon_before if self._latest <= NOON and not self._with_am_pm else None

    def _parsed(self, column: pl.Series) -> pl.Series:
        text = column.str.strip_chars().str.replace(ZONE, "$1")
        stamp = pl.Series("timestamp", [None] * len(column), dtype=pl.Datetime("us"))
        for form in self._forms:
            if not stamp.is_null().any():
                break
            read = text.str.to_datetime(form, time_unit="us", strict=False)
            read = read.set(read.dt.year() < FIRST_YEAR, None)  # a year of two digits
            self._with_am_pm |= "%p" in form and read.is_not_null().any()
            stamp = stamp.fill_null(read)
        return stamp

    def _no_time(self, row: int, cell: str) -> UserError:
        return UserError(
            f"{self._flow_file}, row {row}, column Timestamp: {cell} is not a time of the form "
            f"{' or '.join(self._release_forms)}, or ISO 8601 (as in 2017-07-04 15:30:00); mend or remove the row"
        )


def _shown(cell: object) -> str:
    return "an empty cell" if cell is None else repr(str(cell)[:60])


def in_afternoon(flows: pl.DataFrame, start: int) -> pl.DataFrame:
    """The flows with times before the hour ``start`` twelve hours later, as on a clock without AM or PM."""
    later = pl.when(pl.col("timestamp").dt.hour() < start).then(pl.duration(hours=12)).otherwise(pl.duration())
    return flows.with_columns(pl.col("timestamp") + later)


class Conversation:
    """Reads addresses, source ports and protocols piece by piece."""

    def __init__(self, layout: Layout) -> None:
        roles = [role for role in layout.roles if role not in ("Timestamp", "Flow ID")]
        self._roles = roles if {"Source IP", "Destination IP"} <= set(roles) else []
        self._others: dict[str, str] = {}

    def read(self, raw: pl.DataFrame) -> list[pl.Series]:
        """The columns of the roles that the file has, if they are usable so far."""
        found = []
        for role in self._roles:
            column = raw[role].cast(pl.String)
            if role in NUMBERS:
                column = column.cast(pl.Float64, strict=False).cast(pl.Int64, strict=False)
            elif len(others := column.filter(~column.str.contains(ADDRESS).fill_null(False))):
                self._others.setdefault(role, _shown(others[0]))
            found.append(column.alias(role))
        return found

    @property
    def columns(self) -> list[str]:
        """The columns of the file's addresses; none where it has none, or other things in their place."""
        return [] if self._others else self._roles

    @property
    def unusable(self) -> str | None:
        """Why the columns are of no use: they do not look like addresses."""
        role = next((role for role in self._roles if role in self._others), None)
        return f"{role} holds no addresses (but {self._others[role]})" if role else None
