"""Who talked to whom and when: times and addresses of flows, where a file has them in usable form."""

from __future__ import annotations

import polars as pl

from analysis.dataset.input.layout import Layout
from analysis.dataset.input.source import Member
from analysis.dataset.release import Release
from analysis.errors import UserError

ADDRESS = r"^(\d{1,3}(\.\d{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)$"
NUMBERS = ("Source Port", "Protocol")


def times(raw: pl.DataFrame, release: Release, member: Member) -> tuple[pl.Series | None, str | None]:
    """Time of each row in microseconds, or None and why the column is of no use (no cell of it is a time).

    UserError names the first cell that is no time where others are.
    """
    column = raw["Timestamp"]
    if column.dtype == pl.Datetime:
        return column, None
    assert release.timestamp is not None
    stamp = pl.Series("timestamp", [None] * len(column), dtype=pl.Datetime("us"))
    for form in release.timestamp.formats:
        if not stamp.is_null().any():
            break
        stamp = stamp.fill_null(column.str.strip_chars().str.to_datetime(form, time_unit="us", strict=False))
    if stamp.is_null().all():
        return None, f"Timestamp holds no times (but {str(column[0])[:30]!r})"
    if stamp.is_null().any():
        at = stamp.is_null().arg_max() or 0
        raise UserError(
            f"{member}, row {raw['source_row'][at]}, column Timestamp: {str(column[at])[:60]!r} is not a time of the "
            f"form {' or '.join(release.timestamp.formats)}; mend or remove the row"
        )
    start = release.timestamp.twelve_hours_from
    if start is not None and (stamp.dt.hour() <= 12).all():
        later = pl.when(pl.col("timestamp").dt.hour() < start).then(pl.duration(hours=12)).otherwise(pl.duration())
        stamp = stamp.to_frame().select(pl.col("timestamp") + later).to_series()
    return stamp, None


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
        elif column.str.contains(ADDRESS).all():
            found.append(column)
        else:
            return [], f"{role} holds no addresses (but {str(column[0])[:30]!r})"
    return found, None
