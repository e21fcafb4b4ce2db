"""Conditions of the learning curves: the four models on ever more flows, on the first of the repeated splits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.conditions.condition import Condition
from analysis.conditions.findings import rows_of
from analysis.conditions.models import SOURCE

if TYPE_CHECKING:
    from analysis.settings import Study

HALVINGS = 4
"""A curve begins at one part in two to this power of its last number of flows."""
REPETITIONS = 3
UNBOUNDED = 10_000
"""Where models are fitted on all flows, this many are the last point but one."""


def sizes(rows: int) -> list[int]:
    """Numbers of training flows, ascending; the last one as the other models have it (0: all).

    >>> sizes(10_000)
    [625, 1250, 2500, 5000, 10000]
    """
    last = rows or UNBOUNDED
    steps = [max(last >> halving, 1) for halving in range(HALVINGS, -1, -1)]
    return steps if rows else [*steps, 0]


def conditions(study: Study) -> Iterator[tuple[str, str, Condition]]:
    """Each model on each number of flows, on up to three of the repeated splits; none for the source study."""
    if study.study != "full":
        return
    for k in range(1, min(REPETITIONS, study.repetitions) + 1):
        for rows in sizes(rows_of(study)):
            for model in SOURCE:
                yield "learning", f"{k}.{rows}.{model}", Condition(model=model, repetition=k, train_rows=rows)
