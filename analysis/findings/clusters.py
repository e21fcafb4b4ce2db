"""Bootstrap over clusters: flows of one campaign are drawn together, because one tells much about the others."""

from __future__ import annotations

import numpy as np

from analysis.statistics.resampled import redrawn

TAIL = 0.025


def counts(attack: np.ndarray, predicted: np.ndarray, cluster: np.ndarray | None) -> np.ndarray:
    """True positives, false positives and misses of each cluster, or of each flow without them, shape (clusters, 3)."""
    cells = np.stack([attack & predicted, ~attack & predicted, attack & ~predicted], axis=1).astype(np.int64)
    if cluster is None:
        return cells
    numbers, of = np.unique(cluster, return_inverse=True)
    found = np.zeros((numbers.size, 3), dtype=np.int64)
    np.add.at(found, of, cells)
    return found


def f1_interval(cells: np.ndarray, resamples: int, generator: np.random.Generator) -> tuple[float, float]:
    """Percentile interval (95 %) of F1 from the ``cells`` of clusters, shape (clusters, 3).

    Clusters with the same cells need not be told apart, so that a resample is a draw from a multinomial distribution
    over the different ones. One without an attack, in which F1 says nothing, is drawn again, unless there are none.

    >>> cells = np.array([[9, 1, 1]] * 40)
    >>> low, high = f1_interval(cells, 100, np.random.default_rng(1))
    >>> round(low, 3), round(high, 3)
    (0.9, 0.9)
    """
    kinds, number = np.unique(cells, axis=0, return_counts=True)
    attacks = kinds[:, [0, 2]].any(axis=1)

    def draw(size: int) -> np.ndarray:
        return generator.multinomial(len(cells), number / len(cells), size=size)

    drawn = (
        redrawn(draw, resamples, lambda rows: np.logical_or(not attacks.any(), rows[:, attacks].any(axis=1))) @ kinds
    )
    whole = 2 * drawn[:, 0] + drawn[:, 1] + drawn[:, 2]
    f1 = np.divide(2 * drawn[:, 0], whole, out=np.zeros(resamples), where=whole > 0)
    low, high = np.quantile(f1, [TAIL, 1 - TAIL])
    return float(low), float(high)
