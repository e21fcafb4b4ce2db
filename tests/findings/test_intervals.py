"""Intervals against SciPy, statsmodels and hand-worked examples; how often they cover, by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student
from statsmodels.stats.proportion import proportion_confint

from analysis.detection.evaluation import wilson
from analysis.findings.intervals import clopper_pearson, corrected_t, share, verdict


def test_the_corrected_t_by_hand() -> None:
    """Mean .02 and variance .00005 over five splits, test parts of a quarter of the training parts."""
    mean, low, high = corrected_t(np.array([0.01, 0.02, 0.03, 0.02, 0.02]), 0.25)
    assert mean == pytest.approx(0.02)
    assert (high - low) / 2 == pytest.approx(2.7764451052 * (0.00005 * 0.45) ** 0.5)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=12), st.floats(0, 3))
def test_the_corrected_t_is_scipy_s_interval_with_a_wider_variance(differences: list[float], ratio: float) -> None:
    array = np.array(differences)
    n, spread = array.size, array.std(ddof=1)
    _, low, high = corrected_t(array, ratio)
    wide = (
        student.interval(0.95, n - 1, array.mean(), spread * np.sqrt(1 / n + ratio)) if spread else (array.mean(),) * 2
    )
    assert (low, high) == pytest.approx(wide, abs=1e-9)
    _, plain_low, plain_high = corrected_t(array, 0)
    assert low <= plain_low <= plain_high <= high


def test_one_split_has_no_interval() -> None:
    with pytest.raises(ValueError, match="two splits"):
        corrected_t(np.array([0.1]), 0.25)


def test_the_corrected_interval_covers_where_the_plain_one_does_not() -> None:
    """Differences of error over random splits of one sample: the splits overlap, as in the study."""
    generator = np.random.default_rng(7)
    covered = {0.0: 0, 0.25: 0}
    trials, n = 400, 200
    for _ in range(trials):
        flows = generator.normal(0, 1, n)  # per-flow differences of loss, of true mean 0
        splits = np.array([flows[generator.permutation(n)[: n // 5]].mean() for _ in range(5)])
        for ratio in covered:
            _, low, high = corrected_t(splits, ratio)
            covered[ratio] += low <= 0 <= high
    assert covered[0.25] / trials > 0.92
    assert covered[0.0] / trials < 0.90


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.011, 0.02, "better"), (0.0, 0.02, "undecided"), (-0.009, 0.009, "practically equal"),
     (0.002, 0.009, "practically equal"), (-0.03, -0.01, "worse"), (-0.02, 0.02, "undecided"), (0.01, 0.02, "better"),
     (-0.005, 0.01, "undecided"), (-0.01, 0.005, "undecided"), (-0.03, 0.005, "undecided")],
)  # fmt: skip
def test_verdicts(low: float, high: float, words: str) -> None:
    assert verdict(low, high, 0.01) == words


@given(st.integers(1, 3_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_clopper_pearson_is_that_of_statsmodels(counts: tuple[int, int]) -> None:
    assert clopper_pearson(*counts) == pytest.approx(proportion_confint(*counts, method="beta"), abs=1e-9)


@pytest.mark.parametrize("counts", [(3, 2), (-1, 5), (0, 0)])
def test_clopper_pearson_wants_trials_and_no_more_successes(counts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="trials"):
        clopper_pearson(*counts)


def test_without_a_success_the_bound_is_near_the_rule_of_three() -> None:
    assert clopper_pearson(0, 1_000)[1] == pytest.approx(1 - 0.025 ** (1 / 1_000))
    assert share(np.zeros(1_000, dtype=bool), np.ones(1_000)) == (0.0, 0.0, clopper_pearson(0, 1_000)[1])


@given(st.integers(1, 200), st.integers(0, 200), st.floats(0.1, 9))
def test_flows_that_weigh_alike_have_wilson_s_interval(hits: int, others: int, weight: float) -> None:
    hit = np.array([True] * hits + [False] * others)
    found, low, high = share(hit, np.full(hit.size, weight))
    assert found == pytest.approx(hits / hit.size)
    assert (low, high) == pytest.approx(wilson(hits, hit.size), abs=1e-9)


@given(st.lists(st.tuples(st.booleans(), st.floats(0.01, 50)), min_size=1, max_size=60))
def test_unequal_weights_widen(flows: list[tuple[bool, float]]) -> None:
    hit, weight = np.array([one for one, _ in flows]), np.array([one for _, one in flows])
    found, low, high = share(hit, weight)
    assert 0 <= low <= found <= high <= 1
    assert found == pytest.approx(np.average(hit, weights=weight))
