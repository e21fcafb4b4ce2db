"""A fitted model as an attacker sees it: columns by name go in, scores come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from analysis.dataset.meter import Array
from analysis.evasion.attackers import Score


def score_of(pipeline: Any, features: Sequence[str]) -> Score:
    """The probability of an attack by a fitted pipeline that sees these features.

    A forest's trees are asked one after another: what scikit-learn does around each would take most of the time, since
    a search asks about few flows many times.
    """
    estimator, prepared = pipeline[-1], pipeline[:-1]
    forest = isinstance(estimator, RandomForestClassifier)

    def score(flows: Mapping[str, Array]) -> Array:
        seen = np.column_stack([flows[name] for name in features])
        if not forest:
            found: Array = pipeline.predict_proba(seen)[:, 1]
            return found
        single = np.asarray(prepared.transform(seen), dtype=np.float32, order="C")
        total: Array = np.sum([tree.tree_.predict(single)[:, 1] for tree in estimator.estimators_], axis=0)
        return total / len(estimator.estimators_)

    return score
