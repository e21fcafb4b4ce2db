"""D, delta and the floor of chance against SciPy, and the ranks of resamples against plain ways of counting."""

from __future__ import annotations

import doctest

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import average_precision_score, roc_auc_score

from analysis.statistics import effect, resampled
from analysis.statistics.kolmogorov_smirnov import two_sample
from analysis.statistics.value_counts import SortedColumn, ValueCounts

COLUMN = st.lists(st.integers(-3, 6), min_size=2, max_size=40)


def counted(benign: list[int], attack: list[int]) -> tuple[np.ndarray, np.ndarray]:
    values = np.array([*benign, *attack], dtype=float)
    group = np.repeat([0, 1], [len(benign), len(attack)])
    counts = SortedColumn.of(pl.Series(values)).grouped(group, 2)
    return counts[:, 0], counts[:, 1:]


@pytest.mark.parametrize("module", [effect, resampled])
def test_the_examples_hold(module):
    assert doctest.testmod(module).failed == 0


@given(COLUMN, COLUMN)
def test_delta_is_twice_the_area_less_one_and_d_is_scipys(benign, attack):
    d, delta = (float(found[0]) for found in effect.effects(*counted(benign, attack)))
    truth = np.repeat([0, 1], [len(benign), len(attack)])
    assert delta == pytest.approx(2 * roc_auc_score(truth, [*benign, *attack]) - 1)
    u = stats.mannwhitneyu(attack, benign).statistic
    assert delta == pytest.approx(2 * u / (len(benign) * len(attack)) - 1)
    assert d == pytest.approx(stats.ks_2samp(benign, attack).statistic)
    one = two_sample(ValueCounts.of([*benign, *attack], truth))
    assert (d, delta) == (pytest.approx(one.d), pytest.approx(one.delta))
    assert d > 0 or delta == 0, "no order without a gap"


@given(COLUMN, COLUMN)
def test_delta_turns_with_the_classes_and_with_the_sign(benign, attack):
    (delta,) = effect.effects(*counted(benign, attack))[1]
    assert effect.effects(*counted(attack, benign))[1][0] == pytest.approx(-delta)
    turned = [-x for x in benign], [-x for x in attack]
    assert effect.effects(*counted(*turned))[1][0] == pytest.approx(-delta)


@given(COLUMN, COLUMN)
def test_delta_beyond_chance_is_what_mann_and_whitneys_test_rejects(benign, attack):
    reference, others = counted(benign, attack)
    (delta,), (floor,) = effect.effects(reference, others)[1], effect.chance(reference, others)
    if len({*benign, *attack}) == 1:
        assert (delta, floor) == (0, 0)
        return
    p = stats.mannwhitneyu(attack, benign, method="asymptotic", use_continuity=False).pvalue
    z = abs(delta) / (floor / effect.SPREADS)
    assert p == pytest.approx(2 * stats.norm.sf(z), abs=1e-9)


def dominance_interval(benign: np.ndarray, attack: np.ndarray) -> tuple[float, float]:
    """The same ends from the matrix of all pairs, formula by formula as Feng and Cliff write them."""
    pairs = np.sign(attack[:, None] - benign[None, :])
    d, (m, n) = pairs.mean(), pairs.shape
    of_rows, of_columns = pairs.mean(axis=1).var(ddof=1), pairs.mean(axis=0).var(ddof=1)
    variance = ((n - 1) * of_rows + (m - 1) * of_columns + pairs.var(ddof=1)) / (m * n)
    z = stats.norm.ppf(0.975)
    root = z * np.sqrt(variance) * np.sqrt((1 - d**2) ** 2 + z**2 * variance)
    return tuple((d - d**3 + sign * root) / (1 - d**2 + z**2 * variance) for sign in (-1, 1))


@given(COLUMN, COLUMN)
def test_the_interval_of_delta_is_that_of_the_matrix_of_pairs(benign, attack):
    (delta,) = effect.effects(*counted(benign, attack))[1]
    (low,), (high,) = effect.interval(*counted(benign, attack))
    assert -1 <= low <= delta <= high <= 1
    if abs(delta) < 1:
        assert (low, high) == pytest.approx(dominance_interval(np.array(benign), np.array(attack)), abs=1e-9)
    (turned_low,), (turned_high,) = effect.interval(*counted(attack, benign))
    assert (turned_low, turned_high) == pytest.approx((-high, -low), abs=1e-9)


def test_groups_that_do_not_overlap_have_an_interval_from_the_smaller_number():
    z2 = effect.SPREADS**2
    (low,), (high,) = effect.interval(*counted([0] * 50, [1] * 12))
    assert (low, high) == (pytest.approx((12 - z2) / (12 + z2)), 1)
    (low,), (high,) = effect.interval(*counted([1] * 50, [0] * 12))
    assert (low, high) == (-1, pytest.approx(-(12 - z2) / (12 + z2)))


def test_a_group_of_one_flow_has_no_interval_beside_one_that_has():
    low, high = effect.interval(np.array([3, 2, 1]), np.array([[0, 1, 0], [0, 2, 1], [0, 0, 2]]))
    assert np.isnan(low).tolist() == [True, False, False]
    assert np.isnan(high).tolist() == [True, False, False]
    assert np.isnan(effect.interval(np.array([3, 2]), np.array([[1], [0]]))[0][0])


def test_the_interval_of_delta_is_about_that_of_a_bootstrap_and_holds_the_truth():
    generator = np.random.default_rng(1)
    truth, inside = 2 * stats.norm.cdf(0.8 / np.sqrt(2)) - 1, 0
    for _ in range(400):
        benign, attack = generator.normal(0, 1, 60), generator.normal(0.8, 1, 30)
        values, group = np.concatenate([benign, attack]), np.repeat([0, 1], [60, 30])
        counts = SortedColumn.of(pl.Series(values)).grouped(group, 2)
        (low,), (high,) = effect.interval(counts[:, 0], counts[:, 1:])
        inside += low <= truth <= high
    assert 0.925 < inside / 400 < 0.98
    drawn = [2 * roc_auc_score(group, np.concatenate([generator.choice(benign, 60), generator.choice(attack, 30)])) - 1
             for _ in range(1_000)]  # fmt: skip
    assert (low, high) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), abs=0.06)


def test_groups_stand_beside_one_another_and_missing_values_are_left_out():
    values = np.array([1.0, 2, 2, np.nan, 3, 1, 5])
    counts = SortedColumn.of(pl.Series(values)).grouped(np.array([0, 0, 1, 1, 2, 2, 0]), 4)
    assert counts.tolist() == [[1, 0, 1, 0], [1, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0]]
    d, delta = effect.effects(counts[:, 0], counts[:, 1:])
    assert (d[0], delta[0]) == (pytest.approx(1 / 3), pytest.approx(0))
    assert np.isnan(d[2]), "no flow"
    assert np.isnan(delta[2]), "no flow"


def test_days_that_have_no_flows_are_no_days():
    assert effect.days_apart(np.array([[3, 0], [1, 0]])) is None
    d, delta = effect.days_apart(np.array([[3, 0, 1], [1, 0, 1], [0, 0, 2]]))
    # 3 + 1 of the one day against 1, 1 and 2: 11 pairs above, 1 below, of 16.
    assert (d, delta) == (0.5, 10 / 16)


def flows(n: int = 60, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    attack = generator.random(n) < 0.4
    values = np.column_stack([generator.integers(0, 5, n) + attack, generator.exponential(1e6, n), np.full(n, 3)])
    drawn = resampled.weights(np.arange(n), attack, 7, generator)
    return values.astype(float), attack, np.vstack([np.ones(n), drawn])


def test_measures_of_a_resample_are_those_of_the_flows_it_holds():
    values, attack, weighted = flows()
    r = resampled.pearson(values, attack, weighted)
    for i, row in enumerate(weighted):
        held = np.repeat(np.arange(len(attack)), row.astype(int))
        for j in (0, 1):
            x, y = values[held, j], attack[held]
            assert r[i, j] == pytest.approx(stats.pearsonr(x, y).statistic)
            delta, rho = (found[i] for found in resampled.ordinal(values[:, j], attack, weighted))
            assert rho == pytest.approx(stats.spearmanr(x, y).statistic)
            assert delta == pytest.approx(2 * roc_auc_score(y, x) - 1)
            # Somers' D of the feature given the class is the same number.
            assert delta == pytest.approx(stats.somersd(y.astype(int), x).statistic)
            found = resampled.average_precision(values[:, j], attack, weighted)[i]
            assert found == pytest.approx(average_precision_score(y, x))
    assert (r[:, 2] == 0).all()
    assert not np.any(resampled.ordinal(values[:, 2], attack, weighted))


def test_a_resample_without_a_class_has_no_tie_to_it():
    values, attack, _ = flows()
    weighted = np.vstack([attack, ~attack]).astype(float)
    assert not resampled.pearson(values, attack, weighted).any()
    assert not np.any(resampled.ordinal(values[:, 0], attack, weighted))
    assert resampled.average_precision(values[:, 0], attack, weighted)[1] == 0


def test_groups_are_drawn_whole():
    groups = np.array([0, 0, 1, 2, 2, 2])
    drawn = resampled.weights(groups, groups == 1, 50, np.random.default_rng(1))
    for members in (groups == 0, groups == 2):
        assert (drawn[:, members] == drawn[:, members][:, :1]).all()
    assert (drawn[:, [0, 2, 3]].sum(axis=1) == 3).all()


def test_attacks_of_one_group_are_in_every_resample():
    """Without that more than a third of the resamples would hold no attack, tie all features and keep their order."""
    groups = np.array([0] * 5 + list(range(1, 20)))
    drawn = resampled.weights(groups, groups == 0, 400, np.random.default_rng(1))
    assert drawn[:, 0].min() == 1
    assert (drawn[:, 4:].sum(axis=1) == 20).all()
    alone = resampled.weights(groups, np.ones(groups.size, dtype=bool), 40, np.random.default_rng(1))
    assert (alone[:, 0] == 0).any(), "flows of one class are drawn as they come"


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=12))
def test_ranks_are_a_permutation_in_falling_order(scores):
    (found,) = resampled.ranks(np.array([scores]))
    assert sorted(found.tolist()) == list(range(1, len(scores) + 1))
    by_rank = [scores[i] for i in np.argsort(found)]
    assert by_rank == sorted(scores, reverse=True)
