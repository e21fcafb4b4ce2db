"""Flows that look alike to a tree, as one row with a weight: trees see single precision, and many flows repeat."""

from __future__ import annotations

import numpy as np
import polars as pl


def grouped(features: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The distinct rows of ``features`` (n, k) and ``labels`` (n,), and how often each occurs.

    Features are compared after the cast to single precision that scikit-learn's trees make, by which -0 is 0. Returns
    float32 of shape (m, k), labels of shape (m,) and float64 counts of shape (m,), which add up to n; in the order in
    which the rows first occur, whatever the number of threads.
    """
    single = np.asarray(features, dtype=np.float32)
    _, codes = np.unique(labels, return_inverse=True)
    columns = {str(number): single[:, number] for number in range(single.shape[1])}
    frame = pl.DataFrame({**columns, "label": codes.astype(np.int32), "row": np.arange(len(single))})
    found = frame.group_by([*columns, "label"]).agg(pl.col("row").min(), pl.len().alias("count")).sort("row")
    first = found["row"].to_numpy()
    return np.ascontiguousarray(single[first]), labels[first], found["count"].to_numpy().astype(np.float64)
