"""Metrics of a decision: counts of a two-class confusion and what is derived from them, intervals of a share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np


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

    def metrics(self) -> dict[str, Any]:
        """The metrics by their key in :data:`analysis.detection.names.METRICS`; None where not defined."""
        return {key: getattr(self, key) for key in ("accuracy", "f1", "precision", "recall", "fpr", "mcc")}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def wilson(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Score interval of a share (Wilson 1927): lower and upper end, fractions. Needs n of 1 or more."""
    if not 0 <= successes <= n or n < 1:
        raise ValueError(f"{successes} successes of {n} trials")
    z2 = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    share = successes / n
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    # At 0 and n successes one end is exactly 0 or 1; rounding must not push it past.
    return (0.0 if successes == 0 else centre - half), (1.0 if successes == n else centre + half)


def f1_bound(attacks: np.ndarray, flows: np.ndarray) -> float:
    """Highest F1 of any rule that decides alike on flows that look alike.

    ``attacks`` and ``flows`` count each group of look-alikes, shape (groups,). The F1-optimal decision is a threshold
    on the groups' attack share (Koyejo et al. 2014; Lipton et al. 2014), so the best of the prefixes in order of that
    share is the optimum. Computed on the flows it is judged on, hence optimistic as a forecast.
    """
    order = np.argsort(-attacks / flows, kind="stable")
    found = np.cumsum(attacks[order])
    called = np.cumsum(flows[order])
    # 2TP / (2TP + FP + FN), since TP + FP are the flows called and TP + FN all attacks.
    return float(np.max(2 * found / (called + attacks.sum()), initial=0.0)) if attacks.sum() else 0.0
