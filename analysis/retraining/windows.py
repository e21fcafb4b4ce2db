"""Windows of flows in the order of time: of equal numbers, of equal time, or the days where no times are told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.conditions.time_splits import NO_DAYS, TIMEOUT, ordered

COUNT = 20
"""Windows of equal numbers; of equal time there are at most twice as many."""
HOUR = 3600 * 1_000_000
LEAST_HOURS = 2
"""Length of the windows of equal time, in hours, where these are not too many."""
KINDS = {"numbers": "windows of equal numbers of flows", "hours": "windows of equal time", "days": "days"}


@dataclass(frozen=True)
class Windows:
    """Windows of one kind: the number of each flow's window, shape (n,), and the name and first day of each window.

    ``day`` is the name of each flow's day, shape (n,): a window may hold flows of two. ``time`` is when flows began, in
    microseconds, and None where they do not tell. Where flows cannot be put in order there are no windows, for the
    ``reason`` given.
    """

    kind: str
    of: np.ndarray
    names: tuple[str, ...]
    days: tuple[str, ...]
    day: np.ndarray
    time: np.ndarray | None = None
    reason: str | None = None

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.names)

    def rows(self, window: int) -> np.ndarray:
        """The flows of a window, in ascending order."""
        return np.flatnonzero(self.of == window)

    def over_before(self, rows: np.ndarray, window: int) -> np.ndarray:
        """Those of ``rows`` that were over before a window began.

        They are of earlier windows and, where times are told, began longer before it than the time after which the
        flow meter ends a flow.
        """
        rows = rows[self.of[rows] < window]
        if self.time is None:
            return rows
        begins = int(self.time[self.of == window].min())
        return rows[self.time[rows] <= begins - TIMEOUT]


def windows(time: np.ndarray | None, day: np.ndarray | None) -> list[Windows]:
    """All kinds of windows that flows allow, the main one first; one without windows, and why, where they allow none.

    ``time`` are microseconds and ``day`` names, both of shape (n,), or None where the flows do not tell.
    """
    if time is not None:
        named = np.full(time.size, "") if day is None else day
        found = [_parted("numbers", equal_numbers(time, COUNT), time, named),
                 _parted("hours", equal_time(time, 2 * COUNT), time, named)]  # fmt: skip
        several = [one for one in found if one.count > 1]
        return several or [_none("all flows began at one time")]
    days = None if day is None else ordered(day)
    if day is None or days is None:
        return [_none(NO_DAYS)]
    if len(days) < 2:
        return [_none("all flows are of one day")]
    at = {name: number for number, name in enumerate(days)}
    of = np.array([at[name] for name in day.tolist()])
    return [Windows("days", of, tuple(days), tuple(days), day)]


def equal_numbers(time: np.ndarray, count: int) -> np.ndarray:
    """Windows of as many flows each as ties allow: flows that began together are of one window.

    >>> equal_numbers(np.array([1, 2, 2, 2, 3, 4]), 3).tolist()
    [0, 1, 1, 1, 2, 2]
    """
    ranks = np.arange(1, count) * time.size // count
    return _numbered(np.searchsorted(np.unique(np.sort(time)[ranks]), time, side="right"))


def equal_time(time: np.ndarray, most: int) -> np.ndarray:
    """Windows of the clock, as long as :data:`LEAST_HOURS` or, while more than ``most`` hold flows, twice as long.

    >>> equal_time(np.array([0, 1, 5, 30]) * HOUR, 4).tolist()
    [0, 0, 1, 2]
    """
    length = LEAST_HOURS * HOUR
    while np.unique(time // length).size > most:
        length *= 2
    return _numbered(time // length)


def _numbered(of: np.ndarray) -> np.ndarray:
    """Numbers from 0 on without a gap, in the same order."""
    return np.asarray(np.unique(of, return_inverse=True)[1])


def _parted(kind: str, of: np.ndarray, time: np.ndarray, day: np.ndarray) -> Windows:
    count = int(of.max()) + 1
    first = [np.flatnonzero(of == window)[np.argmin(time[of == window])] for window in range(count)]
    return Windows(kind, of, tuple(str(number + 1) for number in range(count)), tuple(str(day[row]) for row in first),
                   day, time)  # fmt: skip


def _none(reason: str) -> Windows:
    return Windows("days", np.empty(0, dtype=int), (), (), np.empty(0, dtype=str), None, reason)
