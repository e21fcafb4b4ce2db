"""Alerts of a detector on flows: ``python -m analysis.detector.detect results/twin.detector data/flows.zip``.

Exit code 0: no alert, 1: alerts, 2: it cannot be said; then nothing is written.
"""

from __future__ import annotations

import datetime
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from analysis.command import run
from analysis.detector.alerts import Limit, alerts
from analysis.detector.events import Events
from analysis.detector.flows import given, pieces
from analysis.detector.load import Detector, load
from analysis.detector.place import place
from analysis.record import write_atomically

SUFFIXES = {"ecs": ".ndjson", "ocsf": ".ndjson", "csv": ".csv"}
STANDARD_OUTPUT = "-"
THREADS = 2


@dataclass
class Found:
    """What a run found: flows read, those left out for a cell that is no number, alerts, flows of which a feature is
    beyond the training flows, and releases."""

    flows: int = 0
    skipped: int = 0
    alerts: int = 0
    outside: int = 0
    explained: int = 0
    releases: set[str] = field(default_factory=set)


def detect(
    detector: Detector, limit: Limit, data: str, events: Events, form: str, explain: int, output: IO[str],
    size: int | None = None, skip: bool = False,
) -> Found:  # fmt: skip
    """Write the alerts among the flows of ``data`` to ``output``, a piece of each file in memory at a time."""
    found = Found()
    line = events.line(form)
    threads = min(THREADS, os.cpu_count() or 1)
    output.write(events.header(form))
    with given(data) as files:
        for file in files:
            for flows in pieces(file, detector.features, size, skip):
                found.flows += len(flows.matrix)
                found.skipped += flows.skipped
                found.releases.add(flows.layout.release.title)
                if not len(flows.matrix):
                    continue
                found.outside += int(detector.outside(flows.matrix).any(axis=1).sum())
                for alert in alerts(detector, limit, flows, threads, explain - found.explained):
                    output.write(line(alert))
                    found.alerts += 1
                    found.explained += bool(alert.moved)
    return found


@contextmanager
def written(out: Path | None) -> Iterator[IO[str]]:
    """A file to write to, which becomes ``out``, or goes to standard output (None), only when all went well."""
    if out is None:
        with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
            yield file
            file.seek(0)
            _printed(file)
        return
    with write_atomically(out, noted=False) as temporary, temporary.open("w", encoding="utf-8") as file:
        yield file


def _printed(file: IO[str]) -> None:
    """Print it, as far as it is read: ``| head`` wants no more than it took, which is no mistake."""
    try:
        shutil.copyfileobj(file, sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:
        # So that Python does not complain when it ends (https://docs.python.org/3/library/signal.html#note-on-sigpipe).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def step(
    detector: Path, flows: str, /, *, form: Literal["ecs", "ocsf", "csv"] = "ecs", fpr: float = 0.001,
    threshold: float | None = None, base: float = 0.001, explain: int = 100, skip: bool = False,
    out: str | None = None,
) -> None:  # fmt: skip
    """Write an alert for each flow whose score lies above the threshold for a rate of false alarms, or a given one.

    ``flows`` is a file, folder, archive or address of any release, or '-' for standard input; ``base`` is the share of
    attacks for which precision is told, ``explain`` the number of alerts that say what moved their score. With
    ``skip``, flows with a cell that is no finite number are left out and counted.
    """
    ready = load(detector)
    target = out or f"alerts{SUFFIXES[form]}"
    path = None if target == STANDARD_OUTPUT else place(Path(target), detector, flows)
    limit = Limit.of(ready, fpr, threshold, base)
    events = Events(ready, limit, datetime.datetime.now(datetime.UTC))
    with written(path) as output:
        found = detect(ready, limit, flows, events, form, max(explain, 0), output, skip=skip)
    for line in report_alerts(ready, limit, found, target):
        print(line, file=sys.stderr)
    sys.exit(1 if found.alerts else 0)


def report_alerts(detector: Detector, limit: Limit, found: Found, target: str) -> Iterator[str]:
    """What a run found, in a few lines for people."""
    where = "standard output" if target == STANDARD_OUTPUT else target
    yield f"{found.alerts:,} alerts of {found.flows:,} flows ({', '.join(sorted(found.releases))}): {where}"
    if found.skipped:
        yield f"{found.skipped:,} more flows were left out: a cell that the detector needs is no finite number there"
    rate = f"set for FPR {limit.rate:g}" if limit.rate is not None else "given"
    yield f"threshold {limit.threshold:.6g}, {rate}; {_precision(limit)}"
    if found.outside:
        flows = "1 flow has" if found.outside == 1 else f"{found.outside:,} flows have"
        yield f"{flows} a value beyond those of the training flows; scores there are guesses"
    if detector.told["data"]["synthetic"]:
        yield "the detector was fitted on synthetic flows: its alerts test software, and nothing is claimed of them"


def _precision(limit: Limit) -> str:
    if limit.precision is None:
        return "how many of the alerts are attacks is not known"
    if limit.reason:
        return f"what precision to expect cannot be told: {limit.reason}"
    value, low, high = (f"{one:.1%}" for one in limit.precision)
    told = f"where {limit.base:.2%} of the flows are attacks, {value} of the alerts would be ({low} to {high})"
    return f"{told}, if this traffic were the testbed's"


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that what was begun is removed
    try:
        run(step)
    except (KeyboardInterrupt, Exception) as error:
        # The code of an exception that nobody caught would say that there are alerts.
        if not isinstance(error, KeyboardInterrupt):
            traceback.print_exc()
        sys.exit(2)
