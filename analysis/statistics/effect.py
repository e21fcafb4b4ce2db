"""How far groups of flows lie from others in one feature, from the number of flows of each at each distinct value."""

from __future__ import annotations

import numpy as np

from analysis.statistics.value_counts import Counts, Floats

SPREADS = 1.959963984540054
"""The normal distribution's quantile at 0.975."""


def effects(reference: Counts, others: Counts) -> tuple[Floats, Floats]:
    """Kolmogorov-Smirnov distance D and Cliff's delta of each of the ``others`` against ``reference``, shape (groups,).

    ``reference`` has shape (values,), ``others`` (values, groups), the values ascending. Delta is positive where the
    group has the larger values (Cliff 1993); it is 2 AUC - 1. Both are NaN for a group without flows.

    >>> d, delta = effects(np.array([2, 1, 1, 0]), np.array([[0], [1], [2], [1]]))
    >>> float(d[0]), float(delta[0])
    (0.5, 0.6875)
    """
    below, sizes = np.cumsum(reference), others.sum(axis=0)
    n = int(below[-1])
    with np.errstate(invalid="ignore", divide="ignore"):
        d = np.abs(np.cumsum(others, axis=0) / sizes - (below / n)[:, None]).max(axis=0)
        # Twice the reference below a value, and that at it once more, less all of it: below less above.
        delta = ((2 * below - reference - n) @ others) / (n * sizes)
    return np.asarray(d), np.asarray(delta)


def interval(reference: Counts, others: Counts) -> tuple[Floats, Floats]:
    """Ends of the 95 % interval of Cliff's delta of each of the ``others`` against ``reference``, each (groups,).

    From Cliff's consistent estimate of its variance, asymmetric so that it stays within -1 and 1 (Feng and Cliff 2004);
    where no value of one group reaches those of the other, from their bound on it, (1 - delta²) over the smaller number
    of flows. NaN for a group of fewer than two flows. Flows count as independent.

    >>> low, high = interval(np.array([2, 1, 1, 0]), np.array([[0], [1], [2], [1]]))
    >>> float(low[0].round(3)), float(high[0].round(3))
    (-0.088, 0.944)
    """
    z2, n = SPREADS**2, int(reference.sum())
    less = 2 * np.cumsum(reference) - reference - n  # of a flow of another group: reference below less above
    own = less / n
    low, high = np.full(others.shape[1], np.nan), np.full(others.shape[1], np.nan)
    for i in range(others.shape[1]):
        # One group at a time: all of them beside one another would be several copies of the counts.
        group = np.ascontiguousarray(others[:, i])
        m = int(group.sum())
        if min(n, m) < 2:
            continue
        pairs = n * m
        delta = int(less @ group) / pairs
        if abs(delta) == 1:
            bound = (min(n, m) - z2) / (min(n, m) + z2)
            low[i], high[i] = (bound, 1.0) if delta > 0 else (-1.0, -bound)
            continue
        theirs = (m - 2 * np.cumsum(group) + group) / m  # of a flow of the reference: group above less below
        of_group = group @ (own - delta) ** 2 / (m - 1)
        of_reference = reference @ (theirs - delta) ** 2 / (n - 1)
        of_pairs = (pairs - int(reference @ group) - pairs * delta**2) / (pairs - 1)
        s2 = z2 * ((n - 1) * of_group + (m - 1) * of_reference + of_pairs) / pairs
        room = 1 - delta**2
        half = np.sqrt(s2 * (room**2 + s2))
        low[i], high[i] = (delta * room + np.array([-half, half])) / (room + s2)
    return low, high


def chance(reference: Counts, others: Counts) -> Floats:
    """Size of delta that 95 % of random draws of as many flows do not pass where there is no difference, (groups,).

    From the variance of the Mann-Whitney statistic with its correction for ties, delta being that statistic's share of
    all pairs, doubled and less one.
    """
    n, m = reference.sum(), others.sum(axis=0).astype(float)
    both = (reference[:, None] + others).astype(float)
    size = n + m
    with np.errstate(invalid="ignore", divide="ignore"):
        tied = 1 - (both * both * both - both).sum(axis=0) / (size**3 - size)
        return np.asarray(SPREADS * np.sqrt(np.maximum(tied, 0) * (size + 1) / (3 * n * m)))


def days_apart(by_day: Counts) -> tuple[float, float] | None:
    """The largest D and the largest size of delta between two days, from counts of shape (values, days).

    None with fewer than two days that have flows.
    """
    by_day = by_day[:, by_day.sum(axis=0) > 0]
    if by_day.shape[1] < 2:
        return None
    found = [effects(by_day[:, i], by_day[:, i + 1 :]) for i in range(by_day.shape[1] - 1)]
    return float(max(d.max() for d, _ in found)), float(max(np.abs(delta).max() for _, delta in found))
