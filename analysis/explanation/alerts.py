"""What somebody who is handed an alert has of its explanation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.explanation.forest import Flows
from analysis.statistics.value_counts import Floats

MOST_OF = 0.8
"""Share of the sizes of a flow's credit that counts as most of it."""
ALIKE = 0.95
"""Share of hits that lie as near to another hit as a false alarm must to be explained like one."""
CASES = {"hit": "Hit", "miss": "Missed attack", "alarm": "False alarm"}
LISTED = 4
"""Clusters of a case that are listed."""
HULK = "DoS Hulk"
"""The type of the missed attack that is told, where one of it is missed."""


def needed(credit: Floats) -> np.ndarray:
    """How many clusters it takes to have most of each flow's ``credit`` (n, clusters), shape (n,).

    >>> needed(np.array([[0.5, -0.4, 0.1]])).tolist()
    [2]
    """
    size = -np.sort(-np.abs(credit), axis=1)
    reached = np.cumsum(size, axis=1) >= MOST_OF * size.sum(axis=1, keepdims=True) - 1e-12
    return np.asarray(reached.argmax(axis=1) + 1)


def leaders(credit: Floats) -> np.ndarray:
    """The cluster of the most credit of each flow (n, clusters), shape (n,)."""
    return np.asarray(np.argmax(credit, axis=1))


def constant(credit: Floats, others: Sequence[Floats]) -> float:
    """Of pairs of a flow and another forest, the share in which that names the flow's leading cluster again.

    ``credit`` (n, clusters), n of 1 or more, and the ``others``, as large, are those of one forest each.
    """
    return float(np.mean([leaders(one) == leaders(credit) for one in others]))


def alike(hits: Floats, alarms: Floats) -> int | None:
    """False alarms whose credit lies as near to that of a hit as hits' do to one another; None without two hits.

    Distances are sums of absolute differences over clusters.
    """
    if len(hits) < 2:
        return None

    def apart(one: Floats) -> Floats:
        return np.abs(hits - one).sum(axis=1)

    among = [float(np.delete(apart(one), i).min()) for i, one in enumerate(hits)]
    limit = float(np.quantile(among, ALIKE, method="inverted_cdf"))
    return sum(bool(apart(one).min() <= limit) for one in alarms)


@dataclass(frozen=True)
class Case:
    """One flow: its number among the explained ones, and its clusters of the largest credit, largest first."""

    kind: str
    row: int
    leading: list[int]


def cases(flows: Flows, score: Floats, called: np.ndarray, credit: Floats) -> list[Case]:
    """A hit, a missed attack and a false alarm, as far as there are any.

    Hit and missed attack are the flows of the middle score (of the type ``HULK`` where one of it is missed), the false
    alarm is that of the highest.
    """
    hulk = ~called & flows.attack & (flows.label == HULK)
    kinds = {"hit": called & flows.attack, "miss": hulk if hulk.any() else ~called & flows.attack,
             "alarm": called & ~flows.attack}  # fmt: skip
    found = []
    for kind, of in kinds.items():
        rows = np.flatnonzero(of)
        if rows.size:
            by_score = rows[np.argsort(score[rows], kind="stable")]
            row = int(by_score[-1] if kind == "alarm" else by_score[rows.size // 2])
            leading = np.argsort(-np.abs(credit[row]), kind="stable")[:LISTED]
            found.append(Case(kind, row, leading.tolist()))
    return found
