"""Intervals of differences over repeated splits, of shares without a success, and of weighted shares."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.special import betaincinv, stdtrit

from analysis.detection.evaluation import score_interval

CONFIDENCE = 0.95
Verdict = Literal["better", "worse", "practically equal", "undecided"]


def corrected_t(differences: np.ndarray, ratio: float) -> tuple[float, float, float]:
    """Mean of differences over J repeated splits, shape (J,), with the ends of its 95 % interval.

    The variance is multiplied by 1/J + ``ratio``, test flows over flows of the training part (Nadeau and Bengio 2003):
    test parts of repeated splits overlap, and 1/J alone would take them to be independent. Student's t with J - 1
    degrees of freedom.

    >>> mean, low, high = corrected_t(np.array([0.01, 0.02, 0.03, 0.02, 0.02]), 0.25)
    >>> round(mean, 4), round(low, 4), round(high, 4)
    (0.02, 0.0068, 0.0332)
    """
    n = differences.size
    if n < 2:
        raise ValueError("an interval over splits needs two splits")
    mean = float(differences.mean())
    reach = float(stdtrit(n - 1, (1 + CONFIDENCE) / 2) * np.sqrt(differences.var(ddof=1) * (1 / n + ratio)))
    return mean, mean - reach, mean + reach


def verdict(low: float, high: float, margin: float) -> Verdict:
    """What an interval says of a difference, of which less than ``margin`` is none in practice.

    >>> verdict(0.012, 0.03, 0.01), verdict(-0.004, 0.009, 0.01), verdict(0.001, 0.03, 0.01)
    ('better', 'practically equal', 'undecided')
    """
    if -margin < low and high < margin:
        return "practically equal"
    if low >= margin:
        return "better"
    return "worse" if high <= -margin else "undecided"


def clopper_pearson(successes: int, n: int) -> tuple[float, float]:
    """95 % interval of a share that covers it in at least so many samples (Clopper and Pearson 1934).

    >>> low, high = clopper_pearson(0, 100)
    >>> low, round(high, 4)
    (0.0, 0.0362)
    """
    if not 0 <= successes <= n or n < 1:
        raise ValueError(f"{successes} successes of {n} trials")
    tail = (1 - CONFIDENCE) / 2
    low = 0.0 if successes == 0 else float(betaincinv(successes, n - successes + 1, tail))
    high = 1.0 if successes == n else float(betaincinv(successes + 1, n - successes, 1 - tail))
    return low, high


def share(hit: np.ndarray, weight: np.ndarray) -> tuple[float, float, float]:
    """Weighted share of a boolean array, with the ends of its interval; both arrays of shape (n,), n of 1 or more.

    Wilson's, with the number of flows that weigh alike and would tell as much (Kish 1965); without a success that of
    Clopper and Pearson, whose bound is a safe one.

    >>> hit = np.array([True, True, False, False])
    >>> share(hit, np.ones(4))[0], share(hit, np.array([3.0, 3.0, 1.0, 1.0]))[0]
    (0.5, 0.75)
    """
    total = float(weight.sum())
    found, n = float(weight[hit].sum()) / total, total**2 / float((weight**2).sum())
    if not hit.any():
        return 0.0, 0.0, clopper_pearson(0, max(int(n), 1))[1]
    return found, *score_interval(found, n)
