"""The symmetric-log scale on which features that span seven decades and include zero are binned and drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def symmetric_log(x: NDArray[Any] | float) -> Any:
    """sign(x) log10(1 + abs(x)): near-linear below 1, logarithmic above, zero at zero.

    >>> symmetric_log(np.array([-99, 0, 9])).tolist()
    [-2.0, 0.0, 1.0]
    """
    return np.sign(x) * np.log10(1 + np.abs(x))


def inverse_symmetric_log(y: NDArray[Any] | float) -> Any:
    """Inverse of :func:`symmetric_log`.

    >>> float(inverse_symmetric_log(-2))
    -99.0
    """
    return np.sign(y) * (10 ** np.abs(y) - 1)
