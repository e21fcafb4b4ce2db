"""A threshold for a network of one's own: ``python -m analysis.detector.calibrate --alerts 20/day DETECTOR FLOWS``.

The flows are unlabelled, so only the number of alerts can be set: how many attacks are found above the threshold, and
how many of the alerts are attacks, is unknown, whatever was measured on the testbed.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.special import gammaincinv

from analysis.command import run
from analysis.detector.flows import given, pieces
from analysis.detector.load import Detector, load
from analysis.detector.place import place
from analysis.errors import UserError
from analysis.record import show, write_json

SCHEMA = "flowpaper/calibration/1"
DAY = 86_400_000_000
"""Microseconds."""
CONFIDENCE = 0.95
WANTED = re.compile(r"(\d+(?:\.\d+)?)/day")
WARNING = (
    "recall is unknown here: nothing says how many attacks of this network score above the threshold, nor that an "
    "alert is one; if there were attacks among these flows, the threshold is too high"
)
THREADS = 2


@dataclass
class Seen:
    """What was found of some traffic: scores, first and last time in microseconds, flows beyond the training flows,
    and those left out for a cell that is no number."""

    scores: list[np.ndarray] = field(default_factory=list)
    skipped: int = 0
    outside: int = 0
    beyond: dict[str, int] = field(default_factory=dict)
    first: int | None = None
    last: int | None = None

    def times(self, stamp: pl.Series | None) -> None:
        """Take note of the times of some more flows."""
        if stamp is None:
            return
        low, high = (int(one) for one in (stamp.to_physical().min(), stamp.to_physical().max()))  # type: ignore[arg-type]
        self.first = low if self.first is None else min(self.first, low)
        self.last = high if self.last is None else max(self.last, high)

    @property
    def days(self) -> float | None:
        """Days from the first to the last flow; None where the files tell no times."""
        return None if self.first is None or self.last is None else (self.last - self.first) / DAY


def seen(detector: Detector, data: str, size: int | None = None, skip: bool = False) -> Seen:
    """The scores of all flows of ``data``, eight bytes a flow, and what else is told of them.

    With ``skip``, flows with a cell that is no finite number are left out and counted.
    """
    found = Seen()
    with given(data) as files:
        for file in files:
            for flows in pieces(file, detector.features, size, skip):
                found.skipped += flows.skipped
                if not len(flows.matrix):
                    continue
                found.scores.append(detector.score(flows.matrix, min(THREADS, os.cpu_count() or 1)))
                outside = detector.outside(flows.matrix)
                found.outside += int(outside.any(axis=1).sum())
                for name, n in zip(detector.features, outside.sum(axis=0).tolist(), strict=True):
                    found.beyond[name] = found.beyond.get(name, 0) + n
                found.times(flows.about["timestamp"] if "timestamp" in flows.about.columns else None)
    return found


def poisson(count: int) -> tuple[float, float]:
    """The exact 95 % interval of the mean of a Poisson number of which ``count`` was seen (Garwood 1936).

    >>> [round(one, 2) for one in poisson(20)]
    [12.22, 30.89]
    """
    tail = (1 - CONFIDENCE) / 2
    return float(gammaincinv(count, tail)) if count else 0.0, float(gammaincinv(count + 1, 1 - tail))


def calibrated(scores: np.ndarray, days: float, wanted: float) -> dict[str, Any]:
    """The least threshold above which at most ``wanted`` flows a day lie, from ``scores`` (n,) of so many ``days``.

    Its interval: the thresholds at which the mean number of alerts could still be the wanted one, given that alerts
    come as a Poisson number. Scores are often tied, so fewer alerts than wanted may be all that can be had.
    """
    ordered = np.sort(scores)[::-1]
    allowed = min(wanted * days, float(ordered.size))

    def at(alerts: float) -> float:
        """The least of the scores above which at most so many flows lie."""
        return float(ordered[min(int(alerts + 1e-9), ordered.size - 1)])

    threshold = at(allowed)
    count = int(np.count_nonzero(scores > threshold))
    low, high = (one / days for one in poisson(count))
    # The mean is at most the wanted one up to a count whose lower end is, at least from one whose upper end is.
    tied = int(np.count_nonzero(scores == threshold))
    least = next(n for n in range(int(allowed) + 1, ordered.size + 2) if poisson(n)[0] > allowed or n > ordered.size)
    most = next((n for n in range(int(allowed), -1, -1) if poisson(n)[1] < allowed), 0)
    return {
        "threshold": threshold, "threshold_low": at(least), "threshold_high": at(most), "alerts": count, "tied": tied,
        "alerts_a_day": count / days, "alerts_a_day_low": low, "alerts_a_day_high": high,
        "interval": "Poisson, exact (Garwood 1936)",
    }  # fmt: skip


def step(
    detector: Path, flows: str, /, *, alerts: str, days: float | None = None, skip: bool = False,
    out: Path = Path("calibration.json"),
) -> None:  # fmt: skip
    """Find the threshold at which a network of one's own has so many alerts a day, as in ``20/day``.

    ``days`` is how long the flows were recorded, for files that tell no times. With ``skip``, flows with a cell that is
    no finite number are left out and counted.
    """
    if not (found := WANTED.fullmatch(alerts)) or not (wanted := float(found[1])):
        raise UserError(f"ALERTS={alerts}: give a number a day, as in ALERTS=20/day")
    if days is not None and not 0 < days < math.inf:
        raise UserError(f"DAYS={days:g}: give how many days the flows were recorded, such as DAYS=1")
    place(out, detector, flows)
    ready = load(detector)
    traffic = seen(ready, flows, skip=skip)
    if not traffic.scores:
        raise UserError(f"{flows}: no flow is left whose cells are all finite numbers; give others")
    span = days or traffic.days
    if not span:
        raise UserError(f"{flows}: tells no times, so alerts a day cannot be counted; say how long it is: DAYS=1")
    scores = np.concatenate(traffic.scores)
    told = {
        "schema": SCHEMA, "build_id": ready.told["build_id"], "model": ready.told["model"]["id"],
        "flows": int(scores.size), "skipped": traffic.skipped, "days": span, "wanted_a_day": wanted,
        **calibrated(scores, span, wanted),
        "outside_training_range": traffic.outside / scores.size,
        "outside_by_feature": {name: n / scores.size for name, n in traffic.beyond.items()}, "warning": WARNING,
    }  # fmt: skip
    write_json(out, told, noted=False)
    print("\n".join(report_calibration(told, out)))


def report_calibration(told: dict[str, Any], out: Path) -> Iterator[str]:
    """What was found, in a few lines for people."""
    low, high = (show(told[f"threshold_{end}"], "significant:4") for end in ("low", "high"))
    if told["skipped"]:
        yield f"{told['skipped']:,} more flows were left out: a cell that the detector needs is no finite number there"
    yield f"{told['flows']:,} flows in {told['days']:.3g} days: {out}"
    yield f"THRESHOLD={told['threshold']!r} ({low} to {high}) for {told['wanted_a_day']:g} alerts a day"
    ends = " to ".join(show(told[f"alerts_a_day_{end}"], "significant:3") for end in ("low", "high"))
    yield f"at it there are {told['alerts_a_day']:.3g} a day here, and on days like these {ends}"
    if told["alerts"] + told["tied"] > told["wanted_a_day"] * told["days"] and told["tied"] > 1:
        yield f"{told['tied']:,} flows share this score, and would all be alerts at a lower threshold"
    elif told["alerts_a_day"] < told["wanted_a_day"] / 2:
        yield "fewer than were wanted, because there are no more flows"
    if told["threshold"] >= 1:
        yield "no score lies above 1, so this threshold never gives an alert: allow more ALERTS, or use another model"
    if told["days"] < 1:
        yield "note: the flows are of less than a day; what comes at other hours is not among them"
    yield f"{told['outside_training_range']:.1%} of the flows have a value beyond those of the training flows"
    yield f"note: {WARNING}"


if __name__ == "__main__":
    run(step)
