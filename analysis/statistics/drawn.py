"""Intervals of what is made of several shares: percentiles of shares drawn from Jeffreys' distributions of each.

A share of which k of n trials are is drawn from Beta(k + 1/2, n - k + 1/2) (Brown, Cai and DasGupta 2001).
"""

from __future__ import annotations

import numpy as np

DRAWS = 2_000
DRAWN = "percentiles of draws from Jeffreys' distributions of the shares"
"""How intervals of what is made of several shares are made."""
Ends = tuple[float, float, float]


def jeffreys(value: float, n: float, generator: np.random.Generator) -> np.ndarray:
    """Draws of a share of n trials from Jeffreys' distribution, shape (:data:`DRAWS`,)."""
    return generator.beta(value * n + 0.5, (1 - value) * n + 0.5, DRAWS)


def spanned(value: float, draws: np.ndarray) -> Ends:
    """A value with the ends of the middle 95 % of its draws, which hold the value also at the edge.

    >>> spanned(0.0, np.linspace(0, 1, 1001))
    (0.0, 0.0, 0.975)
    """
    low, high = (float(end) for end in np.quantile(draws, [0.025, 0.975]))
    return value, min(low, value), max(high, value)
