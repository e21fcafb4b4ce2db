"""Real flows that must not come out: a bit map that can refuse a drawn flow and cannot give one back.

Each flow is hashed to one bit of a few million (a Bloom filter with one hash). A drawn flow whose bit is set is drawn again,
so no flow that occurs fewer than ten times in the calibration rows leaves the generator; the few per cent of other
flows that share a bit with one are lost with them, which is why a set bit says nothing about a particular flow.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from analysis.dataset.identities import Flows

BITS = 21
"""Logarithm of the number of bits, at least; more where more than FILLED of them would be set."""
FILLED = 0.04
RARE = 10
INTEGRAL = (
    *("Destination Port", "Flow Duration", "Total Fwd Packets", "Total Backward Packets"),
    *("Total Length of Fwd Packets", "Total Length of Bwd Packets"),
    *(f"{d} Packet Length {s}" for d in ("Fwd", "Bwd") for s in ("Max", "Min")),
    *("Fwd Header Length", "Bwd Header Length", "Init_Win_bytes_forward", "Init_Win_bytes_backward"),
    *("FIN Flag Count", "RST Flag Count", "PSH Flag Count", "ACK Flag Count", "URG Flag Count", "Fwd PSH Flags"),
    *("act_data_pkt_fwd", "min_seg_size_forward"),
)
"""Whole-number columns that tell flows apart and are printed alike in every copy of the release."""


def keys(flows: Mapping[str, NDArray[np.float64]]) -> NDArray[np.uint64]:
    """A 64-bit hash of each flow's whole-number columns; equal flows have equal keys."""
    result = np.zeros(len(flows[INTEGRAL[0]]), dtype=np.uint64)
    for name in INTEGRAL:
        result = (result ^ flows[name].astype(np.int64).astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        result ^= result >> np.uint64(29)
    return result


def rare(flows: Mapping[str, NDArray[np.float64]]) -> NDArray[np.uint64]:
    """Keys of the flows that occur fewer than ten times."""
    found, counts = np.unique(keys(flows), return_counts=True)
    return found[counts < RARE]


def bit_map(rare_keys: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """The bit map of these keys, packed eight bits to a byte."""
    size = max(BITS, int(np.ceil(np.log2(max(len(rare_keys), 1) / FILLED))))
    bits = np.zeros(1 << size, dtype=np.uint8)
    bits[rare_keys >> np.uint64(64 - size)] = 1
    return np.packbits(bits)


def refused(flows: Flows, packed: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which flows fall on a set bit."""
    size = (8 * len(packed)).bit_length() - 1
    bit = keys(flows) >> np.uint64(64 - size)
    mask = np.uint8(128) >> (bit & np.uint64(7)).astype(np.uint8)
    hit: NDArray[np.bool_] = (packed[bit >> np.uint64(3)] & mask) != 0
    return hit
