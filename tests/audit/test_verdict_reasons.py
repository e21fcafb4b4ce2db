"""The reasons that the source gives for its results: each flips on doctored evidence."""

from __future__ import annotations

import numpy as np
import polars as pl

from analysis.audit.verdicts.decisions import IN_PART, INCOMPARABLE, NOT, OPEN, REPRODUCED
from analysis.audit.verdicts.reasons import called_at
from tests.audit.conftest import flows, predictions, variants, with_model

SNAKE = ("average_packet_size", "flow_iat_std")


def test_learning_from_tests_flips_with_shared_values(doctored, verdict):
    values = {"ks.ten.rejected": 2, "ks.ten.max_d": 0.4, "ks.ten.max_d.feature": "x"}
    attack = np.arange(4000) < 1000
    apart, shared = np.arange(4000.0), np.where(np.arange(4000) % 4 == 0, 7.0, np.arange(4000.0))
    assert verdict("ks_learning", doctored(values, test=flows(attack, apart))) == REPRODUCED
    assert verdict("ks_learning", doctored(values, test=flows(attack, shared))) == NOT
    assert verdict("ks_learning", doctored(values | {"ks.ten.rejected": 1}, test=flows(attack, shared))) == OPEN
    few = np.arange(40) < 10
    assert verdict("ks_learning", doctored(values, test=flows(few, np.arange(40.0)))) == OPEN


def test_the_low_end_flips(doctored, verdict):
    for heights, wanted in (((0.3, 0.32), REPRODUCED), ((0.3, 0.6), IN_PART), ((0.3, 0.01), NOT)):
        values = {"low_end.first.share_errors_ten": None}
        for name in SNAKE:
            values |= {f"low_end.{name}.share_benign": heights[0], f"low_end.{name}.share_attack": heights[1]}
        assert verdict("low_end_alike", doctored(values)) == wanted


def test_more_features_flips_with_who_mends_whom(doctored, evidence, verdict):
    truth = predictions(60, 0, 0, 40)
    poor = truth.with_columns(predicted=pl.Series(np.arange(100) % 2 == 0))
    low = flows(np.arange(100) >= 60, np.zeros(100))
    high = flows(np.arange(100) >= 60, np.ones(100) * 9)

    def of(ten, every, test=low):
        binary = {"ten": {"random_forest": ten}, "all": {"random_forest": every}}
        return verdict("more_features", doctored(binary=binary, train=low, test=test))

    assert of(poor, truth) == REPRODUCED
    assert of(truth, poor) == NOT
    assert of(truth, truth) == INCOMPARABLE
    assert of(poor, truth, high) == INCOMPARABLE
    one = truth.with_columns(predicted=pl.Series(np.arange(100) >= 61))
    assert of(one, truth) == OPEN


def test_scaling_flips(doctored, evidence, verdict):
    gain, none = variants(unscaled=0.5, standardised=0.7, winsorised=0.7, ranks=0.7), variants(
        unscaled=0.7, standardised=0.7, winsorised=0.7, ranks=0.7)  # fmt: skip
    models = list(evidence.binary["ten"])
    assert verdict("scaling", doctored(extra=dict.fromkeys(models, gain))) == REPRODUCED
    assert verdict("scaling", doctored(extra=dict.fromkeys(models, none))) == NOT
    assert verdict("scaling", doctored(extra=dict.fromkeys(models, none) | {models[-1]: gain})) == IN_PART
    unsure = variants(unscaled=0.695, standardised=0.71, winsorised=0.7, ranks=0.7)
    assert verdict("scaling", doctored(extra=dict.fromkeys(models, none) | {models[-1]: unsure})) == OPEN


def test_trees_flip(doctored, evidence, verdict):
    def of(one, thirty, many):
        forest = variants(trees_1=one, trees_30=thirty, trees_300=many)
        return verdict("hundreds_of_trees", doctored(extra={"random_forest": forest}))

    assert of(0.5, 0.6, 0.9) == REPRODUCED
    assert of(0.5, 0.9, 0.9) == IN_PART
    assert of(0.9, 0.9, 0.9) == NOT
    assert of(0.5, 0.69, 0.70) == OPEN


def test_overfitting_flips(doctored, verdict):
    for seen, wanted in ((0.925, REPRODUCED), (0.99, NOT), (0.937, OPEN)):
        assert verdict("no_overfit", doctored({"binary.random_forest.train_f1": seen})) == wanted


def test_dimensions_flip(doctored, evidence, verdict):
    worse = predictions(79_900, 100, 12_000, 8_000)
    assert verdict("dimensions", evidence) == IN_PART
    assert verdict("dimensions", doctored(binary=with_model(evidence, "adaboost", worse, "all"))) == REPRODUCED
    assert verdict("dimensions", doctored(binary=with_model(evidence, "random_forest", worse, "all"))) == NOT


def test_interactions_flip(doctored, evidence, verdict):
    # Boosting holds interactions as well: they set the forest apart only where another model comes next.
    apart = with_model(evidence, "gradient_boosting", predictions(79_800, 200, 12_000, 8_000))

    def of(deep, stumps, binary):
        boosting = variants(interacting=deep, stumps=stumps)
        return verdict("interactions", doctored(extra={**evidence.extra, "gradient_boosting": boosting}, binary=binary))

    steps = [(0.9, 0.7), (0.7, 0.7), (0.7, 0.9), (0.71, 0.7)]
    assert [of(*step, apart) for step in steps] == [REPRODUCED, NOT, NOT, OPEN]
    assert [of(*step, evidence.binary) for step in steps] == [IN_PART, NOT, NOT, OPEN]


def test_outliers_flip(doctored, evidence, verdict):
    calm = variants(unscaled=0.7, winsorised=0.7, ranks=0.7)
    hurt = variants(unscaled=0.5, winsorised=0.7, ranks=0.7)
    models = list(evidence.binary["ten"])
    assert verdict("outliers", doctored(extra=dict.fromkeys(models, hurt) | {"random_forest": calm})) == REPRODUCED
    assert verdict("outliers", doctored(extra=dict.fromkeys(models, calm))) == IN_PART
    assert verdict("outliers", doctored(extra=dict.fromkeys(models, hurt))) == NOT
    needy = variants(unscaled=0.9, winsorised=0.7, ranks=0.7)
    assert verdict("outliers", doctored(extra=dict.fromkeys(models, calm) | {"random_forest": needy})) == NOT
    unsure = variants(unscaled=0.695, winsorised=0.71, ranks=0.7)
    assert verdict("outliers", doctored(extra=dict.fromkeys(models, calm) | {"random_forest": unsure})) == OPEN


def test_the_price_flips_with_what_all_features_and_thresholds_find(doctored, verdict):
    n = 1000
    truth = np.arange(n) >= 800
    bound = {"low_end.f1_bound": 0.9}
    ten = pl.DataFrame({"is_attack": truth, "predicted": np.arange(n) >= 900})

    def of(ten_scores, all_scores):
        frames = [ten.with_columns(score=pl.Series(scores)) for scores in (ten_scores, all_scores)]
        binary = {key: {"random_forest": frame} for key, frame in zip(("ten", "all"), frames, strict=True)}
        return verdict("price", doctored(bound, binary=binary))

    knows, blind = np.where(truth, 0.9, 0.1), np.where(np.arange(n) >= 900, 0.9, 0.1)
    reversible = np.where(np.arange(n) >= 900, 0.9, np.where(truth, 0.3, 0.1))
    assert of(blind, knows) == NOT
    assert of(reversible, blind) == REPRODUCED
    assert of(blind, blind) == OPEN


def test_a_threshold_keeps_its_false_positive_rate():
    generator = np.random.default_rng(5)
    attack = generator.random(2000) < 0.2
    score = np.round(generator.random(2000) + 0.3 * attack, 2)
    for rate in (0.0, 0.01, 0.05, 1.0):
        called = called_at(score, attack, rate)
        assert (called & ~attack).sum() <= rate * (~attack).sum() + 1e-9
    assert called_at(score, attack, 1.0).all()
