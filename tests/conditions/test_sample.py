"""Stratified sub-samples."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.conditions.sample import stratified_rows
from analysis.streams import stream


@given(st.lists(st.integers(1, 200), min_size=1, max_size=6), st.integers(10, 400), st.integers(0, 99))
def test_keeps_shares(sizes: list[int], rows: int, seed: int) -> None:
    labels = np.repeat([f"type {i}" for i in range(len(sizes))], sizes)
    chosen = stratified_rows(labels, rows, stream(seed, "sample"))
    assert np.all(np.diff(chosen) > 0)
    if rows >= labels.size:
        assert chosen.size == labels.size
        return
    assert rows <= chosen.size <= rows + len(sizes)
    for i, size in enumerate(sizes):
        kept = np.count_nonzero(labels[chosen] == f"type {i}")
        assert kept >= 1
        assert abs(kept - rows * size / labels.size) <= 1


def test_the_largest_remainders_get_what_is_left() -> None:
    labels = np.repeat(["a", "b", "c"], [65, 17, 18])
    chosen = labels[stratified_rows(labels, 10, stream(1, "x"))]
    assert [int((chosen == label).sum()) for label in "abc"] == [6, 2, 2], "of 6.5, 1.7 and 1.8"


def test_zero_keeps_all_and_the_seed_decides() -> None:
    labels = np.array(["a", "b"] * 50)
    assert stratified_rows(labels, 0, stream(1, "x")).size == 100
    first, again, other = (stratified_rows(labels, 20, stream(seed, "x")) for seed in (1, 1, 2))
    assert first.tolist() == again.tolist() != other.tolist()
