"""How each step grows with the flows, and what it would need for more: ``python -m benchmarks.growth --flows 1e9``.

From what ``make bench`` measured at several sizes. A step's growth is the exponent of a power of the number of flows
between the two largest sizes at which it was long enough to tell. Beyond the largest it is expected to go on by that
power where it is above 1, and else along the line through both sizes: a part that does not grow, and one that does.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from analysis.command import run
from analysis.errors import UserError
from benchmarks.report import heads, row_of

TOLD = {"cpu": 0.5, "memory": 50.0}
"""Least CPU seconds, and megabytes above those of a step that reads nothing, from which a growth can be told."""
EMPTY = 80.0
"""Megabytes of a step that reads nothing: Python and its libraries."""


@dataclass(frozen=True)
class Step:
    """CPU seconds and megabytes of a step at each size, ascending, as (flows, number) pairs."""

    name: str
    cpu: list[tuple[int, float]]
    memory: list[tuple[int, float]]

    def expected(self, measure: str, flows: float) -> float:
        """CPU seconds (``cpu``) or megabytes (``memory``) for so many flows; in proportion where no growth is told."""
        (rows, last), power = getattr(self, measure)[-1], self.power(measure)
        base = EMPTY if measure == "memory" else 0.0
        if power is None or power > 1:
            return base + max(last - base, 0.0) * (flows / rows) ** (power or 1)
        few, before = getattr(self, measure)[-2]
        return float(last + max(last - before, 0.0) / (rows - few) * (flows - rows))

    def power(self, measure: str) -> float | None:
        """The exponent of its growth, not below 0; None where it cannot be told.

        >>> Step("a", [(100, 1.0), (1000, 10.0)], []).power("cpu")
        1.0
        """
        base = EMPTY if measure == "memory" else 0.0
        long = [(rows, one - base) for rows, one in getattr(self, measure) if one - base >= TOLD[measure]]
        if len(long) < 2:
            return None
        (few, before), (many, after) = long[-2:]
        return max(math.log(after / before) / math.log(many / few), 0.0)


def steps(bench: Path) -> list[Step]:
    """The steps of the workflow, as measured at the sizes in a folder, those of most CPU at the largest size first."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in bench.glob("*/measured.json")]
    found.sort(key=lambda one: one["rows"])
    if len(found) < 2:
        raise UserError("growth: two sizes are needed; measure them first, as in make bench SIZE=0.02 and SIZE=0.1")
    made = []
    for name in found[-1]["runs"][-1]["ours"]["stages"]:
        cells: dict[str, list[tuple[int, float]]] = {"cpu": [], "memory": []}
        for one in found:
            stages = [run["ours"]["stages"][name] for run in one["runs"] if name in run["ours"]["stages"]]
            for key, numbers in cells.items():
                known = [stage[key] for stage in stages if stage[key] is not None]
                numbers += [(one["rows"], median(known))] if known else []
        if cells["cpu"] and cells["memory"]:
            made.append(Step(name, **cells))
    return sorted(made, key=lambda step: -step.cpu[-1][1])


def table(told: list[Step], flows: float) -> Iterator[str]:
    """Each step as a row of Markdown: what it took at the largest size, how it grows, what so many flows would take."""
    largest = max(rows for step in told for rows, _ in step.cpu)
    yield from heads("Step", f"CPU s at {largest:,}", "MB", "Growth of CPU", "Of memory",
                             f"CPU h at {flows:,.0f}", "GB")  # fmt: skip
    for step in told:
        powers = (step.power("cpu"), step.power("memory"))
        yield row_of(
            step.name, f"{step.cpu[-1][1]:.1f}", f"{step.memory[-1][1]:.0f}",
            *("too short to tell" if one is None else f"{one:.2f}" for one in powers),
            f"{step.expected('cpu', flows) / 3600:.2f}", f"{step.expected('memory', flows) / 1000:.1f}",
        )  # fmt: skip
    hours = sum(step.expected("cpu", flows) for step in told) / 3600
    yield row_of("all", f"{sum(step.cpu[-1][1] for step in told):.1f}", "", "", "", f"{hours:.1f}", "")


def step(*, flows: float = 1e9, bench: Path = Path("build/bench")) -> None:
    """Print the table for so many flows."""
    for line in table(steps(bench), flows):
        print(line)


if __name__ == "__main__":
    run(step)
