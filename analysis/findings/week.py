"""The week as a table: when each type of attack was seen, and how the forest fares on each day after training."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import polars as pl

from analysis.conditions.time_splits import ordered
from analysis.conditions.unseen import family
from analysis.findings.measured import Measured
from analysis.record import Column, Record, Table, checked, snake

HOUR = 3600


def record_week(record: Record, flows: Path, days: Iterable[Measured], told: Collection[str]) -> None:
    """Table ``week`` where flows tell their times: a row for each day and type, with the measures of the day."""
    what = "whether the flows tell their times and are of several days"
    if "times" not in told:
        record.value("findings.week", False, "text", what, unit="")
        return
    frame = pl.read_parquet(checked(flows), columns=["Label", "is_attack", "day", "timestamp"])
    times = frame["timestamp"].cast(pl.Datetime("us")).cast(pl.Int64)
    order = ordered(frame["day"].fill_null("").to_numpy(), times.to_numpy()) or []
    record.value("findings.week", len(order) > 1, "text", what, unit="")
    seconds = pl.col("timestamp").dt.hour().cast(pl.Int64) * HOUR + pl.col("timestamp").dt.minute().cast(pl.Int64) * 60
    frame = frame.with_columns(hour=(seconds + pl.col("timestamp").dt.second()) / HOUR)
    spans = frame.filter("is_attack").group_by("day", "Label").agg(
        pl.col("hour").min().alias("first"), pl.col("hour").max().alias("last"), pl.len().alias("flows")
    )  # fmt: skip
    by_day = {one.fold: one for one in days}
    rows = []
    for day in order:
        found = by_day.get(day)
        none = (found.reason if found else None) or "no attack on an earlier day"
        measures = (found and found.measures) or {}
        shared: dict[str, Any] = {}
        for key in ("f1", "pr_auc"):
            ends = measures.get(key, (None, None, None))
            for name, value in zip((key, f"{key}_low", f"{key}_high"), ends, strict=True):
                shared[name] = Table.cell(value, "fixed:3", reason=none if value is None else None)
        attacks = sorted(spans.filter(pl.col("day") == day).iter_rows(named=True), key=lambda row: row["first"])
        for row in attacks:
            rows.append({"id": f"{snake(day)}.{snake(row['Label'])}", "day": day, "type": row["Label"],
                         "family": family(row["Label"]), "first": row["first"], "last": row["last"],
                         "flows": row["flows"]} | shared)  # fmt: skip
        if not attacks:
            empty = {
                key: Table.cell(None, "fixed:2", reason="no attack on this day") for key in ("first", "last", "flows")
            }
            rows.append({"id": snake(day), "day": day, "type": "none", "family": "none"} | empty | shared)
    columns = [Column(key, key.capitalize(), align="left") for key in ("id", "day", "type", "family")]
    columns += [Column("first", "First hour", "fixed:2", unit="hours"),
                Column("last", "Last hour", "fixed:2", unit="hours"),
                Column("flows", "Flows", "integer")]  # fmt: skip
    for key, title in (("f1", "F1 of the day"), ("pr_auc", "Average precision of the day")):
        columns += [Column(key, title, "fixed:3"), Column(f"{key}_low", f"{title}, 95% low", "fixed:3"),
                    Column(f"{key}_high", f"{title}, 95% high", "fixed:3")]  # fmt: skip
    record.table("week", "The days, their attacks and the forest trained on the days before", columns, rows, id="id")
