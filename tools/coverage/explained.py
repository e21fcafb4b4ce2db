"""Intervals of what explains a model: shares of credit, agreement of two methods, and mean falls of a score."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analysis.explanation.importance import kendall, sizes
from analysis.explanation.report import span
from analysis.statistics.resampled import weights
from tools.coverage.kind import RESAMPLES, Generator, Kind

CREDIT = 0.96 + 0.04 * np.arange(8)
"""Mean size of the credit of each of eight clusters in a flow's score, which 300 flows hardly tell apart."""
SAME, OTHER = np.arange(8.0)[None], np.array([[2.0, 1, 4, 3, 6, 5, 8, 7]])
"""What another method gives these clusters, whatever the flows: the same order, and partly another."""


def _credit(generator: Generator) -> np.ndarray:
    """Mean size of exponential credit in 300 flows, and in resamples of them, (1 + resamples, clusters)."""
    drawn = weights(np.arange(300), np.arange(300) < 150, RESAMPLES, generator)
    return sizes(generator.exponential(CREDIT, (300, CREDIT.size)), np.vstack([np.ones(300), drawn]))


def of_credit(generator: Generator) -> bool:
    """Percentile bootstrap of a cluster's share of the credit."""
    found = _credit(generator)
    share = found[:, -1] / found.sum(axis=1)
    low, high = span(float(share[0]), share[1:])
    return low <= CREDIT[-1] / CREDIT.sum() <= high


def of_tau(other: np.ndarray) -> Callable[[Generator], bool]:
    """Percentile bootstrap of Kendall's tau of credit and another method over the clusters."""

    def holds(generator: Generator) -> bool:
        found = _credit(generator)
        tau = kendall(found, np.tile(other, (len(found), 1)))
        low, high = span(float(tau[0]), tau[1:])
        return low <= float(kendall(CREDIT[None], other)[0]) <= high

    return holds


def of_fall(generator: Generator) -> bool:
    """Percentile bootstrap of a mean over hits."""
    fall = generator.exponential(size=100)
    again = generator.multinomial(100, np.full(100, 0.01), RESAMPLES) @ fall / 100
    low, high = span(float(fall.mean()), again)
    return low <= 1 <= high


CLUSTERS = "eight clusters of nearly the same credit"
KINDS = {
    "credit": Kind(300, CLUSTERS, False, of_credit),
    "tau": Kind(300, CLUSTERS, False, of_tau(OTHER)),
    "tau_same": Kind(300, CLUSTERS, False, of_tau(SAME)),
    "fall": Kind(100, "exponential falls of a score", False, of_fall),
}
