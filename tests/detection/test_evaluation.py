"""Metrics against scikit-learn, statsmodels, brute force and cases computed by hand."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest
import scipy.stats
import sklearn.metrics as sk
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.conditions.sample import stratified_rows
from analysis.detection.curves import areas, points
from analysis.detection.evaluation import Confusion, f1_bound, f1_differences, wilson
from analysis.detection.seeds import summary
from analysis.detection.types_report import evaluate
from analysis.detection.web_attacks import outcome

decisions = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=80)


@pytest.mark.filterwarnings("ignore:A single label was found")
@given(decisions)
def test_metrics_agree_with_scikit_learn(rows):
    label, predicted = np.array(rows).T
    found = Confusion.of(label, predicted)
    assert (found.tn, found.fp, found.fn, found.tp) == tuple(
        sk.confusion_matrix(label, predicted, labels=[False, True]).ravel()
    )
    assert found.accuracy == pytest.approx(sk.accuracy_score(label, predicted))
    assert found.f1 == pytest.approx(sk.f1_score(label, predicted, zero_division=0))
    assert found.mcc == pytest.approx(sk.matthews_corrcoef(label, predicted))
    if predicted.any():
        assert found.precision == pytest.approx(sk.precision_score(label, predicted, zero_division=0))
    else:
        assert found.precision is None
    if label.any():
        assert found.recall == pytest.approx(sk.recall_score(label, predicted))


def test_a_case_computed_by_hand():
    found = Confusion(tn=90, fp=10, fn=5, tp=15)
    assert found.metrics() == pytest.approx(
        {"accuracy": 105 / 120, "f1": 30 / 45, "precision": 15 / 25, "recall": 15 / 20, "fpr": 10 / 100,
         "mcc": (15 * 90 - 10 * 5) / (25 * 20 * 100 * 95) ** 0.5}
    )  # fmt: skip


def test_always_benign_has_no_precision_and_an_f1_of_zero():
    found = Confusion.of(np.array([False, False, True]), np.zeros(3, dtype=bool))
    assert found.precision is None
    assert found.f1 == 0
    assert found.mcc == 0


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 10)), min_size=2, max_size=80))
def test_areas_agree_with_the_rank_statistic_and_scikit_learn(rows):
    label = np.array([a for a, _ in rows])
    score = np.array([s for _, s in rows], dtype=float)
    assume(0 < label.sum() < len(label))
    pairs = [(a > b) + (a == b) / 2 for a, b in itertools.product(score[label], score[~label])]
    found = areas(label, score)
    assert found["roc_auc"] == pytest.approx(np.mean(pairs))
    assert found["pr_auc"] == pytest.approx(sk.average_precision_score(label, score))
    fpr, recall, _ = points(label, score)
    assert (fpr[0], recall[0], fpr[-1], recall[-1]) == (0, 0, 1, 1)
    assert (np.diff(recall) >= 0).all()


def test_one_class_alone_has_no_areas():
    assert areas(np.ones(3, dtype=bool), np.arange(3.0)) == {"roc_auc": None, "pr_auc": None}


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_agrees_with_scipy(case):
    found = scipy.stats.binomtest(*case).proportion_ci(method="wilson")
    assert wilson(*case) == pytest.approx((found.low, found.high), abs=1e-9)


@given(st.tuples(*[st.integers(0, 40)] * 4))
def test_a_measure_lies_in_its_interval_and_that_of_f1_is_wilsons_of_a_share(counts):
    count = Confusion(*counts)
    for metric in ("accuracy", "precision", "recall", "fpr", "f1"):
        if found := count.interval(metric):
            assert found["low"] <= getattr(count, metric) <= found["high"]
    if whole := count.tp + count.fp + count.fn:
        share = scipy.stats.binomtest(count.tp, whole).proportion_ci(method="wilson")
        found = count.interval("f1")
        assert found["low"] == pytest.approx(2 * share.low / (1 + share.low), abs=1e-9)
        assert found["high"] == pytest.approx(2 * share.high / (1 + share.high), abs=1e-9)
    assert count.interval("mcc") == {}


def test_three_of_six():
    """The interval that a recall of three in six has: .19 to .81."""
    assert wilson(3, 6) == pytest.approx((0.19, 0.81), abs=0.005)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=8))
def test_the_bound_is_the_best_of_all_rules(groups):
    attacks = np.array([a for a, _ in groups])
    flows = np.array([a + b for a, b in groups])
    assume((flows > 0).all())
    best = 0.0
    for rule in itertools.product([False, True], repeat=len(groups)):
        called = np.array(rule)
        tp = attacks[called].sum()
        if attacks.sum():
            best = max(best, 2 * tp / (flows[called].sum() + attacks.sum()))
    assert f1_bound(attacks, flows) == pytest.approx(best)


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=6), st.integers(6, 400), st.integers(0, 2**31 - 1)
)  # fmt: skip
def test_a_sub_sample_keeps_every_label_and_its_share(counts, rows, seed):
    labels = np.repeat([f"type {i}" for i in range(len(counts))], counts)
    chosen = stratified_rows(labels, rows, np.random.default_rng(seed))
    assert len(set(chosen.tolist())) == len(chosen)
    if rows >= len(labels):
        assert len(chosen) == len(labels)
        return
    for i, n in enumerate(counts):
        taken = int((labels[chosen] == f"type {i}").sum())
        assert 1 <= taken <= n
        assert abs(taken - n * rows / len(labels)) <= 1


def test_types_are_scored_one_against_the_rest():
    predictions = pl.DataFrame(
        {
            "label": ["BENIGN"] * 6 + ["Bot"] * 3 + ["DDoS"],
            "predicted": ["BENIGN"] * 5 + ["Bot"] + ["Bot", "Bot", "BENIGN"] + ["DDoS"],
        }
    )
    labels = ["BENIGN", "Bot", "DDoS", "Heartbleed"]
    found = evaluate("all_with_benign", predictions, {"BENIGN": 9, "Bot": 5, "DDoS": 4}, labels, 2)
    assert found.accuracy == 0.8
    assert found.types["Bot"].f1 == pytest.approx(2 * 2 / (2 * 2 + 1 + 1))
    assert found.types["Bot"].wrong == "BENIGN"
    assert found.types["DDoS"].f1 == 1
    assert found.types["DDoS"].cell("f1").text == "1 of 1", "one flow is no share"
    assert found.types["Heartbleed"].why("f1") == "no flow of this type in the data"
    assert found.macro_f1 == pytest.approx(np.mean([found.types["BENIGN"].f1, found.types["Bot"].f1]))
    assert found.macro_f1 == pytest.approx(
        sk.f1_score(predictions["label"], predictions["predicted"], labels=["BENIGN", "Bot"], average="macro")
    )


def test_outcomes_of_a_web_attack():
    web = "Web Attack XSS"
    answers = [web, "Web Attack Brute Force", "BENIGN", "DDoS"]
    assert [outcome(web, answer) for answer in answers] == ["correct", "within", "benign", "other"]


def test_spread_over_repetitions():
    found = summary([0.1, 0.2, 0.4])
    assert found == pytest.approx({"mean": 0.7 / 3, "sd": np.std([0.1, 0.2, 0.4], ddof=1), "min": 0.1, "max": 0.4})


def test_no_resample_of_a_difference_is_without_the_attack():
    """In more than a third of the draws one attack is not held, where both F1 would be 0 and alike."""
    truth = np.arange(50) == 7
    value, drawn = f1_differences(truth, truth, np.zeros(50, dtype=bool), 200, np.random.default_rng(1))
    assert (value, drawn.min()) == (1.0, 1.0)
