"""Attackers: one action for all flows, searches by a model's answers within a budget, and the mimic.

A search tries actions whose amounts are among ``LEVELS``. What a flow's record only bounds counts at both ends: a flow
has evaded where its score is at most ``CALLED`` at either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from analysis.conditions.threshold import CALLED
from analysis.dataset.meter import Array, Flows
from analysis.evasion.actions import COSTLY, Action, bytes_added, seconds_added
from analysis.evasion.flow import TWICE

LEVELS = (
    np.array([1, 1.5, 2, 5, 10, 30.0]),
    np.array([0, 1, 4, 16, 64, 256, 1024.0]),
    np.array([0, 1, 2, 5, 10, 50.0]),
    np.array([0, 16, 64, 256, 1460.0]),
)
"""Amounts that a search tries in one direction: factor of the gaps, bytes of padding, further packets, their bytes."""
REACH = {"sender": ("Fwd",), "both": ("Fwd", "Bwd")}
"""Directions that an attacker decides on: the sender of the flows, or one who owns the other end as well."""
QUERIES = (10, 100)
"""Answers that a search may ask for, by default; the larger one goes on from the smaller."""
ALIKE = {
    **{f"pad {size}": Action(padding=size) for size in (1, 16, 64, 256, 1024)},
    **{f"add {packets}": Action(packets=packets, size=1460) for packets in (1, 5)},
    **{f"stretch {factor}": Action(factor=factor) for factor in (2, 10)},
}
"""Actions of the attacker who asks for nothing, the same one for every flow."""

Score = Callable[[Mapping[str, Array]], Array]
"""A model as an attacker sees it: the score of each flow, shape (flows,)."""


@dataclass(frozen=True)
class Budget:
    """The most that an action may add to a flow."""

    bytes: float = 10_000
    seconds: float = 60

    def share(self, octets: Array, seconds: Array) -> Array:
        """How much of the budget a cost uses: the larger of both shares; above 1 where it is not kept."""
        parts = []
        for cost, most in ((octets, self.bytes), (seconds, self.seconds)):
            parts.append(cost / most if most else np.where(cost > 0, np.inf, 0.0))
        return np.maximum(*parts)


@dataclass(frozen=True)
class Tried:
    """What an attack came to, each of shape (flows,): whether a flow ``evaded``, and what its cheapest evasion added in
    bytes and seconds, and as a ``share`` of the budget; ``places`` in ``LEVELS`` (flows, amounts), where it searched.
    """

    evaded: np.ndarray
    bytes: Array
    seconds: Array
    share: Array
    places: np.ndarray | None = None

    def within(self, share: float) -> np.ndarray:
        """Which flows evaded with this share of the budget."""
        return self.evaded & (self.share <= share)

    def or_those_of(self, other: Tried) -> Tried:
        """What who has both searches came to: of each flow the evasion that uses less of the budget.

        The actions of ``other`` are among those of this search, whose further amounts are then zero.
        """
        assert self.places is not None
        assert other.places is not None
        take = other.evaded & (~self.evaded | (other.share < self.share))
        places = np.zeros_like(self.places)
        places[:, : other.places.shape[1]] = other.places
        return Tried(
            self.evaded | other.evaded,
            np.where(take, other.bytes, self.bytes),
            np.where(take, other.seconds, self.seconds),
            np.where(take, other.share, self.share),
            np.where(take[:, None], places, self.places),
        )


def ends(flows: Mapping[str, Array], *actions: Action) -> Flows:
    """The flows (n,) after the actions at the lower ends of what their record only bounds, and after these at the upper
    ones: columns of shape (2 n,). Amounts that differ by flow are given for all of them."""
    n = flows["Flow Duration"].size
    found: Mapping[str, Array] = {name: np.concatenate([column, column]) for name, column in flows.items()}
    for action in actions:
        found = action(found, late=np.arange(2 * n) >= n)
    return dict(found)


def worst(values: Array) -> Array:
    """Of numbers at both ends, shape (2 n,), the greater, shape (n,)."""
    return np.maximum(*np.split(values, 2))


def cost(flows: Mapping[str, Array], after: Mapping[str, Array]) -> tuple[Array, Array]:
    """Bytes and seconds added, the greater of both ends, each of shape (flows,)."""
    before = {name: np.tile(flows[name], 2) for name in COSTLY}
    return worst(bytes_added(before, after)), worst(seconds_added(before, after))


def one_for_all(flows: Mapping[str, Array], action: Action, score: Score, budget: Budget) -> Tried:
    """The same action for every flow, without a query; where it does not keep the budget nothing is sent."""
    after = ends(flows, action)
    octets, seconds = cost(flows, after)
    share = budget.share(octets, seconds)
    return Tried((worst(score(after)) <= CALLED) & (share <= 1), octets, seconds, share)


def search(
    flows: Mapping[str, Array], score: Score, generator: np.random.Generator, *, reach: str = "sender",
    greedy: bool = True, queries: tuple[int, ...] = QUERIES, budget: Budget | None = None, meter: str = TWICE,
) -> dict[int, Tried]:  # fmt: skip
    """Ask about actions on each flow; what was found by each number of ``queries``, which ascend.

    The control draws all amounts anew in each query. Greedy does so in every other one, and else changes one amount or
    two of the best action so far: the one with the least score, and once a flow has evaded the cheapest that evades,
    of which an amount is then lowered. Without the draws it would stay where no single change moves a forest's score,
    which has steps. The control needs answers alone and no scores. Both know what an action costs and bring it within
    the budget before they ask: all places in ``LEVELS`` are halved until it is.
    """
    directions, budget = REACH[reach], budget or Budget()
    sizes = np.array([level.size for level in LEVELS] * len(directions))
    n = flows["Flow Duration"].size
    places, value = np.zeros((n, sizes.size), dtype=int), score(flows)
    octets, seconds, share = np.zeros(n), np.zeros(n), np.zeros(n)
    evaded, found = np.zeros(n, dtype=bool), {}
    for number in range(1, max(queries) + 1):
        tried = generator.integers(sizes, size=(n, sizes.size))
        changed = _changed(places, evaded, sizes, generator)  # drawn always, so that both have the same draws
        if greedy:
            # To try widely comes first: what a forest's steps do not show no single change can follow.
            turn = np.where(evaded, number % 3 > 0, number % 5 == 0)
            tried = np.where(turn[:, None], changed, tried)
        tried = _affordable(flows, tried, directions, budget)
        after = acted(flows, tried, directions, meter)
        more, longer = cost(flows, after)
        part = budget.share(more, longer)
        scored = worst(score(after))
        # What evades comes before all that does not, and the cheaper the better.
        new = np.where(scored <= CALLED, part - 2, scored)
        better = (new < value) & (part <= 1)  # one direction's delay may count in the other's, beyond what was foreseen
        places[better], value[better] = tried[better], new[better]
        octets[better], seconds[better], share[better] = more[better], longer[better], part[better]
        evaded |= better & (scored <= CALLED)
        if number in queries:
            found[number] = Tried(evaded.copy(), octets.copy(), seconds.copy(), share.copy(), places.copy())
    return found


def _changed(places: np.ndarray, evaded: np.ndarray, sizes: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """One amount or two of each action at another place; of those that evaded one at a lower place."""
    n, width = places.shape
    found, each = places.copy(), np.arange(n)
    order = generator.random((n, width))
    steps, second = generator.integers(1, sizes, size=(n, width)), generator.random(n) < 0.5
    lower = np.floor(generator.random(n) * places.max(axis=1, initial=0)).astype(int)
    for turn in (0, 1):
        column = np.argsort(order, axis=1)[:, turn]
        moved = ~evaded & (second if turn else np.full(n, True))
        other = (places[each, column] + steps[each, column]) % sizes[column]
        found[each[moved], column[moved]] = other[moved]
    used = np.argmax(np.where(places > 0, order, -1), axis=1)
    own = evaded & (places[each, used] > 0)
    found[each[own], used[own]] = np.minimum(lower[own], places[each, used][own] - 1)
    return found


def _affordable(
    flows: Mapping[str, Array], tried: np.ndarray, directions: tuple[str, ...], budget: Budget
) -> np.ndarray:
    """The actions within the budget: of those beyond it all places are halved until they are."""
    found = tried.copy()
    left = np.arange(len(found))
    while left.size:
        own = {name: flows[name][left] for name in COSTLY}
        parts = [one.most_added(own) for one in _actions(found[left], directions)]
        octets, seconds = (np.sum(part, axis=0) for part in zip(*parts, strict=True))
        left = left[(budget.share(octets, seconds) > 1) & (found[left] > 0).any(axis=1)]
        found[left] //= 2
    return found


def _actions(places: np.ndarray, directions: tuple[str, ...], meter: str = TWICE) -> list[Action]:
    """The actions that rows of places in ``LEVELS`` stand for."""
    actions = []
    for number, direction in enumerate(directions):
        own = places[:, number * len(LEVELS) : (number + 1) * len(LEVELS)]
        factor, padding, packets, size = (level[own[:, i]] for i, level in enumerate(LEVELS))
        actions.append(Action(factor, padding, packets, size, direction, meter))
    return actions


def acted(flows: Mapping[str, Array], places: np.ndarray, directions: tuple[str, ...], meter: str = TWICE) -> Flows:
    """Both :func:`ends` of the flows after the actions that rows of places in ``LEVELS`` stand for."""
    return ends(flows, *_actions(np.tile(places, (2, 1)), directions, meter))


def mimic(
    flows: Mapping[str, Array], benign: Mapping[str, Array], score: Score, generator: np.random.Generator
) -> Tried:
    """Every column set to that of some benign flow: no feasible flow, and the least that any attacker could leave."""
    n, m = flows["Flow Duration"].size, benign["Flow Duration"].size
    rows = generator.integers(m, size=n)
    found = score({name: values[rows] for name, values in benign.items()})
    none = np.zeros(n)
    return Tried(found <= CALLED, none, none, none)
