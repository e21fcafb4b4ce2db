"""What a detector that is never retrained loses, shared out: types that it never saw, types that it knew, benign drift.

Beside what it does on later windows stands what it did on the flows held back from its first ones. Each part of the
flows in turn is given the rate of the held-back ones, and the change of F1 is averaged over all orders (Shapley 1953),
so that the parts add up to the loss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from analysis.retraining.forest import Stream
from analysis.retraining.measures import effective, f1
from analysis.retraining.replay import Tested
from analysis.statistics.drawn import DRAWS, Ends, jeffreys, spanned

PARTS = {
    "new": "attacks of types that it never saw", "known": "attacks of types that it knew", "benign": "benign flows",
}  # fmt: skip
Rate = float | np.ndarray


def shared_out(held: Mapping[str, Rate], later: Mapping[str, Rate], sizes: Mapping[str, float]) -> dict[str, Rate]:
    """The loss of F1 of each part: rates of being called an attack when held back and later, and flows of each part.

    Rates may be arrays of draws, all of one shape.

    >>> rates = {"new": 0.9, "known": 0.9, "benign": 0.01}
    >>> loss = shared_out(rates, rates | {"new": 0.0}, {"new": 50, "known": 50, "benign": 100})
    >>> round(float(loss["new"]), 3), loss["known"], loss["benign"]
    (0.326, 0.0, 0.0)
    """
    attacks = sizes["new"] + sizes["known"]

    def of(rates: Mapping[str, Rate]) -> Rate:
        recall = (rates["new"] * sizes["new"] + rates["known"] * sizes["known"]) / attacks
        return f1(recall, rates["benign"], attacks, sizes["benign"])

    lost: dict[str, Rate] = dict.fromkeys(PARTS, 0.0)
    orders = list(permutations(PARTS))
    for order in orders:
        rates = dict(held)
        for part in order:
            before = of(rates)
            rates[part] = later[part]
            lost[part] += (before - of(rates)) / len(orders)
    return lost


@dataclass(frozen=True)
class Lost:
    """Loss of F1 by part, each with the ends of its interval; rates held back and later; flows (or weights) later."""

    loss: dict[str, Ends]
    total: Ends
    held: dict[str, float]
    later: dict[str, float]
    sizes: dict[str, float]


def lost(
    stream: Stream, tested: Sequence[Tested], weight: np.ndarray, generator: np.random.Generator
) -> Lost | None:  # fmt: skip
    """What a detector that is never retrained loses on the windows tested; None where they hold no attack."""
    first = tested[0]
    held, attack = first.model.held, stream.attack[first.model.held]
    called = first.model.held_score > first.model.threshold
    masks = {"attack": attack, "benign": ~attack}
    before = {name: _rate(called, weight[held], mask, generator) for name, mask in masks.items()}
    rows, called = (np.concatenate(some) for some in ([one.rows for one in tested], [one.called for one in tested]))
    attack = stream.attack[rows]
    known = np.array(sorted(set(stream.label[first.trained].tolist())), dtype=object)
    new = attack & ~np.isin(stream.label[rows], known)
    masks = {"new": new, "known": attack & ~new, "benign": ~attack}
    after = {part: _rate(called, weight[rows], mask, generator) for part, mask in masks.items()}
    sizes = {part: float(weight[rows][mask].sum()) for part, mask in masks.items()}
    if not sizes["new"] + sizes["known"]:
        return None
    at = {"new": "attack", "known": "attack", "benign": "benign"}
    value, draws = (
        shared_out({part: before[at[part]][i] for part in PARTS}, {part: after[part][i] for part in PARTS}, sizes)
        for i in (0, 1)
    )
    ends = {part: spanned(float(value[part]), np.broadcast_to(draws[part], DRAWS)) for part in PARTS}
    total = spanned(float(sum(value.values())), np.asarray(sum(draws.values())))
    return Lost(ends, total, {part: float(before[at[part]][0]) for part in PARTS},
                {part: float(after[part][0]) for part in PARTS}, sizes)  # fmt: skip


def _rate(
    called: np.ndarray, weight: np.ndarray, mask: np.ndarray, generator: np.random.Generator
) -> tuple[float, np.ndarray]:  # fmt: skip
    """Weighted share of the flows of a part that are called attacks, and draws of it; 0 where there are none."""
    total = float(weight[mask].sum())
    if not total:
        return 0.0, np.zeros(DRAWS)
    found = float(weight[mask & called].sum()) / total
    return found, jeffreys(found, effective(weight[mask]), generator)
