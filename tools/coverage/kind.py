"""What a simulation of one kind of interval is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

RESAMPLES = 300
Generator = np.random.Generator


@dataclass(frozen=True)
class Kind:
    """One kind of interval at nominally 95%: its samples of ``flows``, whether theory promises the level, one trial."""

    flows: int
    sample: str
    promised: bool
    holds: Callable[[Generator], bool]
    meaning: str = "the interval holds the truth"
