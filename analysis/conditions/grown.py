"""Forests and gradient boosting of scikit-learn, their trees grown by :mod:`analysis.conditions.tree_growth`.

Afterwards an estimator is as its own ``fit`` leaves it: its trees are scikit-learn's, and only who grew them differs.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from joblib import Parallel, delayed  # type: ignore[import-untyped]
from scipy.special import expit, logit
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier
from sklearn.tree._tree import NODE_DTYPE, Tree

from analysis.conditions import tree_growth
from analysis.conditions.grouped import coded
from analysis.errors import UserError

DEEPEST = 2**31 - 1
"""Depth of trees that have no limit, as scikit-learn has it."""


def fit_forest(forest: RandomForestClassifier, features: np.ndarray, labels: np.ndarray, counts: np.ndarray) -> None:
    """Fit ``forest`` on float32 ``features`` (m, k) and ``labels`` (m,) that occur ``counts`` (m,) times, n in all.

    Each tree sees as many of each group as a bootstrap sample of the n flows holds. Each has a stream of its own, so
    that the number of threads changes nothing, and a forest of fewer trees is the beginning of a larger one.
    """
    names, codes = coded(labels)
    if (total := int(counts.sum())) * 2 * names.size >= 2**tree_growth.HALF:
        raise UserError(f"engine: {total:,} flows of {names.size} classes are too many for the fast engine's forests; "
                        "set engine: {kind: exact}, or fit on fewer (train_rows)")  # fmt: skip
    ranks, levels, starts = ranked(features)
    flows, shares, columns = int(counts.sum()), counts / counts.sum(), features.shape[1]
    like = _template(DecisionTreeClassifier(max_depth=forest.max_depth, max_features=forest.max_features,
                                            min_samples_leaf=1), names.size, columns)  # fmt: skip
    deepest = DEEPEST if forest.max_depth is None else forest.max_depth

    def tree(seed: np.random.SeedSequence) -> DecisionTreeClassifier:
        stream = np.random.default_rng(seed)
        drawn = stream.multinomial(flows, shares).astype(np.float64)
        made = copy.copy(like)
        made.random_state = int(stream.integers(1, 2**31 - 1))
        grown = tree_growth.grow_classifier(
            ranks, levels, starts, codes, drawn, names.size, like.max_features_, deepest, made.random_state,
            tree_growth.CELLS,
        )  # fmt: skip
        *nodes, held, depth = grown
        weight = held.sum(axis=1)
        made.tree_ = _tree([*nodes, weight], held / weight[:, None], depth, columns)
        return made

    seeds = np.random.SeedSequence(forest.random_state).spawn(forest.n_estimators)
    trees = Parallel(n_jobs=forest.n_jobs, prefer="threads")(delayed(tree)(seed) for seed in seeds)
    forest.estimators_, forest.estimator_ = list(trees), DecisionTreeClassifier()
    forest.classes_, forest.n_classes_, forest.n_outputs_ = names, names.size, 1
    forest.n_features_in_ = columns


def fit_boosting(
    boosting: GradientBoostingClassifier, features: np.ndarray, labels: np.ndarray, counts: np.ndarray
) -> int:
    """Fit ``boosting`` on float32 ``features`` (m, k) and two ``labels`` (m,) that occur ``counts`` (m,) times.

    Friedman, Greedy Function Approximation, 2001, algorithm 5 (two-class logistic loss, one Newton step in each leaf).
    Returns the number of nodes at which another split gained as much as the chosen one.
    """
    names, truth = np.unique(labels, return_inverse=True)
    columns, rounds, rate = features.shape[1], boosting.n_estimators, boosting.learning_rate
    # scikit-learn's own fit on a flow of each class, with the weight of all its flows, leaves all but the trees.
    weight = np.bincount(truth, counts)
    boosting.set_params(n_estimators=1).fit(np.zeros((2, columns), np.float32), names, sample_weight=weight)
    boosting.set_params(n_estimators=rounds)
    order = np.stack([tree_growth.ascending(np.ascontiguousarray(column)) for column in features.T])
    ordered = np.take_along_axis(features.T, order, axis=1)
    like = _template(boosting.estimators_[0, 0], 1, columns)
    raw = np.full(truth.size, logit(weight[1] / weight.sum()))
    trees, scores, ties = np.empty((rounds, 1), dtype=object), np.empty(rounds), 0
    for number in range(rounds):
        probability = expit(raw)
        slope = truth - probability
        *grown, leaf, depth, tied = tree_growth.grow_regressor(order, ordered, slope, counts, boosting.max_depth)
        ties += tied
        (*nodes, mean), leaf = depth_first(grown, leaf)
        steps = mean.copy()
        ends = nodes[0] == tree_growth.LEAF
        up = np.bincount(leaf, counts * slope, minlength=mean.size)
        bend = np.bincount(leaf, counts * probability * (1 - probability), minlength=mean.size)
        share = np.bincount(leaf, counts, minlength=mean.size)
        # scikit-learn divides means, and takes no step where the loss does not bend.
        flat = np.abs(bend / np.maximum(share, 1)) < 1e-150
        steps[ends] = np.where(flat, 0.0, up / np.where(flat, 1.0, bend))[ends]
        raw += rate * steps[leaf]
        made = copy.copy(like)
        made.tree_ = _tree(nodes, steps[:, None], depth, columns)
        trees[number, 0] = made
        scores[number] = 2 * float(np.average(np.logaddexp(0, raw) - truth * raw, weights=counts))
    boosting.estimators_, boosting.train_score_, boosting.n_estimators_ = trees, scores, rounds
    return ties


def ranked(features: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of float32 ``features`` (m, k) the places (k, m) among a column's distinct values, these, and where each starts.

    >>> places, levels, starts = ranked(np.float32([[5, 1], [3, 1], [5, 2]]))
    >>> places.tolist(), levels.tolist(), starts.tolist()
    ([[1, 0, 1], [0, 0, 1]], [3.0, 5.0, 1.0, 2.0], [0, 2])
    """
    places, levels = np.empty(features.T.shape, np.int32), []
    for column, place in zip(features.T, places, strict=True):
        order = tree_growth.ascending(np.ascontiguousarray(column))
        values = column[order]
        new = np.append(True, values[1:] != values[:-1])
        place[order] = np.cumsum(new) - 1
        levels.append(values[new])
    return places, np.concatenate(levels), np.cumsum([0, *(level.size for level in levels)])[:-1]


def depth_first(nodes: list[np.ndarray], leaf: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Nodes, of which the first two arrays are left and right child, numbered as scikit-learn does, and each row's
    ``leaf``: a node, all below its left child, all below its right child."""
    left, right = nodes[:2]
    order, waiting = [], [0]
    while waiting:
        order.append(waiting.pop())
        if left[order[-1]] >= 0:
            waiting += [right[order[-1]], left[order[-1]]]
    number = np.argsort(order)
    below = [np.where(one < 0, one, number[one])[order] for one in (left, right)]
    return [*below, *(one[order] for one in nodes[2:])], number[leaf]


def _template(tree: Any, classes: int, columns: int) -> Any:
    """A fitted tree of ``columns`` features, told ``classes`` from 0, to be copied and given nodes."""
    labels = np.arange(max(classes, 2), dtype=np.float64)
    return tree.fit(np.zeros((labels.size, columns), np.float32), labels)


def _tree(nodes: list[np.ndarray], values: np.ndarray, depth: int, columns: int) -> Tree:
    """scikit-learn's tree of nodes: left and right child, column, threshold, impurity, rows, weight; and of ``values``
    (nodes, classes or 1), through the state by which it is stored."""
    left, right, column, threshold, impurity, size, weight = nodes
    table = np.zeros(left.size, dtype=NODE_DTYPE)
    table["left_child"], table["right_child"], table["feature"], table["threshold"] = left, right, column, threshold
    table["impurity"], table["n_node_samples"], table["weighted_n_node_samples"] = impurity, size, weight
    inner = left >= 0
    # A missing value, which no flow has, goes where more rows went.
    table["missing_go_to_left"][inner] = size[left[inner]] > size[right[inner]]
    made = Tree(columns, np.array([values.shape[1]], dtype=np.intp), 1)
    state = {"max_depth": depth, "node_count": left.size, "nodes": table,
             "values": np.ascontiguousarray(values[:, None, :])}  # fmt: skip
    made.__setstate__(state)
    return made
