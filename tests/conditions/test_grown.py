"""Trees of our own growing against scikit-learn's: node by node where nothing ties, by their gains where it does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.metrics import f1_score
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from analysis.conditions import grown, tree_growth
from analysis.errors import UserError

from .test_engine import first_difference, gain, repeating, tables

MARGIN = 0.02
"""Set before looking: the difference in mean macro F1 below which forests of three classes are equal in practice."""


def tree(features: np.ndarray, classes: np.ndarray, weights: np.ndarray, deepest: int = 1000, tried: int | None = None,
         seed: int = 1, cells: int = tree_growth.CELLS) -> tuple[np.ndarray, ...]:  # fmt: skip
    """A grown tree of all columns, or of so many ``tried`` at each node."""
    places, levels, starts = grown.ranked(features.astype(np.float32) + np.float32(0))
    found: tuple[np.ndarray, ...] = tree_growth.grow_classifier(
        places, levels, starts, classes.astype(np.int32), weights, int(classes.max()) + 1,
        features.shape[1] if tried is None else tried, deepest, seed, cells,
    )  # fmt: skip
    return found


def gain_of(nodes: Any, node: int) -> float:
    """What the split of a grown node takes from the impurity, by weight; 0 in a leaf."""
    left, right, _, _, impurity, _, held, _ = nodes
    mass = held.sum(axis=1) * impurity
    return 0.0 if left[node] < 0 else float(mass[node] - mass[left[node]] - mass[right[node]])


@given(tables(), st.integers(0, 3))
def test_a_tree_of_classes_is_scikit_learn_s_unless_gains_tie(table: Any, deepest: int) -> None:
    features, labels, weights = table
    _, classes = np.unique(labels, return_inverse=True)
    nodes = tree(features, classes, weights, deepest)
    left, right, column, threshold, impurity, size, held, depth = nodes
    plain = DecisionTreeClassifier(max_depth=deepest or None, random_state=0)
    if deepest == 0:
        assert left.tolist() == [-1]
        assert depth == 0
        return
    other = plain.fit(features, classes, sample_weight=weights).tree_
    for node in range(min(left.size, other.node_count)):
        # Nodes are numbered alike, from the top down and left first, up to the first that is split otherwise.
        assert impurity[node] == pytest.approx(other.impurity[node], abs=1e-12)
        assert size[node] == other.n_node_samples[node]
        assert np.allclose(held[node] / held[node].sum(), other.value[node, 0], atol=1e-12)
        assert gain_of(nodes, node) == pytest.approx(gain(plain, node), abs=1e-9)
        if (column[node], threshold[node]) != (other.feature[node], other.threshold[node]):
            return
        assert (left[node], right[node]) == (other.children_left[node], other.children_right[node])
    assert (left.size, depth) == (other.node_count, other.max_depth)


@given(tables(), st.integers(1, 3), st.integers(0, 2**31))
def test_a_tree_of_numbers_is_scikit_learn_s_unless_gains_tie(table: Any, deepest: int, seed: int) -> None:
    features, _, weights = table
    truth = np.random.default_rng(seed).normal(size=len(features))
    single = features.astype(np.float32)
    order = np.argsort(single, axis=0, kind="stable").T.astype(np.int32)
    ordered = np.take_along_axis(single.T, order, axis=1)
    left, right, column, threshold, impurity, size, weight, mean, leaf, depth, ties = tree_growth.grow_regressor(
        np.ascontiguousarray(order), np.ascontiguousarray(ordered), truth, weights, deepest
    )
    plain = DecisionTreeRegressor(max_depth=deepest, random_state=0).fit(single, truth, sample_weight=weights)
    other = plain.tree_
    if ties:
        return
    assert (left.size, depth) == (other.node_count, other.max_depth)
    pairs = [(0, 0)]  # numbered level by level here, depth first there
    while pairs:
        own, theirs = pairs.pop()
        found = (column[own], threshold[own], size[own], weight[own])
        assert found == (other.feature[theirs], other.threshold[theirs], other.n_node_samples[theirs],
                         other.weighted_n_node_samples[theirs])  # fmt: skip
        assert mean[own] == pytest.approx(other.value[theirs, 0, 0], abs=1e-12)
        assert impurity[own] == pytest.approx(other.impurity[theirs], abs=1e-12)
        if left[own] >= 0:
            pairs += [(left[own], other.children_left[theirs]), (right[own], other.children_right[theirs])]
    assert np.allclose(mean[leaf], plain.predict(single))


def test_a_large_tree_is_scikit_learn_s_but_for_ties() -> None:
    """Long sorts, and more nodes than were made room for."""
    random = np.random.default_rng(2)
    features = random.normal(size=(9000, 5)).astype(np.float32)
    features[:, 1] = np.round(features[:, 1], 1)
    classes = (features[:, 0] + random.normal(size=9000) > 0).astype(int) + (features[:, 1] > 1)
    weights = random.integers(0, 4, 9000).astype(float)
    nodes = tree(features, classes, weights)
    plain = DecisionTreeClassifier(random_state=0).fit(features, classes, sample_weight=weights)
    count = plain.tree_.node_count
    assert count > 1500
    assert nodes[0].size == pytest.approx(count, rel=0.02)
    alike = 0
    while (nodes[2][alike], nodes[3][alike]) == (plain.tree_.feature[alike], plain.tree_.threshold[alike]):
        alike += 1
    assert gain_of(nodes, alike) == pytest.approx(gain(plain, alike), abs=1e-9)
    assert alike > 3, "nodes of many rows, where nothing ties"
    assert nodes[5][0] == np.count_nonzero(weights)


@given(arrays(np.float32, st.integers(1, 50), elements=st.floats(width=32, allow_nan=False)))
def test_rows_ascend_as_numpy_sorts_them(values: np.ndarray) -> None:
    """Infinite values, tiny ones and minus zero, which numpy has beside zero, among them."""
    rows = tree_growth.ascending(values)
    assert np.array_equal(np.sort(rows), np.arange(values.size))
    assert np.array_equal(values[rows], np.sort(values))
    equal = np.flatnonzero(np.diff(values[rows].view(np.int32)) == 0)
    assert (rows[equal] < rows[equal + 1]).all()


def test_columns_of_many_values_are_ranked() -> None:
    """More rows than are sorted by insertion, and more digits than one pass."""
    values = np.float32(np.random.default_rng(1).normal(size=(5000, 2)) * [1, 1e30])
    values[:, 0] = np.round(values[:, 0], 2)
    places, levels, starts = grown.ranked(values)
    for column, place, start in zip(values.T, places, starts, strict=True):
        expected, of_rows = np.unique(column, return_inverse=True)
        assert np.array_equal(place, of_rows)
        assert np.array_equal(levels[start : start + expected.size], expected)


def test_counting_and_sorting_find_the_same_places() -> None:
    random = np.random.default_rng(4)
    features = np.round(random.normal(size=(400, 3)), 1)
    classes = (features[:, 0] + random.normal(size=400) > 0).astype(int) * random.integers(1, 3, 400)
    weights = random.integers(1, 5, 400).astype(float)
    nodes = tree(features, classes, weights, deepest=4)
    other = tree(features, classes, weights, deepest=4, cells=0)
    assert all(np.array_equal(one, two) for one, two in zip(nodes, other, strict=True))


def test_columns_are_drawn_until_one_varies_and_each_as_often() -> None:
    features = np.zeros((4, 6))
    features[:, [1, 4]] = [[0, 0], [1, 1], [2, 2], [3, 3]]
    roots = [int(tree(features, np.array([0, 0, 1, 1]), np.ones(4), tried=1, seed=seed)[2][0])
             for seed in np.random.default_rng(3).integers(1, 2**31, 400)]  # fmt: skip
    assert set(roots) == {1, 4}
    assert 150 < roots.count(1) < 250


@pytest.mark.parametrize("deepest", [1, 3])
@pytest.mark.parametrize("seed", range(3))
def test_gradient_boosting_is_scikit_learn_s_unless_gains_tie(seed: int, deepest: int) -> None:
    """Below, where few rows are left, two columns may part them alike; at the root of so many rows none do."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(3000, 5)).astype(np.float32)
    attack = features[:, 0] + features[:, 1] * features[:, 2] + random.normal(size=3000) > 0.5
    counts = random.integers(1, 5, 3000).astype(float)
    settings = {"n_estimators": 40, "learning_rate": 0.3, "max_depth": deepest, "random_state": 4}
    own, plain = (GradientBoostingClassifier(**settings) for _ in range(2))
    ties = grown.fit_boosting(own, features, attack, counts)
    plain.fit(features, attack, sample_weight=counts)
    if (tied := first_difference(own, plain)) is not None:
        assert tied <= 1e-12
        assert ties > 0
        return
    assert ties == 0 or deepest > 1
    unseen = random.normal(size=(2000, 5)).astype(np.float32)
    assert np.array_equal(own.predict(unseen), plain.predict(unseen))
    assert np.abs(own.predict_proba(unseen) - plain.predict_proba(unseen)).max() <= 1e-9
    assert np.abs(own.train_score_ - plain.train_score_).max() <= 1e-9
    assert np.abs(own.feature_importances_ - plain.feature_importances_).max() <= 1e-9
    assert vars(own).keys() == vars(plain).keys()


def test_ties_are_counted() -> None:
    features, attack = repeating(2000, 3)
    doubled = np.column_stack([features, features[:, 0]]).astype(np.float32)
    boosting = GradientBoostingClassifier(n_estimators=3, random_state=4)
    assert grown.fit_boosting(boosting, doubled, attack, np.ones(2000)) > 0
    columns = {column for one in boosting.estimators_.ravel() for column in one.tree_.feature}
    assert 4 not in columns, "the first is taken"


def test_forests_of_types_are_equal_over_seeds() -> None:
    random = np.random.default_rng(8)
    kinds = random.choice(3, 9000, p=[0.8, 0.15, 0.05])
    features = (random.normal(size=(9000, 8)) + kinds[:, None] * [1, 0, 0.5, 0, 0.3, 0, 0, 1]).astype(np.float32)
    names = np.array(["BENIGN", "DoS", "Bot"])[kinds]
    reached: dict[str, list[float]] = {"own": [], "plain": []}
    for seed in range(6):
        own, plain = (RandomForestClassifier(n_estimators=20, random_state=seed) for _ in range(2))
        grown.fit_forest(own, features[:5000], names[:5000], np.ones(5000))
        plain.fit(features[:5000], names[:5000])
        for key, forest in (("own", own), ("plain", plain)):
            reached[key].append(float(f1_score(names[5000:], forest.predict(features[5000:]), average="macro")))
        assert vars(own).keys() - {"_n_samples", "_n_samples_bootstrap"} <= vars(plain).keys()
    assert abs(np.mean(reached["own"]) - np.mean(reached["plain"])) < MARGIN
    sizes = [np.mean([one.tree_.node_count for one in forest.estimators_]) for forest in (own, plain)]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.05)


def test_a_weight_that_does_not_fit_beside_its_class_is_refused() -> None:
    """Rank, weight and class of a row share a word."""
    with pytest.raises(UserError, match="too many for the fast engine's forests; set engine"):
        grown.fit_forest(RandomForestClassifier(2), np.float32([[0], [1]]), np.array(["a", "b"]), np.full(2, 2.0**30))
