"""Detectors of drift: whether the flows of a window look other than those of a reference.

Each column is compared by the two-sample Kolmogorov-Smirnov test, adjusted by Holm's method. It looks at whole windows,
since a file of a day tells no order of its flows, which detectors that read a stream (Bifet and Gavaldà 2007) need.
"""

from __future__ import annotations

import numpy as np

from analysis.statistics.kolmogorov_smirnov import holm

LEVEL = 0.001
"""Of the test, after Holm's adjustment over the columns."""
FLOWS = 1_000
"""Flows of either side that are compared at most, so that more flows do not ring more."""


def rings(reference: np.ndarray, seen: np.ndarray, generator: np.random.Generator) -> bool:
    """Whether a column of ``seen`` (m, k) is distributed otherwise than in ``reference`` (n, k)."""
    from scipy.stats import ks_2samp

    few, now = (_few(side, generator) for side in (reference, seen))
    if not few.size or not now.size:
        return False
    p = [ks_2samp(few[:, i], now[:, i], method="asymp").pvalue for i in range(few.shape[1])]
    return bool((holm(np.array(p)) < LEVEL).any())


def _few(flows: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """At most :data:`FLOWS` of the flows, drawn at random."""
    return flows if len(flows) <= FLOWS else flows[generator.choice(len(flows), FLOWS, replace=False)]
