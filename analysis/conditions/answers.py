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
A product of matrices is not. They see single precision."""
MANY = 50_000
"""Flows from which looking for equal ones costs less than it saves."""
REPEATING = 0.8
"""Share of distinct flows up to which asking once saves more than it costs."""
NEAR = 1e-9
"""Distance of a score from one half within which rounding may have hidden on which side it lies."""
PIECE = 100_000
"""Flows that are prepared at a time."""


def answers(pipeline: Pipeline, flows: np.ndarray, scored: bool, workers: int) -> tuple[np.ndarray, np.ndarray | None]:
    """The classes that ``pipeline`` gives ``flows`` (n, k), shape (n,), and where it is to be ``scored`` the
    probability of the second of two classes, shape (n,)."""
    if not scored:
        return ask_once(pipeline, "predict", flows, workers), None
    score = ask_once(pipeline, "predict_proba", flows, workers)[:, 1]
    # A class follows from its score, so that trees are gone through once; where it does not, they are asked.
    predicted = pipeline[-1].classes_[(score > 0.5).astype(int)]
    unsure = np.flatnonzero(np.abs(score - 0.5) < NEAR)
    if unsure.size:
        predicted[unsure] = ask_once(pipeline, "predict", flows[unsure], workers)
    return predicted, score


def ask_once(pipeline: Pipeline, method: str, flows: np.ndarray, workers: int = 1) -> np.ndarray:
    """What a ``method`` of ``pipeline`` says of ``flows`` (n, k)."""
    if len(flows) < MANY or not isinstance(pipeline[-1], ALONE):
        found: np.ndarray = getattr(pipeline, method)(flows)
        return found
    rows, places = distinct(flows)
    repeating = rows.size <= REPEATING * len(flows)
    single = in_single(pipeline[:-1], flows[rows] if repeating else flows)
    found = _in_pieces(getattr(pipeline[-1], method), single, workers)
    return found[places] if repeating else found


def in_single(preparation: Pipeline, flows: np.ndarray) -> np.ndarray:
    """``flows`` (n, k) as a fitted ``preparation`` has them, in single precision; made piece by piece, so that there
    are no two tables of many flows in double."""
    single = np.empty(flows.shape, np.float32, order="F")
    for start in range(0, len(flows), PIECE):
        single[start : start + PIECE] = preparation.transform(flows[start : start + PIECE])
    return single


def _in_pieces(ask: Callable[[np.ndarray], np.ndarray], flows: np.ndarray, workers: int) -> np.ndarray:
    pieces = np.array_split(flows, workers)
    return np.concatenate(Parallel(n_jobs=workers, prefer="threads")(delayed(ask)(piece) for piece in pieces))
