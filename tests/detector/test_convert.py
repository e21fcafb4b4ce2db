"""A model written as ONNX answers as scikit-learn's does, also for values that lie on its thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: 'make test' installs it")

from analysis.conditions.engine import Engine
from analysis.conditions.estimator import fit_and_predict
from analysis.detector.convert import convert
from analysis.detector.cuts import GREATEST, raw_cuts
from analysis.detector.parity import NEAR, called, compared, compared_types, first_of_most
from analysis.detector.score import ROWS, Session
from analysis.errors import UserError

MODELS = {
    "forest": RandomForestClassifier(30, random_state=1),
    "boosting": GradientBoostingClassifier(n_estimators=30, random_state=1),
    "adaboost": AdaBoostClassifier(n_estimators=30, random_state=1),
    "logistic": LogisticRegression(),
}


def flows(n: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Numbers as of flows, over many orders of magnitude, and whether they are attacks."""
    rng = np.random.default_rng(5)
    found = np.round(np.exp(rng.normal(4, 4, (n, 5))))
    found[:, 1] = rng.integers(0, 3, n)
    return found, (found[:, 0] > 60) ^ (found[:, 1] == 2) ^ (rng.random(n) < 0.1)


def fitted(model: Any, scaler: Any, labels: np.ndarray | None = None) -> Pipeline:
    seen, attack = flows()
    return Pipeline([("scaler", scaler), ("estimator", model)]).fit(seen, attack if labels is None else labels)


def near_thresholds(pipeline: Pipeline) -> np.ndarray:
    """Flows whose values lie on the raw thresholds of a forest, just below and just above them."""
    scaler, usual = pipeline[0], np.median(flows()[0], axis=0)
    rows = []
    for tree in pipeline[-1].estimators_:
        inner = tree.tree_.children_left >= 0
        for feature, cut in zip(tree.tree_.feature[inner], tree.tree_.threshold[inner], strict=True):
            raw = cut * scaler.scale_[feature] + scaler.mean_[feature]
            for value in (raw, *(raw * (1 + sign * 2.0**-power) for sign in (-1, 1) for power in (52, 40, 25, 24, 23))):
                flow = usual.copy()
                flow[feature] = value
                rows.append(flow)
    return np.array(rows)


@pytest.mark.parametrize("scaler", [StandardScaler(), "passthrough"], ids=["standardised", "unscaled"])
@pytest.mark.parametrize("model", list(MODELS))
def test_scores_are_those_of_scikit_learn(model: str, scaler: Any) -> None:
    pipeline = fitted(MODELS[model], scaler)
    unseen = np.vstack([flows()[0], np.exp(np.random.default_rng(6).normal(4, 6, (20_000, 5)))])
    score = Session(convert(pipeline), "m")(unseen)
    expected = pipeline.predict_proba(unseen)[:, 1]
    assert score.shape == expected.shape
    assert np.abs(score - expected).max() < 1e-14
    if model == "forest":
        assert np.array_equal(score, expected), "a forest's sum is made in one order"


@pytest.mark.parametrize("model", ["forest", "boosting", "adaboost"])
def test_scores_of_the_fast_engine_s_models_are_theirs(model: str) -> None:
    seen, attack = flows()
    found = fit_and_predict(clone(MODELS[model]), seen, attack, seen, engine=Engine("fast"))
    assert found.told.engine == "fast"
    assert found.score is not None
    assert np.abs(Session(convert(found.pipeline), model)(seen) - found.score).max() < 1e-14


def test_values_on_a_threshold_take_the_branch_that_they_take_in_scikit_learn() -> None:
    pipeline = fitted(MODELS["forest"], StandardScaler())
    unseen = near_thresholds(pipeline)
    assert len(unseen) > 5000
    expected = pipeline.predict_proba(unseen)[:, 1]
    assert np.array_equal(Session(convert(pipeline), "m")(unseen), expected)
    # The trap that this avoids: thresholds carried over by arithmetic in single precision send flows elsewhere.
    single = unseen.astype(np.float32).astype(np.float64)
    assert not np.array_equal(Session(convert(pipeline), "m")(single), expected)


def test_shares_of_types_are_those_of_scikit_learn() -> None:
    seen, attack = flows()
    labels = np.where(attack, np.where(seen[:, 1] == 1, "Bot", "DDoS"), "Hulk").astype(object)
    pipeline = fitted(RandomForestClassifier(20, random_state=2), StandardScaler(), labels)
    shares = Session(convert(pipeline), "m")(seen)
    assert shares.shape == (len(seen), 3)
    assert np.abs(shares - pipeline.predict_proba(seen)).max() < 1e-14
    assert np.array_equal(pipeline.classes_[first_of_most(shares)], pipeline.predict(seen))


@pytest.mark.parametrize("model", ["forest", "boosting"])
def test_the_same_model_gives_the_same_bytes(model: str) -> None:
    assert convert(fitted(MODELS[model], StandardScaler())) == convert(fitted(MODELS[model], StandardScaler()))


def test_the_number_of_threads_changes_nothing() -> None:
    pipeline = fitted(MODELS["boosting"], StandardScaler())
    unseen = np.tile(flows()[0], (2 * ROWS // 1000, 1))
    session = Session(convert(pipeline), "m")
    assert np.array_equal(session(unseen), session(unseen, threads=3))
    assert session(unseen[:0]).shape == (0,)


@pytest.mark.parametrize(
    ("model", "scaler", "says"),
    [(KNeighborsClassifier(), StandardScaler(), "KNeighborsClassifier is not written as ONNX"),
     (LogisticRegression(), QuantileTransformer(n_quantiles=10), "prepared by QuantileTransformer")],
)  # fmt: skip
def test_what_cannot_be_written_is_said(model: Any, scaler: Any, says: str) -> None:
    with pytest.raises(UserError, match=says):
        convert(fitted(model, scaler))


@given(
    st.floats(-1e12, 1e12), st.floats(1e-6, 1e9),
    st.floats(-1e6, 1e6, width=32) | st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
def test_a_raw_threshold_divides_as_the_prepared_one(mean: float, scale: float, cut: float) -> None:
    def seen(raw: np.ndarray, features: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return ((raw - mean) / scale).astype(np.float32)

    feature = np.zeros(1, dtype=int)
    (found,) = raw_cuts(seen, feature, np.array([cut]))
    if np.isfinite(found):
        assert seen(np.array([found]), feature)[0] <= np.float64(cut)
    if found < GREATEST:
        assert seen(np.array([np.nextafter(found, np.inf)]), feature)[0] > np.float64(cut)


def test_disagreements_are_counted_and_too_many_are_refused() -> None:
    expected = np.linspace(0, 1, 30_001)
    score = expected.copy()
    score[100] += 2 * NEAR
    assert compared(score, expected, {"0.01": 0.5}, "m") == {
        "flows": 30_001, "score": 1, "greatest": pytest.approx(2e-9, rel=1e-3), "decisions": {"0.01": 0}}  # fmt: skip
    score[100] = 1
    assert compared(score, expected, {"0.01": 0.5}, "m")["decisions"] == {"0.01": 1}
    score[:5] = np.nan
    with pytest.raises(UserError, match="disagree on 6 of 30001"):
        compared(score, expected, {"0.01": 0.5}, "m")
    with pytest.raises(UserError, match="disagree on 1 of 2 "):
        compared_types(np.array(["a", "b"]), np.array(["a", "a"]), "m")


def test_a_score_that_equals_the_threshold_is_no_alert() -> None:
    assert called(np.array([0.55, np.nextafter(0.55, 1), 0.56]), 0.55).tolist() == [False, False, True]
