"""What is done to the features before an estimator sees them; all of it is learnt on the flows it is fitted on."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler

TAIL = 0.01
"""Share of the training flows that winsorising pulls in at either end of a feature."""
QUANTILES = 1000
TOGETHER = 8
"""Columns of many flows that are standardised at a time."""


class Winsoriser(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Pulls each feature to the training part's quantiles ``TAIL`` and 1 - ``TAIL`` (inverted CDF)."""

    def fit(self, features: np.ndarray, labels: object = None) -> Winsoriser:
        """Learn the quantiles of ``features`` of shape (n, k)."""
        self.low_, self.high_ = np.quantile(features, [TAIL, 1 - TAIL], axis=0, method="inverted_cdf")
        return self

    def transform(self, features: np.ndarray) -> np.ndarray:
        """``features`` of shape (n, k) with what lies outside pulled in."""
        return np.clip(features, self.low_, self.high_)


def fit_by_columns(scaler: StandardScaler, features: np.ndarray) -> None:
    """Fit ``scaler`` on ``features`` (n, k), a few columns at a time: its own fit copies what it is given three times.

    Columns know nothing of one another, so what it learns is the same to the last bit.
    """
    columns = range(0, features.shape[1], TOGETHER)
    parts = [StandardScaler().fit(features[:, start : start + TOGETHER]) for start in columns]
    scaler.fit(features[:1])
    for name in ("mean_", "var_", "scale_"):
        setattr(scaler, name, np.concatenate([getattr(part, name) for part in parts]))
    scaler.n_samples_seen_ = parts[0].n_samples_seen_


def preparation(level: str, rows: int) -> Any:
    """The transformer of a level of the factor; ``rows`` are those fitted on."""
    if level == "winsorised":
        return Pipeline([("winsoriser", Winsoriser()), ("scaler", StandardScaler())])
    if level == "ranks":
        return QuantileTransformer(n_quantiles=min(QUANTILES, rows), subsample=None)
    return StandardScaler() if level == "standardised" else "passthrough"
