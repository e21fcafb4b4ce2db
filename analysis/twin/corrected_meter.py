"""What the meter of the corrected release computes otherwise than that of the original one.

Each line was measured on rows of the corrected release, where it holds in all of them up to rounding (flags: in all
but five of 43,419). The number of SYN flags is free; it is drawn as one from each side of a TCP connection.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from analysis.dataset.meter import DIRECTIONS, Array, Flows, all_lengths


def measured(flows: Mapping[str, Array], tcp: NDArray[np.bool_]) -> Flows:
    """The columns of ``flows`` (as the original meter has them) that this meter gives other numbers.

    The first packet is counted once; the down/up ratio is a fraction; a subflow is a whole part of the totals by all
    packets; counts of flags are those of both directions.
    """
    forward, backward = (flows[packets] for packets in DIRECTIONS.values())
    n, none = forward + backward, np.zeros_like(forward)
    # What the original meter counts beyond its forward flags must have come from the other side.
    push_back = np.maximum(flows["PSH Flag Count"] - flows["Fwd PSH Flags"], 0)
    return {
        **all_lengths(flows),
        "Down/Up Ratio": backward / forward,
        "Subflow Fwd Packets": forward // n,
        "Subflow Bwd Packets": backward // n,
        "Subflow Fwd Bytes": flows["Total Length of Fwd Packets"] // n,
        "Subflow Bwd Bytes": flows["Total Length of Bwd Packets"] // n,
        "Bwd PSH Flags": push_back,
        "PSH Flag Count": flows["Fwd PSH Flags"] + push_back,
        "URG Flag Count": flows["Fwd URG Flags"],
        "Fwd RST Flags": flows["RST Flag Count"],
        "Bwd RST Flags": none,
        "SYN Flag Count": np.where(tcp, 1.0 + (backward > 0), 0.0),
        "CWE Flag Count": none,
        "ECE Flag Count": none,
    }
