"""A flow's columns as arrays, and those of them that others decide, as the original release's meter computes them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analysis.dataset.meter import COPIES, DIRECTIONS, Array, Flows, all_lengths

TOTALS = {"Fwd": "Total Length of Fwd Packets", "Bwd": "Total Length of Bwd Packets"}
OTHER = {"Fwd": "Bwd", "Bwd": "Fwd"}
JOINT = ("Min Packet Length", "Max Packet Length", "Packet Length Mean", "Packet Length Std", "Packet Length Variance",
         "Average Packet Size")  # fmt: skip
RATES = ("Flow Bytes/s", "Flow Packets/s", "Fwd Packets/s", "Bwd Packets/s")
DECIDED = (*COPIES, *JOINT, *RATES, "Down/Up Ratio")
"""Columns that are functions of the others; :func:`derived` computes them."""
NEEDED = (
    *("Flow Duration", *DIRECTIONS.values(), *TOTALS.values()),
    *(f"{d} Packet Length {s}" for d in DIRECTIONS for s in ("Max", "Min", "Mean", "Std")),
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
    packets = flows[DIRECTIONS["Fwd"]] + flows[DIRECTIONS["Bwd"]]
    left = flows["Packet Length Mean"] * (packets + 1) - flows[TOTALS["Fwd"]] - flows[TOTALS["Bwd"]]
    return np.clip(np.rint(left), flows["Fwd Packet Length Min"], flows["Fwd Packet Length Max"])


def derived(flows: Mapping[str, Array], first: Array) -> Flows:
    """The columns ``DECIDED`` from the others; ``first`` are the bytes of the first packet, shape (flows,).

    Deviations are those with n - 1, from both directions' moments. A rate of a flow without duration, which the release
    leaves undefined, stays as it is.
    """
    forward, backward = (flows[name] for name in DIRECTIONS.values())
    octets = flows[TOTALS["Fwd"]] + flows[TOTALS["Bwd"]]
    found = all_lengths(flows, first)
    seconds, timed = flows["Flow Duration"] / 1e6, flows["Flow Duration"] > 0
    for name, part in zip(RATES, (octets, forward + backward, forward, backward), strict=True):
        found[name] = np.divide(part, seconds, out=flows[name].copy(), where=timed)
    found["Down/Up Ratio"] = np.floor(backward / np.maximum(forward, 1))
    return found | {name: flows[other] for name, other in COPIES.items()}
