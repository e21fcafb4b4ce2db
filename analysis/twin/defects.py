"""Numeric defects of the original release, put into the twin at their published numbers (scaled to its size).

Counts are those that the literature prints for the whole release; how many flows of which label they concern is
published for the zero durations and otherwise measured on excerpts, where nearly all such flows are benign. What a
defective flow looks like follows what the flow meter's arithmetic makes of it:

* zero duration: rates of zero divided by zero (NaN, 1,358 flows) or of bytes divided by zero (infinite, 1,509 more);
  1,777 of them benign. The others are DoS Hulk in the excerpts, all without bytes.
* duration below zero (115): a reply stamped a microsecond before its request, so that times and rates are negative.
* shortest inter-arrival time below zero (2,891, the 115 among them; 17 forwards as well): one microsecond in nine of
  ten such flows of the excerpts, a few in the others.
* header lengths below zero (35 forwards, 22 of them backwards too, with min_seg_size_forward): sums beyond 32 bits. The
  numbers themselves are invented.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from analysis.dataset.meter import Flows

Kinds = NDArray[np.int8]


class Kind(IntEnum):
    """What is wrong with a flow."""

    SOUND = 0
    STILL = 1
    STILL_EMPTY = 2
    BACKWARD = 3
    DISORDERED = 4
    DISORDERED_FORWARD = 5
    OVERFLOWN_FORWARD = 6
    OVERFLOWN = 7


PUBLISHED: dict[str, dict[Kind, int]] = {
    "BENIGN": {
        Kind.STILL: 1509,
        Kind.STILL_EMPTY: 1777 - 1509,
        Kind.BACKWARD: 115,
        Kind.DISORDERED: 2891 - 115 - 17,
        Kind.DISORDERED_FORWARD: 17,
        Kind.OVERFLOWN_FORWARD: 35 - 22,
        Kind.OVERFLOWN: 22,
    },
    "DoS Hulk": {Kind.STILL_EMPTY: 1358 - (1777 - 1509)},
}
"""Flows of each kind in the whole release, by label."""

MICROSECOND_SHARE = 0.9
"""Of the inter-arrival times below zero, the share of exactly one microsecond (134 of 148 in the excerpts)."""
BYTES = 6.0
"""Length of the padding that a frame too short for Ethernet carries, in bytes: all that these flows' packets hold."""


def prepare(quantities: Flows, kinds: Kinds) -> None:
    """Before columns are computed: give defective flows the packets and times that their defect presupposes."""
    still = (kinds == Kind.STILL) | (kinds == Kind.STILL_EMPTY) | (kinds == Kind.BACKWARD)
    reply = kinds == Kind.BACKWARD
    for name, column in quantities.items():
        if "IAT" in name or name.startswith(("Active", "Idle")) or name == "Flow Duration":
            column[still] = 0
        elif "Packet Length" in name:
            column[still] = 0
            if not name.endswith("Std"):
                column[reply | ((kinds == Kind.STILL) if name.startswith("Fwd") else False)] = BYTES
    quantities["Total Fwd Packets"][still] = np.where(reply[still], 1, 2)
    quantities["Total Backward Packets"][still] = np.where(reply[still], 1, 0)
    disordered = (kinds == Kind.DISORDERED) | (kinds == Kind.DISORDERED_FORWARD)
    for name in ("Total Fwd Packets", "Total Backward Packets"):
        quantities[name][disordered] = np.maximum(quantities[name][disordered], 3)


def spoil(flows: Flows, kinds: Kinds, random: np.random.Generator) -> None:
    """After columns are computed: make the times and headers of defective flows what the flow meter printed."""
    backward = kinds == Kind.BACKWARD
    for name in ("Flow Duration", "Flow IAT Mean", "Flow IAT Max", "Flow IAT Min"):
        flows[name][backward] = -1
    for name, unit in (("Flow Bytes/s", 2 * BYTES), ("Flow Packets/s", 2.0)):
        flows[name][backward] = -1e6 * unit
    disordered = np.flatnonzero((kinds == Kind.DISORDERED) | (kinds == Kind.DISORDERED_FORWARD))
    late = np.where(random.random(len(disordered)) < MICROSECOND_SHARE, 1, random.integers(2, 15, len(disordered)))
    flows["Flow IAT Min"][disordered] = -late
    forward = kinds[disordered] == Kind.DISORDERED_FORWARD
    flows["Fwd IAT Min"][disordered[forward]] = -late[forward]
    overflown = np.flatnonzero((kinds == Kind.OVERFLOWN_FORWARD) | (kinds == Kind.OVERFLOWN))
    wraps = random.integers(1, 10, len(overflown))
    flows["min_seg_size_forward"][overflown] = -(2.0**29) + random.integers(100, 900, len(overflown))
    both = kinds[overflown] == Kind.OVERFLOWN
    for name, rows, times in (
        ("Fwd Header Length", overflown, wraps),
        ("Fwd Header Length.1", overflown, wraps),
        ("Bwd Header Length", overflown[both], wraps[both]),
    ):
        flows[name][rows] -= times * 2.0**30
