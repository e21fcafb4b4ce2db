"""Thresholds: what they let through, and that they are functions of the flows held back alone."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_curve

from analysis.conditions.catalogue import plan
from analysis.conditions.condition import drawn
from analysis.conditions.draw import Draw, stratified
from analysis.conditions.threshold import HELD_BACK, RATES, threshold
from analysis.dataset.parts import TEST, TRAIN

from .conftest import make_clean

scores = st.lists(st.sampled_from([0.0, 0.01, 0.2, 0.5, 0.99, 1.0]), min_size=1, max_size=300)


@given(scores, st.sampled_from([0.001, 0.01, 0.1, 0.5]))
def test_no_more_lies_above_than_is_allowed_and_the_next_lower_score_would_let_more_through(found, rate):
    benign = np.array(found)
    at = threshold(benign, rate)
    assert at is not None
    assert (benign > at).mean() <= rate
    lower = benign[benign < at]
    if lower.size:
        assert (benign > lower.max()).mean() > rate


def test_it_is_the_best_point_of_the_roc_curve_below_the_rate():
    random = np.random.default_rng(4)
    attack = random.random(4000) < 0.3
    score = np.round(random.normal(attack * 1.0, 1), 1)
    at = threshold(score[~attack], 0.01)
    fpr, recall, _ = roc_curve(attack, score, drop_intermediate=False)
    assert (score[attack] > at).mean() == pytest.approx(recall[fpr <= 0.01].max())


def test_without_benign_flows_there_is_none():
    assert threshold(np.empty(0), 0.01) is None


@cache
def settings() -> dict[str, object]:
    return {"findings": {"train_rows": 60}, "data": "flows.csv", "study": "full", "seeds": 0}


def held(steps, study) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the flows that the random split holds back, and of its test part."""
    (one,) = (one for one in plan(study) if ("findings", "random.random_forest") in one.names)
    role = pl.read_parquet(steps.folder / "random" / "roles.parquet")["0"].to_numpy()
    train = np.flatnonzero(role == TRAIN)
    labels = pl.read_parquet(steps.folder / "clean.parquet")["Label"].to_numpy()[train]
    draw = Draw(HELD_BACK, study.split.min_type, drawn(study.seed, one.condition.validation_stream))
    return train[stratified(labels, draw)], np.flatnonzero(role == TEST)


def fitted(steps, clean: pl.DataFrame, only: str = "random-selected-binary") -> dict[str, object]:
    study = steps.study(**settings())
    planned = [one for one in plan(study) if "-".join(one.condition.group) == only and one.condition.validated]
    steps.put(clean)
    steps.split(study, planned)
    steps.select(study, planned)
    steps.fit(study, planned)
    return {one.condition.model: steps.told(only)[one.condition.id]["folds"][0] for one in planned}


def test_a_threshold_changes_with_the_benign_flows_held_back_and_with_no_others(steps, another):
    clean, group = make_clean(), "random-port-binary"
    study = steps.study(**settings())
    before = fitted(steps, clean, group)["random_forest"]["thresholds"]
    assert set(before) == {str(rate) for rate in RATES}
    back, tested = held(steps, study)
    attack = clean["is_attack"].to_numpy()

    def changed(rows: np.ndarray, port: int) -> pl.DataFrame:
        """Flows of which some have this port; labels stay, so that the split does."""
        at = pl.Series(np.isin(np.arange(clean.height), rows))
        port_of = pl.when(at).then(pl.lit(port)).otherwise(pl.col("Destination Port"))
        return clean.with_columns(port_of.alias("Destination Port"))

    def again(name: str, rows: np.ndarray, port: int) -> object:
        return fitted(another(name), changed(rows, port), group)["random_forest"]["thresholds"]

    assert again("test part", tested, 22) == before
    assert again("attacks held back", back[attack[back]], 22) == before
    assert again("benign flows held back", back[~attack[back]], 22) != before


def test_the_flows_held_back_are_not_fitted_on(steps):
    told = fitted(steps, make_clean())["adaboost"]
    assert told["n_train"] + told["n_validation"] <= told["n_train_all"]
    assert told["n_validation"] == pytest.approx(HELD_BACK * told["n_train_all"], abs=3)
    assert sum(told["on_train"].values()) == told["n_train"]
