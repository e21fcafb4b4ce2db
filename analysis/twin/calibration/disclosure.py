"""What must not be disclosed: which real flows are rare, and the bit map that keeps the twin from drawing one anew.

Why there is a map, and what it reveals: :mod:`analysis.twin.avoidance`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.twin.avoidance import Avoidance, Keys, places
from analysis.twin.behaviours import LEAST_ROWS

BITS = 21
"""Logarithm of the number of bits, at least; more where more than FILLED of them would be set."""
FILLED = 0.04
SALTS = 32
"""Ways to place the bits that are tried: the one is kept that refuses least of what is common in any class."""


def rare(sources: Sequence[tuple[Keys, Keys]]) -> Keys:
    """Keys of the flows that occur fewer than ten times in each of the sources (which may share rows).

    By whole-number columns where they are rare in these already, else by all that tells flows apart.
    """
    whole = _rare([found for found, _ in sources])
    return np.union1d(whole, _rare([every[~np.isin(found, whole)] for found, every in sources]))


def _rare(sources: Sequence[Keys]) -> Keys:
    counted = [np.unique(found, return_counts=True) for found in sources]
    common = [found[counts >= LEAST_ROWS] for found, counts in counted]
    return np.setdiff1d(np.concatenate([found for found, _ in counted]), np.concatenate(common))


def bit_map(rare_keys: Keys, classes: Sequence[tuple[Keys, Keys]] = ()) -> Avoidance:
    """The map of the rare keys; ``classes`` are the keys of all rows of each class, whose common ones it should spare.

    A common flow that happens to share a bit with a rare one would be lost, and its class with it distorted.
    """
    size = max(BITS, int(np.ceil(np.log2(max(len(rare_keys), 1) / FILLED))))
    common = [(own, ~(np.isin(own[0], rare_keys) | np.isin(own[1], rare_keys))) for own in classes]
    best, least = Avoidance(np.zeros(0, dtype=np.uint8)), np.inf
    for salt in range(SALTS if any(which.any() for _, which in common) else 1):
        bits = np.zeros(1 << size, dtype=np.uint8)
        bits[places(rare_keys, salt, size)] = 1
        lost = [[bits[places(found[which], salt, size)] for found in own] for own, which in common]
        losses = [(one | other).sum() / len(own[0]) for (one, other), (own, _) in zip(lost, common, strict=True)]
        if (worst := max(losses, default=0.0)) < least:
            best, least = Avoidance(np.packbits(bits), salt), worst
    return best
