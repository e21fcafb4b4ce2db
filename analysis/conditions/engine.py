"""What fits an estimator: scikit-learn as it is (``exact``), or on flows grouped into weights (``fast``).

The fast engine gives boosting the answers of the exact one, unless gains tie (scikit-learn breaks ties at random), and
a forest that is equal in distribution: the bootstrap of n flows is drawn over groups of equal ones. It serves what
grouping cannot change, which leaves of single flows and unweighted classes are; all else is fitted exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from joblib import Parallel, delayed  # type: ignore[import-untyped]
from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from analysis.conditions.grouped import grouped
from analysis.conditions.stumps import fit_stumps

WORTH = 0.9
"""Share of distinct flows from which grouping them saves nothing."""


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
    """How a model was fitted: by which engine, on how many distinct rows (None: not grouped), in how many rounds of
    AdaBoost stumps tied (None: not counted)."""

    engine: Literal["exact", "fast"]
    distinct: int | None = None
    ties: int | None = None


def unchanged_by_groups(estimator: Any) -> bool:
    """Whether weighted rows are to this estimator what repeated ones are."""
    if type(estimator) is AdaBoostClassifier:
        return estimator.estimator is None
    if type(estimator) not in (GradientBoostingClassifier, RandomForestClassifier):
        return False
    if estimator.min_samples_leaf != 1 or estimator.min_samples_split != 2 or estimator.warm_start:
        return False
    if type(estimator) is RandomForestClassifier:
        return bool(
            estimator.bootstrap
            and estimator.max_samples is None
            and estimator.class_weight is None
            and not estimator.oob_score
        )
    return bool(
        estimator.subsample == 1
        and estimator.max_features is None
        and estimator.n_iter_no_change is None
        and estimator.init is None
    )


def fit(engine: Engine, estimator: Any, features: np.ndarray, labels: np.ndarray) -> Told:
    """Fit ``estimator`` in place on ``features`` (n, k) and ``labels`` (n,), and tell how."""
    if not engine.serves(estimator, len(labels)):
        estimator.fit(features, labels)
        return Told("exact")
    rows, names, counts = grouped(features, labels)
    if isinstance(estimator, AdaBoostClassifier):
        return Told("fast", counts.size, fit_stumps(estimator, rows, names, counts))
    if counts.size > WORTH * len(labels):
        estimator.fit(features, labels)
        return Told("exact")
    if isinstance(estimator, GradientBoostingClassifier):
        estimator.fit(rows, names, sample_weight=counts)
    else:
        fit_forest(estimator, rows, names, counts)
    return Told("fast", counts.size)


def fit_forest(forest: RandomForestClassifier, features: np.ndarray, labels: np.ndarray, counts: np.ndarray) -> None:
    """Fit ``forest`` on float32 ``features`` (m, k) and ``labels`` (m,) that occur ``counts`` (m,) times, n in all.

    Each tree sees as many of each group as a bootstrap sample of the n flows holds. Each has a stream of its own, so
    that the number of threads changes nothing, and a forest of fewer trees is the beginning of a larger one.
    """
    names, codes = np.unique(labels, return_inverse=True)
    parameters = {name: getattr(forest, name) for name in forest.estimator_params if name != "random_state"}
    flows, shares = int(counts.sum()), counts / counts.sum()
    seeds = np.random.SeedSequence(forest.random_state).spawn(forest.n_estimators)

    def tree(seed: np.random.SeedSequence) -> DecisionTreeClassifier:
        stream = np.random.default_rng(seed)
        drawn = stream.multinomial(flows, shares).astype(np.float64)
        made = DecisionTreeClassifier(**parameters, random_state=int(stream.integers(2**31 - 1)))
        return made.fit(features, codes.astype(np.float64), sample_weight=drawn)

    trees = Parallel(n_jobs=forest.n_jobs, prefer="threads")(delayed(tree)(seed) for seed in seeds)
    forest.estimators_, forest.estimator_ = list(trees), DecisionTreeClassifier()
    forest.classes_, forest.n_classes_, forest.n_outputs_ = names, names.size, 1
    forest.n_features_in_ = features.shape[1]
