"""Each statistic against an independent route, a hand-computed case, or a property."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.dataset.parts import Part
from analysis.record import Record
from analysis.statistics import describe, distributions, kolmogorov_smirnov, moments, rank, select
from analysis.statistics.value_counts import SortedColumn, ValueCounts

columns = st.lists(st.tuples(st.integers(-50, 50), st.booleans()), min_size=12, max_size=200)


def value_counts_of(rows) -> ValueCounts:
    values, attack = zip(*rows, strict=True)
    assume(0 < sum(attack) < len(attack))
    return ValueCounts.of(values, attack)


def two_classes(rows):
    values = np.array([v for v, _ in rows], dtype=float)
    attack = np.array([a for _, a in rows])
    return values, attack


@given(columns)
def test_correlation_agrees_with_scipy(rows):
    value_counts = value_counts_of(rows)
    values, attack = two_classes(rows)
    r = rank.point_biserial(value_counts)
    if len(set(values)) == 1:
        assert r is None
    else:
        assert r == pytest.approx(scipy.stats.pearsonr(values, attack).statistic, abs=1e-9)


@given(columns, st.floats(0.001, 1000), st.floats(-100, 100))
def test_correlation_does_not_depend_on_the_unit(rows, factor, shift):
    values, attack = two_classes(rows)
    assume(0 < attack.sum() < len(attack))
    assume(len(set(values)) > 1)
    r = rank.point_biserial(ValueCounts.of(values, attack))
    assert rank.point_biserial(ValueCounts.of(values * factor + shift, attack)) == pytest.approx(r, abs=1e-6)


def test_ties_in_the_ranking_go_to_the_earlier_column():
    assert rank.order({"a": 0.1, "b": -0.5, "c": 0.5, "d": 0.9}) == ["d", "b", "c", "a"]


def test_identical_columns_are_ranked_by_source_and_dropped_by_distinct(tmp_path):
    random = np.random.default_rng(1)
    attack = random.random(400) < 0.3
    x = attack + random.normal(size=400)
    frame = pl.DataFrame({"a": x, "twin of a": x, "b": attack * 0.5 + random.normal(size=400),
                          "c": random.normal(size=400), "is_attack": attack})  # fmt: skip
    frame.write_parquet(tmp_path / "train.parquet")
    record = Record("rank", "test")
    train = Part.whole(tmp_path / "train.parquet")
    found = rank.rank(select.select(train, 2, "source"), train, record)
    assert found["identical"] == [["a", "twin of a"]]
    assert found["source"] == ["a", "twin of a"]
    assert found["distinct"] == ["a", "b"]
    assert record.values["rank.selected.identical_pairs"].value == 1


@given(columns)
def test_moments_and_quartiles_agree_with_scipy_and_numpy(rows):
    values, _ = two_classes(rows)
    distinct, counts = np.unique(values, return_counts=True)
    found = moments.moments(distinct, counts)
    assert found.mean == pytest.approx(values.mean(), abs=1e-9)
    assert found.sd == pytest.approx(values.std(ddof=1), abs=1e-9)
    if len(distinct) > 1:
        assert found.g1 == pytest.approx(scipy.stats.skew(values, bias=False), abs=1e-7)
        assert found.g2 == pytest.approx(scipy.stats.kurtosis(values, bias=False), abs=1e-6)
    for share in (0.25, 0.5, 0.75):
        assert moments.quantile(distinct, counts, share) == np.quantile(values, share, method="inverted_cdf")


def test_moments_of_a_case_computed_by_hand():
    """1, 2, 3, 4, 10: mean 4, m2 = 10, m3 = 36, m4 = 278.8."""
    found = moments.moments(np.array([1.0, 2, 3, 4, 10]), np.ones(5, dtype=int))
    assert found.sd == pytest.approx(12.5**0.5)
    assert found.g1 == pytest.approx(36 / 10**1.5 * 20**0.5 / 3)
    assert found.g2 == pytest.approx(4 / (3 * 2) * (6 * (278.8 / 100 - 3) + 6))


def test_large_numbers_lose_no_digits():
    values = np.array([1e9, 1e9 + 1, 1e9 + 2, 1e9 + 7])
    assert moments.moments(values, np.ones(4, dtype=int)).sd == pytest.approx(np.std([0, 1, 2, 7], ddof=1), rel=1e-6)


def test_the_bootstrap_interval_agrees_with_plain_resampling():
    random = np.random.default_rng(3)
    sample = random.exponential(size=3000)
    values, counts = np.unique(sample, return_counts=True)
    low, high = moments.kurtosis_interval(values, counts, 2000, 0.95, np.random.default_rng(1))
    plain = [scipy.stats.kurtosis(random.choice(sample, 3000), bias=False) for _ in range(1000)]
    expected_low, expected_high = np.quantile(plain, [0.025, 0.975])
    width = expected_high - expected_low
    assert low == pytest.approx(expected_low, abs=0.12 * width)
    assert high == pytest.approx(expected_high, abs=0.12 * width)


@pytest.mark.parametrize(
    ("interval", "word"),
    [((0.1, 0.5), "leptokurtic"), ((-2, -0.1), "platykurtic"), ((-0.1, 0.1), "undetermined"), (None, "undetermined")],
)
def test_the_word_is_given_only_where_the_interval_excludes_zero(interval, word):
    assert moments.kurtosis_word(interval, 0.89) == word
    assert moments.kurtosis_word(interval, 0.9) == "one value dominates"


def test_a_spike_with_a_few_others_is_not_called_heavy_tailed():
    """Nine flows in ten at zero: the excess kurtosis is large and tells of the spike alone."""
    random = np.random.default_rng(3)
    values, counts = np.array([0.0, 1.0]), np.array([960, 40])
    interval = moments.kurtosis_interval(values, counts, 500, 0.95, random)
    assert interval is not None
    assert interval[0] > 0
    assert describe.describe(values, counts, interval).word == "one value dominates"


def test_a_normal_sample_is_undetermined_and_heavy_tails_are_not():
    random = np.random.default_rng(5)
    words = []
    for sample in (random.normal(size=800), random.standard_t(3, size=4000), random.random(800)):
        values, counts = np.unique(sample, return_counts=True)
        words.append(
            describe.describe(values, counts, moments.kurtosis_interval(values, counts, 500, 0.95, random)).word
        )
    assert words == ["undetermined", "leptokurtic", "platykurtic"]


@given(columns)
def test_ks_agrees_with_scipy(rows):
    value_counts = value_counts_of(rows)
    values, attack = two_classes(rows)
    expected = scipy.stats.ks_2samp(values[~attack], values[attack], method="asymp")
    found = kolmogorov_smirnov.two_sample(value_counts)
    assert found.d == pytest.approx(expected.statistic, abs=1e-12)
    assert 0 <= found.d <= 1
    assert abs(found.benign - found.attack) == pytest.approx(found.d)


@given(columns)
def test_cliffs_delta_agrees_with_scipy(rows):
    values, attack = two_classes(rows)
    assume(0 < attack.sum() < len(attack))
    statistic = scipy.stats.mannwhitneyu(values[attack], values[~attack]).statistic
    expected = 2 * statistic / (attack.sum() * (~attack).sum()) - 1
    assert kolmogorov_smirnov.two_sample(ValueCounts.of(values, attack)).delta == pytest.approx(expected, abs=1e-12)
    assert kolmogorov_smirnov.two_sample(ValueCounts.of(values, ~attack)).delta == pytest.approx(-expected, abs=1e-12)


def test_d_sees_a_gap_that_cancels_in_cliffs_delta():
    """Attacks at both ends of the benign flows: the distributions differ by half, and neither has the larger values."""
    found = kolmogorov_smirnov.two_sample(ValueCounts.of([1, 1, 2, 2, 2, 2, 3, 3], [1, 1, 0, 0, 0, 0, 1, 1]))
    assert (found.d, found.delta) == (0.5, 0)


@given(columns)
def test_ks_is_blind_to_increasing_maps_and_to_swapping_the_classes(rows):
    values, attack = two_classes(rows)
    assume(0 < attack.sum() < len(attack))
    d = kolmogorov_smirnov.two_sample(ValueCounts.of(values, attack)).d
    assert kolmogorov_smirnov.two_sample(ValueCounts.of(np.exp(values / 10), attack)).d == d
    assert kolmogorov_smirnov.two_sample(ValueCounts.of(values, ~attack)).d == d


@pytest.mark.parametrize("d", [0.01, 0.05, 0.1, 0.3])
def test_p_values_agree_with_the_limiting_distribution(d):
    n0, n1 = 4000, 900
    z = d * np.sqrt(n0 * n1 / (n0 + n1))
    assert 10 ** kolmogorov_smirnov.log10_p(d, n0, n1) == pytest.approx(
        scipy.stats.kstwobign.sf(z), rel=1e-6, abs=1e-300
    )


def test_p_values_stay_ordered_where_they_underflow():
    logs = [kolmogorov_smirnov.log10_p(d, 2_273_097, 557_646) for d in (0.2, 0.4, 0.5)]
    assert logs[0] > logs[1] > logs[2]
    assert logs[2] < -10_000


def test_the_critical_distance_at_full_size_is_the_published_one():
    assert kolmogorov_smirnov.critical_d(2_273_097, 557_646) == pytest.approx(0.0020, abs=5e-5)
    assert kolmogorov_smirnov.critical_d(2_273_097, 557_646, 0.05 / 70) == pytest.approx(0.0030, abs=1e-4)


@given(st.lists(st.floats(-300, 0), min_size=1, max_size=40))
def test_holm_agrees_with_its_formula(logs):
    p = 10.0 ** np.array(logs)
    order = np.argsort(p, kind="stable")
    expected = np.empty_like(p)
    expected[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1)
    assert kolmogorov_smirnov.holm(p) == pytest.approx(expected, rel=1e-9, abs=1e-300)


@given(columns)
def test_histograms_and_ecdfs_hold_every_flow(rows):
    value_counts = value_counts_of(rows)
    values, attack = two_classes(rows)
    edges, benign, shares = distributions.histogram(value_counts)
    assert benign.sum() == pytest.approx(1)
    assert shares.sum() == pytest.approx(1)
    assert edges[0] == pytest.approx(values.min(), abs=1e-6)
    x, below_benign, below_attack = distributions.ecdf(value_counts)
    assert x[-1] == values.max()
    assert below_benign[-1] == below_attack[-1] == 1
    for at, share in zip(x, below_attack, strict=True):
        assert share == pytest.approx((values[attack] <= at).mean())


def test_a_constant_feature_has_no_shape():
    found = describe.describe(np.array([3.0]), np.array([10]))
    assert found.moments.sd == 0
    assert found.moments.g1 is None
    assert found.moments.g2 is None


@given(
    values=st.lists(st.sampled_from([-2.0, -0.0, 0.0, 0.1, 3.0, 3.0000001, 1e300, None, float("nan")]), min_size=1),
    data=st.data(),
)
def test_a_column_sorted_once_counts_any_of_its_flows_as_counting_them_alone_does(
    values: list[float | None], data: st.DataObject
) -> None:
    column = pl.Series("x", values, dtype=pl.Float64)
    flags = st.lists(st.booleans(), min_size=len(values), max_size=len(values))
    rows, attack = (np.array(data.draw(flags)) for _ in range(2))
    found = SortedColumn.of(column).only(rows).counts(attack[rows])
    alone = ValueCounts.of(column.filter(pl.Series(rows)).to_numpy(), attack[rows])
    for one, other in zip(vars(found).values(), vars(alone).values(), strict=True):
        assert one.dtype == other.dtype
        assert one.tobytes() == other.tobytes()


def test_what_folds_of_the_same_flows_teach_is_what_each_teaches_alone(tmp_path: Path) -> None:
    """Also where cells are missing, that each fold fills in its own way, and where it has other classes."""
    random = np.random.default_rng(4)
    x = np.round(random.exponential(20, 300))
    frame = pl.DataFrame({
        "a": x, "b": x, "c": np.where(random.random(300) < 0.1, np.nan, x + random.integers(0, 9, 300)),
        "d": random.integers(0, 3, 300), "e": np.ones(300), "is_attack": x > 15, "attempted": random.random(300) < 0.05,
        "Label": np.where(x > 15, "Bot", "BENIGN"),
    }).with_columns(pl.col("c").fill_nan(None))  # fmt: skip
    frame.write_parquet(tmp_path / "flows.parquet")
    folds = [
        Part(tmp_path / "flows.parquet", random.random(300) < 0.6, {"c": float(fill)}, tried)
        for fill, tried in ((3, False), (40, False), (40, True))
    ]
    plain = [Part(tmp_path / "flows.parquet", random.random(300) < 0.6) for _ in range(2)]
    for trained in (folds, plain):
        together = select.select_each(trained, 3, "distinct")
        assert together == [select.select(train, 3, "distinct") for train in trained]
        assert len({tuple(one["correlations"].values()) for one in together}) == len(trained)
