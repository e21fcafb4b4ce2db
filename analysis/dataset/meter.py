"""What the flow meter of the original release computes of a flow from its other columns, whoever asks.

Flows are arrays by canonical name: bytes, microseconds, packets, and rates a second.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flows = dict[str, Array]
"""Columns by name, all of one length."""

DIRECTIONS = {"Fwd": "Total Fwd Packets", "Bwd": "Total Backward Packets"}
"""Each direction with the column of its packets."""
COPIES = {
    "Fwd Header Length.1": "Fwd Header Length",
    "Subflow Fwd Packets": "Total Fwd Packets",
    "Subflow Bwd Packets": "Total Backward Packets",
    "Subflow Fwd Bytes": "Total Length of Fwd Packets",
    "Subflow Bwd Bytes": "Total Length of Bwd Packets",
    "Avg Fwd Segment Size": "Fwd Packet Length Mean",
    "Avg Bwd Segment Size": "Bwd Packet Length Mean",
}
"""Each with the column that it repeats: those of counts, bytes and lengths of packets."""


def all_lengths(flows: Mapping[str, Array], again: Array | None = None) -> Flows:
    """Lengths of both directions together from those of each; ``again`` are packets that the meter adds once more."""
    forward, backward = (flows[packets] for packets in DIRECTIONS.values())
    n = forward + backward
    counted = n if again is None else n + 1
    total = flows["Total Length of Fwd Packets"] + flows["Total Length of Bwd Packets"]
    total = total if again is None else total + again
    mean = total / counted
    squares = np.zeros_like(n) if again is None else again**2
    for direction, count in zip(DIRECTIONS, (forward, backward), strict=True):
        std, part = flows[f"{direction} Packet Length Std"], flows[f"{direction} Packet Length Mean"]
        squares = squares + np.maximum(count - 1, 0) * std**2 + count * part**2
    low = flows["Fwd Packet Length Min"]
    low = np.where(backward > 0, np.minimum(low, flows["Bwd Packet Length Min"]), low)
    high = np.maximum(flows["Fwd Packet Length Max"], flows["Bwd Packet Length Max"])
    variance = np.where(high > low, np.maximum(squares - counted * mean**2, 0) / np.maximum(counted - 1, 1), 0)
    return {
        "Min Packet Length": low,
        "Max Packet Length": high,
        "Packet Length Mean": mean,
        "Packet Length Std": np.sqrt(variance),
        "Packet Length Variance": variance,
        "Average Packet Size": mean * counted / n,
    }
