"""What is summed part by part is what the whole gives, however the parts are cut."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.dataset.defects.columns import CoMoments, Extremes
from analysis.dataset.gather import gathered
from analysis.statistics.value_counts import ValueCounts

CUTS = st.lists(st.integers(0, 40), max_size=6)


def parts(cuts: list[int], height: int) -> list[slice]:
    at = sorted({0, height, *(cut for cut in cuts if cut < height)})
    return [slice(a, b) for a, b in pairwise(at)] or [slice(0, 0)]


@given(st.lists(st.integers(), min_size=1, max_size=70))
def test_parts_stay_in_their_order_and_few_are_held(numbers: list[int]) -> None:
    depth = 0

    def merge(a: tuple[list[int], int], b: tuple[list[int], int]) -> tuple[list[int], int]:
        nonlocal depth
        found = a[0] + b[0], max(a[1], b[1]) + 1
        depth = max(depth, found[1])
        return found

    whole, _ = gathered([([number], 0) for number in numbers], merge)
    assert whole == numbers
    assert depth <= len(numbers).bit_length()
    with pytest.raises(ValueError, match="nothing to gather"):
        gathered([], merge)


@given(st.integers(1, 40), CUTS, st.integers(0, 2**32 - 1), st.sampled_from([0.0, 1.0, 1e9]))
def test_co_moments_of_parts_are_those_of_the_whole(height: int, cuts: list[int], seed: int, offset: float) -> None:
    rows = np.random.default_rng(seed).normal(offset, 1, (3, height))
    rows[2] = 2 * rows[0] - rows[1]
    found = gathered([CoMoments.of(rows[:, part]) for part in parts(cuts, height)], CoMoments.merge)
    assert found.n == height
    np.testing.assert_allclose(found.mean, rows.mean(axis=1), rtol=1e-12)
    if height > 2:
        np.testing.assert_allclose(found.correlations(), np.corrcoef(rows), rtol=0, atol=1e-5 if offset > 1 else 1e-9)


@given(st.lists(st.tuples(*[st.sampled_from([-1.5, 0.0, 2.0, 1e9, np.inf, -np.inf, np.nan])] * 2), min_size=1), CUTS)
def test_extremes_of_parts_are_those_of_the_whole(rows: list[tuple[float, float]], cuts: list[int]) -> None:
    flows = pl.DataFrame(rows, schema=["a", "b"], orient="row")
    found = gathered([Extremes.of(flows[part]) for part in parts(cuts, flows.height)], Extremes.merge)
    for i, name in enumerate(flows.columns):
        cells = flows[name].to_numpy()
        told, finite = cells[~np.isnan(cells)], cells[np.isfinite(cells)]
        assert found.undefined[i] == np.isnan(cells).any()
        if told.size:
            assert found.ends[:, i].tolist() == [told.min(), told.max()]
        if finite.size:
            assert found.finite[:, i].tolist() == [finite.min(), finite.max()]
        assert found.size[i] == pytest.approx(np.abs(finite).sum())


def test_a_constant_column_has_no_correlation_whatever_rounding_leaves_of_it() -> None:
    constant = np.full(7, 0.1)
    found = gathered([CoMoments.of(np.array([constant, constant, np.arange(7.0)])) for _ in range(9)], CoMoments.merge)
    correlations = found.correlations()
    assert np.isnan(correlations[:2]).all()
    assert correlations[2, 2] == pytest.approx(1)


@given(st.lists(st.tuples(st.sampled_from([0.0, -0.0, 1.0, 2.5, np.inf, np.nan]), st.booleans()), max_size=40), CUTS)
def test_value_counts_of_parts_are_those_of_the_whole(flows: list[tuple[float, bool]], cuts: list[int]) -> None:
    values, attack = np.array([v for v, _ in flows], dtype=float), np.array([a for _, a in flows], dtype=bool)
    whole = ValueCounts.of(values, attack)
    each = [ValueCounts.of(values[part], attack[part]) for part in parts(cuts, len(flows))]
    found = gathered(each, ValueCounts.merge)
    for name in ("values", "benign", "attack"):
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name))
