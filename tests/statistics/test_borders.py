"""Histograms, ECDFs, ranks, groups and correlations at their borders, against NumPy, SciPy and pandas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import cophenet, linkage

from analysis.dataset.parts import Part
from analysis.statistics import rank
from analysis.statistics.describe import describe
from analysis.statistics.distributions import ecdf, histogram
from analysis.statistics.moments import CELLS, _central, kurtosis_interval, moments, quantile
from analysis.statistics.scale import inverse_symmetric_log, symmetric_log
from analysis.statistics.value_counts import ValueCounts, class_sizes

flows = st.lists(st.tuples(st.integers(-9, 9), st.booleans()), min_size=2, max_size=40).filter(
    lambda rows: 0 < sum(attack for _, attack in rows) < len(rows)
)


def arrays(rows: list[tuple[int, bool]]) -> tuple[np.ndarray, np.ndarray]:
    """Values and classes."""
    return np.array([value for value, _ in rows], dtype=float), np.array([attack for _, attack in rows])


@given(flows)
def test_a_histogram_is_numpy_s_on_the_symmetric_log_scale(rows: list[tuple[int, bool]]) -> None:
    values, attack = arrays(rows)
    edges, benign, attacks = histogram(ValueCounts.of(values, attack), 7)
    scaled = symmetric_log(values)
    ends = (scaled.min(), scaled.max() if scaled.max() > scaled.min() else scaled.min() + 1)
    for of, shares in ((~attack, benign), (attack, attacks)):
        # Not to the last digit: where a value lies on an edge, rounding may put it to either side.
        nudged = scaled[of] + 1e-9 * (scaled[of] < ends[1])
        assert shares == pytest.approx(
            np.histogram(nudged, 7, range=ends)[0] / of.sum(), abs=1.01 * on_edges(nudged, ends)
        )
    assert edges == pytest.approx(inverse_symmetric_log(np.linspace(*ends, 8)))


def on_edges(scaled: np.ndarray, ends: tuple[float, float]) -> float:
    """Share of the values that lie on an edge between bins, where rounding decides."""
    at = (scaled - ends[0]) / (ends[1] - ends[0]) * 7
    return float(np.mean((np.abs(at - at.round()) < 1e-6) & (at > 0.5) & (at < 6.5)))


def test_a_constant_fills_the_first_bin_and_its_histogram_has_a_width() -> None:
    edges, benign, attack = histogram(ValueCounts.of([9, 9, 9], [0, 1, 1]), 4)
    assert benign.tolist() == attack.tolist() == [1, 0, 0, 0]
    assert edges == pytest.approx(10 ** np.linspace(1, 2, 5) - 1)


def test_the_symmetric_log_is_that_of_its_formula_and_comes_back() -> None:
    x = np.array([-999.0, -1, 0, 0.5, 9, 99])
    assert symmetric_log(x) == pytest.approx([-3, -np.log10(2), 0, np.log10(1.5), 1, 2])
    assert inverse_symmetric_log(symmetric_log(x)) == pytest.approx(x)


@given(flows, st.sampled_from([1, 2, 5]))
def test_a_thinned_ecdf_keeps_the_ends_and_each_value_at_which_a_class_passes_a_step(
    rows: list[tuple[int, bool]], steps: int
) -> None:
    values, attack = arrays(rows)
    x, benign, attacks = ecdf(ValueCounts.of(values, attack), steps)
    distinct = np.unique(values)
    below = np.array([[(values[of] <= at).mean() for at in distinct] for of in (~attack, attack)])
    passed = np.floor(below * steps + 1e-12)
    kept = (np.diff(passed, axis=1, prepend=0) > 0).any(axis=0)
    kept[[0, -1]] = True
    assert x.tolist() == distinct[kept].tolist()
    assert np.array([benign, attacks]) == pytest.approx(below[:, kept])


def test_components_are_joined_by_chains_of_links() -> None:
    linked = np.eye(6, dtype=bool)
    for i, j in ((0, 2), (2, 5), (1, 4)):
        linked[i, j] = linked[j, i] = True
    assert rank.components(linked, list("abcdef")) == [["a", "c", "f"], ["b", "e"], ["d"]]


def test_a_matrix_of_correlations_is_numpy_s() -> None:
    columns = np.random.default_rng(1).normal(size=(50, 4)) * [1, 10, 0.1, 5] + [0, 100, 3, -7]
    columns[:, 3] += columns[:, 0]
    found = rank.correlation_matrix(columns)
    assert found == pytest.approx(np.corrcoef(columns, rowvar=False))
    assert np.abs(rank.correlation_matrix(np.column_stack([columns[:, 0], -3 * columns[:, 0]]))).max() == 1


def test_a_tight_cluster_is_cut_where_any_two_are_less_alike_than_the_bound() -> None:
    """A chain: neighbours are alike, its ends are not; and a copy with its sign turned round."""
    r = np.eye(5)
    for i, j, value in ((0, 1, 0.95), (1, 2, 0.95), (0, 2, 0.85), (3, 4, -0.9)):
        r[i, j] = r[j, i] = value
    found = rank.complete_linkage(r, list("abcde"))
    assert sorted(map(tuple, found)) in ([("a", "b"), ("c",), ("d", "e")], [("a",), ("b", "c"), ("d", "e")])
    distances = cophenet(linkage((1 - np.abs(r))[np.triu_indices(5, 1)], "complete"))
    assert (distances <= 1 - rank.CLUSTER + 1e-12).sum() == 2


@given(flows)
def test_the_correlation_of_a_constant_is_none_and_that_of_the_class_is_one(rows: list[tuple[int, bool]]) -> None:
    _, attack = arrays(rows)
    assert rank.point_biserial(ValueCounts.of(np.full(attack.size, 3.0), attack)) is None
    assert rank.point_biserial(ValueCounts.of(attack * 2.0 - 5, attack)) == pytest.approx(1)
    assert rank.point_biserial(ValueCounts.of(attack * -2.0, attack)) == pytest.approx(-1)


def test_equal_correlations_are_ranked_in_the_order_of_columns_up_to_twelve_decimals() -> None:
    assert rank.order({"a": 0.5, "b": 0.5 + 4e-13, "c": -0.5 - 3e-12}) == ["c", "a", "b"]
    assert rank.order({"a": 0.1, "b": -0.2, "c": 0.0}) == ["b", "a", "c"]


def test_copies_are_found_with_their_first_column_and_only_where_every_row_is_equal(tmp_path: Path) -> None:
    x = np.array([1.0, 2, 3, 4, 5, 6])
    attack = np.array([False, True, False, True, False, True])
    columns = {
        "x": x, "again": x * (1 + 4e-10), "other": x * (1 + 1e-6), "turned": -x, "swapped": x[[2, 1, 0, 3, 4, 5]],
        "third": x, "y": x**2, "y again": x**2, "small": x / 10, "small, swapped": x[[2, 1, 0, 3, 4, 5]] / 10,
    }  # fmt: skip
    path = tmp_path / "flows.parquet"
    pl.DataFrame(columns | {"is_attack": attack}).write_parquet(path)
    summaries = {name: rank.summary(ValueCounts.of(column, attack)) for name, column in columns.items()}
    assert rank.identical_pairs(summaries, Part.whole(path)) == [("x", "again"), ("x", "third"), ("y", "y again")]


def test_a_summary_is_the_extremes_and_the_mean_size_in_either_class() -> None:
    told = ValueCounts.of([-1, 2, 4, 6], [False, False, True, True])
    assert rank.summary(told) == [-1, 6, 1.5, 5]


def test_columns_of_unlike_summaries_are_not_read() -> None:
    class Unread:
        def matrix(self, names: list[str]) -> np.ndarray:
            raise AssertionError(f"{names} are read")

    assert rank.identical_pairs({"x": [1.0, 2.0], "y": [1.0, 3.0]}, Unread()) == []  # type: ignore[arg-type]


@given(flows)
def test_value_counts_are_the_flows_of_each_value(rows: list[tuple[int, bool]]) -> None:
    values, attack = arrays(rows)
    value_counts = ValueCounts.of(values, attack)
    frame = pd.DataFrame({"value": values, "attack": attack})
    for population, of in (("all", frame), ("benign", frame[~attack]), ("attack", frame[attack])):
        expected = of["value"].value_counts().sort_index()
        found, counts = value_counts.present(population)
        assert (found.tolist(), counts.tolist()) == (expected.index.tolist(), expected.tolist())
        assert value_counts.counts(population).sum() == len(of)


def test_value_counts_leave_out_what_is_no_number_and_know_one_zero(tmp_path: Path) -> None:
    value_counts = ValueCounts.of([0.0, -0.0, np.nan, 2.0], [True, False, True, False])
    assert (value_counts.values.tolist(), value_counts.benign.tolist(), value_counts.attack.tolist()) == (
        [0, 2],
        [1, 1],
        [1, 0],
    )
    assert not np.signbit(value_counts.values).any()
    parts = [tmp_path / "1.parquet", tmp_path / "2.parquet"]
    for path, attack in zip(parts, ([True, False, False], [True, False, False, False]), strict=True):
        pl.DataFrame({"a": [None] + [1.0] * (len(attack) - 1), "is_attack": attack}).write_parquet(path)
    assert class_sizes(parts) == {"all": 7, "benign": 5, "attack": 2}


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_moments_are_undefined_below_their_least_number_of_flows(n: int) -> None:
    found = moments(np.arange(n, dtype=float), np.ones(n, dtype=np.int64))
    assert [found.sd is None, found.g1 is None, found.g2 is None] == [n < 2, n < 3, n < 4]
    assert found.n == n
    assert found.mean == pytest.approx((n - 1) / 2)
    if n == 3:
        assert found.g1 == pytest.approx(0)
    if n == 4:
        assert found.g2 == pytest.approx(scipy.stats.kurtosis(np.arange(4), bias=False))


def test_a_constant_of_many_flows_has_a_deviation_of_nothing_and_no_shape() -> None:
    found = moments(np.array([0.1]), np.array([10]))
    assert (found.mean, found.sd, found.g1, found.g2) == (0.1, 0.0, None, None)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.sampled_from([0.1, 0.25, 0.5, 0.75, 1.0]))
def test_a_quantile_is_the_inverted_cdf(counts: list[int], share: float) -> None:
    values = np.arange(len(counts), dtype=float) * 3
    expected = np.quantile(np.repeat(values, counts), share, method="inverted_cdf")
    assert quantile(values, np.array(counts), share) == expected


@pytest.mark.parametrize(("counts", "known"), [([3], False), ([2, 1], False), ([1, 1, 1, 1], False), ([40, 60], True)])
def test_an_interval_of_kurtosis_needs_four_flows_and_no_resample_of_one_value(counts: list[int], known: bool) -> None:
    values = np.arange(len(counts), dtype=float)
    found = kurtosis_interval(values, np.array(counts), 400, 0.95, np.random.default_rng(1))
    assert (found is not None) is known


def test_four_flows_have_an_interval_of_kurtosis_and_so_have_a_thousand_million() -> None:
    """However many there are, a resample of one value is told from one of several."""
    generator = np.random.default_rng(1)
    assert kurtosis_interval(np.array([0.0, 1, 2, 5]), np.ones(4, dtype=np.int64), 3, 0.95, generator) is not None
    found = kurtosis_interval(np.arange(9.0), np.full(9, 10**8), 50, 0.95, generator)
    assert found == pytest.approx((-1.23, -1.23), abs=0.001)


@pytest.mark.parametrize("confidence", [0.5, 0.9])
@pytest.mark.parametrize(("values", "counts"), [([0, 1, 2, 5], [30, 40, 20, 10]), ([-1, -0.99, 1], [1, 49, 50])])
def test_the_ends_of_the_bootstrap_are_the_percentiles_of_its_resamples(
    confidence: float, values: list[float], counts: list[int]
) -> None:
    """Each of few values is a cell of its own, so that resamples can be drawn and computed flow by flow."""
    values, counts = np.array(values, dtype=float), np.array(counts)
    assert len(values) < CELLS
    found = kurtosis_interval(values, counts, 200, confidence, np.random.default_rng(3))
    drawn = np.random.default_rng(3).multinomial(100, counts / 100, size=200)
    g2 = [scipy.stats.kurtosis(np.repeat(values, row), bias=False) for row in drawn]
    assert found == pytest.approx(tuple(np.quantile(g2, [(1 - confidence) / 2, (1 + confidence) / 2])))


@given(flows)
def test_a_description_has_each_statistic_in_its_place(rows: list[tuple[int, bool]]) -> None:
    values, counts = np.unique(arrays(rows)[0], return_counts=True)
    every = np.repeat(values, counts)
    found = describe(values, counts, (1.0, 2.0))
    assert (found.min, found.max, found.interval) == (every.min(), every.max(), (1.0, 2.0))
    for name, share in (("q1", 0.25), ("median", 0.5), ("q3", 0.75)):
        assert found[name] == np.quantile(every, share, method="inverted_cdf")
    border = every.min() + 0.05 * (every.max() - every.min())
    assert found.share_low == pytest.approx((every <= border).mean())
    assert found.share_at_minimum == pytest.approx((every == every.min()).mean())
    assert found.commonest == pytest.approx(counts.max() / every.size)


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=12))
def test_central_moments_come_from_raw_ones_about_any_origin(values: list[int]) -> None:
    x = np.array(values, dtype=float) + 3
    raw = [float((x**k).mean()) for k in (1, 2, 3, 4)]
    assert _central(*raw) == pytest.approx([((x - x.mean()) ** k).mean() for k in (2, 3, 4)], abs=1e-7)


class Watched:
    """A generator that remembers of which shares it drew."""

    def __init__(self) -> None:
        self.shares = np.empty(0)

    def multinomial(self, n: int, shares: np.ndarray, size: int) -> np.ndarray:
        self.shares = shares
        return np.random.default_rng(1).multinomial(n, shares, size=size)


@pytest.mark.parametrize("shift", [0, 1_000_000])
def test_the_bootstrap_s_cells_are_small_and_outliers_are_cells_of_their_own(shift: int) -> None:
    values = np.concatenate([[-30_000], np.arange(5000), [100_000, 200_000]]).astype(float) + shift
    watched, n = Watched(), len(values)
    kurtosis_interval(values, np.ones(n, dtype=np.int64), 5, 0.95, watched)  # type: ignore[arg-type]
    assert watched.shares.sum() == pytest.approx(1)
    assert watched.shares[[-1, -2]] == pytest.approx([1 / n, 1 / n]), "the outliers that decide"
    assert CELLS / 4 < watched.shares.size <= CELLS + 1
    assert watched.shares.max() <= 2 / CELLS + 1 / n


@pytest.mark.parametrize("unit", [1e-200, 1e200])
def test_a_correlation_holds_in_units_whose_squares_no_number_holds(unit: float) -> None:
    values, attack = np.array([1.0, 2, 3, 5, 8, 9]), np.array([False, True, False, True, False, True])
    expected = np.corrcoef(values, attack)[0, 1]
    assert rank.point_biserial(ValueCounts.of(values * unit, attack)) == pytest.approx(expected)


def test_rounding_makes_no_correlation_greater_than_one() -> None:
    """Without a cut each of these would be by a last digit."""
    x = np.random.default_rng(1).normal(size=5)
    assert rank.correlation_matrix(np.column_stack([x, 3 * x])).max() == 1
    assert rank.correlation_matrix(np.column_stack([x, -3 * x])).min() == -1
    few, many = np.array([1, 0]), np.array([0, 13])
    assert rank.point_biserial(ValueCounts(np.array([0.1, 0.7]), few, many)) == 1
    assert rank.point_biserial(ValueCounts(np.array([-0.7, -0.1]), few[::-1], many[::-1])) == -1
