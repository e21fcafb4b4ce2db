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
    above,
    against_margin,
    below,
    first_of_two,
    rounded,
    within,
)
from analysis.audit.verdicts.intervals import (
    Interval,
    allowed,
    correlation,
    f1_difference,
    flows_for,
    measure,
    rank_correlation,
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


@pytest.mark.parametrize(("part", "whole"), [(408, 471), (14, 14), (0, 20), (2324, 2397), (200, 400)])
@pytest.mark.parametrize("half", [0.001, 0.02, 0.2])
def test_flows_for_a_half_width_solve_the_equation_of_wilson(part, whole, half):
    """By hand: with x = z^2 / n, h (1 + x) = sqrt(x p q + x^2 / 4) is quadratic in x."""
    p, n = part / whole, 10 * whole
    pq = p * (1 - p)
    x = max(np.roots([half**2 - 0.25, 2 * half**2 - pq, half**2]).real)
    by_hand = stats.norm.ppf(0.975) ** 2 / x
    found = flows_for(half, share(part, whole, n))
    assert found == pytest.approx(by_hand * n / whole, abs=1.1)
    low, high = proportion_confint(p * found / 10, found / 10, method="wilson")
    assert (high - low) / 2 == pytest.approx(half, rel=0.02)


def test_flows_for_a_half_width_of_f1():
    ours = measure(COUNT, "f1")
    found = flows_for(0.02, ours)
    jaccard, n = ours.value / (2 - ours.value), found * ours.of / ours.n
    low, high = (2 * j / (1 + j) for j in proportion_confint(jaccard * n, n, method="wilson"))
    assert (high - low) / 2 == pytest.approx(0.02, rel=1e-3)


def test_flows_for_a_half_width_are_steady_under_resampling():
    """Where the distance to an edge decides, they run over three orders of magnitude."""
    recalls = np.random.default_rng(8).binomial(471, 408 / 471, 500)
    low, high = np.quantile([flows_for(0.02, share(int(n), 471, 2397)) for n in recalls], [0.05, 0.95])
    assert high / low < 2


def test_no_number_of_flows_is_told_where_it_would_mean_nothing():
    ours = share(408, 471)
    assert flows_for(0.0, ours) is None
    assert flows_for(0.5, ours) is None
    assert flows_for(0.02, share(3, 4)) is None, "an estimate from four flows would not stay"
    assert flows_for(0.02, interval(0.01, 0.0, 0.02)) is None, "a difference has no half-width of a share"


def test_a_rank_correlation_has_an_interval_that_holds_it_as_often_as_it_should():
    generator = np.random.default_rng(9)
    population = generator.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], size=200_000)
    rho, held = stats.spearmanr(*population.T).statistic, []
    for _ in range(600):
        found = rank_correlation(stats.spearmanr(*generator.choice(population, 70).T).statistic, 70)
        held.append(found.low <= rho <= found.high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.03)


def test_forecasts_have_two_digits():
    assert [rounded(n) for n in (1, 99, 101, 71_234, 5_360_881)] == [1, 99, 110, 72_000, 5_400_000]


def test_an_order_flips():
    cases = [(0.001, 0.02), (-0.001, 0.02), (-0.02, 0.0), (-0.02, -0.001), (0.0, 0.0)]
    found = [first_of_two(interval((low + high) / 2, low, high)) for low, high in cases]
    assert found == [REPRODUCED, OPEN, NOT, NOT, NOT]


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
