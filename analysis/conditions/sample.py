"""Stratified sub-samples of the training part."""

from __future__ import annotations

import numpy as np
import polars as pl

from analysis.dataset.texts import numbered


def stratified_rows(labels: np.ndarray, rows: int, generator: np.random.Generator) -> np.ndarray:
    """Row numbers, in ascending order, of a sub-sample that keeps each label's share.

    ``labels`` has shape (n,). Every label keeps at least one flow; the rest is shared out by largest remainders, ties
    by label. ``rows`` of 0, or of n or more, keeps all.
    """
    if rows <= 0 or rows >= labels.size:
        return np.arange(labels.size)
    names, label_of = numbered(pl.Series(labels, dtype=pl.String))
    counts = np.bincount(label_of, minlength=len(names))
    ideal = counts * (rows / labels.size)
    quota = np.maximum(np.floor(ideal).astype(int), 1)
    spare = rows - int(quota.sum())
    if spare > 0:
        quota[np.argsort(-(ideal - quota), kind="stable")[:spare]] += 1
    chosen = [generator.choice(np.flatnonzero(label_of == i), size, replace=False) for i, size in enumerate(quota)]
    return np.sort(np.concatenate(chosen))
