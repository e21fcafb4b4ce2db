"""How many flows a second a detector reads and scores: ``python -m benchmarks.detector results/twin.detector``.

The flows are the twin's, as CSV; the threshold is one that few of them exceed, since writing an alert takes as long as
reading several flows. Nothing of it is a result: it is of the machine and the day.
"""

from __future__ import annotations

import datetime
import resource
import tempfile
import time
from pathlib import Path

from analysis.command import run
from analysis.detector.alerts import Limit
from analysis.detector.detect import Found, detect
from analysis.detector.events import Events
from analysis.detector.load import load
from analysis.twin.write import write as write_twin

FEW = 0.999
"""The threshold, unless one is given."""


def measured(folder: Path, flows: Path, threshold: float, explain: int) -> tuple[Found, float, float]:
    """What a run found, its seconds, and its seconds of processor time."""
    detector = load(folder)
    limit = Limit.of(detector, 0.001, threshold, 0.001)
    events = Events(detector, limit, datetime.datetime.now(datetime.UTC))
    wall, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryFile("w", encoding="utf-8") as output:
        found = detect(detector, limit, str(flows), events, "ecs", explain, output)
    return found, time.perf_counter() - wall, time.process_time() - cpu


def step(
    detector: Path, /, *, rows: int = 500_000, threshold: float = FEW, explain: int = 0, flows: Path | None = None
) -> None:
    """Time a detector on ``rows`` synthetic flows, or on ``flows``."""
    with tempfile.TemporaryDirectory(prefix="flowpaper-") as folder:
        if flows is None:
            flows = Path(folder, "twin")
            write_twin(flows, rows, 20, 1)
        found, wall, cpu = measured(detector, flows, threshold, explain)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{found.flows:,} flows, {found.alerts:,} alerts: {wall:.1f} s, {found.flows / wall:,.0f} flows a second")
    print(f"{cpu:.1f} s of processor time, {cpu / found.flows * 1e6:.1f} microseconds a flow; {memory:,.0f} MB at most")


if __name__ == "__main__":
    run(step)
