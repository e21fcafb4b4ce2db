"""Intervals and tests of features: correlations, ranks, differences between classes, kurtosis."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import polars as pl
from scipy.stats import rankdata

from analysis.audit.verdicts.intervals import correlation, rank_correlation, superiority
from analysis.findings.rank_intervals import ends
from analysis.statistics.effect import interval
from analysis.statistics.kolmogorov_smirnov import critical_d, two_sample
from analysis.statistics.moments import kurtosis_interval
from analysis.statistics.resampled import pearson, ranks, weights
from analysis.statistics.value_counts import SortedColumn, ValueCounts
from tools.coverage.kind import RESAMPLES, Generator, Kind


def _normal(generator: Generator) -> tuple[np.ndarray, np.ndarray]:
    x, e = generator.normal(size=(2, 80))
    return x, 0.6 * x + 0.8 * e


def of_correlation(generator: Generator) -> bool:
    """Fisher's interval, of normal columns."""
    found = correlation(float(np.corrcoef(*_normal(generator))[0, 1]), 80)
    return found.low <= 0.6 <= found.high


def of_correlation_with_class(generator: Generator) -> bool:
    """Fisher's interval, of a skewed feature with the class: of each class exponential, with means 1 and 3."""
    attack = generator.random(400) < 0.2
    x = generator.exponential(np.where(attack, 3, 1))
    found = correlation(float(np.corrcoef(x, attack)[0, 1]), 400)
    # Covariance 0.2 (3 - 1.4), variances 3.24 and 0.16.
    return found.low <= 0.32 / math.sqrt(3.24 * 0.16) <= found.high


def of_rank_correlation(generator: Generator) -> bool:
    """Bonett and Wright's interval of Spearman's correlation."""
    ranked = [rankdata(column) for column in _normal(generator)]
    found = rank_correlation(float(np.corrcoef(*ranked)[0, 1]), 80)
    return found.low <= 6 / math.pi * math.asin(0.3) <= found.high


def _exponential(generator: Generator) -> tuple[np.ndarray, np.ndarray]:
    """A feature of 60 benign flows and of 90 attacks, which have the larger value in three pairs of four."""
    return generator.exponential(1, 60), generator.exponential(3, 90)


def of_superiority(generator: Generator) -> bool:
    """Hanley and McNeil's interval, of exponential samples, for which it is derived."""
    found = superiority(*_exponential(generator))
    return found.low <= 0.75 <= found.high


def of_delta(generator: Generator) -> bool:
    """Feng and Cliff's interval of delta."""
    counts = SortedColumn.of(pl.Series(np.concatenate(_exponential(generator)))).grouped(np.repeat([0, 1], [60, 90]), 2)
    (low,), (high,) = interval(counts[:, 0], counts[:, 1:])
    return bool(low <= 0.5 <= high)


def of_rank(generator: Generator) -> bool:
    """Percentile bootstrap of a feature's rank by |r|: the third of five, of which each tells less than the last."""
    attack = np.arange(500) < 200
    values = generator.normal(np.outer(attack, [0.9, 0.75, 0.6, 0.45, 0.3]))
    weighted = np.vstack([np.ones(500), weights(np.arange(500), attack, RESAMPLES, generator)])
    found = ranks(np.abs(pearson(values, attack, weighted)))[:, 2]
    low, high = ends(found[1:], float(found[0]))
    return low <= 3 <= high


def of_kurtosis(draw: Callable[[Generator], np.ndarray], truth: float) -> Callable[[Generator], bool]:
    """Percentile bootstrap of the excess kurtosis."""

    def holds(generator: Generator) -> bool:
        values, counts = np.unique(draw(generator), return_counts=True)
        found = kurtosis_interval(values, counts, RESAMPLES, 0.95, generator)
        return found is not None and found[0] <= truth <= found[1]

    return holds


def of_d(draw: Callable[[Generator], np.ndarray]) -> Callable[[Generator], bool]:
    """Whether D of two samples of one distribution, of 300 and 200 flows, stays below its critical value."""
    attack = np.arange(500) >= 300
    return lambda generator: two_sample(ValueCounts.of(draw(generator), attack)).d < critical_d(300, 200)


LOG_NORMAL = math.exp(4) + 2 * math.exp(3) + 3 * math.exp(2) - 6
"""Excess kurtosis where the logarithm has a deviation of 1."""
BELOW = "D is below its critical value"
KINDS = {
    "correlation": Kind(80, "a normal distribution", True, of_correlation),
    "correlation_class": Kind(400, "a skewed feature and the class", False, of_correlation_with_class),
    "rank_correlation": Kind(80, "a normal distribution", True, of_rank_correlation),
    "superiority": Kind(150, "an exponential feature in two classes", True, of_superiority),
    "delta": Kind(150, "an exponential feature in two classes", True, of_delta),
    "rank": Kind(500, "five features", False, of_rank),
    "kurtosis_light": Kind(
        2000, "a uniform feature", False, of_kurtosis(lambda generator: generator.random(2000), -1.2)
    ),
    "kurtosis_skewed": Kind(
        2000, "an exponential feature", False, of_kurtosis(lambda generator: generator.exponential(size=2000), 6.0)
    ),
    "kurtosis_heavy": Kind(
        2000, "a log-normal feature", False, of_kurtosis(lambda generator: generator.lognormal(size=2000), LOG_NORMAL)
    ),
    "d": Kind(500, "a continuous feature", True, of_d(lambda generator: generator.random(500)), BELOW),
    "d_ties": Kind(
        500,
        "a feature of five values",
        False,
        of_d(lambda generator: generator.integers(0, 5, 500).astype(float)),
        BELOW,
    ),
}
