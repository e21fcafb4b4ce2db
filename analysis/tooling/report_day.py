"""What the paper is told of a benign day: its false alarms by service and by vector, and the values of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.conditions.threshold import RATES
from analysis.findings.intervals import share
from analysis.record import Column, Record
from analysis.tooling.day import Day, Group, by

INTERVAL = "Wilson; Clopper-Pearson without a false alarm"
VECTORS = 20
"""Vectors of the most alarms that are listed."""
NO_ALARM = "no flow of the day is a false alarm"
NO_HOSTS = "the flows tell no addresses"
NO_OTHERS = "no test flow of the random split is of that day"
Ends = tuple[float, float, float]


@dataclass(frozen=True)
class Seen:
    """False alarms on ``flows`` of the day by a model that learnt from others of it: the rate with its interval."""

    flows: int
    fpr: Ends


def ends_of(alarm: np.ndarray) -> Ends:
    """The share of a boolean array, shape (n,), with the ends of its interval."""
    return share(alarm, np.ones(alarm.size))


def record_day(record: Record, day: Day | None, reason: str | None, seen: Seen | None) -> None:
    """Tables of services and vectors, and all values of the day; the table ``tooling`` is there before."""
    services = by(day.service, day.alarms(RATES[0]), day.seen) if day else []
    vectors = by(day.seen, day.alarms(RATES[0]), day.seen) if day else []
    record_services(record, services, day)
    record_vectors(record, vectors, day)
    _day(record, day, reason)
    _groups(record, services, vectors, day, reason)
    _seen(record, seen, reason)


def record_services(record: Record, groups: Sequence[Group], day: Day | None) -> None:
    """Table ``tooling_services``: the false alarms of the day by service, those of the most first."""
    flows = day.score.size if day else 0
    alarms = sum(one.alarms for one in groups)
    rows = []
    for one in groups:
        rate, low, high = ends_of(np.arange(one.flows) < one.alarms)
        rows.append({"service": one.name, "flows": one.flows, "of_flows": one.flows / flows, "alarms": one.alarms,
                     "of_alarms": one.alarms / alarms, "distinct": one.distinct, "rate": rate, "rate_low": low,
                     "rate_high": high})  # fmt: skip
    columns = [
        Column("service", "Service", align="left"), Column("flows", "Flows", "integer"),
        Column("of_flows", "Of all flows", "percent:1", definition="share of the flows of the benign day"),
        Column("alarms", "False alarms", "integer", unit="alarms"),
        Column("of_alarms", "Of all false alarms", "percent:1",
               definition="share of the false alarms of the benign day"),
        Column("distinct", "Distinct", "integer", unit="alerts"),
        Column("rate", "Rate", "percent:2", low="rate_low", high="rate_high", interval=INTERVAL, n="flows",
               definition="share of the flows of a service that are false alarms"),
        Column("rate_low", "95% low", "percent:2"), Column("rate_high", "95% high", "percent:2"),
    ]  # fmt: skip
    record.table("tooling_services", "False alarms of a benign day by service", columns, rows, id="service",
                 notes=[f"At the threshold for {RATES[0]:.0%} of false alarms. Distinct: flows that the model cannot "
                        "tell apart are one. Services without a false alarm are left out."])  # fmt: skip


def record_vectors(record: Record, vectors: Sequence[Group], day: Day | None) -> None:
    """Table ``tooling_vectors``: the vectors of the most false alarms of the day."""
    rows: list[dict[str, Any]] = []
    for number, one in enumerate(vectors[:VECTORS] if day else (), 1):
        assert day is not None
        here = np.flatnonzero(day.seen == int(one.name))
        names, counts = np.unique(day.service[here], return_counts=True)
        rows.append({"vector": number, "flows": one.flows, "score": float(day.score[here[0]]), "services": names.size,
                     "service": str(names[counts.argmax()]), "of_service": int(counts.max())})  # fmt: skip
    columns = [Column("vector", "Vector", "integer", unit="place"), Column("flows", "False alarms", "integer"),
               Column("score", "Score", "fixed:3"), Column("services", "Services", "integer", unit="services"),
               Column("service", "Most frequent service", align="left"),
               Column("of_service", "Of it", "integer", unit="flows")]  # fmt: skip
    record.table(
        "tooling_vectors",
        "Vectors of the most false alarms of a benign day",
        columns,
        rows,
        id="vector",
        notes=["Flows of one vector are the same in all columns that the model sees, and so have one score."],
    )


def _day(record: Record, day: Day | None, reason: str | None) -> None:
    def add(key: str, value: Any, display: str, what: str, unit: str = "", **rest: Any) -> None:
        record.value(f"tooling.day.{key}", value, display, what, unit=unit, reason=None if day else reason, **rest)

    record.value("tooling.day.told", day is not None, "text", "whether a benign day can be tried", unit="")
    record.value("tooling.day.reason", reason or "it can be done", "text", "why no benign day can be tried, where none "
                 "can", unit="")  # fmt: skip
    add("name", day and day.name, "text", "benign day that is tried")
    add("flows", day and day.score.size, "integer", "flows of the benign day", "flows")
    add("rate", RATES[0] if day else None, "percent:0", "rate of false alarms that the threshold of the benign day is "
        "set for", "fraction")  # fmt: skip
    for key, column, what in (("fpr", "fpr", "false-positive rate on the benign day"),
                              ("alarms", "alarms", "false alarms of the benign day"),
                              ("alerts", "distinct", "alerts of the benign day, where flows that the model cannot tell "
                               "apart are one")):  # fmt: skip
        record.name(f"tooling.day.{key}", "tooling", "one_percent", column, definition=what)
    ends = ends_of(day.alarms(RATES[0])) if day else None
    add("low", ends and ends[1], "percent:2", "lower end of the 95% interval of the false-positive rate on the benign "
        "day of a model that learnt from none of its flows", "fraction")  # fmt: skip
    for key, beside in (("above", ends and ends[1] > RATES[0]), ("below", ends and ends[2] < RATES[0])):
        add(key, beside, "text", f"whether the interval of the rate of false alarms on the benign day lies {key} the "
            "rate that the threshold was set for")  # fmt: skip


def _groups(
    record: Record, services: Sequence[Group], vectors: Sequence[Group], day: Day | None, reason: str | None
) -> None:  # fmt: skip
    why = reason or (None if services else NO_ALARM)
    first = services[0] if services else None
    alarms = sum(one.alarms for one in services)

    def add(key: str, value: Any, display: str, what: str, unit: str = "", why: str | None = why) -> None:
        record.value(f"tooling.{key}", None if why else value, display, what, unit=unit, reason=why)

    repeats = bool(vectors and vectors[0].alarms > 1)
    record.value("tooling.day.repeats", repeats, "text", "whether some false alarms of the benign day are the same to "
                 "the model", unit="")  # fmt: skip
    record.value("tooling.day.any", not why, "text", "whether the benign day has false alarms", unit="")
    add("day.left", day and alarms and day.alerts(RATES[0]) / alarms, "percent:0", "share of the false alarms of the "
        "benign day that is left where flows that the model cannot tell apart are one", "fraction")  # fmt: skip
    whole = len(set(day.whole[day.alarms(RATES[0])].tolist())) if day else None
    add("day.distinct", whole, "integer", "false alarms of the benign day that differ in some column", "alerts")
    add("day.largest", vectors[0].alarms if vectors else None, "integer", "false alarms of the benign day that are the "
        "same to the model, of the most frequent ones", "alarms")  # fmt: skip
    add("day.services", len(services), "integer", "services that the false alarms of the benign day are of", "services")
    flows = day.score.size if day else 0
    for key, value, what in (
        ("of_alarms", first and first.alarms / alarms, "false alarms"),
        ("of_flows", first and first.flows / flows, "flows"),
    ):
        add(f"first.{key}", value, "percent:0", f"share of the {what} of the benign day that is of the service of the "
            "most false alarms", "fraction")  # fmt: skip
    add("first.service", first and first.name, "text", "service of the most false alarms on the benign day")
    hosted = day is not None and day.host is not None
    record.value("tooling.hosts.told", hosted and not why, "text", "whether sources of the false alarms of the benign "
                 "day are told", unit="")  # fmt: skip
    counts = np.unique(day.host[day.alarms(RATES[0])], return_counts=True)[1] if day and day.host is not None else None
    lacking = why or (None if hosted else NO_HOSTS)
    add("hosts.count", counts is not None and counts.size, "integer", "sources of the false alarms of the benign day",
        "hosts", lacking)  # fmt: skip
    add("hosts.first", counts is not None and counts.size and counts.max() / counts.sum(), "percent:0", "share of the "
        "false alarms of the benign day that is of the source of the most", "fraction", lacking)  # fmt: skip


def _seen(record: Record, seen: Seen | None, reason: str | None) -> None:
    why = None if seen else reason or NO_OTHERS
    record.value("tooling.learnt.told", seen is not None, "text", "whether a model can be tried on the benign day that "
                 "learnt from others of its flows", unit="")  # fmt: skip
    rest = {"low": seen.fpr[1], "high": seen.fpr[2], "interval": INTERVAL, "n": seen.flows} if seen else {}
    record.value("tooling.learnt.fpr", seen and seen.fpr[0], "percent:2", "false-positive rate on test flows of the "
                 "benign day of a model that learnt from others of its flows", unit="fraction", reason=why,
                 **rest)  # fmt: skip
    record.value("tooling.learnt.high", seen and seen.fpr[2], "percent:2", "upper end of the 95% interval of the "
                 "false-positive rate on the benign day of a model that learnt from it", unit="fraction",
                 reason=why)  # fmt: skip
