"""When a detector is fitted anew and on which flows: one thing at a time is done otherwise than in the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Due = Literal["never", "always", "features", "scores"]
Chosen = Literal["all", "uncertain", "random"]


@dataclass(frozen=True)
class Policy:
    """Whether it is ``due`` after a window (always, never, or when a detector on features or on scores rings); what.

    With ``sliding`` only the last windows are learnt, as many as the detector began with. Of each window a share
    (``budget``) of the flows is labelled, the most uncertain ones or at random, and the labels come ``delay`` windows
    later.
    """

    key: str
    words: str
    due: Due = "always"
    sliding: bool = False
    chosen: Chosen = "all"
    budget: float = 1.0
    delay: int = 0


BASE = "past"
SHARES = {"one_per_mille": (0.001, "0.1%"), "one_percent": (0.01, "1%"), "ten_percent": (0.1, "10%")}
CHOICES: dict[Chosen, str] = {"uncertain": "most uncertain", "random": "at random"}
POLICIES = (
    Policy("never", "never retrained", due="never"),
    Policy(BASE, "all of the past"),
    Policy("sliding", "sliding window", sliding=True),
    Policy("on_features", "when features ring", due="features"),
    Policy("on_scores", "when scores ring", due="scores"),
    *(
        Policy(f"{chosen}_{name}", f"{said} labelled, {words}", chosen=chosen, budget=share)
        for name, (share, said) in SHARES.items()
        for chosen, words in CHOICES.items()
    ),
    Policy("delay_one", "labels a window late", delay=1),
    Policy("delay_four", "labels four windows late", delay=4),
)


def labelled(rows: np.ndarray, score: np.ndarray, policy: Policy, generator: np.random.Generator) -> np.ndarray:
    """The flows of a window that get labels, in ascending order: at least one of ``rows``, which have these scores.

    Uncertain is a score near one half (Lewis and Gale 1994); among equal ones chance decides.
    """
    if policy.chosen == "all":
        return rows
    size = max(round(policy.budget * rows.size), 1)
    order = generator.permutation(rows.size)
    if policy.chosen == "uncertain":
        order = order[np.argsort(np.abs(score[order] - 0.5), kind="stable")]
    return np.sort(rows[order[:size]])


def learnt(pools: list[np.ndarray], initial: int, window: int, policy: Policy) -> np.ndarray:
    """The flows whose labels are there when a window begins, of which the policy learns.

    ``pools`` are the labelled flows of each window so far; those of the ``initial`` ones are there at once.
    """
    last = max(window - 1 - policy.delay, initial - 1)
    first = max(last + 1 - initial, 0) if policy.sliding else 0
    return np.concatenate(pools[first : last + 1])
