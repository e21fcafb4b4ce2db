"""Intervals against SciPy and statsmodels, and the number of flows that decides against a case by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import f1_score
from statsmodels.stats.proportion import proportion_confint

from analysis.audit.verdicts.decisions import (
    BETTER,
    EQUAL,
    NOT,
    OPEN,
    REPRODUCED,
    UNDECIDED,
    WORSE,
    Finding,
    above,
    against_margin,
    below,
    rounded,
    within,
)
from analysis.audit.verdicts.intervals import (
    Interval,
    allowed,
    correlation,
    f1_difference,
    flows_to_decide,
    measure,
    share,
    superiority,
)
from analysis.detection.evaluation import Confusion

COUNT = Confusion(1916, 10, 63, 408)


def interval(value: float, low: float, high: float, n: int = 1000) -> Interval:
    return Interval(value, low, high, n, "test")


@pytest.mark.parametrize(
    ("metric", "part", "whole"), [("accuracy", 2324, 2397), ("precision", 408, 418), ("recall", 408, 471)]
)
def test_shares_have_the_wilson_interval_of_statsmodels(metric, part, whole):
    found = measure(COUNT, metric)
    assert (found.low, found.high) == pytest.approx(proportion_confint(part, whole, method="wilson"))
    assert found.value == part / whole
    assert (found.n, found.of) == (2397, whole)


def test_the_interval_of_f1_is_that_of_a_share_carried_over_and_agrees_with_a_bootstrap():
    found = measure(COUNT, "f1")
    low, high = proportion_confint(408, 481, method="wilson")
    assert found.value == pytest.approx(COUNT.f1)
    assert (found.low, found.high) == pytest.approx((2 * low / (1 + low), 2 * high / (1 + high)))
    truth = np.repeat([0, 0, 1, 1], [1916, 10, 63, 408])
    called = np.repeat([0, 1, 0, 1], [1916, 10, 63, 408])
    boot = stats.bootstrap(
        (truth, called), lambda a, b: f1_score(a, b), paired=True, vectorized=False, n_resamples=400,
        method="percentile", rng=np.random.default_rng(3),
    ).confidence_interval  # fmt: skip
    assert (found.low, found.high) == pytest.approx((boot.low, boot.high), abs=0.005)


def test_a_perfect_f1_of_few_flows_is_not_certain():
    assert measure(Confusion(90, 0, 0, 7), "f1").low < 0.8


def test_an_undefined_metric_has_no_interval():
    assert measure(Confusion(90, 0, 10, 0), "precision") is None


def test_the_paired_bootstrap_agrees_with_scipy():
    generator = np.random.default_rng(4)
    truth = generator.random(1500) < 0.3
    first = truth ^ (generator.random(1500) < 0.05)
    second = np.where(generator.random(1500) < 0.9, first, truth ^ (generator.random(1500) < 0.3))
    found = f1_difference(truth, first, second, 4000, np.random.default_rng(5))
    theirs = stats.bootstrap(
        (truth, first, second), lambda t, a, b: f1_score(t, a) - f1_score(t, b), paired=True, vectorized=False,
        n_resamples=400, method="percentile", rng=np.random.default_rng(6),
    ).confidence_interval  # fmt: skip
    assert found.value == pytest.approx(f1_score(truth, first) - f1_score(truth, second))
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.006)


def test_equal_decisions_differ_by_nothing():
    truth = np.arange(50) < 20
    found = f1_difference(truth, truth, truth, 100, np.random.default_rng(1))
    assert (found.low, found.value, found.high) == (0, 0, 0)


def test_superiority_is_half_for_equal_samples_and_one_for_disjoint_ones():
    ones = np.arange(50.0)
    assert superiority(ones, ones).value == 0.5
    assert superiority(ones, ones + 100).value == 1.0
    low, high = superiority(ones, ones + 10).low, superiority(ones, ones + 10).high
    assert low < np.mean((ones + 10)[:, None] > ones) + 0.5 * np.mean((ones + 10)[:, None] == ones) < high


def test_the_interval_of_a_correlation_is_that_of_scipy():
    generator = np.random.default_rng(7)
    x = generator.normal(size=200)
    y = x + generator.normal(size=200)
    theirs = stats.pearsonr(x, y)
    found = correlation(theirs.statistic, 200)
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval(0.95)))


def test_what_a_printed_number_allows():
    assert allowed(0.92, 0.005, 0.02) == pytest.approx((0.895, 0.945))
    assert allowed(0.92, 0.005, 0.0) == pytest.approx((0.915, 0.925))


def test_flows_to_decide_inside_by_hand():
    # Arms of .03; .02 to the lower edge, .04 to the upper: (3/2)^2 times as many flows.
    assert flows_to_decide(interval(0.92, 0.89, 0.95, 1000), 0.90, 0.96) == 2250


def test_flows_to_decide_outside_by_hand():
    # .01 above the edge with an arm of .02 towards it: four times as many.
    assert flows_to_decide(interval(0.96, 0.94, 0.97, 1000), 0.90, 0.95) == pytest.approx(4000, abs=1)
    assert flows_to_decide(interval(0.88, 0.87, 0.91, 1000), 0.90, 0.95) == pytest.approx(2250, abs=1)


def test_no_number_of_flows_decides_at_an_edge():
    assert flows_to_decide(interval(0.95, 0.93, 0.97), 0.90, 0.95) is None
    finding = Finding(OPEN, "A fact.", "x", interval(0.95, 0.93, 0.97), (0.90, 0.95))
    assert finding.sentence(None) == "A fact. The estimate lies at an edge: no number of flows decides."


def test_a_number_at_the_end_of_its_range_is_decided_by_its_one_arm():
    assert flows_to_decide(interval(1.0, 0.95, 1.0, 100), 0.975, 1.0) == 400


def test_the_deciding_number_is_told_only_where_it_is_open_and_against_the_release():
    ours = interval(0.92, 0.89, 0.95, 1000)
    assert Finding(REPRODUCED, "A fact.", "x", ours, (0.8, 0.99)).sentence(10) == "A fact."
    told = Finding(OPEN, "A fact.", "x", ours, (0.90, 0.96)).sentence(2000)
    assert told == "A fact. About 2,300 test flows would decide, more than the release has."
    assert Finding(OPEN, "A fact.", "x", ours, (0.90, 0.96)).sentence(3000).endswith("would decide.")


def test_rounding_up_to_two_digits():
    assert [rounded(n) for n in (7, 42, 2250, 15_329_947)] == [7, 42, 2300, 16_000_000]


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.90, 0.94, REPRODUCED), (0.895, 0.945, REPRODUCED), (0.88, 0.94, OPEN), (0.93, 0.96, OPEN), (0.85, 0.96, OPEN),
     (0.80, 0.89, NOT), (0.95, 0.96, NOT)],
)  # fmt: skip
def test_a_number_flips(low, high, verdict):
    assert within(interval((low + high) / 2, low, high), 0.895, 0.945) == verdict


@pytest.mark.parametrize(
    ("low", "high", "state"),
    [(0.011, 0.05, BETTER), (-0.05, -0.011, WORSE), (-0.01, 0.01, EQUAL), (0.002, 0.008, EQUAL), (0.0, 0.02, UNDECIDED),
     (-0.02, 0.005, UNDECIDED), (0.005, 0.3, UNDECIDED)],
)  # fmt: skip
def test_a_margin_flips(low, high, state):
    assert against_margin(interval((low + high) / 2, low, high), 0.01) == state


def test_a_bound_flips():
    low, middle, high = interval(0.2, 0.1, 0.3), interval(0.5, 0.4, 0.6), interval(0.8, 0.7, 0.9)
    assert [above(x, 0.5) for x in (low, middle, high)] == [NOT, OPEN, REPRODUCED]
    assert [below(x, 0.5) for x in (low, middle, high)] == [REPRODUCED, OPEN, NOT]


def test_an_interval_that_misses_its_estimate_is_an_error():
    with pytest.raises(ValueError, match="lies outside"):
        interval(0.5, 0.6, 0.7)
    assert share(0, 10).low == 0
