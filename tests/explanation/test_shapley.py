"""Shapley values of forests against their definition: every coalition enumerated, and what must add up."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from analysis.explanation.shapley import contributions


def forest(columns: int, trees: int = 6, depth: int | None = None, seed: int = 1, flows: int = 300):
    """A forest on flows of which several columns matter together, and the flows."""
    generator = np.random.default_rng(seed)
    seen = generator.integers(0, 12, (flows, columns)).astype(float)
    attack = (seen[:, 0] * seen[:, 1] + 5 * (seen[:, -1] > 6) + generator.normal(0, 6, flows)) > 30
    return RandomForestClassifier(trees, max_depth=depth, random_state=seed).fit(seen, attack), seen


def enumerated(model: RandomForestClassifier, flow: np.ndarray, background: np.ndarray, players: np.ndarray
               ) -> np.ndarray:  # fmt: skip
    """Shapley's definition: each player's mean gain over all coalitions of the others, weighted by their size."""
    count = int(players.max()) + 1
    worth = {}
    for size in range(count + 1):
        for coalition in combinations(range(count), size):
            hybrids = np.where(np.isin(players, coalition), flow, background)
            worth[frozenset(coalition)] = model.predict_proba(hybrids)[:, 1].mean()
    found = np.zeros(count)
    for player in range(count):
        for coalition, value in worth.items():
            if player not in coalition:
                gain = worth[coalition | {player}] - value
                found[player] += gain / (count * comb(count - 1, len(coalition)))
    return found


@pytest.mark.parametrize(("columns", "depth"), [(2, 1), (4, 3), (5, None), (10, None)])
def test_values_are_those_of_all_coalitions(columns: int, depth: int | None) -> None:
    model, seen = forest(columns, trees=1 if columns == 4 else 5, depth=depth)
    background, players = seen[:7], np.arange(columns)
    found, base = contributions(model, seen[20:23], background, players)
    assert base == pytest.approx(model.predict_proba(background)[:, 1].mean(), abs=1e-12)
    for flow, row in zip(seen[20:23], found, strict=True):
        assert row == pytest.approx(enumerated(model, flow, background, players), abs=1e-12)


def test_clusters_are_players_too() -> None:
    model, seen = forest(7)
    players = np.array([0, 1, 0, 2, 1, 3, 2])
    found, _ = contributions(model, seen[30:33], seen[:9], players)
    for flow, row in zip(seen[30:33], found, strict=True):
        assert row == pytest.approx(enumerated(model, flow, seen[:9], players), abs=1e-12)


def test_values_and_base_add_up_to_the_score() -> None:
    model, seen = forest(20, trees=30, flows=800)
    found, base = contributions(model, seen[:200], seen[200:290], np.arange(20))
    assert np.abs(found.sum(axis=1) + base - model.predict_proba(seen[:200])[:, 1]).max() < 1e-9


def test_a_column_that_no_tree_uses_has_nothing_and_equal_ones_in_use_have_the_same() -> None:
    generator = np.random.default_rng(3)
    seen = np.column_stack([generator.integers(0, 2, (400, 2)), np.zeros(400)]).astype(float)
    model = RandomForestClassifier(1, bootstrap=False, max_features=None, random_state=0)
    model.fit(seen, (seen[:, 0] == 1) & (seen[:, 1] == 1))
    found, _ = contributions(model, np.array([[1.0, 1, 0]]), np.array([[0.0, 0, 0]]), range(3))
    assert found[0].tolist() == [0.5, 0.5, 0.0]


def test_values_near_a_threshold_go_where_the_forest_sends_them() -> None:
    seen = np.array([[0.1], [0.1], [0.2], [0.2]])
    model = RandomForestClassifier(1, bootstrap=False, random_state=0).fit(seen, [False, False, True, True])
    threshold = model.estimators_[0].tree_.threshold[0]
    # On one side of the threshold, but in single precision on the other.
    at = threshold if np.float32(threshold) > threshold else np.nextafter(threshold, 1)
    assert (np.float32(at) <= threshold) != (at <= threshold)
    found, base = contributions(model, np.array([[at]]), seen, [0])
    assert base + found[0, 0] == model.predict_proba([[at]])[0, 1]
