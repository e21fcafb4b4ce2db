"""Metrics of a decision: counts of a two-class confusion and what is derived from them, intervals of a share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.statistics.resampled import redrawn

WILSON = "Wilson"
F1_WILSON = "Wilson of TP / (TP + FP + FN), carried to F1"
NORMAL = 1.959963984540054
"""The normal distribution's quantile at 0.975; SciPy, which has it too, takes a second to load."""


@dataclass(frozen=True)
class Confusion:
    """Counts of flows by label and prediction; the positive class is the attack (or the type in question)."""

    tn: int
    fp: int
    fn: int
    tp: int

    @classmethod
    def of(cls, label: np.ndarray, predicted: np.ndarray) -> Confusion:
        """Count two boolean arrays of shape (n,): the truth and the decision."""
        if label.shape != predicted.shape:
            raise ValueError(f"{label.shape} labels, {predicted.shape} predictions")
        tp = int(np.count_nonzero(label & predicted))
        fp = int(np.count_nonzero(predicted)) - tp
        fn = int(np.count_nonzero(label)) - tp
        return cls(label.size - tp - fp - fn, fp, fn, tp)

    @property
    def n(self) -> int:
        """Flows counted."""
        return self.tn + self.fp + self.fn + self.tp

    @property
    def errors(self) -> int:
        """Flows classified wrongly."""
        return self.fp + self.fn

    @property
    def accuracy(self) -> float | None:
        """(TP + TN) / n; None without flows."""
        return _share(self.tp + self.tn, self.n)

    @property
    def precision(self) -> float | None:
        """TP / (TP + FP); None where nothing is predicted positive."""
        return _share(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float | None:
        """TP / (TP + FN); None without positive flows."""
        return _share(self.tp, self.tp + self.fn)

    @property
    def fpr(self) -> float | None:
        """FP / (FP + TN); None without negative flows."""
        return _share(self.fp, self.fp + self.tn)

    @property
    def f1(self) -> float:
        """2 TP / (2 TP + FP + FN); 0 where nothing is found, also where precision is not defined."""
        return _share(2 * self.tp, 2 * self.tp + self.fp + self.fn) or 0.0

    @property
    def mcc(self) -> float:
        """Matthews correlation coefficient (Matthews 1975); 0 where a margin is empty."""
        margins = (self.tp + self.fp) * (self.tp + self.fn) * (self.tn + self.fp) * (self.tn + self.fn)
        return (self.tp * self.tn - self.fp * self.fn) / math.sqrt(margins) if margins else 0.0

    def interval(self, metric: str) -> dict[str, Any]:
        """The 95% interval of a metric, as :class:`analysis.record.Value` takes it: low, high and how it was made.

        Shares have Wilson's; that of F1 is Wilson's for J = TP / (TP + FP + FN), carried through F1 = 2J / (1 + J)
        (Hand, Christen and Kirielle 2021). Empty for a metric that is neither, and where it is not defined.
        """
        parts = {
            "accuracy": (self.tp + self.tn, self.n),
            "precision": (self.tp, self.tp + self.fp),
            "recall": (self.tp, self.tp + self.fn),
            "fpr": (self.fp, self.fp + self.tn),
            "f1": (self.tp, self.tp + self.fp + self.fn),
        }
        part, whole = parts.get(metric, (0, 0))
        if not whole:
            return {}
        low, high = wilson(part, whole)
        if metric == "f1":
            low, high = 2 * low / (1 + low), 2 * high / (1 + high)
        # Rounding may put an end a last digit past the estimate.
        value = getattr(self, metric)
        return {
            "low": min(low, value),
            "high": max(high, value),
            "interval": F1_WILSON if metric == "f1" else WILSON,
        }

    def metrics(self) -> dict[str, Any]:
        """The metrics by their key in :data:`analysis.detection.names.METRICS`; None where not defined."""
        return {key: getattr(self, key) for key in ("accuracy", "f1", "precision", "recall", "fpr", "mcc")}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def wilson(successes: int, n: int) -> tuple[float, float]:
    """95% score interval of a share (Wilson 1927): lower and upper end, fractions. Needs n of 1 or more."""
    if not 0 <= successes <= n or n < 1:
        raise ValueError(f"{successes} successes of {n} trials")
    return score_interval(successes / n, n)


def score_interval(share: float, n: float) -> tuple[float, float]:
    """Wilson's interval of a ``share`` of ``n`` trials, n of 1 or more, also an effective number; it holds the share.

    >>> score_interval(0.0, 10)[0], round(score_interval(0.0, 10)[1], 4)
    (0.0, 0.2775)
    """
    squared = NORMAL**2
    centre = (share + squared / (2 * n)) / (1 + squared / n)
    reach = NORMAL * math.sqrt(share * (1 - share) / n + squared / (4 * n**2)) / (1 + squared / n)
    return min(max(centre - reach, 0.0), share), max(min(centre + reach, 1.0), share)


def f1_differences(
    truth: np.ndarray, first: np.ndarray, second: np.ndarray, resamples: int, generator: np.random.Generator
) -> tuple[float, np.ndarray]:
    """F1 of ``first`` less F1 of ``second`` on the same flows, and in resamples of these, shape (resamples,).

    The three arrays are boolean, shape (n,). Drawing n flows with replacement is drawing the counts of the eight kinds
    of flow (label and two decisions) from a multinomial distribution, which is what is done. A resample without an
    attack is drawn again, unless there are none.
    """
    kinds = np.bincount(4 * truth + 2 * first + second, minlength=8)
    n = int(kinds.sum())
    attack, by_first, by_second = (np.array([kind & bit != 0 for kind in range(8)]) for bit in (4, 2, 1))

    def draw(size: int) -> np.ndarray:
        return generator.multinomial(n, kinds / n, size=size)

    drawn = redrawn(draw, resamples, lambda rows: np.logical_or(not truth.any(), rows[:, attack].any(axis=1)))
    draws = np.vstack([kinds, drawn])
    scores = []
    for called in (by_first, by_second):
        found = draws[:, attack & called].sum(axis=1)
        either = draws[:, attack].sum(axis=1) + draws[:, called].sum(axis=1)
        scores.append(np.divide(2 * found, either, out=np.zeros(len(draws)), where=either > 0))
    differences = scores[0] - scores[1]
    return float(differences[0]), differences[1:]


def f1_bound(attacks: np.ndarray, flows: np.ndarray) -> float:
    """Highest F1 of any rule that gives identical flows one answer.

    ``attacks`` and ``flows`` count each group of identical flows, shape (groups,). The F1-optimal decision is a
    threshold on the groups' attack share (Koyejo et al. 2014; Lipton et al. 2014), so the best of the prefixes in order
    of that share is the optimum. Computed on the flows it is judged on, hence optimistic as a forecast.
    """
    order = np.argsort(-attacks / flows, kind="stable")
    found = np.cumsum(attacks[order])
    called = np.cumsum(flows[order])
    # 2TP / (2TP + FP + FN), since TP + FP are the flows called and TP + FN all attacks.
    return float(np.max(2 * found / (called + attacks.sum()), initial=0.0)) if attacks.sum() else 0.0
