"""On how many test flows the ONNX model and scikit-learn's disagree: in the score, in a decision, in a type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from analysis.errors import UserError

NEAR = 1e-9
"""Scores further apart than this disagree."""
MARGIN = 1e-12
"""What a score must exceed a threshold by: thresholds are scores of flows, and a last digit must not decide."""
MOST = 0.0001
"""The share of test flows on which they may disagree; above it there is no detector."""
TIED = 1e-9
"""Types whose shares are nearer than this are tied, and the first in the order of the classes is told."""


def called(score: np.ndarray, threshold: float) -> np.ndarray:
    """Which of the scores (n,) are alerts.

    >>> called(np.array([0.3, 0.3 + 1e-15, 0.4]), 0.3).tolist()
    [False, False, True]
    """
    return np.asarray(score > threshold + MARGIN)


def first_of_most(shares: np.ndarray) -> np.ndarray:
    """For each flow the number of the class with the greatest of its ``shares`` (n, classes), shape (n,).

    >>> first_of_most(np.array([[0.2, 0.4, 0.4 + 1e-15]])).tolist()
    [1]
    """
    return np.asarray((shares >= shares.max(axis=1, keepdims=True) - TIED).argmax(axis=1))


def compared(score: np.ndarray, expected: np.ndarray, thresholds: Mapping[str, float], name: str) -> dict[str, Any]:
    """Counts of test flows whose ``score`` or decision is not the ``expected`` one, both of shape (n,).

    UserError where they are more than :data:`MOST` of all.
    """
    apart = np.abs(score - expected)
    decided = {key: int(np.count_nonzero(called(score, one) != (expected > one))) for key, one in thresholds.items()}
    scored = int(np.count_nonzero(~(apart <= NEAR)))
    _demand(max(scored, *decided.values()), score.size, name)
    return {"flows": int(score.size), "score": scored, "greatest": float(apart.max(initial=0.0)), "decisions": decided}


def compared_types(told: np.ndarray, expected: np.ndarray, name: str) -> dict[str, Any]:
    """The same of types."""
    wrong = int(np.count_nonzero(told != expected))
    _demand(wrong, told.size, name)
    return {"flows": int(told.size), "types": wrong}


def _demand(wrong: int, flows: int, name: str) -> None:
    if wrong > MOST * flows:
        raise UserError(
            f"{name}: ONNX and scikit-learn disagree on {wrong} of {flows} test flows, more than {MOST:.2%}; nothing "
            "is written, since it would be another model"
        )
