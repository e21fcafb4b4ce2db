"""What fits an estimator: scikit-learn as it is (``exact``), or trees of our own growing on grouped flows (``fast``).

The fast engine gives boosting the answers of the exact one, unless gains tie (scikit-learn breaks ties at random), and
a forest that is equal in distribution: the bootstrap of n flows is drawn over groups of equal ones. It serves what
grouping cannot change, which leaves of single flows and unweighted classes are; all else is fitted exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier, RandomForestClassifier

from analysis.conditions.grouped import grouped
from analysis.conditions.stumps import fit_stumps

GROWN = {"max_leaf_nodes": None, "min_weight_fraction_leaf": 0, "min_impurity_decrease": 0, "ccp_alpha": 0,
         "min_samples_leaf": 1, "min_samples_split": 2, "warm_start": False}  # fmt: skip
"""Hyperparameters of trees and ensembles as the fast engine grows them."""
FOREST = {"criterion": "gini", "bootstrap": True, "max_samples": None, "class_weight": None, "oob_score": False,
          "monotonic_cst": None}  # fmt: skip
BOOSTING = {"loss": "log_loss", "subsample": 1, "max_features": None, "n_iter_no_change": None, "init": None}


@dataclass(frozen=True)
class Engine:
    """The settings of speed: the engine, the training flows from which ``auto`` takes the fast one, and how many flows
    at most a training score is stated on."""

    kind: Literal["auto", "exact", "fast"] = "auto"
    from_rows: int = 100_000
    score_rows: int = 100_000

    def serves(self, estimator: Any, rows: int) -> bool:
        """Whether the fast engine fits this estimator on so many flows."""
        fast = self.kind == "fast" or (self.kind == "auto" and rows >= self.from_rows)
        return fast and unchanged_by_groups(estimator)

    def asked(self, rows: int) -> np.ndarray:
        """Of so many training flows those that a training score is stated on, evenly spaced, in ascending order."""
        return np.arange(rows) if rows <= self.score_rows else np.arange(self.score_rows) * rows // self.score_rows


@dataclass(frozen=True)
class Told:
    """How a model was fitted: by which engine, on how many distinct rows (None: not grouped), and how often another
    split tied with the chosen one: rounds of AdaBoost, nodes of gradient boosting (None: not counted)."""

    engine: Literal["exact", "fast"]
    distinct: int | None = None
    ties: int | None = None


def unchanged_by_groups(estimator: Any) -> bool:
    """Whether weighted rows are to this estimator what repeated ones are."""
    if type(estimator) is AdaBoostClassifier:
        return estimator.estimator is None
    needed = {RandomForestClassifier: FOREST, GradientBoostingClassifier: BOOSTING}.get(type(estimator))
    if needed is None or (needed is BOOSTING and estimator.max_depth is None):
        return False
    return all(getattr(estimator, name) == value for name, value in (GROWN | needed).items())


def fit(engine: Engine, estimator: Any, features: np.ndarray, labels: np.ndarray) -> Told:
    """Fit ``estimator`` in place on ``features`` (n, k) and ``labels`` (n,), and tell how."""
    if not engine.serves(estimator, len(labels)):
        estimator.fit(features, labels)
        return Told("exact")
    rows, names, counts = grouped(features, labels)
    del features
    if isinstance(estimator, AdaBoostClassifier):
        return Told("fast", counts.size, fit_stumps(estimator, rows, names, counts))
    # Only where it is needed: its compiler is slow to load.
    from analysis.conditions.grown import fit_boosting, fit_forest

    if isinstance(estimator, RandomForestClassifier):
        fit_forest(estimator, rows, names, counts)
        return Told("fast", counts.size)
    if len(np.unique(names)) != 2:
        estimator.fit(rows, names, sample_weight=counts)
        return Told("fast", counts.size)
    return Told("fast", counts.size, fit_boosting(estimator, rows, names, counts))
