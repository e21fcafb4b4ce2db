"""Columns that say nothing, or the same as another one: constant, identical, and strongly correlated columns.

Nothing here holds the table: what is asked is counted on the way through it, or summed block by block.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.dataset.blocks import blocks
from analysis.dataset.gather import gathered

SAME = 1e-9
"""Relative difference up to which two numbers count as equal: some copies are printed with another last digit."""
STRONG = 0.9
"""Absolute Pearson correlation from which a pair of columns is counted."""
ROUNDING = 8 * float(np.finfo(np.float64).eps)
"""Relative size of what rounding leaves of deviations from a mean."""


@dataclass(frozen=True)
class Extremes:
    """Of each column its least and greatest cell, whether one is undefined, and of its finite cells extremes and size.

    ``size`` is the sum of their absolute values; each has shape (m,). Polars has not a number as the greatest.
    """

    ends: NDArray[np.float64]
    undefined: NDArray[np.bool_]
    finite: NDArray[np.float64]
    size: NDArray[np.float64]

    @classmethod
    def of(cls, block: pl.DataFrame) -> Extremes:
        """Of the columns of a block of rows."""
        cells = pl.all().cast(pl.Float64)
        finite = cells.filter(cells.is_finite())
        asked = (cells.min(), cells.max(), cells.is_nan().any(), finite.min(), finite.max(), finite.abs().sum())
        low, high, undefined, least, greatest, size = (
            np.array(block.select(one).row(0), dtype=float) if block.width else np.zeros(0) for one in asked
        )
        return cls(np.array([low, high]), undefined > 0, np.array([least, greatest]), size)

    def merge(self, other: Extremes) -> Extremes:
        """Those of the rows of both."""
        ends, finite = (
            np.array([np.fmin(a[0], b[0]), np.fmax(a[1], b[1])])
            for a, b in ((self.ends, other.ends), (self.finite, other.finite))
        )
        return Extremes(ends, self.undefined | other.undefined, finite, self.size + other.size)


def extremes(flows: pl.LazyFrame, features: Sequence[str]) -> Extremes:
    """The extremes of these columns."""
    return gathered((Extremes.of(block) for _, block in blocks(flows.select(features))), Extremes.merge)


def constant(found: Extremes, features: Sequence[str]) -> list[str]:
    """Columns with one value in all flows."""
    same = (found.ends[0] == found.ends[1]) & ~found.undefined
    return [name for name, one in zip(features, same, strict=True) if one]


def identical(
    flows: pl.LazyFrame, found: Extremes, features: Sequence[str], among: Collection[str]
) -> list[tuple[str, str]]:
    """Pairs of columns ``among`` these equal in every flow up to SAME; two cells that are both undefined are equal."""
    # Equal columns have equal extremes and sums of absolute values, so few pairs need a look at every row.
    summary = np.nan_to_num(np.array([*found.finite, found.size])).T
    alike = [
        (a, b)
        for (i, a), (j, b) in combinations(enumerate(features), 2)
        if a in among and b in among and np.allclose(summary[i], summary[j], rtol=10 * SAME, atol=0)
    ]
    if not alike:
        return []
    asked = flows.select(sorted({name for pair in alike for name in pair}))
    for _, block in blocks(asked):
        tests = (_equal(pl.col(a).cast(pl.Float64), pl.col(b).cast(pl.Float64)).all() for a, b in alike)
        equal = block.select(test.alias(str(i)) for i, test in enumerate(tests)).row(0)
        alike = [pair for pair, same in zip(alike, equal, strict=True) if same]
        if not alike:
            break
    return alike


def _equal(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """Whether cells are equal up to SAME, as numpy.allclose has it; undefined or infinite ones only to their like."""
    near = (a - b).abs() <= SAME * b.abs()
    return a.eq_missing(b) | (near & a.is_finite() & b.is_finite()).fill_null(False)


@dataclass(frozen=True)
class CoMoments:
    """Number of rows, mean of each column, shape (m,), and sums of products of deviations from them, shape (m, m)."""

    n: int
    mean: NDArray[np.float64]
    products: NDArray[np.float64]

    @classmethod
    def of(cls, rows: NDArray[np.float64]) -> CoMoments:
        """Of an array of shape (m, n), a column of the table each."""
        if not rows.shape[1]:
            return cls(0, np.zeros(len(rows)), np.zeros((len(rows), len(rows))))
        # Squares of numbers beyond arithmetic, which the report names, are infinite; such columns correlate with none.
        with np.errstate(over="ignore", invalid="ignore"):
            mean = rows.mean(axis=1)
            deviations = rows - mean[:, None]
            return cls(rows.shape[1], mean, deviations @ deviations.T)

    def merge(self, other: CoMoments) -> CoMoments:
        """Those of the rows of both (Chan, Golub and LeVeque 1983).

        >>> parts = CoMoments.of(np.array([[1.0, 2.0], [1.0, 4.0]])), CoMoments.of(np.array([[6.0], [1.0]]))
        >>> parts[0].merge(parts[1]).mean.tolist(), parts[0].merge(parts[1]).products.tolist()
        ([3.0, 2.0], [[14.0, -3.0], [-3.0, 6.0]])
        """
        n = self.n + other.n
        if not n:
            return self
        with np.errstate(over="ignore", invalid="ignore"):
            gap = other.mean - self.mean
            between = np.outer(gap, gap) * (self.n * other.n / n)
            return CoMoments(n, self.mean + gap * (other.n / n), self.products + other.products + between)

    def correlations(self) -> NDArray[np.float64]:
        """Pearson's r of each pair of columns, shape (m, m); not a number where one of them is constant.

        Constant is what varies by no more than the rounding of its mean.
        """
        n = max(self.n, 1)
        spread = np.sqrt(np.diag(self.products) / n)
        spread[(spread <= ROUNDING * np.abs(self.mean)) | ~np.isfinite(spread)] = np.nan
        with np.errstate(invalid="ignore"):
            return np.asarray(self.products / (n * np.outer(spread, spread)))


def correlated(flows: pl.LazyFrame, features: Sequence[str]) -> list[tuple[str, str, float]]:
    """Pairs with |r| of at least STRONG, Pearson's r over the flows whose features are all finite."""
    if len(features) < 2:
        return []
    r = gathered(map(CoMoments.of, _finite(flows, features)), CoMoments.merge).correlations().round(12)
    pairs = combinations(range(len(features)), 2)
    return [(features[i], features[j], float(r[i, j])) for i, j in pairs if abs(r[i, j]) >= STRONG]


def _finite(flows: pl.LazyFrame, features: Sequence[str]) -> Iterator[NDArray[np.float64]]:
    """The rows whose features are all finite, block by block, each of shape (features, rows)."""
    for _, block in blocks(flows.select(pl.col(features).cast(pl.Float64))):
        yield block.filter(pl.all_horizontal(pl.all().is_finite())).to_numpy(order="fortran").T
