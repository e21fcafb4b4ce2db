"""Attackers: one action for all flows, searches by a model's score within budgets, and the mimic.

A search tries actions whose amounts are among ``LEVELS``. What a flow's record only bounds counts at both ends: a flow
has evaded where its score is at most ``CALLED`` at either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from analysis.dataset.meter import Array, Flows
from analysis.evasion.actions import Action, bytes_added, seconds_added

CALLED = 0.5
"""A flow is called an attack where its score is greater."""
LEVELS = (
    np.array([1, 1.5, 2, 5, 10, 30.0]),
    np.array([0, 1, 4, 16, 64, 256, 1024.0]),
    np.array([0, 1, 2, 5, 10, 50.0]),
    np.array([0, 16, 64, 256, 1460.0]),
)
"""Amounts that a search tries in one direction: factor of the gaps, bytes of padding, further packets, their bytes."""
REACH = {"sender": ("Fwd",), "both": ("Fwd", "Bwd")}
"""Directions that an attacker decides on: the sender of the flows, or one who owns the other end as well."""
MOST_BYTES, MOST_SECONDS = 10_000, 60
"""Budget of a search: what it may add to a flow."""
QUERIES = (10, 100)
"""Scores that a search may ask for; the larger one goes on from the smaller."""
ALIKE = {
    **{f"pad {size}": Action(padding=size) for size in (1, 16, 64, 256, 1024)},
    **{f"add {packets}": Action(packets=packets, size=1460) for packets in (1, 5)},
    **{f"stretch {factor}": Action(factor=factor) for factor in (2, 10)},
}
"""Actions of the attacker who knows nothing, the same one for every flow."""

Score = Callable[[Mapping[str, Array]], Array]
"""A model as an attacker sees it: the score of each flow, shape (flows,)."""


@dataclass(frozen=True)
class Tried:
    """What an attack came to, each of shape (flows,): the query at which a flow evaded (0: it did not), and its cost
    in bytes and seconds there."""

    query: np.ndarray
    bytes: Array
    seconds: Array

    def evaded(self, queries: int, most_bytes: float = np.inf) -> np.ndarray:
        """Which flows evaded within so many queries at no more than so many bytes."""
        return (self.query > 0) & (self.query <= queries) & (self.bytes <= most_bytes)


def ends(flows: Mapping[str, Array], *actions: Action) -> list[Flows]:
    """The flows after the actions, at the lower and the upper ends of what their record only bounds."""
    found = []
    for late in (False, True):
        after: Mapping[str, Array] = flows
        for action in actions:
            after = action(after, late=late)
        found.append(dict(after))
    return found


def measured(flows: Mapping[str, Array], after: list[Flows], score: Score) -> tuple[Array, Array, Array]:
    """The worse of both ends for the attacker: score, bytes and seconds added, each of shape (flows,)."""
    return (
        np.maximum(*map(score, after)),
        np.maximum(*(bytes_added(flows, one) for one in after)),
        np.maximum(*(seconds_added(flows, one) for one in after)),
    )


def one_for_all(flows: Mapping[str, Array], action: Action, score: Score) -> Tried:
    """The same action for every flow, without a query."""
    found, octets, seconds = measured(flows, ends(flows, action), score)
    return Tried((found <= CALLED).astype(int), octets, seconds)


def search(
    flows: Mapping[str, Array], score: Score, generator: np.random.Generator, *, reach: str = "sender",
    greedy: bool = True, queries: int = max(QUERIES),
) -> Tried:  # fmt: skip
    """Ask for scores until each flow evades or ``queries`` are used up.

    Greedy, each query changes one amount of the best action so far, and what lowers the score is kept; otherwise each
    draws all amounts anew, which is the control. What would cost more than the budget is not sent, and counts as asked.
    """
    directions = REACH[reach]
    sizes = np.array([level.size for level in LEVELS] * len(directions))
    n = flows["Flow Duration"].size
    best, lowest = np.zeros((n, sizes.size), dtype=int), score(flows)
    query, octets, seconds = np.zeros(n, dtype=int), np.zeros(n), np.zeros(n)
    for number in range(1, queries + 1):
        drawn = generator.integers(sizes, size=(n, sizes.size))  # for all flows, so that none changes another's chance
        column = generator.integers(sizes.size, size=n)
        left = np.flatnonzero(query == 0)
        if not left.size:
            break
        tried = drawn[left]
        if greedy:
            tried = best[left]
            tried[np.arange(left.size), column[left]] = drawn[left, column[left]]
        own = {name: values[left] for name, values in flows.items()}
        after = ends(own, *_actions(tried, directions))
        found, more, longer = measured(own, after, score)
        lower = (more <= MOST_BYTES) & (longer <= MOST_SECONDS) & (found < lowest[left])
        better = left[lower]
        best[better], lowest[better] = tried[lower], found[lower]
        evaded = lower & (found <= CALLED)
        query[left[evaded]], octets[left[evaded]], seconds[left[evaded]] = number, more[evaded], longer[evaded]
    return Tried(query, octets, seconds)


def _actions(tried: np.ndarray, directions: tuple[str, ...]) -> list[Action]:
    """The actions that rows of places in ``LEVELS`` stand for."""
    found = []
    for place, direction in enumerate(directions):
        own = tried[:, place * len(LEVELS) : (place + 1) * len(LEVELS)]
        factor, padding, packets, size = (level[own[:, i]] for i, level in enumerate(LEVELS))
        found.append(Action(factor, padding, packets, size, direction))
    return found


def mimic(
    flows: Mapping[str, Array], benign: Mapping[str, Array], score: Score, generator: np.random.Generator
) -> Tried:
    """Every column set to that of some benign flow: no feasible flow, and the least that any attacker could leave."""
    n, m = flows["Flow Duration"].size, benign["Flow Duration"].size
    rows = generator.integers(m, size=n)
    found = score({name: values[rows] for name, values in benign.items()})
    return Tried((found <= CALLED).astype(int), np.zeros(n), np.zeros(n))
