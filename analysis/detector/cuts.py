"""Thresholds of trees over prepared features, as thresholds over the features as they are measured.

scikit-learn's trees compare a prepared value in single precision with a threshold in double precision. Preparing,
rounding and comparing never turn back as the value grows, so each comparison is that of the raw value with one number:
the greatest double that still goes to the left. It is found by bisection, so the answer is the same for every double.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

GREATEST = np.finfo(np.float64).max
STEPS = 65
"""Halvings after which two neighbours of the 2^64 doubles are left."""

Seen = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""What a tree sees of raw values of features of these numbers, both of shape (n,): float32, growing with the value."""


def raw_cuts(seen: Seen, features: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """For each of ``cuts`` (n,) on ``features`` (numbers, n) the greatest raw double that is seen at or below it.

    Minus infinity where no finite value is, the greatest double where all are.

    >>> raw_cuts(lambda raw, feature: raw.astype(np.float32), np.zeros(1, dtype=int), np.array([0.1])).round(9)
    array([0.1])
    """
    low = np.full(cuts.shape, _key(np.array(-GREATEST)))
    high = np.full(cuts.shape, _key(np.array(GREATEST)))
    left = seen(_double(low), features) <= cuts
    right = seen(_double(high), features) > cuts
    for _ in range(STEPS):
        middle = (low >> 1) + (high >> 1) + (low & high & 1)
        below = seen(_double(middle), features) <= cuts
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.where(left, np.where(right, _double(low), GREATEST), -np.inf)


def _key(values: np.ndarray) -> np.ndarray:
    """Whole numbers in the order of the doubles."""
    bits = values.view(np.int64)
    return bits ^ ((bits >> 63) & np.int64(2**63 - 1))


def _double(keys: np.ndarray) -> np.ndarray:
    return np.asarray(_key(keys.view(np.float64)).view(np.float64))
