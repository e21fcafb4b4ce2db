"""The reasons that the source gives for its results: each flips on doctored evidence."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from analysis.audit.verdicts.decisions import (
    DESCRIPTION,
    IN_PART,
    INCOMPARABLE,
    NO_CONSEQUENCE,
    NOT,
    OPEN,
    REPRODUCED,
)
from analysis.audit.verdicts.reasons import called_at
from tests.audit.conftest import flows, predictions, variants, with_model


@pytest.mark.parametrize(
    ("spearman", "idle", "wanted"),
    [(0.99, 0, REPRODUCED), (0.99, 3, NO_CONSEQUENCE), (0.4, 0, NO_CONSEQUENCE), (0.9, 0, OPEN),
     (None, 0, INCOMPARABLE)],
)  # fmt: skip
def test_learning_from_tests_flips_with_idle_features_and_with_ranks(doctored, verdict, spearman, idle, wanted):
    assert verdict("ks_learning", doctored({"single.spearman": spearman, "single.rejected_idle": idle})) == wanted


def test_spikes_at_the_minimum_flip(doctored, evidence, verdict):
    for heights, wanted in (((0.3, 0.32), REPRODUCED), ((0.3, 0.6), IN_PART), ((0.3, 0.01), NOT)):
        values = {"at_minimum.first.share_errors_selected": None}
        for name in evidence.top:
            values |= {
                f"at_minimum[feature='{name}'].{who}": share
                for who, share in zip(("benign", "attack"), heights, strict=True)
            }
        assert verdict("alike_at_minimum", doctored(values)) == wanted


def test_more_features_flips_with_who_mends_whom(doctored, evidence, verdict):
    truth = predictions(60, 0, 0, 40)
    poor = truth.with_columns(predicted=pl.Series(np.arange(100) % 2 == 0))
    low = flows(np.arange(100) >= 60, np.zeros(100))
    high = flows(np.arange(100) >= 60, np.ones(100) * 9)

    def of(top, every, test=low):
        binary = {"selected": {"random_forest": top}, "all": {"random_forest": every}}
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
    models = list(evidence.binary["selected"])
    assert verdict("scaling", doctored(extra=dict.fromkeys(models, gain))) == REPRODUCED
    assert verdict("scaling", doctored(extra=dict.fromkeys(models, none))) == NOT
    assert verdict("scaling", doctored(extra=dict.fromkeys(models, none) | {models[-1]: gain})) == IN_PART
    unsure = variants(unscaled=0.695, standardised=0.71, winsorised=0.7, ranks=0.7)
    assert verdict("scaling", doctored(extra=dict.fromkeys(models, none) | {models[-1]: unsure})) == OPEN


def test_hundreds_of_trees_describe_whatever_their_number_does(doctored, verdict):
    """``hundreds_of_trees`` has no verdict to flip: F1 by number of trees is told, and nothing follows from it."""
    for one, thirty, many in ((0.5, 0.6, 0.9), (0.9, 0.9, 0.9)):
        forest = variants(trees_1=one, trees_30=thirty, trees_300=many)
        assert verdict("hundreds_of_trees", doctored(extra={"random_forest": forest})) == DESCRIPTION


def test_overfitting_flips_with_what_larger_leaves_gain(doctored, verdict):
    def of(one, five, twenty):
        forest = variants(standardised=one, leaf_5=five, leaf_20=twenty)
        return verdict("no_overfit", doctored(extra={"random_forest": forest}))

    assert of(0.9, 0.9, 0.8) == REPRODUCED
    assert of(0.8, 0.9, 0.8) == NOT
    assert of(0.8, 0.8, 0.9) == NOT
    assert of(0.8, 0.815, 0.8) == OPEN


def test_a_gap_between_training_and_test_is_no_overfitting(doctored, verdict):
    """A forest grown to its leaves knows its training flows by heart; the question is whether that costs anything."""
    assert verdict("no_overfit", doctored({"binary.random_forest.train_f1": 1.0})) == REPRODUCED


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
    models = list(evidence.binary["selected"])
    assert verdict("outliers", doctored(extra=dict.fromkeys(models, hurt) | {"random_forest": calm})) == REPRODUCED
    assert verdict("outliers", doctored(extra=dict.fromkeys(models, calm))) == IN_PART
    assert verdict("outliers", doctored(extra=dict.fromkeys(models, hurt))) == NOT
    needy = variants(unscaled=0.9, winsorised=0.7, ranks=0.7)
    assert verdict("outliers", doctored(extra=dict.fromkeys(models, calm) | {"random_forest": needy})) == NOT
    unsure = variants(unscaled=0.695, winsorised=0.71, ranks=0.7)
    assert verdict("outliers", doctored(extra=dict.fromkeys(models, calm) | {"random_forest": unsure})) == OPEN


def test_the_price_flips_with_what_other_thresholds_of_the_same_forest_find(doctored, verdict):
    n = 10_000
    flow = np.arange(n)
    truth, found = flow >= 8000, flow >= 9000

    def of(scores, called=found):
        top = pl.DataFrame({"is_attack": truth, "predicted": called, "score": scores})
        blind = pl.DataFrame({"is_attack": truth, "predicted": truth, "score": np.where(truth, 1.0, 0.0)})
        return verdict("price", doctored(binary={"selected": {"random_forest": top}, "all": {"random_forest": blind}}))

    benign = np.where(truth, 0.0, flow / n / 4)  # 0 to .2, so that 5 % lie above .19 and 10 % above .18
    missed = truth & ~found
    at = {rate: float(np.quantile(benign[~truth], 1 - rate)) for rate in (0.025, 0.075, 0.5)}
    scores = {rate: np.where(found, 0.9, np.where(missed, threshold, benign)) for rate, threshold in at.items()}
    # All features would find every one of them: that is no answer about this forest's thresholds.
    assert of(scores[0.025]) == REPRODUCED
    assert of(scores[0.075]) == IN_PART
    assert of(scores[0.5]) == NOT
    half = np.where(missed & (flow % 2 == 0), at[0.5], scores[0.025])
    assert of(half) == OPEN
    assert of(scores[0.5], truth) == INCOMPARABLE
    assert of(scores[0.5], found | (flow < 500)) == INCOMPARABLE


def test_a_threshold_keeps_its_false_positive_rate():
    generator = np.random.default_rng(5)
    attack = generator.random(2000) < 0.2
    score = np.round(generator.random(2000) + 0.3 * attack, 2)
    for rate in (0.0, 0.01, 0.05, 1.0):
        called = called_at(score, attack, rate)
        assert (called & ~attack).sum() <= rate * (~attack).sum() + 1e-9
    assert called_at(score, attack, 1.0).all()
