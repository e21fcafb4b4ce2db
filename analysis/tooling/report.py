"""What the paper is told of a detector at work: its tables, and the values that sentences and claims ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.conditions.threshold import RATES, rate_display
from analysis.dataset.release import Release
from analysis.record import Column, Record, Table
from analysis.tooling.day import Day
from analysis.tooling.report_day import INTERVAL, Seen, ends_of, record_day

OF_BOTH = "from the ends of the intervals of recall and false-positive rate"
POINTS = {"one_percent": RATES[0], "one_per_mille": RATES[1]}


@dataclass(frozen=True)
class Supposed:
    """What alerts a day are told for: flows a day (those of the release, where it is ``natural``), the share of attacks
    among them, and the alerts that an analyst looks at in a day."""

    flows: float
    natural: bool
    attacks: float
    capacity: int

    @classmethod
    def of(cls, release: Release, flows: int, attacks: float, capacity: int) -> Supposed:
        """Flows a day of the days that the release publishes, else ``flows``, those of the settings."""
        days = {file.day for file in release.files}
        published = sum(file.rows for file in release.files) / len(days) if days else 0
        return cls(published or flows, bool(published), attacks, capacity)

    def alerts(self, recall: float, fpr: float) -> float:
        """Alerts a day, true and false ones.

        >>> round(Supposed(1_000_000, False, 0.001, 50).alerts(0.8, 0.01))
        10790
        """
        return self.flows * (self.attacks * recall + (1 - self.attacks) * fpr)


def record_all(
    record: Record, name: str, points: Mapping[str, Mapping[str, Any]], supposed: Supposed, day: Day | None,
    reason: str | None, seen: Seen | None,
) -> None:  # fmt: skip
    """All tables and values of the model called ``name``; ``points`` are rows of the table of frozen thresholds."""
    found = record_points(record, name, points, supposed, day, reason)
    _strict(record, found, name, supposed)
    record_day(record, day, reason, seen)


def record_points(
    record: Record, name: str, points: Mapping[str, Mapping[str, Any]], supposed: Supposed, day: Day | None,
    reason: str | None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Table ``tooling``: alerts a day and the benign day at each operating point; returns its rows."""
    rows = []
    for key, rate in POINTS.items():
        point = points[key]
        why = None if point["recall"] is not None else "not estimable from the test part"
        row: dict[str, Any] = {"id": key, "rate": rate}
        for end in ("", "_low", "_high"):
            told = None if why else supposed.alerts(point[f"recall{end}"], point[f"fpr{end}"])
            row[f"alerts{end}"] = Table.cell(told, "integer", reason=why)
            row[f"analysts{end}"] = Table.cell(None if told is None else told / supposed.capacity, "significant:2",
                                               reason=why)  # fmt: skip
        ends = ends_of(day.alarms(rate)) if day else (None, None, None)
        for column, value in zip(("fpr", "fpr_low", "fpr_high"), ends, strict=True):
            row[column] = Table.cell(value, "percent:2", reason=reason)
        row["alarms"] = Table.cell(int(day.alarms(rate).sum()) if day else None, "integer", reason=reason)
        row["distinct"] = Table.cell(day and day.alerts(rate), "integer", reason=reason)
        rows.append(row)
    columns = [
        Column("id", "Point", align="left"), Column("rate", "Set for", "percent:1"),
        Column("alerts", "Alerts a day", "integer", unit="alerts", low="alerts_low", high="alerts_high",
               interval=OF_BOTH, definition=f"alerts a day of {name} at a frozen threshold, true and false ones"),
        Column("alerts_low", "95% low", "integer"), Column("alerts_high", "95% high", "integer"),
        Column("analysts", "Analysts", "significant:2", unit="analysts", low="analysts_low", high="analysts_high",
               interval=OF_BOTH, definition=f"analysts that the alerts of {name} at a frozen threshold keep busy"),
        Column("analysts_low", "95% low", "significant:2"), Column("analysts_high", "95% high", "significant:2"),
        Column("fpr", "FPR of the day", "percent:2", low="fpr_low", high="fpr_high", interval=INTERVAL,
               definition="false-positive rate on a benign day that the model learnt nothing of"),
        Column("fpr_low", "95% low", "percent:2"), Column("fpr_high", "95% high", "percent:2"),
        Column("alarms", "False alarms", "integer", unit="alarms", definition="false alarms of the benign day"),
        Column("distinct", "Distinct", "integer", unit="alerts",
               definition="alerts of the benign day, where flows that the model cannot tell apart are one"),
    ]  # fmt: skip
    notes = [f"Alerts a day: of {supposed.flows:,.0f} flows, {supposed.attacks:.1%} of them attacks, at recall and "
             f"false-positive rate of the test part; an analyst looks at {supposed.capacity} alerts a day. The day: by "
             "the same kind of model, fitted without it."]  # fmt: skip
    record.table("tooling", "What operating points cost", columns, rows, id="id", notes=notes)
    record.value("tooling.flows_a_day", supposed.flows, "integer", "flows a day that alerts of a detector are told for",
                 unit="flows")  # fmt: skip
    record.value("tooling.natural", supposed.natural, "text", "whether the release says how many flows it has a day",
                 unit="")  # fmt: skip
    record.value("tooling.alerts_a_day", supposed.capacity, "integer", "alerts that an analyst looks at in a day, as "
                 "supposed", unit="alerts")  # fmt: skip
    return rows


def _strict(record: Record, rows: Sequence[Mapping[str, Any]], name: str, supposed: Supposed) -> None:
    """The strictest operating point that the test part can tell of."""
    told = [row for row in rows if row["alerts"].value is not None]
    record.value("tooling.told", bool(told), "text", "whether alerts a day can be told of an operating point", unit="")
    one, what = told[-1] if told else rows[-1], "at the strictest operating point that can be told of"
    record.value("tooling.strict.rate", one["rate"], rate_display(one["rate"]),
                 f"rate of false alarms that the threshold is set for {what}", unit="fraction")  # fmt: skip
    of = f"{name}, {supposed.flows:,.0f} flows a day of which {supposed.attacks:.1%} are attacks"
    kept = "analysts that the alerts of a day keep busy"
    for key, words in (("alerts", "alerts a day"), ("analysts", kept),
                       ("analysts_low", f"lower end of the interval of the {kept}")):  # fmt: skip
        record.name(f"tooling.strict.{key}", "tooling", one["id"], key, definition=f"{words} {what}; {of}")
