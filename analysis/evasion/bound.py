"""Of which flows no action of their sender within a budget lets evade a forest: a proof, by splitting all actions.

A cell holds all actions whose amounts lie between two ends; the least score in its box (:mod:`analysis.evasion.box`,
:mod:`analysis.evasion.trees`) is no more than that of any flow acted on. A cell whose least score is that of an attack
is done with, of any other the least action is tried, and it is split in two. A flow of which too many cells are left is
undecided. Cells are counted, and no clock decides.

A verifier of tree ensembles (Veritas: Devos, Meert and Davis, 2021) that is asked of one box of all actions proves
less, since such a box holds what no single action makes of a flow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.conditions.threshold import CALLED
from analysis.dataset.meter import Array, Flows
from analysis.evasion.actions import Action
from analysis.evasion.attackers import Score, cost, ends, worst
from analysis.evasion.box import box
from analysis.evasion.cells import Cell, halves, trimmed, whole
from analysis.evasion.scores import score_of
from analysis.evasion.trees import least_score
from analysis.evasion.trial import SHARES, Setting, chosen, demand_whole

MOST, ROUNDS = 64, 24
"""Cells of a flow that may be left at a time, and how often they are split, before the flow counts as undecided."""
SURELY = 1e-9
"""By so much a least score lies above ``CALLED`` where it counts: sums are rounded."""
SAFE, OPEN, EVADES = 0, 1, 2
"""What it comes to: no action evades; undecided; one was found that does."""


def decided(
    flows: Mapping[str, Array], evaded: np.ndarray, pipeline: Any, features: Sequence[str], setting: Setting
) -> np.ndarray:
    """Whether an action of the sender evades: ``SAFE``, ``OPEN`` or ``EVADES`` by share and flow, shape (shares, n).

    The shares of the budget are those of ``SHARES`` but nothing; ``evaded``, boolean of the same shape, says which
    flows are known to evade.
    """
    found = np.where(evaded, EVADES, OPEN)
    for number in reversed(range(len(found))):
        asked = ~evaded[number] & ~(found[number + 1 :] == SAFE).any(axis=0)
        found[number, ~evaded[number] & ~asked] = SAFE
        if asked.any():
            share = SHARES[number + 1]
            found[number, asked] = within(chosen(flows, asked), pipeline, features, share, setting)
    return np.asarray(np.maximum.accumulate(found))


def within(
    flows: Mapping[str, Array], pipeline: Any, features: Sequence[str], share: float, setting: Setting
) -> np.ndarray:
    """Whether an action within a share of the budget evades: ``SAFE``, ``OPEN`` or ``EVADES``, shape (flows,)."""
    n = flows["Flow Duration"].size
    octets = np.full(n, np.floor(share * setting.budget.bytes))
    delay = np.full(n, np.floor(share * setting.budget.seconds * 1e6))
    score = score_of(pipeline, features)
    row, found = np.arange(n), np.full(n, SAFE)
    evading: list[Flows] = []
    cells = trimmed(flows, whole(flows, octets, delay), octets)
    for _ in range(ROUNDS):
        own = chosen(flows, row)
        left = least_score(pipeline, features, box(own, cells, setting.meter)) <= CALLED + SURELY
        row, cells, own = row[left], cells.only(left), chosen(own, left)
        found[np.bincount(row, minlength=n) > MOST] = OPEN
        found[row[cells.single]] = OPEN
        after, evades = _tried(own, cells, score, share, setting)
        found[row[evades]] = EVADES
        evading.append(chosen(after, np.tile(evades, 2)))
        left = found[row] == SAFE
        row, cells = np.tile(row[left], 2), halves(chosen(own, left), cells.only(left))
        cells = trimmed(chosen(flows, row), cells, octets[row])
        row, cells = row[cells.some], cells.only(cells.some)
        if not row.size:
            break
    found[row] = OPEN
    demand_whole({name: np.concatenate([one[name] for one in evading]) for name in flows}, setting.release)
    return found


def _tried(
    flows: Mapping[str, Array], cells: Cell, score: Score, share: float, setting: Setting
) -> tuple[Flows, np.ndarray]:
    """Both ends of the flows after the least action of each cell, and which evade so within a share of the budget."""
    factor, padding, packets, size = (np.tile(one.low, 2) for one in cells.spans)
    after = ends(flows, Action(factor, padding, packets, size, meter=setting.meter))
    return after, (worst(score(after)) <= CALLED) & (setting.budget.share(*cost(flows, after)) <= share)
