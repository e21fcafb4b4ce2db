from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from analysis.dataset.split import split


@given(
    counts=st.lists(st.integers(1, 400), min_size=1, max_size=6),
    fraction=st.floats(0.05, 0.5),
    seed=st.integers(0, 2**31 - 1),
)
def test_each_type_keeps_its_share(counts, fraction, seed):
    labels = pl.Series([f"type {i}" for i, n in enumerate(counts) for _ in range(n)])
    test = split(labels, fraction, seed, 5)
    for i, n in enumerate(counts):
        taken = int(test[(labels == f"type {i}").to_numpy()].sum())
        if n >= 5:
            assert taken == min(max(round(fraction * n), 1), n - 1)
        else:
            assert taken <= n


def test_rare_types_are_one_stratum():
    labels = pl.Series(["BENIGN"] * 100 + [f"rare {i}" for i in range(20)])
    assert split(labels, 0.2, 1, 5)[100:].sum() == 4


def test_the_seed_decides_and_nothing_else():
    labels = pl.Series(["a", "b"] * 500)
    assert np.array_equal(split(labels, 0.2, 7, 5), split(labels, 0.2, 7, 5))
    assert not np.array_equal(split(labels, 0.2, 7, 5), split(labels, 0.2, 8, 5))
