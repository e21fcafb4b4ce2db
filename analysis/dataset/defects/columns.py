"""Columns that say nothing, or the same as another one: constant, identical, and strongly correlated columns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

SAME = 1e-9
"""Relative difference up to which two numbers count as equal: some copies are printed with another last digit."""
STRONG = 0.9
"""Absolute Pearson correlation from which a pair of columns is counted."""
BLOCK = 100_000
"""Rows at a time in the correlation, to bound the memory."""


def constant(table: pl.DataFrame, features: Sequence[str]) -> list[str]:
    """Columns with one value in all flows."""
    counts = table.select((pl.col(name).min() == pl.col(name).max()) & ~pl.col(name).is_nan().any()
                          if table[name].dtype.is_float() else pl.col(name).min() == pl.col(name).max()
                          for name in features).row(0)  # fmt: skip
    return [name for name, one in zip(features, counts, strict=True) if one]


def identical(table: pl.DataFrame, features: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of columns equal in every flow up to SAME; two cells that are both undefined are equal."""
    summary = {name: _summary(table[name]) for name in features}
    return [
        (a, b)
        for a, b in combinations(features, 2)
        if np.allclose(summary[a], summary[b], rtol=10 * SAME, atol=0, equal_nan=True)
        and np.allclose(_floats(table[a]), _floats(table[b]), rtol=SAME, atol=0, equal_nan=True)
    ]


def _summary(column: pl.Series) -> tuple[float, float, float]:
    """Extremes and sum of absolute values: equal columns have equal ones, so few pairs need a look at every row."""
    values = column.cast(pl.Float64)
    finite = values.filter(values.is_finite())
    return float(finite.min() or 0), float(finite.max() or 0), float(finite.abs().sum())  # type: ignore[arg-type]


def _floats(column: pl.Series) -> NDArray[np.float64]:
    return column.cast(pl.Float64).to_numpy()


def correlated(table: pl.DataFrame, features: Sequence[str]) -> list[tuple[str, str, float]]:
    """Pairs with |r| of at least STRONG, Pearson's r over the flows whose features are all finite."""
    finite = table.select(pl.all_horizontal(pl.col(features).cast(pl.Float64).is_finite())).to_series()
    count = int(finite.sum())
    if count < 2:
        return []
    # A column, then a block of rows at a time: a second copy of the flows is more than the rest of the step.
    columns = (table[name].filter(finite).cast(pl.Float64) for name in features)
    means, spreads = np.array([(column.mean(), column.std(ddof=0)) for column in columns], dtype=float).T
    vary = np.flatnonzero(spreads > 0)
    products = np.zeros((len(vary), len(vary)))
    for start in range(0, table.height, BLOCK):
        rows, whole = table[start : start + BLOCK], finite[start : start + BLOCK]
        scaled = np.empty((len(vary), int(whole.sum())))
        for i, at in enumerate(map(int, vary)):
            scaled[i] = (_floats(rows[features[at]].filter(whole)) - means[at]) / spreads[at]
        products += scaled @ scaled.T
    r = np.round(products / count, 12)
    return [
        (features[vary[i]], features[vary[j]], float(r[i, j]))
        for i, j in combinations(range(len(vary)), 2)
        if abs(r[i, j]) >= STRONG
    ]
