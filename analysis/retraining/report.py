"""What the paper is told of retraining: its tables, and the values that sentences and claims ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.record import Column, Record, Table, snake
from analysis.retraining.controls import Permuted, Rung
from analysis.retraining.detectors import FLOWS, LEVEL
from analysis.retraining.forest import RATE, Stream
from analysis.retraining.losses import Lost
from analysis.retraining.measures import MEASURES, Measured, over_time
from analysis.retraining.policies import BASE, POLICIES, SHARES, Policy
from analysis.retraining.replay import Tested
from analysis.retraining.report_parts import MAIN, part_of, record_controls, record_losses, record_types
from analysis.retraining.windows import KINDS, Windows
from analysis.statistics.drawn import DRAWN, spanned

NO_CLASS = "no window has the class that it needs"
NOT_HERE = "the window has no flow of the class that it needs"


@dataclass(frozen=True)
class Played:
    """All policies on one kind of windows, or the ``reason`` why there is nothing; by policy what was tested."""

    windows: Windows
    reason: str | None = None
    initial: int = 0
    features: Sequence[str] = ()
    stream: Stream | None = None
    tested: dict[str, list[Tested]] = field(default_factory=dict)
    measures: dict[str, list[Measured]] = field(default_factory=dict)
    losses: Lost | None = None
    rang: Sequence[Rung] = ()
    permuted: Permuted | None = None

    @property
    def policies(self) -> list[Policy]:
        """The policies that were played, in their order."""
        return [policy for policy in POLICIES if policy.key in self.tested]

    @property
    def flows(self) -> int:
        """Flows of the tested windows, which are the same for all policies."""
        return sum(one.rows.size for one in self.tested[POLICIES[0].key])

    @property
    def words(self) -> str:
        """What is tested on, in words."""
        return f"{len(self.tested[POLICIES[0].key])} {KINDS[self.windows.kind]} after the first {self.initial}"


def record_all(record: Record, played: Sequence[Played], typed: bool, weighted: bool, natural: bool) -> None:
    """All tables and values; the first kind of windows that could be played is the one that sentences are about."""
    able = [one for one in played if one.reason is None]
    main = able[0] if able else None
    reason = None if main else played[0].reason
    _setting(record, played, main, weighted, natural)
    _policies(record, able)
    _windows(record, able)
    _schedule(record, able)
    record_types(record, able, main, typed)
    record_losses(record, able, main, typed, reason)
    record_controls(record, able, main, reason)
    _gain(record, main, reason)


def _setting(record: Record, played: Sequence[Played], main: Played | None, weighted: bool, natural: bool) -> None:
    def add(key: str, value: Any, display: str, what: str, unit: str = "") -> None:
        record.value(f"retraining.{key}", value, display, what, unit=unit, reason=None if main else played[0].reason)

    record.value("retraining.available", main is not None, "text", "whether flows can be put in order and tested",
                 unit="")  # fmt: skip
    record.value("retraining.reason", played[0].reason or "it can be done", "text",
                 "why retraining cannot be tried, where it cannot", unit="")  # fmt: skip
    record.value("retraining.natural", natural, "text", "whether labels have, or are given, the release's shares",
                 unit="")  # fmt: skip
    record.value("retraining.weighted", weighted, "text", "whether flows in windows weigh as in the release", unit="")
    record.value("retraining.rate", RATE, "percent:0", "rate of false alarms that retraining sets its thresholds for",
                 unit="fraction")  # fmt: skip
    record.value("retraining.policies", len(POLICIES), "integer", "policies of retraining", unit="policies")
    record.value("retraining.timed", bool(main and main.windows.time is not None), "text",
                 "whether the windows are made by times and not by days", unit="")  # fmt: skip
    record.value("retraining.budget", SHARES["one_percent"][0], "percent:0", "share of the flows that is labelled, "
                 "by policies of the middle budget", unit="fraction")  # fmt: skip
    windows = main.windows if main else None
    add("kind", windows and KINDS[windows.kind], "text", "what the windows of the main text are")
    add("windows", windows and windows.count, "integer", "windows", "windows")
    add("initial", main and main.initial, "integer", "windows that the detector begins with", "windows")
    add("tested", windows and main and windows.count - main.initial, "integer", "windows tested", "windows")
    add("features", main and len(main.features), "integer", "features of the detector", "features")
    days = len(set(windows.day.tolist())) if windows else None
    add("days", days, "integer", "days that the windows are of", "days")


def columns_of(display: dict[str, tuple[str, str]]) -> list[Column]:
    """Columns of measures with those of the ends of their intervals."""
    found = []
    for key, (title, rule) in display.items():
        how = "Wilson" if key in ("recall", "fpr") else DRAWN
        low, high = f"{key}_low", f"{key}_high"
        found += [Column(key, title, rule, low=low, high=high, interval=how),
                  Column(low, f"{title}, 95% low", rule), Column(high, f"{title}, 95% high", rule)]  # fmt: skip
    return found


def cells(key: str, ends: tuple[float, float, float] | None, display: str, reason: str) -> dict[str, Any]:
    """A measure with the ends of its interval as cells."""
    names = (key, f"{key}_low", f"{key}_high")
    return {name: Table.cell(value, display, reason=reason if value is None else None)
            for name, value in zip(names, ends or (None, None, None), strict=True)}  # fmt: skip


def _policies(record: Record, able: Sequence[Played]) -> None:
    """Table ``retraining``: areas under time of each policy, with labels and fits."""
    rows = []
    for played in able:
        for policy in played.policies:
            tested = played.tested[policy.key]
            row: dict[str, Any] = {
                "id": f"{policy.key}.{part_of(played, able)}", "windows": KINDS[played.windows.kind],
                "key": policy.key, "policy": policy.words, "labels": tested[-1].labels,
                "fits": sum(one.fitted for one in tested),
                "flows": played.flows,
            }  # fmt: skip
            for key, (_, display) in MEASURES.items():
                area = over_time(played.measures[policy.key], key)
                row |= cells(key, area and area[0], display, NO_CLASS)
            rows.append(row)
    columns = [Column("id", "Row", align="left"), Column("windows", "Windows", align="left"),
               Column("key", "Key", align="left"), Column("policy", "Policy", align="left")]  # fmt: skip
    for one in columns_of({key: (f"{title}, area under time", rule) for key, (title, rule) in MEASURES.items()}):
        columns.append(one if one.interval is None else Column(
            one.key, MEASURES[one.key][0], one.display, low=one.low, high=one.high, interval=DRAWN, n="flows",
            definition=f"{one.title} at the frozen threshold"))  # fmt: skip
    columns += [Column("labels", "Labels used", "integer", unit="flows"),
                Column("fits", "Fits", "integer", unit="fits"),
                Column("flows", "Test flows", "integer", unit="flows")]  # fmt: skip
    record.table(
        "retraining", "Retraining by policy: areas under time", columns, rows, id="id",
        notes=["Area under a measure over the tested windows that have it, by the trapezoidal rule. Labels used: flows "
               "of tested windows that were labelled for the last fit. Fits: after the first."],
    )  # fmt: skip


def _windows(record: Record, able: Sequence[Played]) -> None:
    """Table ``retraining_windows``: measures of each policy in each tested window."""
    rows = []
    for played, key, one, found in _each(able):
        attack = played.stream.attack[one.rows] if played.stream else np.empty(0, dtype=bool)
        row: dict[str, Any] = {
            "id": f"{played.windows.kind}.{key}.{one.window + 1}", "kind": played.windows.kind, "key": key,
            "policy": next(policy.words for policy in POLICIES if policy.key == key), "window": one.window + 1,
            "day": played.windows.days[one.window] or "not told", "flows": one.rows.size,
            "attacks": int(np.count_nonzero(attack)), "labels": one.labels, "fitted": "yes" if one.fitted else "no",
            "rang": "has no detector" if one.rang is None else "yes" if one.rang else "no",
        }  # fmt: skip
        for measure, (_, display) in MEASURES.items():
            row |= cells(measure, found.ends.get(measure), display, NOT_HERE)
        rows.append(row)
    columns = [Column(key, title, align="left") for key, title in
               (("id", "Row"), ("kind", "Windows"), ("key", "Key"), ("policy", "Policy"))]  # fmt: skip
    columns += [Column("window", "Window", "integer", unit="windows"), Column("day", "Day", align="left"),
                Column("flows", "Flows", "integer"), Column("attacks", "Attacks", "integer"),
                Column("labels", "Labels used", "integer", unit="flows"), Column("fitted", "Fitted", align="left"),
                Column("rang", "Rang", align="left"), *columns_of(MEASURES)]  # fmt: skip
    record.table("retraining_windows", "Retraining window by window", columns, rows, id="id")


def _each(able: Sequence[Played]) -> Iterator[tuple[Played, str, Tested, Measured]]:
    for played in able:
        for key, tested in played.tested.items():
            for one, found in zip(tested, played.measures[key], strict=True):
                yield played, key, one, found


def _schedule(record: Record, able: Sequence[Played]) -> None:
    """Table ``retraining_schedule``: which types of attack each window holds."""
    rows = []
    for played in able:
        stream, windows = played.stream, played.windows
        assert stream is not None
        for window in range(windows.count):
            shared = {"kind": windows.kind, "window": window + 1, "name": windows.names[window],
                      "day": windows.days[window] or "not told",
                      "begins": "yes" if window < played.initial else "no"}  # fmt: skip
            here = windows.rows(window)
            names, counts = np.unique(stream.label[here][stream.attack[here]], return_counts=True)
            for name, count in zip(names.tolist(), counts.tolist(), strict=True):
                rows.append({"id": f"{windows.kind}.{window + 1}.{snake(name)}", "type": name, "flows": count} | shared)
            if not names.size:
                none = Table.cell(None, "integer", reason="no attack in this window")
                rows.append({"id": f"{windows.kind}.{window + 1}", "type": "none", "flows": none} | shared)
    columns = [Column("id", "Row", align="left"), Column("kind", "Windows", align="left"),
               Column("window", "Window", "integer", unit="windows"), Column("name", "Name", align="left"),
               Column("day", "Day", align="left"), Column("begins", "Begins with it", align="left"),
               Column("type", "Type", align="left"), Column("flows", "Flows", "integer")]  # fmt: skip
    record.table("retraining_schedule", "Types of attack by window", columns, rows, id="id")


def _gain(record: Record, main: Played | None, reason: str | None) -> None:
    """Names of the areas that sentences show, and what the baseline gains over never retraining."""
    where = f" over {main.words}" if main else ""
    for policy in POLICIES:
        for key, (title, display) in MEASURES.items():
            name, what = f"retraining.{policy.key}.{key}", f"{title}, area under time{where}, {policy.words}"
            if main:
                record.name(name, "retraining", f"{policy.key}.{MAIN}", key, definition=what)
            else:
                record.value(name, None, display, what, unit="fraction", reason=reason)
        what = f"labels of tested windows, {policy.words}"
        labels = main.tested[policy.key][-1].labels if main else None
        record.value(f"retraining.{policy.key}.labels", labels, "integer", what, unit="flows", reason=reason)
    for detector in ("features", "scores"):
        rang = sum(bool(one.rang) for one in main.tested[f"on_{detector}"]) if main else None
        record.value(f"retraining.on_{detector}.rang", rang, "integer", unit="windows", reason=reason,
                     definition=f"tested windows in which the detector on {detector} rang")  # fmt: skip
    record.value("retraining.level", LEVEL, "significant:1", "level of the detectors", unit="fraction")
    record.value("retraining.compared", FLOWS, "integer", "flows that detectors compare at most", unit="flows")
    areas = {key: over_time(main.measures[key], "f1") if main else None for key in ("never", BASE)}
    never, base = areas["never"], areas[BASE]
    what = f"area under the F1{where}, all of the past learnt, less that without retraining"
    if never and base:
        value, low, high = spanned(base[0][0] - never[0][0], base[1] - never[1])
        record.value("retraining.gain", value, "fixed:3", what, unit="fraction", low=low, high=high, interval=DRAWN,
                     n=main.flows if main else None)  # fmt: skip
        record.value("retraining.gain_low", low, "fixed:3", f"low end of the {what}", unit="fraction")
    else:
        for key, said in (("gain", what), ("gain_low", f"low end of the {what}")):
            record.value(f"retraining.{key}", None, "fixed:3", said, unit="fraction", reason=reason or NO_CLASS)
    record.value("retraining.measured", bool(never and base), "text", "whether a tested window holds attacks", unit="")
