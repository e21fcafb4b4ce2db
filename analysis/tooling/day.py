"""A day without attacks, and what the false alarms of it are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis.conditions.time_splits import NO_DAYS
from analysis.dataset.identical_rows import first_identical

LEAST = 100
"""Flows that a day must have to be tried."""
NONE_BENIGN = f"no day of {LEAST} flows or more is without attacks"


def benign_day(day: np.ndarray | None, attack: np.ndarray) -> tuple[str, str | None]:
    """The day of the most flows of those without an ``attack``, or '' and why there is none.

    >>> benign_day(np.repeat(["Monday", "Tuesday"], 200), np.repeat([False, True], 200))
    ('Monday', None)
    """
    if day is None or not (day != "").any():
        return "", NO_DAYS
    flows = pl.DataFrame({"day": day, "attack": attack}).filter(pl.col("day") != "").group_by("day")
    days = flows.agg(pl.len().alias("flows"), pl.col("attack").any()).filter(~pl.col("attack"))
    days = days.filter(pl.col("flows") >= LEAST).sort("flows", "day", descending=[True, False])
    return (str(days["day"][0]), None) if days.height else ("", NONE_BENIGN)


@dataclass(frozen=True)
class Day:
    """The flows of a benign day that a model answered which has learnt nothing of it.

    ``score`` (n,) is what it says of each, ``thresholds`` by rate what its flows held back give, ``seen`` (n,) the
    numbers of the first flow with the same ``features``, ``whole`` of the first that is the same in all columns,
    ``service`` (n,) words, ``host`` (n,) numbers of the source's address, or None.
    """

    name: str
    score: np.ndarray
    thresholds: dict[float, float]
    seen: np.ndarray
    whole: np.ndarray
    service: np.ndarray
    host: np.ndarray | None = None

    def alarms(self, rate: float) -> np.ndarray:
        """Which flows are called attacks at the threshold for a rate of false alarms, shape (n,)."""
        return np.asarray(self.score > self.thresholds[rate])

    def alerts(self, rate: float) -> int:
        """How many alerts are left where those of flows that are the same to the model are one."""
        return len(set(self.seen[self.alarms(rate)].tolist()))


def same(flows: pl.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """For each flow the number of the first that is the same in these columns, shape (n,)."""
    return first_identical(flows.get_column, columns, flows.height)


@dataclass(frozen=True)
class Group:
    """The false alarms of one service or of one vector: flows of the day, alarms, and distinct ones among these."""

    name: str
    flows: int
    alarms: int
    distinct: int


def by(group: np.ndarray, alarm: np.ndarray, seen: np.ndarray) -> list[Group]:
    """The groups that have an alarm, those of the most first; of flows that are equal, by name.

    ``group``, ``alarm`` and ``seen`` (the number of the first flow that is the same) have shape (n,).
    """
    flows = pl.DataFrame({"group": group, "alarm": alarm, "seen": seen}).group_by("group").agg(
        pl.len().alias("flows"), pl.col("alarm").sum().alias("alarms"),
        pl.col("seen").filter("alarm").n_unique().alias("distinct"),
    ).filter(pl.col("alarms") > 0).sort("alarms", "group", descending=[True, False])  # fmt: skip
    return [Group(str(row["group"]), row["flows"], row["alarms"], row["distinct"]) for row in flows.to_dicts()]
