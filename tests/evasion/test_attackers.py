"""Attackers against models whose weakness is known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from analysis.dataset.meter import Array, Flows
from analysis.dataset.release import load
from analysis.detection.evaluation import wilson
from analysis.evasion.actions import Action
from analysis.evasion.attackers import QUERIES, Budget, acted, cost, mimic, one_for_all, search, worst
from analysis.evasion.identities import broken
from analysis.evasion.scores import score_of
from tests.evasion.packets import Packets, metered

BUDGET = Budget()
RELEASE = load("original")
FEATURES = [
    "Fwd Packet Length Max",
    "Packet Length Mean",
    "Flow Duration",
    "Total Fwd Packets",
    "Bwd Packet Length Max",
]


def some_flows(n: int, seed: int, longest: int = 300) -> Flows:
    generator = np.random.default_rng(seed)
    some = []
    for _ in range(n):
        packets = int(generator.integers(4, 9))
        forward = np.array([True, False, *(generator.random(packets - 2) < 0.5)])
        times = np.cumsum(generator.integers(1, 50_000, packets))
        some.append(metered(Packets(times, generator.integers(0, longest, packets), forward)))
    return {name: np.concatenate([one[name] for one in some]) for name in some[0]}


@pytest.fixture(scope="module")
def flows() -> Flows:
    return some_flows(40, 3)


def short(flows: Mapping[str, Array]) -> Array:
    """Calls an attack what has forward packets of less than 400 bytes at most, the surer the shorter."""
    return np.clip(1 - flows["Fwd Packet Length Max"] / 800, 0, 1)


def answered(flows: Mapping[str, Array]) -> Array:
    """Calls an attack what is answered by less than 400 bytes at most."""
    return np.clip(1 - flows["Bwd Packet Length Max"] / 800, 0, 1)


def narrow(flows: Mapping[str, Array]) -> Array:
    """Steps, as a forest has: only long packets and many of them and much time together evade."""
    long, many = flows["Fwd Packet Length Max"] > 500, flows["Total Fwd Packets"] > 8
    slow = flows["Flow Duration"] > 500_000
    return 1 - 0.2 * (long.astype(float) + many + slow)


def forest(seed: int = 1) -> tuple[Pipeline, Flows]:
    """A forest that tells flows of short packets from flows of long ones, and flows that it calls attacks."""
    attacks, benign = some_flows(60, seed), some_flows(60, seed + 1, 1400)
    seen = np.vstack([np.column_stack([one[name] for name in FEATURES]) for one in (attacks, benign)])
    pipeline = Pipeline([("scaler", StandardScaler()), ("estimator", RandomForestClassifier(20, random_state=seed))])
    pipeline.fit(seen, np.arange(120) < 60)
    return pipeline, attacks


def test_one_action_evades_where_it_reaches_the_threshold(flows: Flows) -> None:
    found = one_for_all(flows, Action(padding=256), short, BUDGET)
    expected = flows["Fwd Packet Length Max"] + 256 >= 400
    assert 0 < expected.sum() < expected.size
    assert np.array_equal(found.evaded, expected)
    assert np.array_equal(found.bytes, 256 * flows["Total Fwd Packets"])
    assert not one_for_all(flows, Action(padding=256), short, Budget(200, 60)).evaded.any()


@pytest.mark.parametrize("greedy", [True, False])
def test_a_search_finds_what_there_is_within_its_budget(flows: Flows, greedy: bool) -> None:
    found = search(flows, short, np.random.default_rng(1), greedy=greedy)
    few, many = (found[queries] for queries in QUERIES)
    assert (few.evaded <= many.evaded).all()
    assert many.evaded.mean() > 0.9
    assert (many.bytes[many.evaded] > 0).all()
    assert (many.bytes <= BUDGET.bytes).all()
    assert (many.seconds <= BUDGET.seconds).all()
    assert (many.share[few.evaded] <= few.share[few.evaded]).all(), "a longer search finds no dearer evasion"
    for less, more in ((0.01, 0.1), (0.1, 1.0)):
        assert (many.within(less) <= many.within(more)).all()


@pytest.mark.parametrize("reach", ["sender", "both"])
def test_the_search_tells_what_it_did(flows: Flows, reach: str) -> None:
    """Acting again gives the costs and the scores that it reports, and keeps every identity."""
    found = search(flows, short, np.random.default_rng(1), reach=reach)[100]
    assert found.places is not None
    directions = ("Fwd", "Bwd")[: 1 + (reach == "both")]
    after = acted(flows, found.places, directions)
    octets, seconds = cost(flows, after)
    assert np.array_equal(octets, found.bytes)
    assert np.array_equal(seconds, found.seconds)
    assert np.array_equal(worst(short(after)) <= 0.5, found.evaded)
    assert not broken(after, RELEASE).any()


@pytest.mark.parametrize("greedy", [True, False])
def test_nothing_evades_without_a_budget(flows: Flows, greedy: bool) -> None:
    found = search(flows, short, np.random.default_rng(1), greedy=greedy, reach="both", budget=Budget(0, 0))[100]
    assert not found.evaded.any()
    assert not found.bytes.any()
    assert not found.seconds.any()


@given(st.integers(0, 100), st.integers(0, 3000), st.integers(0, 5), st.sampled_from(["sender", "both"]))
def test_every_search_keeps_its_budget(seed: int, octets: int, seconds: int, reach: str) -> None:
    some, budget = some_flows(5, seed), Budget(octets, seconds)
    found = search(some, narrow, np.random.default_rng(seed), reach=reach, queries=(10,), budget=budget)[10]
    assert (found.bytes <= octets).all()
    assert (found.seconds <= seconds).all()
    assert (found.share <= 1).all()


@pytest.mark.parametrize("score", [short, narrow])
def test_greedy_is_no_weaker_than_its_control_and_cheaper(score) -> None:
    """On steps that no single change can follow it once was weaker by far."""
    flows = some_flows(200, 7)
    tried = [search(flows, score, np.random.default_rng(1), greedy=greedy) for greedy in (True, False)]
    for queries in QUERIES:
        greedy, control = (one[queries] for one in tried)
        _, high = wilson(int(greedy.evaded.sum()), 200)
        assert high >= control.evaded.mean()
    assert control.evaded.sum() > 0
    both = greedy.evaded & control.evaded
    assert greedy.share[both].mean() <= 1.01 * control.share[both].mean()
    if score is narrow:
        assert np.median(greedy.share[both]) < 0.8 * np.median(control.share[both])


def test_only_who_owns_the_other_end_moves_its_answers(flows: Flows) -> None:
    assert not search(flows, answered, np.random.default_rng(1))[100].evaded.any()
    assert search(flows, answered, np.random.default_rng(1), reach="both")[100].evaded.mean() > 0.9


def test_what_is_bounded_counts_at_its_worse_end(flows: Flows) -> None:
    """A model that finds flows by a long gap of the other direction, which stretching may or may not make longer."""
    several = {name: column[flows["Total Backward Packets"] > 2] for name, column in flows.items()}
    limit = float((several["Bwd IAT Max"] + 1).max())

    def score(some: Mapping[str, Array]) -> Array:
        return (some["Bwd IAT Max"] <= limit).astype(float)

    assert not one_for_all(several, Action(factor=10), score, BUDGET).evaded.any()


def test_the_mimic_is_as_benign_as_what_it_copies(flows: Flows) -> None:
    benign = {name: column[flows["Fwd Packet Length Max"] > 200] for name, column in flows.items()}
    benign["Fwd Packet Length Max"] = np.full_like(benign["Fwd Packet Length Max"], 500.0)
    assert mimic(flows, benign, short, np.random.default_rng(1)).evaded.all()
    assert not mimic(flows, flows, short, np.random.default_rng(1)).evaded.any()


def test_scores_are_those_of_scikit_learn() -> None:
    from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    flows, generator = some_flows(80, 5), np.random.default_rng(2)
    seen, labels = np.column_stack([flows[name] for name in FEATURES]), generator.random(80) < 0.5
    for model in (RandomForestClassifier(9), AdaBoostClassifier(n_estimators=9), GradientBoostingClassifier(),
                  LogisticRegression()):  # fmt: skip
        pipeline = Pipeline([("scaler", StandardScaler()), ("estimator", model)]).fit(seen, labels)
        assert score_of(pipeline, FEATURES)(flows) == pytest.approx(pipeline.predict_proba(seen)[:, 1], abs=1e-15)
