"""Whether the features of a file look scaled, by fractions where packets are counted; how, by means and deviations."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import polars as pl

MOST = 0.5
"""A file looks scaled where more than this share of its features that vary do."""
NEAR = 0.1
"""How near to 0 a mean and to 1 a standard deviation are."""


class Moments:
    """Adds up the finite cells of each feature, piece by piece."""

    def __init__(self, features: Sequence[str]) -> None:
        self._features = list(features)
        self._sums = np.zeros((3, len(self._features)))  # cells, their sum, the sum of their squares
        self._least = np.full(len(self._features), np.inf)
        self._most = np.full(len(self._features), -np.inf)

    def add(self, raw: pl.DataFrame) -> None:
        """One more piece, with the features as Float64."""
        finite = [pl.when(pl.col(name).is_finite()).then(pl.col(name)).alias(name) for name in self._features]
        cells = raw.select(finite)
        squares = cells.select(pl.all() ** 2)
        self._sums += [np.array(row, dtype=float) for row in (cells.count().row(0), cells.sum().row(0),
                                                              squares.sum().row(0))]  # fmt: skip
        lowest, highest = (np.array(row, dtype=float) for row in (cells.min().row(0), cells.max().row(0)))
        self._least, self._most = np.fmin(self._least, lowest), np.fmax(self._most, highest)

    def scaled(self, fractions: Collection[str], integers: Collection[str]) -> str:
        """'standardised', 'scaled to 0..1', 'scaled' in another way, or nothing where they are as a meter writes them.

        ``fractions`` are features with fractions in them, ``integers`` those that have none in the release.
        """
        n, total, squares = self._sums
        with np.errstate(all="ignore"):
            mean = total / n
            deviation = np.sqrt(np.maximum(squares / n - mean**2, 0))
        varies = self._least < self._most
        counts = np.array([name in integers for name in self._features]) & varies
        broken = np.array([name in fractions for name in self._features])
        # What counts packets has no fractions unless it was scaled.
        if not varies.any() or not (counts & broken).sum() > MOST * counts.sum():
            return ""
        if _share((np.abs(mean) <= NEAR) & (np.abs(deviation - 1) <= NEAR), varies) > MOST:
            return "standardised"
        return "scaled to 0..1" if _share((self._least >= 0) & (self._most <= 1), varies) > MOST else "scaled"


def _share(which: np.ndarray, of: np.ndarray) -> float:
    return float((which & of).sum() / of.sum())
