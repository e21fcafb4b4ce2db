"""Flows that look alike, as one row with a weight: trees see single precision, and many flows repeat."""

from __future__ import annotations

import numpy as np
import polars as pl

from analysis.dataset.identical_rows import first_identical
from analysis.dataset.texts import numbered

NEAR = 10
"""Columns by whose values grouped rows are put in order."""


def coded(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The names among ``labels`` (n,), in their order, and the place of each label among them, as numpy.unique does.

    >>> coded(np.array(["b", "a", "b"], dtype=object))
    (array(['a', 'b'], dtype=object), array([1, 0, 1], dtype=int32))
    """
    if labels.dtype != object:
        names, codes = np.unique(labels, return_inverse=True)
        return names, codes.astype(np.int32)
    names, codes = numbered(pl.Series(labels, dtype=pl.String))
    return names, codes.astype(np.int32)


def distinct(features: np.ndarray, *further: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the rows of ``features`` (n, k) that equal no earlier one, (m,), and each row's place in them, (n,).

    Rows are told apart by ``further`` columns (n,) as well. Minus zero is zero.

    >>> distinct(np.array([[1.0], [2.0], [1.0]]))
    (array([0, 1]), array([0, 1, 0]))
    """
    columns = [*features.T, *further]
    first = first_identical(
        lambda name: pl.Series(columns[int(name)]), [str(number) for number in range(len(columns))], len(features)
    )
    new = first == np.arange(first.size)
    return np.flatnonzero(new), (np.cumsum(new) - 1)[first]


def grouped(features: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The distinct rows of ``features`` (n, k) and ``labels`` (n,), and how often each occurs.

    Features are compared after the cast to single precision that scikit-learn's trees make, by which -0 is 0. Returns
    float32 of shape (m, k), labels of shape (m,) and float64 counts of shape (m,), which add up to n. Rows stand in the
    order of their first columns, since what a tree holds together is read faster where it lies together; those that are
    equal there as they first occur.
    """
    single = np.asarray(features, dtype=np.float32)
    first, places = distinct(single, coded(labels)[1])
    counts = np.bincount(places, minlength=first.size).astype(np.float64)
    order = np.lexsort(single[first, :NEAR].T[::-1])
    first = first[order]
    return np.ascontiguousarray(single[first]), labels[first], counts[order]
