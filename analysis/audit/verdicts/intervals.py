"""Intervals of 95 % for what a test part measures, and how many flows would decide where they do not.

Shares have Wilson's interval. F1 is 2J / (1 + J) with J = TP / (TP + FP + FN) (Hand, Christen and Kirielle 2021), a
share, so its interval is Wilson's for J, carried through that function. Differences of F1 between two models on the
same flows have the percentile interval of a paired bootstrap (Efron and Tibshirani 1993).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.detection.evaluation import WILSON, Confusion, wilson

CONFIDENCE = 0.95
BOOTSTRAP = "paired bootstrap over test flows, percentiles"
Z = 1.959963984540054
"""Quantile .975 of the standard normal distribution."""


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval; ``method`` says how it was made.

    ``n`` counts the test flows, ``of`` those among them that a share is a share of (attacks for recall): the interval
    rests on these, and a number of flows that would decide is a number of test flows.
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
    # Rounding may put an end a last digit past the estimate.
    return Interval(value, min(low, value), max(high, value), n or whole, WILSON, whole)


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
    """Interval of F1 of ``first`` less F1 of ``second``; three boolean arrays of shape (n,) over the same flows.

    Drawing n flows with replacement is drawing the counts of the eight kinds of flow (label and two decisions) from a
    multinomial distribution, which is what is done.
    """
    kinds = np.bincount(4 * truth + 2 * first + second, minlength=8)
    n = int(kinds.sum())
    draws = np.vstack([kinds, generator.multinomial(n, kinds / n, size=resamples)])
    attack, by_first, by_second = (np.array([kind & bit != 0 for kind in range(8)]) for bit in (4, 2, 1))
    scores = []
    for called in (by_first, by_second):
        found = draws[:, attack & called].sum(axis=1)
        either = draws[:, attack].sum(axis=1) + draws[:, called].sum(axis=1)
        scores.append(np.divide(2 * found, either, out=np.zeros(len(draws)), where=either > 0))
    differences = scores[0] - scores[1]
    value = float(differences[0])
    low, high = np.quantile(differences[1:], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(value, min(float(low), value), max(float(high), value), n, BOOTSTRAP)


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
    # The bound keeps a column that repeats the label finite.
    z, half = math.atanh(min(max(r, -1 + 1e-12), 1 - 1e-12)), Z / math.sqrt(n - 3)
    low, high = min(math.tanh(z - half), r), max(math.tanh(z + half), r)
    return Interval(r, low, high, n, "Fisher's z")


def allowed(printed: float, half_unit: float, tolerance: float) -> tuple[float, float]:
    """What a printed number may stand for: its rounding interval, widened by the tolerance on either side."""
    # Rounded, so that sums of decimals end where they do on paper.
    return round(printed - half_unit - tolerance, 9), round(printed + half_unit + tolerance, 9)


def flows_to_decide(ours: Interval, low: float, high: float) -> int | None:
    """Test flows at which ``ours`` would lie wholly inside or wholly outside ``low`` to ``high``; None: no number does.

    An interval's arms shrink with 1 / sqrt(n) and the estimate is taken to stay, so an arm of length a has the length d
    of the way to an edge at n (a / d)^2 flows. Inside, both arms must fit; outside, the one that points to the edge.
    An estimate on an edge is never decided.
    """
    down, up = ours.value - ours.low, ours.high - ours.value
    if low <= ours.value <= high:
        arms = [(down, ours.value - low), (up, high - ours.value)]
    else:
        arms = [(up, low - ours.value) if ours.value < low else (down, ours.value - high)]
    ratios = [0.0 if arm == 0 else arm / way if way > 1e-9 else math.inf for arm, way in arms]
    flows = ours.n * max([1.0, *ratios]) ** 2
    return math.ceil(flows) if math.isfinite(flows) else None


def as_json(interval: Interval | None) -> Mapping[str, object] | None:
    """The interval as JSON; None where there is none."""
    return None if interval is None else {"low": interval.low, "high": interval.high, "method": interval.method}
