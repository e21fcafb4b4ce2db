"""Borders of what is drawn: strata of a split and sub-samples, which one flow more or less would show."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from analysis.conditions.sample import stratified_rows
from analysis.conditions.splits import Draw, stratified


def split(labels: pl.Series, fraction: float, seed: int, min_type: int, grouped: bool = False) -> np.ndarray:
    """Whether each flow is in the test part, also where each is a group of copies by itself."""
    copies = np.arange(labels.len()) if grouped else None
    return stratified(labels.to_numpy(), Draw(fraction, min_type, np.random.default_rng(seed)), copies)


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize(("sizes", "pooled"), [((4, 8), False), ((3, 8), True)])
def test_a_type_of_as_many_flows_as_are_asked_for_is_a_stratum(
    sizes: tuple[int, int], pooled: bool, grouped: bool
) -> None:
    labels = pl.Series(["a"] * sizes[0] + ["b"] * sizes[1] + ["c"])
    taken = {tuple(split(labels, 0.25, seed, 4, grouped)[: sizes[0]]).count(True) for seed in range(20)}
    assert (taken == {1}) != pooled


@pytest.mark.parametrize("grouped", [False, True])
def test_the_only_flow_of_a_type_stays_in_training(grouped: bool) -> None:
    labels = pl.Series(["a"] * 10 + ["b"])
    assert not any(split(labels, 0.25, seed, 1, grouped)[-1] for seed in range(20))


@pytest.mark.parametrize(("flows", "in_test"), [(1, 0), (2, 1), (3, 1)])
def test_a_stratum_of_two_has_one_on_each_side(flows: int, in_test: int) -> None:
    assert split(pl.Series(["a"] * flows), 0.05 if flows > 1 else 0.3, 1, 1).sum() == in_test


@pytest.mark.parametrize(("fraction", "in_test"), [(0.01, 1), (0.5, 1), (0.99, 1)])
def test_a_stratum_of_two_is_shared_whatever_the_fraction(fraction: float, in_test: int) -> None:
    assert split(pl.Series(["a", "a"]), fraction, 1, 1).sum() == in_test


def test_a_sub_sample_of_one_flow_is_one_flow() -> None:
    generator = np.random.default_rng(1)
    assert stratified_rows(np.array(["a"] * 5), 1, generator).size == 1
    assert stratified_rows(np.array(["a"] * 5), -1, generator).tolist() == [0, 1, 2, 3, 4]


def test_what_is_left_over_goes_to_the_largest_remainders() -> None:
    """Of 10 flows 4: ideally 2.4, 1.2 and 0.4; the one left over is the first's, the least has its one."""
    labels = np.array(["a"] * 6 + ["b"] * 3 + ["c"])
    for seed in range(5):
        rows = stratified_rows(labels, 4, np.random.default_rng(seed))
        assert dict(zip(*np.unique(labels[rows], return_counts=True), strict=True)) == {"a": 2, "b": 1, "c": 1}
        rows = stratified_rows(labels, 5, np.random.default_rng(seed))
        assert dict(zip(*np.unique(labels[rows], return_counts=True), strict=True)) == {"a": 3, "b": 1, "c": 1}


@pytest.mark.parametrize(("groups", "fraction", "tested"), [
    (4, 0.5, 4),  # two groups fill the share to the last flow
    (2, 0.9, 2),  # both would fit, and one stays in training
])  # fmt: skip
def test_groups_fill_the_share_and_leave_one_to_train_on(groups: int, fraction: float, tested: int) -> None:
    labels, copies = np.full(2 * groups, "a"), np.repeat(np.arange(groups), 2)
    test = stratified(labels, Draw(fraction, 1, np.random.default_rng(3)), copies)
    assert test.sum() == tested
