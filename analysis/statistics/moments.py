"""Moments, quantiles and the bootstrap of kurtosis, all from distinct values and their counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.statistics.value_counts import Counts, Floats

DOMINANT = 0.9
"""Share of the flows from which on their one value decides the kurtosis."""
ONE_VALUE = "one value dominates"
CELLS = 256
"""Cells of the bootstrap: none holds more than this fraction of the fourth moment unless it is one distinct value."""


@dataclass(frozen=True)
class Moments:
    """Mean, standard deviation (divisor n - 1), skewness G1 and excess kurtosis G2; None where undefined."""

    n: int
    mean: float
    sd: float | None
    g1: float | None
    g2: float | None


def moments(values: Floats, counts: Counts) -> Moments:
    """Moments of a sample with ``counts`` flows at each of ``values``.

    G1 and G2 are the adjusted Fisher-Pearson coefficients (Joanes and Gill 1998), as scipy.stats.skew and kurtosis give
    with bias=False. The standard deviation is None for one flow; G1 below three and G2 below four, and both for a
    constant.

    >>> found = moments(np.array([1.0, 2.0, 10.0]), np.array([2, 2, 1]))
    >>> found.n, found.mean, round(found.sd, 3), round(found.g1, 3), round(found.g2, 3)
    (5, 3.2, 3.834, 2.142, 4.663)
    """
    n = int(counts.sum())
    mean = float((values * counts).sum() / n)
    if n < 2:
        return Moments(n, mean, None, None, None)
    if len(values) == 1:
        return Moments(n, float(values[0]), 0.0, None, None)
    deviations = values - mean
    scale = float(np.abs(deviations).max())
    z = deviations / scale
    s1, s2, s3, s4 = (float((z**k * counts).sum() / n) for k in (1, 2, 3, 4))
    m2, m3, m4 = _central(s1, s2, s3, s4)
    sd = scale * float(np.sqrt(m2 * n / (n - 1)))
    g1 = float(m3 / m2**1.5 * np.sqrt(n * (n - 1)) / (n - 2)) if n >= 3 else None
    return Moments(n, mean + scale * s1, sd, g1, float(adjusted_kurtosis(n, m2, m4)) if n >= 4 else None)


def adjusted_kurtosis(n: int, m2: Any, m4: Any) -> Any:
    """G2 from the number of flows and the second and fourth central moment with divisor n (numbers or arrays).

    >>> round(adjusted_kurtosis(4, 1.25, 2.5625), 6)  # of 1, 2, 3, 4
    -1.2
    """
    return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * m4 / m2**2 - 3 * (n - 1))


def _central(s1: Any, s2: Any, s3: Any, s4: Any) -> tuple[Any, Any, Any]:
    """Central moments of order 2 to 4 from the raw moments of order 1 to 4 (numbers or arrays)."""
    return s2 - s1**2, s3 - 3 * s1 * s2 + 2 * s1**3, s4 - 4 * s1 * s3 + 6 * s1**2 * s2 - 3 * s1**4


def quantile(values: Floats, counts: Counts, share: float) -> float:
    """The smallest value with at least ``share`` of the flows at or below it (the inverted CDF).

    >>> quantile(np.array([1.0, 2.0, 10.0]), np.array([2, 2, 1]), 0.5)
    2.0
    """
    return float(values[np.searchsorted(np.cumsum(counts), share * counts.sum())])


def kurtosis_interval(
    values: Floats, counts: Counts, resamples: int, confidence: float, rng: np.random.Generator
) -> tuple[float, float] | None:
    """Percentile bootstrap interval of G2 from ``resamples`` multinomial resamples; None where a resample has none.

    A resample draws how many flows fall on each cell of neighbouring values, and takes the cell's own mean powers for
    them. Cells are cut so that each holds a small share of the flows and of the fourth moment: outliers, which decide
    the kurtosis, stay single, and the cost does not grow with the number of flows.

    >>> low, high = kurtosis_interval(np.arange(9.0), np.full(9, 100), 500, 0.95, np.random.default_rng(1))
    >>> low < -1.23 < high  # a uniform distribution on nine values
    True
    """
    n = int(counts.sum())
    if n < 4 or len(values) < 2:
        return None
    mean = (values * counts).sum() / n
    z = (values - mean) / np.sqrt(((values - mean) ** 2 * counts).sum() / n)
    influence = counts / n + counts * z**4 / (counts * z**4).sum()
    cell = ((np.cumsum(influence) - influence / 2) / 2 * CELLS).astype(np.int64)
    first = np.flatnonzero(np.diff(cell, prepend=-1))
    sizes = np.add.reduceat(counts, first)
    powers = np.column_stack([np.add.reduceat(z**k * counts, first) / sizes for k in (1, 2, 3, 4)])
    drawn = rng.multinomial(n, sizes / n, size=resamples)
    m2, _, m4 = _central(*(drawn @ powers / n).T)
    # A resample of one value only has no kurtosis; rounding leaves its variance near zero rather than at it.
    if m2.min() < 1e-12:
        return None
    g2 = adjusted_kurtosis(n, m2, m4)
    tail = (1 - confidence) / 2
    low, high = np.quantile(g2, [tail, 1 - tail])
    return float(low), float(high)


def kurtosis_word(interval: tuple[float, float] | None, commonest: float) -> str:
    """Lepto- or platykurtic where the interval of G2 lies on one side of 0, otherwise undetermined.

    Where the ``commonest`` value is that of a share of DOMINANT or more of the flows, the kurtosis tells of that share
    and not of tails, and the words say so.

    >>> kurtosis_word((0.4, 2.1), commonest=0.2), kurtosis_word((-0.1, 2.1), commonest=0.2)
    ('leptokurtic', 'undetermined')
    """
    if commonest >= DOMINANT:
        return ONE_VALUE
    if interval is None or interval[0] <= 0 <= interval[1]:
        return "undetermined"
    return "leptokurtic" if interval[0] > 0 else "platykurtic"
