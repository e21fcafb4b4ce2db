"""Measures of a feature's tie to the class on weighted flows, and the ranks that resamples give.

A resample of flows, or of groups of flows, is a row of weights: how often it holds each flow. All resamples are
computed together; the first row of weights is usually ones, the flows as they are.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analysis.statistics.value_counts import Floats


def redrawn(draw: Callable[[int], np.ndarray], resamples: int, sound: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """So many rows as ``draw`` gives them, those that are not ``sound`` drawn again: (resamples, ...).

    A resample without an attack, or of attacks alone, has none of the measures asked of it; where attacks are of few
    campaigns many are such. ``sound`` must hold for some of what is drawn.
    """
    found = draw(resamples)
    while (bad := ~sound(found)).any():
        found[bad] = draw(int(np.count_nonzero(bad)))
    return found


def weights(groups: np.ndarray, attack: np.ndarray, resamples: int, generator: np.random.Generator) -> Floats:
    """How often each resample holds each flow, shape (resamples, n): whole groups are drawn with replacement.

    ``groups`` has the number of each flow's group, from 0 on, and ``attack`` its class, shape (n,). Resamples of one
    class are drawn again, unless the flows are.
    """
    count = int(groups.max()) + 1
    of_class = [np.unique(groups[attack == value]) for value in np.unique(attack)]

    def both(drawn: np.ndarray) -> np.ndarray:
        return np.all([drawn[:, own].any(axis=1) for own in of_class], axis=0)

    def draw(size: int) -> np.ndarray:
        return generator.multinomial(count, np.full(count, 1 / count), size=size)

    return np.asarray(redrawn(draw, resamples, both)[:, groups], dtype=np.float64)


def pearson(values: Floats, attack: np.ndarray, weighted: Floats) -> Floats:
    """Pearson correlation of the columns of ``values`` (n, m) with the class, in each resample; (resamples, m).

    ``attack`` has shape (n,), ``weighted`` (resamples, n). 0 where a column or the class does not vary.
    """
    scale = np.abs(values - values.mean(axis=0)).max(axis=0)
    shifted = (values - values.mean(axis=0)) / np.where(scale > 0, scale, 1)
    size = weighted.sum(axis=1, keepdims=True)
    rate = (weighted @ attack.astype(float))[:, None] / size
    mean = weighted @ shifted / size
    variance = np.maximum(weighted @ shifted**2 / size - mean**2, 0)
    joint = (weighted * attack) @ shifted / size - mean * rate
    return _ratio(joint, np.sqrt(variance * rate * (1 - rate)), variance > 1e-14)


def ordinal(values: np.ndarray, attack: np.ndarray, weighted: Floats) -> tuple[Floats, Floats]:
    """Cliff's delta and Spearman's correlation of one feature with the class, in each resample; both (resamples,).

    ``values`` and ``attack`` have shape (n,), ``weighted`` (resamples, n). Delta is 2 AUC - 1. 0 where the feature or
    the class does not vary.
    """
    order = np.argsort(values, kind="stable")
    first = np.flatnonzero(np.diff(values[order], prepend=np.nan) != 0)
    drawn = weighted[:, order]
    all_ = np.add.reduceat(drawn, first, axis=1)
    attacks = np.add.reduceat(drawn * attack[order], first, axis=1)
    benign = all_ - attacks
    n, n1 = all_.sum(axis=1), attacks.sum(axis=1)
    n0 = n - n1
    below = np.cumsum(benign, axis=1)
    ahead = (attacks * (2 * below - benign - n0[:, None])).sum(axis=1)
    delta = _ratio(ahead, n0 * n1, (n0 > 0) & (n1 > 0))
    # The classes' mean ranks are delta n / 2 apart, and ranks with ties have this variance.
    spread = ((n**3 - n) - (all_**3 - all_).sum(axis=1)) / (12 * n)
    return delta, _ratio(delta * np.sqrt(n0 * n1), 2 * np.sqrt(np.maximum(spread, 0)), spread > 1e-9 * n**2)


def average_precision(scores: np.ndarray, attack: np.ndarray, weighted: Floats) -> Floats:
    """Average precision of ``scores`` (n,) in each resample, shape (resamples,); 0 where it holds no attack.

    The sum over distinct scores, descending, of the gain in recall times the precision there, as scikit-learn has it.
    """
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.flatnonzero(np.diff(scores[order]) != 0), scores.size - 1)
    called = np.cumsum(weighted[:, order], axis=1)[:, last]
    found = np.cumsum(weighted[:, order] * attack[order], axis=1)[:, last]
    gains = np.diff(found, axis=1, prepend=0)
    total = found[:, -1]
    return _ratio((gains * _ratio(found, called, called > 0)).sum(axis=1), total, total > 0)


def ranks(scores: Floats) -> np.ndarray:
    """Rank of each column of ``scores`` (resamples, m) in its row, 1 for the highest; ties stay in column order.

    Scores equal to twelve decimals tie.

    >>> ranks(np.array([[0.2, 0.9, 0.2]])).tolist()
    [[2, 1, 3]]
    """
    order = np.argsort(-np.round(scores, 12), axis=1, kind="stable")
    found = np.empty_like(order)
    np.put_along_axis(found, order, np.arange(1, scores.shape[1] + 1)[None, :], axis=1)
    return found


def _ratio(above: Floats, below: Floats, defined: np.ndarray) -> Floats:
    return np.divide(above, below, out=np.zeros_like(above), where=defined & (below > 0))
