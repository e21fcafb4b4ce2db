"""Splits by time: the test part comes after the training part, within each type or by whole days."""

from __future__ import annotations

import numpy as np

from analysis.conditions.campaigns import NO_TIMES
from analysis.conditions.draw import Draw, Flows, Roles
from analysis.dataset.parts import TEST, TRAIN, UNUSED

TIMEOUT = 120 * 1_000_000
"""Microseconds after which the flow meter ends a flow [@engelen2021]: no flow of the training part reaches further."""
WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NO_DAYS = "the flows do not tell their days"


def chronological(flows: Flows, draw: Draw) -> list[Roles]:
    """One fold: the last flows of each type are the test part, and none of it begins within the timeout before them.

    A type of which no flow would be left to train on stays in the training part whole.
    """
    if flows.time is None:
        return [Roles("chronological", None, NO_TIMES)]
    roles = np.full(flows.used.size, UNUSED, dtype=np.uint8)
    for label in np.unique(flows.label[flows.used]):
        rows = np.flatnonzero(flows.used & (flows.label == label))
        time = flows.time[rows]
        size = max(round(draw.test_fraction * rows.size), 1)
        cut = np.sort(time)[-size]
        early = time <= cut - TIMEOUT
        if not early.any():
            roles[rows] = TRAIN
            continue
        roles[rows] = np.where(time >= cut, TEST, np.where(early, TRAIN, UNUSED))
    return [Roles("chronological", roles)]


def day_forward(flows: Flows, draw: Draw) -> list[Roles]:
    """Each day after the first with attacks is the test part once, and all days before it are the training part."""
    of, days, why = _days(flows)
    found = []
    for number, day in enumerate(days):
        here, before = flows.used & (of == day), flows.used & np.isin(of, days[:number])
        if not flows.attack[before].any():
            continue
        roles = np.where(here, TEST, np.where(before, TRAIN, UNUSED)).astype(np.uint8)
        found.append(Roles(day, roles) if flows.attack[here].any() else Roles(day, None, "no attack on this day"))
    return found or [Roles("day_forward", None, why or "no day with attacks is followed by another")]


def later_days(flows: Flows, draw: Draw) -> list[Roles]:
    """Each day but the last closes the training part once, and all days after it together are the test part."""
    of, days, why = _days(flows)
    found = []
    for number, day in enumerate(days[:-1], 1):
        before, after = (flows.used & np.isin(of, some) for some in (days[:number], days[number:]))
        if not flows.attack[before].any():
            continue
        roles = np.where(after, TEST, np.where(before, TRAIN, UNUSED)).astype(np.uint8)
        found.append(Roles(day, roles) if flows.attack[after].any() else Roles(day, None, "no attack on later days"))
    return found or [Roles("later_days", None, why or "no day with attacks is followed by another")]


def _days(flows: Flows) -> tuple[np.ndarray, list[str], str | None]:
    """The day of each flow and the days in their order; none, and why, where there are no two."""
    if flows.day is None:
        return np.empty(0), [], NO_DAYS
    days = ordered(flows.day[flows.used], None if flows.time is None else flows.time[flows.used])
    if days is None:
        return flows.day, [], NO_DAYS
    return (flows.day, days, None) if len(days) > 1 else (flows.day, [], "all flows are of one day")


def ordered(day: np.ndarray, time: np.ndarray | None = None) -> list[str] | None:
    """The days in their order: by time where there is one, else days of one week, or dates; None where neither.

    >>> ordered(np.array(["Friday", "Monday", "Friday"]))
    ['Monday', 'Friday']
    """
    names = sorted(set(day.tolist()) - {""})
    if not names or "" in day.tolist():
        return None
    if time is not None:
        return sorted(names, key=lambda name: int(time[day == name].min()))
    if set(names) <= set(WEEK):
        return sorted(names, key=WEEK.index)
    return names if not set(names) & set(WEEK) else None
