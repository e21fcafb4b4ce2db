"""How often each interval holds the truth: 1,000 samples of a fixed seed, near .95 where theory promises it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kurtosis

from analysis.audit.verdicts.intervals import correlation, f1_difference, rank_correlation, superiority
from analysis.detection.evaluation import Confusion, wilson
from analysis.statistics.moments import kurtosis_interval

RUNS = 1000
NEAR = (0.93, 0.97)


def near(hits: list[bool]) -> bool:
    return NEAR[0] <= np.mean(hits) <= NEAR[1]


@pytest.mark.parametrize(("share", "n"), [(0.2, 200), (0.5, 60), (0.9, 400)])
def test_wilson(share: float, n: int) -> None:
    drawn, counts = np.unique(np.random.default_rng(1).binomial(n, share, RUNS), return_counts=True)
    ends = [wilson(int(k), n) for k in drawn]
    held = sum(c for (low, high), c in zip(ends, counts, strict=True) if low <= share <= high)
    assert NEAR[0] <= held / RUNS <= NEAR[1]


def test_wilson_carried_to_f1() -> None:
    """Given how many flows are in question (TP + FP + FN), which is what the interval is about."""
    share = np.array([0.6, 0.08, 0.05, 0.27])
    truth = 2 * share[3] / (2 * share[3] + share[1] + share[2])
    hits = []
    for tn, fp, fn, tp in np.random.default_rng(2).multinomial(500, share, RUNS).tolist():
        found = Confusion(tn, fp, fn, tp).interval("f1")
        hits.append(found["low"] <= truth <= found["high"])
    assert near(hits)


def test_paired_bootstrap_of_f1_differences() -> None:
    share = np.array([0.62, 0.02, 0.03, 0.03, 0.03, 0.04, 0.07, 0.16])
    by = [np.array([kind & bit != 0 for kind in range(8)]) for bit in (4, 2, 1)]
    f1 = [2 * share[by[0] & one].sum() / (share[by[0]].sum() + share[one].sum()) for one in by[1:]]
    generator, hits = np.random.default_rng(3), []
    for counts in generator.multinomial(600, share, RUNS):
        kinds = np.repeat(np.arange(8), counts)
        found = f1_difference(*(kinds & bit != 0 for bit in (4, 2, 1)), 300, generator)
        hits.append(found.low <= f1[0] - f1[1] <= found.high)
    assert near(hits)


@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_correlations(rho: float) -> None:
    generator = np.random.default_rng(4)
    x = generator.normal(size=(RUNS, 80))
    y = rho * x + np.sqrt(1 - rho**2) * generator.normal(size=x.shape)
    ranks = [np.argsort(np.argsort(part, axis=1), axis=1).astype(float) for part in (x, y)]
    for (a, b), interval, truth in (
        ((x, y), correlation, rho), (ranks, rank_correlation, 6 / np.pi * np.arcsin(rho / 2)),
    ):  # fmt: skip
        a, b = (part - part.mean(axis=1, keepdims=True) for part in (a, b))
        r = (a * b).sum(axis=1) / np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
        found = [interval(float(one), 80) for one in r]
        assert near([one.low <= truth <= one.high for one in found])


def test_probability_of_superiority() -> None:
    """Of exponential samples, for which Hanley and McNeil's error is derived: P = 3 / (3 + 1)."""
    generator, hits = np.random.default_rng(5), []
    for _ in range(RUNS):
        found = superiority(generator.exponential(1, 60), generator.exponential(3, 90))
        hits.append(found.low <= 0.75 <= found.high)
    assert near(hits)


def test_bootstrap_of_kurtosis_of_light_tails() -> None:
    """Uniform samples; of heavy tails the percentile bootstrap promises nothing at such sizes."""
    generator, hits = np.random.default_rng(6), []
    for _ in range(RUNS):
        values = np.sort(generator.random(400))
        found = kurtosis_interval(values, np.ones(400, dtype=np.int64), 300, 0.95, generator)
        hits.append(found is not None and found[0] <= -1.2 <= found[1])
    assert near(hits)
    assert kurtosis(np.linspace(0, 1, 10_000)) == pytest.approx(-1.2, abs=0.001)
