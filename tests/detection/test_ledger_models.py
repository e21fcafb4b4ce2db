"""The ledger's own models: what is done to the inputs, and reading a forest tree by tree."""

from __future__ import annotations

import numpy as np
import pytest
from analysis.detection.ledger_models import LEAVES, TAIL, Winsoriser, by_trees, preparation, steps_to, variants
from analysis.detection.models import build, fit, matrix

from tests.detection.conftest import FEATURES

PARAMETERS = {"random_forest": {"n_estimators": 20}, "gradient_boosting": {"n_estimators": 10},
              "adaboost": {"n_estimators": 10}, "logistic_regression": {"max_iter": 200}}  # fmt: skip


def test_winsorising_pulls_in_the_tails_of_the_training_part_only():
    train = np.arange(1000.0).reshape(-1, 1)
    fitted = Winsoriser().fit(train)
    found = fitted.transform(np.array([[-1e9], [500.0], [1e9]]))[:, 0]
    assert found.tolist() == [train[int(1000 * TAIL) - 1, 0], 500.0, train[int(1000 * (1 - TAIL)) - 1, 0]]


def test_ranks_do_not_know_how_far_out_a_value_is():
    train = np.arange(100.0).reshape(-1, 1)
    ranks = preparation("ranks", 100).fit(train)
    assert ranks.transform([[99.0]]) == ranks.transform([[1e12]]) == 1.0


@pytest.mark.parametrize("model", PARAMETERS)
def test_every_model_answers_on_every_kind_of_input(train, test, model):
    found = variants(model, PARAMETERS[model], train, test, FEATURES, trees=30, seed=1, threads=1)
    assert found.height == test.height
    own = {"random_forest": ["trees_1", "trees_3", "trees_10", "trees_30", "leaf_5", "leaf_20"],
           "gradient_boosting": ["stumps", "interacting"]}.get(model, [])  # fmt: skip
    assert found.columns[4:] == ["unscaled", "standardised", "winsorised", "ranks", *own]
    again = variants(model, PARAMETERS[model], train, test, FEATURES, trees=30, seed=1, threads=1)
    assert found.equals(again)


def test_trees_hardly_see_scaling_but_logistic_regression_sees_outliers(train, test):
    far = train.with_columns(train[FEATURES[1]] * np.where(np.arange(train.height) == 0, 1e6, 1.0))
    forest = variants("random_forest", PARAMETERS["random_forest"], far, test, FEATURES, trees=5, seed=1, threads=1)
    assert (forest["unscaled"] == forest["standardised"]).mean() > 0.97
    # One flow a million times as far out: its deviation swamps the feature unless it is pulled in.
    logistic = variants("logistic_regression", {"max_iter": 500}, far, test, FEATURES, trees=5, seed=1, threads=1)
    assert (logistic["standardised"] != logistic["winsorised"]).any()


def test_larger_leaves_are_asked_of_the_forest_and_change_nothing_else(train, test):
    found = variants("random_forest", PARAMETERS["random_forest"], train, test, FEATURES, trees=30, seed=1, threads=1)
    seen, truth, unseen = matrix(train, FEATURES), train["is_attack"].to_numpy(), matrix(test, FEATURES)
    for leaf in LEAVES:
        pipeline = build("random_forest", PARAMETERS["random_forest"] | {"min_samples_leaf": leaf}, 1, 1)
        forest = fit(pipeline, seen, truth, 1).pipeline
        assert (found[f"leaf_{leaf}"] == forest.predict(unseen)).all()
        assert min(tree.tree_.n_node_samples.min() for tree in forest[-1].estimators_) >= leaf / 2


def test_a_forest_read_to_its_last_tree_decides_as_it_does(train, test):
    seen, unseen = matrix(train, FEATURES), matrix(test, FEATURES)
    forest = fit(build("random_forest", {"n_estimators": 12}, 3, 1), seen, train["is_attack"].to_numpy(), 1).pipeline
    found = by_trees(forest, unseen, [1, 5, 12])
    assert (found["trees_12"] == forest.predict(unseen)).all()
    forest[-1].estimators_ = forest[-1].estimators_[:5]
    forest[-1].n_estimators = 5
    assert (found["trees_5"] == forest.predict(unseen)).all()
    assert (found["trees_1"] != found["trees_12"]).any()


def test_the_steps_end_at_the_last_tree():
    assert steps_to(300) == [1, 3, 10, 30, 100, 300]
    assert steps_to(100) == [1, 3, 10, 30, 100]
