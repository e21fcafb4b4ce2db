"""A threshold for a wanted rate of false alarms, from the scores of benign flows that no model was fitted on."""

from __future__ import annotations

import numpy as np

CALLED = 0.5
"""The score above which a model calls a flow an attack by itself, without a threshold of ours."""
RATES = (0.01, 0.001)
"""Rates of false alarms that thresholds are set for."""
HELD_BACK = 0.2
"""Share of the training flows that a condition with thresholds holds back to set them on."""


def rate_display(rate: float) -> str:
    """How a rate is shown: as a whole percentage, with a decimal where it is smaller than one.

    >>> rate_display(0.01), rate_display(0.001)
    ('percent:0', 'percent:1')
    """
    return "percent:0" if rate >= 0.01 else "percent:1"


def threshold(benign: np.ndarray, rate: float) -> float | None:
    """The least score above which at most this share of the scores ``benign``, shape (n,), lies; None without scores.

    A flow is called an attack where its score is greater.

    >>> threshold(np.array([0.1, 0.2, 0.3, 0.9]), 0.25)
    0.3
    """
    if not benign.size:
        return None
    # A share such as 0.01 is no binary fraction, and must not lose a flow to rounding.
    allowed = int(rate * benign.size + 1e-9)
    return float(np.sort(benign)[-1 - allowed])
