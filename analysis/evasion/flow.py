"""A flow's columns as arrays, and those of them that others decide, as the original release's meter computes them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flows = dict[str, Array]
"""Columns by canonical name, all of shape (flows,): bytes, microseconds, packets, and rates a second."""

PACKETS = {"Fwd": "Total Fwd Packets", "Bwd": "Total Backward Packets"}
TOTALS = {"Fwd": "Total Length of Fwd Packets", "Bwd": "Total Length of Bwd Packets"}
OTHER = {"Fwd": "Bwd", "Bwd": "Fwd"}
COPIES = {
    "Fwd Header Length.1": "Fwd Header Length",
    "Subflow Fwd Packets": "Total Fwd Packets",
    "Subflow Bwd Packets": "Total Backward Packets",
    "Subflow Fwd Bytes": "Total Length of Fwd Packets",
    "Subflow Bwd Bytes": "Total Length of Bwd Packets",
    "Avg Fwd Segment Size": "Fwd Packet Length Mean",
    "Avg Bwd Segment Size": "Bwd Packet Length Mean",
}
"""Columns that are copies of one which an action can change."""
JOINT = ("Min Packet Length", "Max Packet Length", "Packet Length Mean", "Packet Length Std", "Packet Length Variance",
         "Average Packet Size")  # fmt: skip
RATES = ("Flow Bytes/s", "Flow Packets/s", "Fwd Packets/s", "Bwd Packets/s")
DECIDED = (*COPIES, *JOINT, *RATES, "Down/Up Ratio")
"""Columns that are functions of the others; :func:`derived` computes them."""
NEEDED = (
    *("Flow Duration", *PACKETS.values(), *TOTALS.values()),
    *(f"{d} Packet Length {s}" for d in PACKETS for s in ("Max", "Min", "Mean", "Std")),
    *(f"{d} IAT {s}" for d in ("Flow", "Fwd", "Bwd") for s in ("Mean", "Std", "Max", "Min")),
    *("Fwd IAT Total", "Bwd IAT Total", "Fwd Header Length", "Bwd Header Length"),
    *("act_data_pkt_fwd", "min_seg_size_forward"),
    *DECIDED,
)
"""Columns without which flows cannot be acted on."""


def first_packet(flows: Mapping[str, Array]) -> Array:
    """Bytes of each flow's first packet, which the meter of the original release adds twice; shape (flows,).

    What the mean of all lengths leaves, kept between the least and the greatest forward length.
    """
    packets = flows[PACKETS["Fwd"]] + flows[PACKETS["Bwd"]]
    left = flows["Packet Length Mean"] * (packets + 1) - flows[TOTALS["Fwd"]] - flows[TOTALS["Bwd"]]
    return np.clip(np.rint(left), flows["Fwd Packet Length Min"], flows["Fwd Packet Length Max"])


def derived(flows: Mapping[str, Array], first: Array) -> Flows:
    """The columns ``DECIDED`` from the others; ``first`` are the bytes of the first packet, shape (flows,).

    Deviations are those with n - 1, from both directions' moments. A rate of a flow without duration, which the release
    leaves undefined, stays as it is.
    """
    counts = {d: flows[name] for d, name in PACKETS.items()}
    packets = counts["Fwd"] + counts["Bwd"]
    octets = flows[TOTALS["Fwd"]] + flows[TOTALS["Bwd"]]
    low, high = flows["Fwd Packet Length Min"], flows["Fwd Packet Length Max"]
    low = np.where(counts["Bwd"] > 0, np.minimum(low, flows["Bwd Packet Length Min"]), low)
    high = np.maximum(high, flows["Bwd Packet Length Max"])
    mean = (octets + first) / (packets + 1)
    squares = first**2
    for d, count in counts.items():
        squares = squares + np.maximum(count - 1, 0) * flows[f"{d} Packet Length Std"] ** 2
        squares = squares + count * flows[f"{d} Packet Length Mean"] ** 2
    variance = np.where(high > low, np.maximum(squares - (packets + 1) * mean**2, 0) / np.maximum(packets, 1), 0)
    found = dict(zip(JOINT, (low, high, mean, np.sqrt(variance), variance, (octets + first) / packets), strict=True))
    seconds, timed = flows["Flow Duration"] / 1e6, flows["Flow Duration"] > 0
    for name, part in zip(RATES, (octets, packets, counts["Fwd"], counts["Bwd"]), strict=True):
        found[name] = np.divide(part, seconds, out=flows[name].copy(), where=timed)
    found["Down/Up Ratio"] = np.floor(counts["Bwd"] / np.maximum(counts["Fwd"], 1))
    return found | {name: flows[other] for name, other in COPIES.items()}
