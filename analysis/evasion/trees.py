"""The least score that a forest gives anywhere in a box: never more than the least there is, since each tree may take
another corner of the box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.dataset.meter import Array
from analysis.evasion.box import Box

AT_A_TIME = 200
"""Boxes that are sent down the trees together: memory grows with them."""


@dataclass(frozen=True)
class Trees:
    """All nodes of trees, one tree after another, each column of shape (nodes,); children are numbers among all nodes.

    A leaf has itself as its children, and the share of attacks in it.
    """

    roots: np.ndarray
    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    share: np.ndarray

    @classmethod
    def of(cls, trees: Sequence[Any]) -> Trees:
        """Those of fitted trees of scikit-learn."""
        sizes = [tree.node_count for tree in trees]
        roots = np.cumsum([0, *sizes[:-1]])
        shift, own = np.repeat(roots, sizes), np.arange(sum(sizes))
        children = (np.concatenate([getattr(tree, side) for tree in trees])
                    for side in ("children_left", "children_right"))  # fmt: skip
        left, right = (np.where(child < 0, own, child + shift) for child in children)
        return cls(roots, left, right, np.concatenate([tree.feature for tree in trees]),
                   np.concatenate([tree.threshold for tree in trees]),
                   np.concatenate([tree.value[:, 0, 1] for tree in trees]))  # fmt: skip

    def least_leaves(self, low: np.ndarray, high: np.ndarray) -> Array:
        """The least share of attacks in a leaf that each box reaches in each tree, shape (rows, trees).

        Boxes have ends of shape (rows, features), in single precision.
        """
        found = np.full((len(low), self.roots.size), np.inf)
        row, tree = (part.ravel() for part in np.indices(found.shape))
        node = self.roots[tree]
        while node.size:
            ends = self.left[node] == node
            np.minimum.at(found, (row[ends], tree[ends]), self.share[node[ends]])
            row, tree, node = row[~ends], tree[~ends], node[~ends]
            column, threshold = self.feature[node], self.threshold[node]
            down, up = low[row, column] <= threshold, high[row, column] > threshold
            node = np.concatenate([self.left[node[down]], self.right[node[up]]])
            row, tree = (np.concatenate([of[down], of[up]]) for of in (row, tree))
        return found


def least_score(pipeline: Any, features: Sequence[str], found: Box) -> Array:
    """A lower bound of the scores of all flows in each box, shape (rows,): the mean of the trees' least leaves.

    Comparisons are made as the trees make them, of numbers in single precision, which rounds no order away.
    """
    estimator, prepared = pipeline[-1], pipeline[:-1]
    low, high = (np.asarray(prepared.transform(np.column_stack(columns)), dtype=np.float32) for columns in (
        [found[name].low for name in features], [found[name].high for name in features]))  # fmt: skip
    trees = Trees.of([tree.tree_ for tree in estimator.estimators_])
    score = [trees.least_leaves(low[i : i + AT_A_TIME], high[i : i + AT_A_TIME]).mean(axis=1)
             for i in range(0, len(low), AT_A_TIME)]  # fmt: skip
    return np.concatenate([*score, np.empty(0)])
