"""A fitted model as an attacker sees it: columns by name go in, scores come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.ensemble import AdaBoostClassifier, RandomForestClassifier
from sklearn.preprocessing import StandardScaler

from analysis.dataset.meter import Array
from analysis.evasion.attackers import Score


def score_of(pipeline: Any, features: Sequence[str]) -> Score:
    """The probability of an attack by a fitted pipeline that sees these features.

    Flows are standardised here, and of a forest and of AdaBoost the trees are asked one after another: what
    scikit-learn does around each would take most of the time, since a search asks about few flows many times.
    """
    estimator, scaler = pipeline[-1], pipeline[0]
    asked = {RandomForestClassifier: _forest, AdaBoostClassifier: _boosted}.get(type(estimator))

    def score(flows: Mapping[str, Array]) -> Array:
        seen = np.column_stack([flows[name] for name in features])
        if asked is None or not len(seen):
            found: Array = pipeline.predict_proba(seen)[:, 1] if len(seen) else np.empty(0)
            return found
        plain = isinstance(scaler, StandardScaler)
        prepared = (seen - scaler.mean_) / scaler.scale_ if plain else pipeline[:-1].transform(seen)
        return asked(estimator, np.asarray(prepared, dtype=np.float32, order="C"))

    return score


def _forest(estimator: Any, seen: np.ndarray) -> Array:
    """The mean over the trees of the share of attacks in a leaf."""
    total: Array = np.sum([tree.tree_.predict(seen)[:, 1] for tree in estimator.estimators_], axis=0)
    return total / len(estimator.estimators_)


def _boosted(estimator: Any, seen: np.ndarray) -> Array:
    """The logistic function of the weighted mean of the trees' answers, each 1 or -1, twice over (SAMME)."""
    votes = [2.0 * tree.tree_.predict(seen).argmax(axis=1) - 1 for tree in estimator.estimators_]
    total: Array = np.average(votes, axis=0, weights=estimator.estimator_weights_[: len(votes)])
    return 1 / (1 + np.exp(-2 * total))
