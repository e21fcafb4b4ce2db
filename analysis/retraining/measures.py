"""What a detector is worth in a window and over time, with intervals.

All decisions are those at the frozen threshold. Recall and false-positive rate have Wilson's interval; what is made of
several shares (F1, areas) has the percentiles of shares drawn from Jeffreys' distributions of each of them. They cover
further flows of these attacks, and not further attacks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from analysis.findings.intervals import share
from analysis.statistics.drawn import DRAWS, Ends, jeffreys, spanned

LEAST_BENIGN = 10
"""Benign flows of a window at least for a false-positive rate of its own."""
MEASURES = {
    "recall": ("Recall", "fixed:3"), "f1": ("F1", "fixed:3"), "pr_auc": ("Average precision", "fixed:3"),
    "fpr": ("Realised FPR", "percent:2"),
}  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """Measures of a window by key, each with the low and the high end of its interval, and draws of each.

    A measure that needs a class that the window does not hold, or too little of, is not there.
    """

    ends: dict[str, Ends] = field(default_factory=dict)
    draws: dict[str, np.ndarray] = field(default_factory=dict)


def measured(
    attack: np.ndarray, score: np.ndarray, called: np.ndarray, weight: np.ndarray, generator: np.random.Generator
) -> Measured:  # fmt: skip
    """The measures of flows with classes, scores, decisions and weights, all of shape (n,)."""
    from sklearn.metrics import average_precision_score

    found = Measured()
    positive, negative = float(weight[attack].sum()), float(weight[~attack].sum())
    wrong, drawn = 0.0, np.zeros(DRAWS)
    if negative:
        ends = share(called[~attack], weight[~attack])
        wrong, drawn = ends[0], jeffreys(ends[0], effective(weight[~attack]), generator)
        if np.count_nonzero(~attack) >= LEAST_BENIGN:
            found.ends["fpr"], found.draws["fpr"] = ends, drawn
    if not positive:
        return found
    found.ends["recall"] = share(called[attack], weight[attack])
    found.draws["recall"] = jeffreys(found.ends["recall"][0], effective(weight[attack]), generator)
    found.draws["f1"] = np.asarray(f1(found.draws["recall"], drawn, positive, negative))
    found.ends["f1"] = spanned(float(f1(found.ends["recall"][0], wrong, positive, negative)), found.draws["f1"])
    if negative:
        precision = float(average_precision_score(attack, score, sample_weight=weight))
        found.draws["pr_auc"] = jeffreys(precision, effective(weight[attack]), generator)
        found.ends["pr_auc"] = spanned(precision, found.draws["pr_auc"])
    return found


def f1(recall: float | np.ndarray, fpr: float | np.ndarray, positive: float, negative: float) -> float | np.ndarray:
    """2TP / (2TP + FP + FN) from recall and false-positive rate at these numbers of attacks and benign flows.

    >>> f1(0.5, 0.1, 100, 500)
    0.5
    """
    return 2 * recall * positive / (positive + recall * positive + fpr * negative)


def effective(weight: np.ndarray) -> float:
    """Flows that weigh alike and tell as much (Kish 1965)."""
    return float(weight.sum() ** 2 / (weight**2).sum())


def area_under_time(values: np.ndarray) -> np.ndarray:
    """Area under a measure over windows, shape (windows, ...), by the trapezoidal rule, of 1 at most.

    Pendlebury et al. (2019), equation 5; of a single window it is the measure itself.

    >>> float(area_under_time(np.array([1.0, 0.5, 0.0])))
    0.5
    """
    return np.asarray(values[0] if len(values) == 1 else ((values[1:] + values[:-1]) / 2).mean(axis=0))


def over_time(windows: Iterable[Measured], key: str) -> tuple[Ends, np.ndarray] | None:
    """The area under a measure over the windows that have it, with the ends of its interval, and draws of it."""
    known = [one for one in windows if key in one.ends]
    if not known:
        return None
    draws = area_under_time(np.array([one.draws[key] for one in known]))
    return spanned(float(area_under_time(np.array([one.ends[key][0] for one in known]))), draws), draws
