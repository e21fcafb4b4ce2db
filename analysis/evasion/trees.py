"""The least score that a forest gives anywhere in a box: never more than the least there is, since each tree may take
another corner of the box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.dataset.meter import Array
from analysis.evasion.box import Box


def least_score(pipeline: Any, features: Sequence[str], found: Box) -> Array:
    """A lower bound of the scores of all flows in each box, shape (rows,): the mean of the trees' least leaves.

    Comparisons are made as the trees make them, of numbers in single precision, which rounds no order away.
    """
    estimator, prepared = pipeline[-1], pipeline[:-1]
    low, high = (np.asarray(prepared.transform(np.column_stack(columns)), dtype=np.float32) for columns in (
        [found[name].low for name in features], [found[name].high for name in features]))  # fmt: skip
    total = np.zeros(len(low))
    for tree in estimator.estimators_:
        total += least_leaf(tree.tree_, low, high)
    return total / len(estimator.estimators_)


def least_leaf(tree: Any, low: np.ndarray, high: np.ndarray) -> Array:
    """The least share of attacks in a leaf that each box, ends of shape (rows, features), reaches; shape (rows,)."""
    left, right, feature = (part.tolist() for part in (tree.children_left, tree.children_right, tree.feature))
    threshold, share = tree.threshold, tree.value[:, 0, 1]
    found = np.full(len(low), np.inf)
    waiting = [(0, np.arange(len(low)))]
    while waiting:
        node, rows = waiting.pop()
        if left[node] < 0:
            found[rows] = np.minimum(found[rows], share[node])
            continue
        column = feature[node]
        for child, goes in ((left[node], low[rows, column] <= threshold[node]),
                            (right[node], high[rows, column] > threshold[node])):  # fmt: skip
            if goes.all():
                waiting.append((child, rows))
            elif goes.any():
                waiting.append((child, rows[goes]))
    return found
