"""Intervals of 95 % for what a test part measures, and how many flows would make them as narrow as the tolerance.

Shares have Wilson's interval. F1 is 2J / (1 + J) with J = TP / (TP + FP + FN) (Hand, Christen and Kirielle 2021), a
share, so its interval is Wilson's for J, carried through that function. Differences of F1 between two models on the
same flows have the percentile interval of a paired bootstrap (Efron and Tibshirani 1993), rank correlations that of
Bonett and Wright (2000).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from statsmodels.stats.proportion import proportion_confint

from analysis.detection.evaluation import F1_WILSON, WILSON, Confusion, f1_differences, wilson

CONFIDENCE = 0.95
BOOTSTRAP = "paired bootstrap over test flows, percentiles"
FEW = 10
"""A share of fewer flows is told as two counts, and says nothing of how many would be enough."""
MOST = 0.49
"""Half-widths from here on are those of next to no flows."""
Z = 1.959963984540054
"""Quantile .975 of the standard normal distribution."""


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval; ``method`` says how it was made.

    ``n`` counts the test flows, ``of`` those among them that a share is a share of (attacks for recall): the interval
    rests on these.
    """

    value: float
    low: float
    high: float
    n: int
    method: str
    of: int | None = None

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"{self.value} lies outside {self.low} to {self.high}")


def share(part: int, whole: int, n: int | None = None) -> Interval:
    """Interval of ``part`` / ``whole``; ``n`` is the number of test flows where ``whole`` is a part of them."""
    low, high = wilson(part, whole)
    value = part / whole
    return Interval(value, low, high, n or whole, WILSON, whole)


def measure(count: Confusion, metric: str) -> Interval | None:
    """Interval of accuracy, precision, recall or F1; None where the metric is not defined."""
    of = {"accuracy": count.n, "precision": count.tp + count.fp, "recall": count.tp + count.fn,
          "f1": count.tp + count.fp + count.fn}[metric]  # fmt: skip
    if not of:
        return None
    found = count.interval(metric)
    return Interval(getattr(count, metric), found["low"], found["high"], count.n, found["interval"], of)


def f1_difference(
    truth: np.ndarray, first: np.ndarray, second: np.ndarray, resamples: int, generator: np.random.Generator
) -> Interval:
    """Interval of F1 of ``first`` less F1 of ``second``; three boolean arrays of shape (n,) over the same flows."""
    value, drawn = f1_differences(truth, first, second, resamples, generator)
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(value, min(float(low), value), max(float(high), value), truth.size, BOOTSTRAP)


def superiority(first: np.ndarray, second: np.ndarray) -> Interval:
    """Interval of P(first < second) + P(equal) / 2 for two samples, with the error of Hanley and McNeil (1982)."""
    from scipy.stats import mannwhitneyu

    m, n = first.size, second.size
    area = float(mannwhitneyu(second, first).statistic) / (m * n)
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (area * (1 - area) + (n - 1) * (q1 - area**2) + (m - 1) * (q2 - area**2)) / (m * n)
    half = Z * math.sqrt(max(variance, 0.0))
    return Interval(area, max(area - half, 0.0), min(area + half, 1.0), m + n, "Hanley and McNeil")


def correlation(r: float, n: int) -> Interval:
    """Fisher's interval of a correlation of ``n`` flows."""
    return _by_arctanh(r, n, 1.0, "Fisher's z")


def rank_correlation(rho: float, n: int) -> Interval:
    """Interval of Spearman's correlation over ``n`` pairs (Bonett and Wright 2000)."""
    return _by_arctanh(rho, n, math.sqrt(1 + rho**2 / 2), "Bonett and Wright")


def _by_arctanh(r: float, n: int, error: float, method: str) -> Interval:
    # The bounds keep a column that repeats another, and a handful of pairs, finite.
    z, half = math.atanh(min(max(r, -1 + 1e-12), 1 - 1e-12)), Z * error / math.sqrt(max(n - 3, 1))
    return Interval(r, min(math.tanh(z - half), r), max(math.tanh(z + half), r), n, method)


def allowed(printed: float, half_unit: float, tolerance: float) -> tuple[float, float]:
    """What a printed number may stand for: its rounding interval, widened by the tolerance on either side."""
    # Rounded, so that sums of decimals end where they do on paper.
    return round(printed - half_unit - tolerance, 9), round(printed + half_unit + tolerance, 9)


def flows_for(half_width: float, ours: Interval) -> int | None:
    """Test flows at which ``ours`` would reach ``half_width`` to either side on average, if its estimate stayed.

    For shares and F1, whose interval is Wilson's; None for other intervals, for a half-width that no number of flows
    has, and for estimates from so few flows that they would not stay.
    """
    if ours.method not in (WILSON, F1_WILSON) or not 0 < half_width < MOST or (ours.of or 0) < FEW:
        return None
    share = ours.value / (2 - ours.value) if ours.method == F1_WILSON else ours.value

    def excess(log_n: float) -> float:
        n = math.exp(log_n)
        low, high = proportion_confint(share * n, n, 1 - CONFIDENCE, method="wilson")
        if ours.method == F1_WILSON:
            low, high = 2 * low / (1 + low), 2 * high / (1 + high)
        return float(high - low) / 2 - half_width

    # Less than one flow has nearly the whole range from 0 to 1; ten thousand million have next to nothing of it.
    needed = math.exp(brentq(excess, math.log(1e-9), math.log(1e16)))
    return math.ceil(needed * ours.n / (ours.of or ours.n))


def as_json(interval: Interval | None) -> Mapping[str, object] | None:
    """The interval as JSON; None where there is none."""
    return None if interval is None else {"low": interval.low, "high": interval.high, "method": interval.method}
