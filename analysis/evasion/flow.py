"""A flow's columns as arrays, and those of them that others decide, as the meter of its release computes them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analysis.dataset.meter import COPIES, DIRECTIONS, Array, Flows, all_lengths

TOTALS = {"Fwd": "Total Length of Fwd Packets", "Bwd": "Total Length of Bwd Packets"}
OTHER = {"Fwd": "Bwd", "Bwd": "Fwd"}
JOINT = ("Min Packet Length", "Max Packet Length", "Packet Length Mean", "Packet Length Std", "Packet Length Variance",
         "Average Packet Size")  # fmt: skip
RATES = ("Flow Bytes/s", "Flow Packets/s", "Fwd Packets/s", "Bwd Packets/s")
TWICE, ONCE = "twice", "once"
"""Meters, by how often they add the length of a flow's first packet: that of the original release, that of the
corrected one (:mod:`analysis.twin.corrected_meter` says what else it does otherwise)."""
SEGMENTS = {name: other for name, other in COPIES.items() if name.endswith("Segment Size")}
NEEDED = (
    *("Flow Duration", *DIRECTIONS.values(), *TOTALS.values()),
    *(f"{d} Packet Length {s}" for d in DIRECTIONS for s in ("Max", "Min", "Mean", "Std")),
    *(f"{d} IAT {s}" for d in ("Flow", "Fwd", "Bwd") for s in ("Mean", "Std", "Max", "Min")),
    *("Fwd IAT Total", "Bwd IAT Total", "Fwd Header Length", "Bwd Header Length"),
    *("act_data_pkt_fwd", "min_seg_size_forward", "Packet Length Mean"),
)
"""Columns without which flows cannot be acted on; all others are left as they are or, where they are there, follow."""


def first_packet(flows: Mapping[str, Array]) -> Array:
    """Bytes of each flow's first packet, which the meter of the original release adds twice; shape (flows,).

    What the mean of all lengths leaves, kept between the least and the greatest forward length.
    """
    packets = flows[DIRECTIONS["Fwd"]] + flows[DIRECTIONS["Bwd"]]
    left = flows["Packet Length Mean"] * (packets + 1) - flows[TOTALS["Fwd"]] - flows[TOTALS["Bwd"]]
    return np.clip(np.rint(left), flows["Fwd Packet Length Min"], flows["Fwd Packet Length Max"])


def derived(flows: Mapping[str, Array], first: Array, meter: str = TWICE) -> Flows:
    """Columns that are functions of others; ``first`` are the bytes of the first packet, shape (flows,).

    Deviations are those with n - 1, from both directions' moments. A rate of a flow without duration, which the release
    leaves undefined, stays as it is.
    """
    forward, backward = (flows[name] for name in DIRECTIONS.values())
    octets = flows[TOTALS["Fwd"]] + flows[TOTALS["Bwd"]]
    found = all_lengths(flows, first if meter == TWICE else None)
    seconds, timed = flows["Flow Duration"] / 1e6, flows["Flow Duration"] > 0
    for name, part in zip(RATES, (octets, forward + backward, forward, backward), strict=True):
        if name in flows:
            found[name] = np.divide(part, seconds, out=flows[name].copy(), where=timed)
    ratio = backward / np.maximum(forward, 1)
    if meter == TWICE:
        return found | {"Down/Up Ratio": np.floor(ratio)} | {name: flows[other] for name, other in COPIES.items()}
    packets = np.maximum(forward + backward, 1)
    for direction in DIRECTIONS:
        found[f"Subflow {direction} Packets"] = np.floor(flows[DIRECTIONS[direction]] / packets)
        found[f"Subflow {direction} Bytes"] = np.floor(flows[TOTALS[direction]] / packets)
    return found | {"Down/Up Ratio": ratio} | {name: flows[other] for name, other in SEGMENTS.items()}
