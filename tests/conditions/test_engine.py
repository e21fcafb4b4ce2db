"""The fast engine against scikit-learn: the same answers of boosting, and forests that no seed tells apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import (
    AdaBoostClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.metrics import f1_score
from sklearn.tree import DecisionTreeClassifier

from analysis.conditions.engine import Engine, fit, unchanged_by_groups
from analysis.conditions.estimator import describe, fit_and_predict
from analysis.conditions.fit import learnt
from analysis.conditions.grouped import grouped
from analysis.conditions.stumps import best, fit_stumps, ordered, stump

FAST = Engine("fast")
MARGIN = 0.01
"""Set before looking: the difference in mean F1 below which two forests are equal in practice."""


def repeating(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Flows of four features in coarse steps, of which most repeat, and whether each is an attack; classes overlap."""
    random = np.random.default_rng(seed)
    attack = random.random(rows) < 0.3
    features = np.round(random.normal(size=(rows, 4)) + attack[:, None] * [1.0, 0.5, 0.0, 0.8], 0)
    return features, attack


def gain(fitted: Any, node: int) -> float:
    """What the split of a node takes from the impurity, by weight; 0 in a leaf."""
    tree = fitted.tree_
    mass = tree.weighted_n_node_samples * tree.impurity
    left, right = tree.children_left[node], tree.children_right[node]
    return 0.0 if left < 0 else float(mass[node] - mass[left] - mass[right])


def first_difference(own: Any, plain: Any) -> float | None:
    """The difference in gain where two boosted ensembles first split otherwise, as a share; None: nowhere."""
    for one, other in zip(own.estimators_.ravel(), plain.estimators_.ravel(), strict=True):
        for node in range(min(one.tree_.node_count, other.tree_.node_count)):
            place = [(fitted.tree_.feature[node], fitted.tree_.threshold[node]) for fitted in (one, other)]
            if place[0] != place[1]:
                gains = gain(one, node), gain(other, node)
                return abs(gains[0] - gains[1]) / one.tree_.weighted_n_node_samples[0]
    return None


@st.composite
def tables(draw: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Few values, so that rows and gains tie; columns that never vary; up to three classes; weights; one row, too."""
    rows, columns = draw(st.integers(1, 12)), draw(st.integers(1, 3))
    value = st.sampled_from([-1.0, 0.0, -0.0, 0.5, 1.0, 1.0 + 1e-9, 1e6, 3e-8])
    features = draw(st.lists(st.lists(value, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    labels = draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=rows, max_size=rows))
    weights = draw(st.lists(st.integers(1, 9), min_size=rows, max_size=rows))
    return np.array(features), np.array(labels), np.array(weights, dtype=float)


@given(tables())
def test_groups_hold_each_row_as_often_as_it_occurs(table):
    features, labels, _ = table
    rows, names, counts = grouped(features, labels)
    given_rows = [(*row, label) for row, label in zip((features.astype(np.float32) + 0).tolist(), labels, strict=True)]
    found = [(*row, label) for row, label in zip((rows + 0).tolist(), names, strict=True)]
    assert sorted(found) == sorted(set(given_rows))
    assert [row[:-1] for row in found] == sorted(row[:-1] for row in found), "in order, so that like lies by like"
    assert counts.tolist() == [given_rows.count(row) for row in found]


@given(tables())
def test_a_stump_is_that_of_scikit_learn_unless_gains_tie(table):
    features, labels, weights = table
    single = features.astype(np.float32)
    names, classes = np.unique(labels, return_inverse=True)
    weights /= weights.sum()
    split, tied = best(ordered(single, classes, names.size), weights, classes, names.size)
    own = stump(split, names, features.shape[1])
    plain = DecisionTreeClassifier(max_depth=1, random_state=0).fit(features, labels, sample_weight=weights)
    assert gain(own, 0) == pytest.approx(gain(plain, 0), abs=1e-11)
    if not tied:
        assert np.array_equal(own.tree_.feature, plain.tree_.feature)
        assert np.array_equal(own.tree_.threshold, plain.tree_.threshold)
        assert np.allclose(own.tree_.value, plain.tree_.value, atol=1e-12)


@given(tables(), st.sampled_from([0.3, 1.0, 2.0]))
def test_adaboost_answers_as_scikit_learn_s_unless_stumps_tie(table, rate):
    features, labels, counts = table
    own, plain = (AdaBoostClassifier(n_estimators=8, learning_rate=rate, random_state=3) for _ in range(2))
    single = features.astype(np.float32)
    try:
        plain.fit(features, labels, sample_weight=counts)
    except ValueError:  # no stump is better than chance
        with pytest.raises(ValueError, match="better than chance"):
            fit_stumps(own, single, labels, counts)
        return
    ties = fit_stumps(own, single, labels, counts)
    assert np.array_equal(own.classes_, plain.classes_)
    if not ties:
        assert len(own.estimators_) == len(plain.estimators_)
        assert np.array_equal(own.predict(features), plain.predict(features))
        assert np.allclose(own.predict_proba(features), plain.predict_proba(features), atol=1e-9)
        assert np.allclose(own.feature_importances_, plain.feature_importances_, atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", [AdaBoostClassifier, GradientBoostingClassifier])
def test_boosting_answers_alike_on_grouped_flows(kind, seed):
    """Where two columns part few flows alike, their gains tie; then, and only then, an ensemble may go another way."""
    features, attack = repeating(4000, seed)
    unseen, _ = repeating(3000, seed + 10)
    own, plain = kind(n_estimators=30, random_state=4), kind(n_estimators=30, random_state=4).fit(features, attack)
    told = fit(FAST, own, features, attack)
    assert told.engine == "fast"
    assert told.distinct == len({(*row, label) for row, label in zip((features + 0).tolist(), attack, strict=True)})
    if kind is AdaBoostClassifier:
        assert told.ties == 0
    elif (tied := first_difference(own, plain)) is not None:
        assert tied <= 1e-12
        return
    assert np.array_equal(own.predict(unseen), plain.predict(unseen))
    assert np.abs(own.predict_proba(unseen) - plain.predict_proba(unseen)).max() <= 1e-9
    assert np.abs(own.feature_importances_ - plain.feature_importances_).max() <= 1e-9


def test_gradient_boosting_of_repeated_measurements_answers_alike():
    """In fine steps no two splits tie, and nothing may differ."""
    random = np.random.default_rng(11)
    some = random.normal(size=(900, 4))
    features = some[random.integers(0, 900, 4000)]
    attack = (features[:, 0] + features[:, 1] > 0.5) ^ (random.random(4000) < 0.1)
    own, plain = (GradientBoostingClassifier(n_estimators=20, max_depth=2, random_state=4) for _ in range(2))
    assert fit(FAST, own, features, attack).engine == "fast"
    plain.fit(features, attack)
    assert first_difference(own, plain) is None
    unseen = random.normal(size=(2000, 4))
    assert np.array_equal(own.predict(unseen), plain.predict(unseen))
    assert np.abs(own.predict_proba(unseen) - plain.predict_proba(unseen)).max() <= 1e-9


def test_forests_of_groups_are_equal_over_seeds():
    features, attack = repeating(4000, 5)
    unseen, truth = repeating(8000, 6)
    reached: dict[str, list[float]] = {"exact": [], "fast": []}
    for seed in range(6):
        for kind, found in reached.items():
            forest = RandomForestClassifier(n_estimators=30, random_state=seed)
            assert fit(Engine(kind), forest, features, attack).engine == kind
            found.append(float(f1_score(truth, forest.predict(unseen))))
    assert abs(np.mean(reached["fast"]) - np.mean(reached["exact"])) < MARGIN
    assert len(set(reached["fast"])) > 1


def test_a_fast_forest_does_not_depend_on_threads_and_answers_with_the_classes_names():
    features, attack = repeating(2000, 7)
    labels = np.where(attack, "DoS", "BENIGN")
    one, two = (RandomForestClassifier(n_estimators=6, random_state=1, n_jobs=jobs) for jobs in (1, 2))
    for forest in (one, two):
        assert fit(FAST, forest, features, labels).engine == "fast"
        forest.set_params(n_jobs=1)
    assert np.array_equal(one.predict_proba(features), two.predict_proba(features))
    assert set(one.predict(features)) == {"DoS", "BENIGN"}
    assert one.feature_importances_.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    "estimator",
    [
        RandomForestClassifier(min_samples_leaf=5),
        RandomForestClassifier(class_weight="balanced"),
        RandomForestClassifier(bootstrap=False),
        RandomForestClassifier(criterion="entropy"),
        RandomForestClassifier(max_leaf_nodes=9),
        GradientBoostingClassifier(ccp_alpha=0.01),
        GradientBoostingClassifier(max_depth=None),
        GradientBoostingClassifier(loss="exponential"),
        GradientBoostingClassifier(subsample=0.5),
        GradientBoostingClassifier(n_iter_no_change=3),
        AdaBoostClassifier(estimator=DecisionTreeClassifier(max_depth=2)),
        ExtraTreesClassifier(),
    ],
)
def test_what_groups_would_change_is_fitted_exactly(estimator):
    assert not unchanged_by_groups(estimator)
    features, attack = repeating(300, 8)
    assert fit(FAST, estimator.set_params(n_estimators=3), features, attack).engine == "exact"


def test_auto_is_exact_up_to_its_size():
    forest = RandomForestClassifier()
    assert [Engine(from_rows=50).serves(forest, rows) for rows in (49, 50)] == [False, True]
    assert not Engine("exact", from_rows=1).serves(forest, 10**9)


def test_a_training_score_is_over_all_flows_or_evenly_spaced_ones():
    assert Engine(score_rows=4).asked(3).tolist() == [0, 1, 2]
    assert Engine(score_rows=4).asked(10).tolist() == [0, 2, 5, 7]


def test_a_description_says_what_fitted_and_on_how_many_flows_the_training_score_is():
    features, attack = repeating(1000, 12)
    exact, fast = (
        fit_and_predict(
            AdaBoostClassifier(n_estimators=5, random_state=1), features, attack, features[:50],
            engine=Engine(kind, score_rows=100),
        )
        for kind in ("exact", "fast")
    )  # fmt: skip
    told = [describe(found, ["a", "b", "c", "d"]) for found in (exact, fast)]
    assert [(one["engine"], one["distinct"] is None) for one in told] == [("exact", True), ("fast", False)]
    assert learnt(exact, attack) == learnt(fast, attack)
    cells = learnt(fast, attack)["on_train"]
    assert sum(cells.values()) == 100
    assert cells["fn"] + cells["tp"] == attack[::10].sum()
    assert np.array_equal(fast.on_train, fast.pipeline.predict(features[::10]))
