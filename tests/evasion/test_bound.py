"""Proofs that nothing evades, against all actions tried one by one, and against forests whose least score is known."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from analysis.dataset.meter import Flows
from analysis.dataset.release import load
from analysis.evasion import bound
from analysis.evasion.actions import MOST_PAYLOAD, Action
from analysis.evasion.attackers import Budget, cost, ends, search, worst
from analysis.evasion.bound import EVADES, OPEN, SAFE, decided, within
from analysis.evasion.scores import score_of
from analysis.evasion.spans import Span
from analysis.evasion.trees import Trees, least_score
from analysis.evasion.trial import SHARES, Setting, chosen
from tests.evasion.test_attackers import FEATURES, forest

RELEASE = load("original")


def random_forest(trees: int, seed: int, features: int = 3) -> tuple[Pipeline, np.ndarray]:
    """A forest of noise, whose trees part what they can, and the flows that it was fitted to."""
    generator = np.random.default_rng(seed)
    seen = generator.normal(size=(60, features)) * [1, 1000, 0.01][:features]
    model = RandomForestClassifier(trees, random_state=seed, max_depth=4)
    return Pipeline([("scaler", StandardScaler()), ("model", model)]).fit(seen, generator.random(60) < 0.5), seen


def boxed(low: np.ndarray, high: np.ndarray) -> dict[str, Span]:
    return {str(i): Span(low[:, i], high[:, i]) for i in range(low.shape[1])}


@given(st.integers(1, 6), st.integers(0, 50), st.floats(0, 2))
def test_no_flow_in_a_box_scores_less_than_its_bound(trees: int, seed: int, width: float) -> None:
    pipeline, seen = random_forest(trees, seed)
    generator, reach = np.random.default_rng(seed), width * seen.std(axis=0)
    found = least_score(pipeline, "012", boxed(seen - reach, seen + reach))
    for _ in range(20):
        near = seen + reach * generator.uniform(-1, 1, seen.shape)
        assert (found <= pipeline.predict_proba(near)[:, 1] + 1e-12).all()
    if not width:
        assert found == pytest.approx(pipeline.predict_proba(seen)[:, 1])


@given(st.integers(0, 50), st.floats(0, 2))
def test_the_bound_of_one_tree_is_its_least_score(seed: int, width: float) -> None:
    """Between two thresholds a tree's score is constant: one point in each piece of the box tells all."""
    pipeline, seen = random_forest(1, seed)
    tree = pipeline[-1].estimators_[0].tree_
    scaled = pipeline[0].transform(seen).astype(np.float32)[:10]
    low, high = scaled - np.float32(width), scaled + np.float32(width)
    found = Trees.of([tree]).least_leaves(low, high)
    for row in range(len(low)):
        pieces = []
        for column in range(3):
            inner = np.sort(tree.threshold[tree.feature == column])
            middles = (inner[1:] + inner[:-1]) / 2
            points = np.concatenate([[low[row, column], high[row, column]], inner, middles]).astype(np.float32)
            pieces.append(points[(points >= low[row, column]) & (points <= high[row, column])])
        grid = np.array(list(itertools.product(*pieces)), dtype=np.float32)
        assert found[row] == tree.predict(grid)[:, 1].min()


def test_a_value_that_is_a_threshold_goes_where_the_tree_sends_it() -> None:
    tree = DecisionTreeClassifier().fit([[0.0], [1.0]], [0, 1]).tree_
    at = np.array([[tree.threshold[0]]], dtype=np.float32)
    assert Trees.of([tree]).least_leaves(at, at) == tree.predict(at)[:, 1] == 0
    above = np.nextafter(at, np.float32(1))
    assert Trees.of([tree]).least_leaves(above, above) == tree.predict(above)[:, 1] == 1
    assert Trees.of([tree]).least_leaves(at, above) == 0


def attacked(count: int) -> tuple[Pipeline, Flows]:
    """A forest, and flows that it calls attacks."""
    pipeline, flows = forest()
    return pipeline, chosen(flows, np.flatnonzero(score_of(pipeline, FEATURES)(flows) > 0.5)[:count])


def all_tried(pipeline: Pipeline, flows: Flows, octets: int) -> np.ndarray:
    """Whether any padding, packets and bytes of them let a flow evade within a budget of bytes, shape (flows,)."""
    score, evades = score_of(pipeline, FEATURES), []
    for row in range(flows["Flow Duration"].size):
        count = int(flows["Total Fwd Packets"][row])
        amounts = [
            (padding, more, size) for padding in range(min(octets // count, MOST_PAYLOAD) + 1)
            for more in range((octets - count * padding) // 20 + 1)
            for size in range((octets - count * padding) // more - 19 if more else 1)
        ]  # fmt: skip
        own = {name: np.full(len(amounts), column[row]) for name, column in flows.items()}
        padding, more, size = (np.tile(one, 2).astype(float) for one in np.array(amounts).T)
        after = ends(own, Action(1.0, padding, more, size))
        paid = cost(own, after)[0] <= octets
        assert paid.all()
        evades.append(bool((worst(score(after)) <= 0.5).any()))
    return np.array(evades)


def test_a_proof_says_what_trying_everything_says() -> None:
    pipeline, flows = attacked(12)
    evading = []
    for octets in (60, 250, 400):
        found = within(flows, pipeline, FEATURES, 1.0, Setting(RELEASE, Budget(octets, 0), 1))
        expected = all_tried(pipeline, flows, octets)
        assert np.array_equal(found == EVADES, expected)
        assert np.array_equal(found == SAFE, ~expected)
        evading.append(int(expected.sum()))
    assert evading[0] < evading[-1], "the budgets tell flows apart"


def test_what_is_safe_with_more_is_safe_with_less_and_what_evades_with_less_evades_with_more() -> None:
    pipeline, flows = attacked(40)
    setting = Setting(RELEASE, Budget(3_000, 1), 1)
    tried = search(flows, score_of(pipeline, FEATURES), np.random.default_rng(1), budget=setting.budget)[100]
    evaded = np.array([tried.within(share) for share in SHARES[1:]])
    found = decided(flows, evaded, pipeline, FEATURES, setting)
    assert (found[evaded] == EVADES).all()
    assert (np.diff(found, axis=0) >= 0).all()
    assert {SAFE, EVADES} <= set(found.ravel().tolist())
    nothing = np.zeros_like(evaded)
    again = decided(flows, nothing, pipeline, FEATURES, setting)
    assert ((found == EVADES) & (again == SAFE)).sum() == 0
    assert ((found == SAFE) == (again == SAFE)).all(), "what a search knows makes no proof"


def test_who_may_not_split_cells_proves_less_and_says_nothing_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline, flows = attacked(40)
    setting = Setting(RELEASE, Budget(600, 0), 1)
    full = within(flows, pipeline, FEATURES, 1.0, setting)
    for name, value in (("ROUNDS", 1), ("MOST", 0)):
        with monkeypatch.context() as patched:
            patched.setattr(bound, name, value)
            found = within(flows, pipeline, FEATURES, 1.0, setting)
        assert (found == OPEN).sum() > (full == OPEN).sum()
        assert not ((found != full) & (found != OPEN)).any()


def test_without_a_budget_all_are_safe() -> None:
    pipeline, flows = attacked(10)
    assert (within(flows, pipeline, FEATURES, 1.0, Setting(RELEASE, Budget(0, 0), 1)) == SAFE).all()


def test_time_alone_can_be_proven_not_to_help() -> None:
    """The forest sees the duration as noise: what it costs to wait is found, or that it does not help is proven."""
    pipeline, flows = attacked(20)
    score, setting = score_of(pipeline, FEATURES), Setting(RELEASE, Budget(0, 2), 1)
    found = within(flows, pipeline, FEATURES, 1.0, setting)
    assert (found != OPEN).all()
    total = flows["Fwd IAT Total"]
    evades = np.zeros(20, dtype=bool)
    for delay in np.linspace(1, 2e6, 300):
        factor = 1 + np.divide(delay, total, out=np.zeros(20), where=total > 0)
        evades |= worst(score(ends(flows, Action(np.tile(factor, 2))))) <= 0.5
    assert not (evades & (found == SAFE)).any()
