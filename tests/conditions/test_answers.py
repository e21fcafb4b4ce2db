"""Answers that are asked once for equal flows, and in pieces, against the pipeline's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from analysis.conditions import answers as module
from analysis.conditions.answers import answers
from analysis.conditions.engine import Engine
from analysis.conditions.estimator import EXACT, prepared_flows
from analysis.conditions.grouped import coded, distinct
from analysis.conditions.preparation import fit_by_columns

from .test_engine import repeating

KINDS = [RandomForestClassifier, GradientBoostingClassifier, AdaBoostClassifier]


def piped(kind: Any, labels: Any = None) -> tuple[Pipeline, np.ndarray]:
    """A fitted pipeline, and flows that it has not seen, of which most repeat."""
    features, attack = repeating(3000, 1)
    made = kind(n_estimators=12, random_state=2)
    return Pipeline([("scaler", StandardScaler()), ("estimator", made)]).fit(
        features, attack if labels is None else labels(features, attack)
    ), repeating(1000, 2)[0]


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_answers_are_the_pipeline_s_own_to_the_last_bit(
    kind: Any, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MANY", 10)
    pipeline, flows = piped(kind)
    own = flows + np.random.default_rng(3).normal(size=flows.shape)  # none repeats
    for unseen in (flows, own):
        predicted, score = answers(pipeline, unseen, True, workers)
        assert np.array_equal(predicted, pipeline.predict(unseen))
        assert np.array_equal(score, pipeline.predict_proba(unseen)[:, 1])
        assert answers(pipeline, unseen, False, workers)[1] is None


def test_a_forest_of_types_answers_with_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MANY", 10)
    pipeline, flows = piped(
        RandomForestClassifier,
        lambda features, attack: np.array(["a", "b", "c"], dtype=object)[attack * 1 + (features[:, 1] > 1)],
    )
    predicted, _ = answers(pipeline, flows, False, 2)
    assert set(predicted) == {"a", "b", "c"}
    assert np.array_equal(predicted, pipeline.predict(flows))


def counted(kind: Any, asked: list[int], method: str) -> type:
    """An estimator's class that notes of how many flows ``method`` is asked."""

    def noted(self: Any, flows: np.ndarray) -> Any:
        asked.append(len(flows))
        return getattr(kind, method)(self, flows)

    return type(kind.__name__, (kind,), {method: noted})


def test_equal_flows_are_asked_about_once_and_only_where_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    pipeline, flows = piped(counted(RandomForestClassifier, asked, "predict_proba"))
    for many in (len(flows) + 1, len(flows)):
        monkeypatch.setattr(module, "MANY", many)
        module.ask_once(pipeline, "predict_proba", flows)
    assert asked == [1000, len(np.unique(flows, axis=0))]
    assert asked[1] < 500


@pytest.mark.parametrize(("share", "once"), [(0.8, True), (0.802, False)])
def test_equal_flows_are_asked_about_once_where_enough_repeat(
    share: float, once: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MANY", 10)
    asked: list[int] = []
    pipeline, _ = piped(counted(RandomForestClassifier, asked, "predict_proba"))
    flows = np.minimum(np.arange(500), round(share * 500) - 1)[:, None] * np.ones(4)
    module.ask_once(pipeline, "predict_proba", flows)
    assert asked == [400 if once else 500]


def test_a_product_of_matrices_is_never_parted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MANY", 10)
    features, attack = repeating(500, 1)
    asked: list[int] = []
    pipeline = Pipeline([("estimator", counted(LogisticRegression, asked, "predict_proba")())]).fit(features, attack)
    module.ask_once(pipeline, "predict_proba", features, 2)
    assert asked == [500]


@pytest.mark.parametrize("votes", [(0.2, 0.8, 0.3, 0.7), (0.05, 0.65, 0.8)])
def test_votes_that_tie_are_asked_for_their_answer(votes: tuple[float, ...]) -> None:
    """Half of the votes are for attack: a forest's answer is then the first class, or what rounding leaves."""
    features = np.array([[0.0], [0.0]])
    pipeline = Pipeline(
        [("scaler", StandardScaler()), ("estimator", RandomForestClassifier(len(votes), random_state=0))]
    )
    pipeline.fit(features, np.array([False, True]))
    for tree, share in zip(pipeline[-1].estimators_, votes, strict=True):
        tree.tree_.value[:] = [1 - share, share]
    predicted, score = answers(pipeline, features, True, 1)
    assert score == pytest.approx([0.5, 0.5], abs=1e-12)
    assert np.array_equal(predicted, pipeline.predict(features))
    # Of three trees the votes against add up to a last digit less than one half.
    assert predicted.all() == (len(votes) == 3)


def test_pieces_in_single_precision_are_the_whole_s_cast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE", 7)
    features = repeating(100, 1)[0] * [1.0, 1e7, 1e-3, 1.0] + 0.1
    whole = StandardScaler().fit_transform(features)
    pipeline = Pipeline([("scaler", StandardScaler())])
    single = prepared_flows(pipeline, features, Engine("fast"), AdaBoostClassifier())
    assert single.dtype == np.float32
    assert np.array_equal(single, whole.astype(np.float32))
    assert np.array_equal(prepared_flows(pipeline, features, EXACT, AdaBoostClassifier()), whole)


@given(
    arrays(
        np.float64, st.tuples(st.integers(1, 12), st.integers(1, 3)), elements=st.sampled_from([-0.0, 0.0, 1.5, 2.0])
    )
)
def test_distinct_rows_give_the_table_back(table: np.ndarray) -> None:
    rows, places = distinct(table)
    assert np.array_equal(table[rows][places], table)
    assert len(rows) == len(np.unique(table, axis=0))
    assert rows.tolist() == sorted(rows.tolist())


@given(st.lists(st.text(max_size=2), min_size=1, max_size=8))
def test_codes_are_numpy_s(labels: list[str]) -> None:
    for given_labels in (np.array(labels, dtype=object), np.array(labels) == labels[0]):
        names, codes = coded(given_labels)
        expected, places = np.unique(given_labels, return_inverse=True)
        assert names.tolist() == expected.tolist()
        assert codes.tolist() == places.tolist()


@pytest.mark.parametrize("columns", [1, 3, 17])
def test_columns_are_standardised_alike_whatever_stands_beside_them(columns: int) -> None:
    random = np.random.default_rng(6)
    features = np.asfortranarray(random.lognormal(3, 2, size=(4001, columns)))
    features[:, 0] = 7.1
    own, plain = StandardScaler(), StandardScaler().fit(features)
    fit_by_columns(own, features)
    assert vars(own).keys() == vars(plain).keys()
    for name, value in vars(plain).items():
        assert np.array_equal(getattr(own, name), value), name
