"""AdaBoost over decision stumps whose columns are ordered once, not once a round.

The algorithm is scikit-learn's discrete SAMME (Zhu, Zou, Rosset and Hastie, Multi-class AdaBoost, 2009, algorithm 2),
and each stump the one that DecisionTreeClassifier(max_depth=1) chooses by Gini impurity, unless two tie within ``TIE``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import AdaBoostClassifier
from sklearn.tree import DecisionTreeClassifier

TIE = 1e-12
"""Gains closer than this, of a total weight of 1, tie: scikit-learn chooses among them at random or by rounding."""
APART = np.float32(1e-7)
"""Least distance of values between which scikit-learn's trees set a threshold (its FEATURE_THRESHOLD)."""


@dataclass(frozen=True)
class Column:
    """A column in dense ranks: ``codes`` are rank * classes + class of each row, ``low`` and ``high`` the values on
    either side of the place after each rank but the last."""

    number: int
    codes: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Split:
    """A stump as chosen: where, and the weight of each class at or below the place and above it, shape (2, classes)."""

    column: Column | None
    rank: int
    weights: np.ndarray


def ordered(features: np.ndarray, classes: np.ndarray, number: int) -> list[Column]:
    """The columns of float32 ``features`` (n, k) that vary, with ``classes`` (n,) from 0 to ``number`` - 1."""
    found = []
    for column in range(features.shape[1]):
        values, place = np.unique(features[:, column], return_inverse=True)
        apart = values[1:] > values[:-1] + APART
        if apart.any():
            rank = np.concatenate([[0], np.cumsum(apart)])[place]
            found.append(Column(column, rank * number + classes, values[:-1][apart], values[1:][apart]))
    return found


def best(columns: list[Column], weights: np.ndarray, classes: np.ndarray, number: int) -> tuple[Split, bool]:
    """The split of the largest gain for ``weights`` (n,) that add up to 1, and whether another ties with it."""
    total = np.bincount(classes, weights, minlength=number)
    chosen, gain, ties = Split(None, 0, np.stack([total, np.zeros(number)])), -np.inf, False
    if total.max() >= 1 - TIE:  # pure, or so nearly that scikit-learn may see it so
        return chosen, bool(total.max() < 1)
    for column in columns:
        sums = np.bincount(column.codes, weights, minlength=(column.low.size + 1) * number).reshape(-1, number)
        below = np.cumsum(sums, axis=0)[:-1]
        above = np.maximum(total - below, 0)
        # Gini impurity falls as this grows: the squares of each side's class weights over its weight.
        gains = (below**2).sum(axis=1) / below.sum(axis=1) + (above**2).sum(axis=1) / np.maximum(
            above.sum(axis=1), np.finfo(float).tiny
        )
        at = int(np.argmax(gains))
        within = gains[at] > gain and np.count_nonzero(gains >= gains[at] - TIE) > 1
        ties = bool(within or abs(gains[at] - gain) <= TIE or (ties and gains[at] <= gain + TIE))
        if gains[at] > gain:
            chosen, gain = Split(column, at, np.stack([below[at], sums[at + 1 :].sum(axis=0)])), float(gains[at])
    return chosen, ties


def stump(split: Split, names: np.ndarray, columns: int) -> DecisionTreeClassifier:
    """scikit-learn's own stump of a split, fitted on the two values next to the place, with the weights of its sides.

    So threshold, values and importance are as it computes them. ``names`` are the classes, of ``columns`` features.
    """
    rows = np.zeros((2, names.size, columns), dtype=np.float32)
    if split.column is not None:
        rows[0, :, split.column.number] = split.column.low[split.rank]
        rows[1, :, split.column.number] = split.column.high[split.rank]
    made = DecisionTreeClassifier(max_depth=1, random_state=0)
    return made.fit(rows.reshape(-1, columns), np.tile(names, 2), sample_weight=split.weights.ravel())


def fit_stumps(estimator: AdaBoostClassifier, features: np.ndarray, labels: np.ndarray, counts: np.ndarray) -> int:
    """Fit ``estimator`` on float32 ``features`` (n, k) and ``labels`` (n,) that occur ``counts`` (n,) times.

    Afterwards it is as its own ``fit`` leaves it. Returns the number of rounds in which another stump, or another
    answer of a leaf, tied with the chosen one. ValueError where no stump is better than chance, as of scikit-learn.
    """
    names, classes = np.unique(labels, return_inverse=True)
    columns, rounds, ties = ordered(features, classes, names.size), estimator.n_estimators, 0
    estimator.estimators_, estimator.estimator_ = [], DecisionTreeClassifier(max_depth=1)
    estimator.estimator_weights_, estimator.estimator_errors_ = np.zeros(rounds), np.ones(rounds)
    estimator.classes_, estimator.n_classes_, estimator.n_features_in_ = names, names.size, features.shape[1]
    weights = counts / counts.sum()
    for number in range(rounds):
        # scikit-learn keeps the weight of each flow from vanishing.
        weights = np.maximum(weights, np.finfo(float).eps * counts)
        split, tied = best(columns, weights / weights.sum(), classes, names.size)
        answers = np.argmax(split.weights, axis=1)
        if names.size > 1:
            top = np.sort(split.weights, axis=1)[:, -2:]
            tied = tied or bool(np.any((top[:, 1] > 0) & (top[:, 1] - top[:, 0] <= TIE)))
        ties += tied
        at_or_below = True if split.column is None else split.column.codes // names.size <= split.rank
        wrong = np.where(at_or_below, *answers) != classes
        error = float(np.average(wrong, weights=weights))
        if error > 0 and error >= 1 - 1 / names.size:
            if not estimator.estimators_:
                raise ValueError("no stump is better than chance on these flows")
            break
        estimator.estimators_.append(stump(split, names, features.shape[1]))
        if error <= 0:
            estimator.estimator_weights_[number], estimator.estimator_errors_[number] = 1.0, 0.0
            break
        weight = estimator.learning_rate * (np.log((1 - error) / error) + np.log(names.size - 1))
        estimator.estimator_weights_[number], estimator.estimator_errors_[number] = weight, error
        if number < rounds - 1:
            weights = weights * np.exp(weight * wrong)
            if not (np.isfinite(weights.sum()) and weights.sum() > 0):
                break
            weights /= weights.sum()
    return ties
