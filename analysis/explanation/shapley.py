"""Shapley values of a forest's scores, exactly, against a stated background.

What a coalition of players is worth to a flow is the mean score of its hybrids: the flow's own values in the columns of
the coalition, those of a background flow in all others (the interventional value of Janzing et al. 2020). A tree's
score is a sum over its leaves, and of a leaf the Shapley values have a closed form (Lundberg et al. 2020, algorithm 3):
where the conditions on the way to a leaf of value v need the flow's values of a players and the background's of b,
each of the a has v (a-1)! b! / (a+b)!, and each of the b has -v a! (b-1)! / (a+b)!.

Players are single columns or clusters of them. A leaf's flows and background flows are told apart only by the players
whose conditions they break, so that each pair of such sets is computed once, however many flows have it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import factorial
from typing import Any

import numpy as np

from analysis.statistics.value_counts import Floats

MOST = 60
"""Players on the way to one leaf, at most: they are the bits of a whole number."""


def contributions(forest: Any, flows: Floats, background: Floats, players: Sequence[int]) -> tuple[Floats, float]:
    """Shapley values (n, players) of a forest's probability of an attack, and the mean score of the background.

    ``flows`` (n, columns) and ``background`` (m, columns) are what the forest sees; ``players`` has the number of each
    column's player, from 0 on. The values of a flow and that mean add up to its score.
    """
    # Trees compare single precision, as they do where they predict.
    own, other = (np.asarray(one, dtype=np.float32) for one in (flows, background))
    credit = np.zeros((len(own), max(players) + 1))
    base = 0.0
    for tree in forest.estimators_:
        for met, worth, ours, theirs in _leaves(tree.tree_, own, other, players):
            base += worth * np.count_nonzero(theirs == 0) / len(other)
            if worth and met:
                _share_out(credit, met, worth / len(other), ours, theirs)
    return credit / len(forest.estimators_), base / len(forest.estimators_)


def _leaves(
    tree: Any, own: np.ndarray, other: np.ndarray, players: Sequence[int]
) -> Iterator[tuple[list[int], float, np.ndarray, np.ndarray]]:
    """Each leaf: players on the way to it, its score, and for flows and background the players that break conditions.

    The last two are whole numbers with a bit for each player, shapes (n,) and (m,). A way is left where one player's
    conditions are broken by all flows and all background flows: no hybrid comes there.
    """
    nothing: tuple[list[int], np.ndarray, np.ndarray] = (
        [], np.zeros(len(own), dtype=np.int64), np.zeros(len(other), dtype=np.int64)
    )  # fmt: skip
    waiting = [(0, *nothing)]
    score = tree.value[:, 0, 1] / tree.value[:, 0, :].sum(axis=1)
    while waiting:
        node, met, ours, theirs = waiting.pop()
        if tree.children_left[node] < 0:
            yield met, float(score[node]), ours, theirs
            continue
        column = tree.feature[node]
        player = players[column]
        below = met if player in met else [*met, player]
        if len(below) > MOST:
            raise ValueError(f"more than {MOST} players on the way to one leaf")
        bit = 1 << below.index(player)
        left = [part[:, column] <= tree.threshold[node] for part in (own, other)]
        for child, goes in ((tree.children_right[node], left), (tree.children_left[node], [~one for one in left])):
            broken = [was | bit * elsewhere for was, elsewhere in zip((ours, theirs), goes, strict=True)]
            if not np.bitwise_and.reduce(broken[0]) & np.bitwise_and.reduce(broken[1]):
                waiting.append((child, below, *broken))


def _share_out(credit: Floats, met: list[int], worth: float, ours: np.ndarray, theirs: np.ndarray) -> None:
    """Add to ``credit`` what one leaf of this ``worth`` to a background flow gives each player."""
    others, times = np.unique(theirs, return_counts=True)
    rows = np.flatnonzero(((ours & others[:, None]) == 0).any(axis=0))
    if not rows.size:
        return
    kinds, of = np.unique(ours[rows], return_inverse=True)
    meet = (kinds[:, None] & others) == 0
    bits = np.arange(len(met))
    for_us = (others[:, None] >> bits) & 1  # the background breaks them: the flow's own values are needed
    for_them = (kinds[:, None] >> bits) & 1
    a, b = for_us.sum(axis=1), for_them.sum(axis=1)[:, None]
    pairs = meet * (worth * times)
    shares = (_GAIN[a, b] * pairs) @ for_us - (_LOSS[a, b] * pairs).sum(axis=1)[:, None] * for_them
    credit[np.ix_(rows, np.array(met))] += shares[of]


def _weights() -> tuple[Floats, Floats]:
    """For a and b players what each of the a has of a leaf, and what each of the b loses, (MOST + 1, MOST + 1) both."""
    gain, loss = np.zeros((2, MOST + 1, MOST + 1))
    for a in range(MOST + 1):
        for b in range(MOST + 1):
            whole = factorial(a + b)
            gain[a, b] = factorial(a - 1) * factorial(b) / whole if a else 0
            loss[a, b] = factorial(a) * factorial(b - 1) / whole if b else 0
    return gain, loss


_GAIN, _LOSS = _weights()
