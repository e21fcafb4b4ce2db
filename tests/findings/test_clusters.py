"""The bootstrap over clusters: the same as drawing clusters one by one, and wider where flows of one go together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.findings.clusters import counts, f1_interval

flows = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 9)), min_size=1, max_size=80)


@given(flows)
def test_counts_add_up(flows: list[tuple[bool, bool, int]]) -> None:
    attack, predicted, cluster = (np.array(column) for column in zip(*flows, strict=True))
    cells, single = counts(attack, predicted, cluster), counts(attack, predicted, None)
    assert len(cells) == len(set(cluster.tolist()))
    assert cells.sum(axis=0).tolist() == single.sum(axis=0).tolist()
    assert single.sum(axis=0)[0] == np.count_nonzero(attack & predicted)


def test_it_is_the_bootstrap_that_draws_clusters_one_by_one() -> None:
    generator = np.random.default_rng(3)
    attack, predicted = generator.random(600) < 0.4, generator.random(600) < 0.5
    cells = counts(attack, predicted, generator.integers(0, 60, 600))
    low, high = f1_interval(cells, 20_000, np.random.default_rng(4))
    f1 = []
    for _ in range(20_000):
        tp, fp, fn = cells[generator.integers(0, len(cells), len(cells))].sum(axis=0)
        f1.append(2 * tp / (2 * tp + fp + fn))
    assert (low, high) == pytest.approx(np.quantile(f1, [0.025, 0.975]), abs=0.004)


def test_flows_that_go_together_make_it_wider() -> None:
    """Ten flows of a campaign are found together or missed together; over flows the interval forgets it."""
    generator = np.random.default_rng(5)
    found = np.repeat(generator.random(50) < 0.8, 10)
    attack, cluster = np.ones(500, dtype=bool), np.repeat(np.arange(50), 10)
    narrow, wide = (f1_interval(counts(attack, found, of), 4_000, np.random.default_rng(6)) for of in (None, cluster))
    assert wide[1] - wide[0] > 2 * (narrow[1] - narrow[0])


def test_attacks_of_one_campaign_are_in_every_resample() -> None:
    """A resample that holds no attack would pull the low end to 0, in more than a third of the draws."""
    attack, cluster = np.arange(100) < 20, np.maximum(np.arange(100), 19)
    low, high = f1_interval(counts(attack, attack, cluster), 1_000, np.random.default_rng(7))
    assert (low, high) == (1.0, 1.0)


def test_nothing_found_is_an_f1_of_none() -> None:
    assert f1_interval(np.array([[0, 0, 0], [0, 0, 0]]), 100, np.random.default_rng(1)) == (0.0, 0.0)


def test_it_covers() -> None:
    """F1 of independent campaigns: the interval over campaigns covers the true one about as often as it says."""
    generator, covered, trials = np.random.default_rng(8), 0, 300
    cluster, attack = np.repeat(np.arange(80), 5), np.ones(400, dtype=bool)
    for _ in range(trials):
        found = np.repeat(generator.random(80) < 0.7, 5)
        low, high = f1_interval(counts(attack, found, cluster), 400, generator)
        covered += low <= 2 * 0.7 / (1 + 0.7) <= high
    assert covered / trials > 0.91
