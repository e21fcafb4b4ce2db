"""What a fitted pipeline says of flows: of equal ones once where many are asked about, and in pieces, a thread each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from joblib import Parallel, delayed  # type: ignore[import-untyped]
from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier, RandomForestClassifier
from sklearn.pipeline import Pipeline

from analysis.conditions.grouped import distinct

ALONE = (RandomForestClassifier, GradientBoostingClassifier, AdaBoostClassifier)
"""Estimators to which a flow's neighbours are nothing: an answer is the same to the last bit however flows are parted.
A product of matrices is not."""
MANY = 50_000
"""Flows from which looking for equal ones costs less than it saves."""
REPEATING = 0.8
"""Share of distinct flows up to which asking once saves more than it costs."""


def answers(pipeline: Pipeline, flows: np.ndarray, score: bool, workers: int) -> tuple[np.ndarray, np.ndarray | None]:
    """The classes that ``pipeline`` gives ``flows`` (n, k), shape (n,), and where ``score`` asks for it the probability
    of the second of two classes, shape (n,)."""
    forest = pipeline[-1]
    if not isinstance(forest, RandomForestClassifier):
        return (asked(pipeline, pipeline.predict, flows, workers),
                asked(pipeline, pipeline.predict_proba, flows, workers)[:, 1] if score else None)  # fmt: skip
    # A forest's answer is its likeliest class, as its own predict has it: the trees are gone through once.
    shares = asked(pipeline, pipeline.predict_proba, flows, workers)
    return forest.classes_.take(np.argmax(shares, axis=1), axis=0), shares[:, 1] if score else None


def asked(
    pipeline: Pipeline, ask: Callable[[np.ndarray], np.ndarray], flows: np.ndarray, workers: int = 1
) -> np.ndarray:
    """What ``ask``, a method of ``pipeline``, says of ``flows`` (n, k)."""
    if len(flows) < MANY or not isinstance(pipeline[-1], ALONE):
        return ask(flows)
    rows, places = distinct(flows)
    if rows.size > REPEATING * len(flows):
        return _in_pieces(ask, flows, workers)
    return _in_pieces(ask, flows[rows], workers)[places]


def _in_pieces(ask: Callable[[np.ndarray], np.ndarray], flows: np.ndarray, workers: int) -> np.ndarray:
    pieces = np.array_split(flows, workers)
    return np.concatenate(Parallel(n_jobs=workers, prefer="threads")(delayed(ask)(piece) for piece in pieces))
