"""Measures of the twin's fidelity, on made-up flows."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from analysis.twin.calibration import measured_fidelity
from analysis.twin.fidelity import MODELS


def flows(seed: int, shift: float = 0.0, n: int = 400) -> measured_fidelity.Flows:
    """Two features, the second of which says what is an attack."""
    random = np.random.default_rng(seed)
    attack = np.arange(n) % 4 == 0
    values = np.column_stack([random.normal(shift, 1, n), attack * 2 + random.normal(0, 0.5, n)])
    return measured_fidelity.Flows(values, np.where(attack, "DDoS", "BENIGN"))


def test_a_forest_tells_apart_what_differs_and_nothing_else() -> None:
    found = measured_fidelity.told_apart(flows(1), flows(2, shift=3), flows(3), seed=1)
    assert found["auc"] > 0.95
    assert abs(found["auc_real"] - 0.5) < 0.1


def test_correlations_of_like_flows_are_alike() -> None:
    one, other = flows(1), flows(2)
    twisted = measured_fidelity.Flows(other.values @ np.array([[1, 1], [0, 1]]), other.labels)
    found = measured_fidelity.correlation(one, twisted, other)
    assert found["features"] == 2
    assert found["largest_real"] < 0.2 < found["largest"]


def test_the_feature_that_says_what_is_an_attack_ranks_first() -> None:
    assert measured_fidelity.highest(flows(1), ("noise", "signal"), "BENIGN") == [1, 0]


def test_models_are_compared_on_three_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured_fidelity, "REPETITIONS", 2)
    train, test, other = flows(1), flows(2), flows(3)
    found = measured_fidelity.models(train, test, [other] * 2, [test] * 2, [1], "BENIGN", 1)
    assert set(found) == set(MODELS)
    assert all(scores["real"] > 0.85 and scores["twin_to_real"] > 0.85 for scores in found.values())
    assert all(scores["twin_low"] <= scores["twin"] <= scores["twin_high"] for scores in found.values())


PLAIN = {
    "random_forest": lambda seed: RandomForestClassifier(100, random_state=seed),
    "gradient_boosting": lambda seed: GradientBoostingClassifier(random_state=seed),
    "adaboost": lambda seed: AdaBoostClassifier(n_estimators=100, random_state=seed),
    "logistic_regression": lambda seed: LogisticRegression(max_iter=1000),
}


@pytest.mark.parametrize("model", MODELS)
def test_f1_is_that_of_plain_scikit_learn(model: str) -> None:
    train, test = flows(1), flows(2)
    plain = make_pipeline(StandardScaler(), PLAIN[model](5)).fit(train.values, train.attack("BENIGN"))
    expected = f1_score(test.attack("BENIGN"), plain.predict(test.values))
    assert 0.8 < expected < 1
    assert measured_fidelity._f1(model, 5, train, test, [0, 1], "BENIGN") == pytest.approx(expected, abs=1e-12)
