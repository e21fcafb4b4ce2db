"""A bit map of rare real flows, which the twin must not draw; no flow can be read from it.

Why there is one: flows of two or three small packets are few in kind, and statistics of ten rows and more, however
coarse, draw some of them anew. Measured without the map, 2,192 of 300,000 drawn flows equal a real one that occurs
fewer than ten times in all whole-number columns, 883 of them in all 78 features: short DNS queries, empty DoS Hulk
flows, every fourth FTP-Patator. No rule about single columns prevents that, since each of the values is common and only
their combination is rare; and a last digit that no real flow has would make the rows differ as printed and give them
away all the same.

What it is: each flow that occurs fewer than ten times in the real rows at hand, held-out ones included, is hashed to
one bit of a few million (a Bloom filter with one hash), by its whole-number columns where it is rare in these already
and else by all columns. A drawn flow whose bit is set is drawn again, so that none of them leaves the generator; the
few per cent of other flows that share a bit with one are lost with them. :mod:`analysis.twin.calibration.disclosure`
makes it.

What it reveals: the map is no statistic; it is derived from single rows, and the only part of the parameters that is.
It names no row and no value. Who guesses a flow in all its columns can look it up: an unset bit says that it is not
among the rare rows at hand, a set bit that it may be, as is so for a few per cent of all flows there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.dataset.meter import Flows
from analysis.twin.constraints import NEEDED

INTEGRAL = (
    *("Destination Port", "Flow Duration", "Total Fwd Packets", "Total Backward Packets"),
    *("Total Length of Fwd Packets", "Total Length of Bwd Packets"),
    *(f"{d} Packet Length {s}" for d in ("Fwd", "Bwd") for s in ("Max", "Min")),
    *("Fwd Header Length", "Bwd Header Length", "Init_Win_bytes_forward", "Init_Win_bytes_backward"),
    *("FIN Flag Count", "RST Flag Count", "PSH Flag Count", "ACK Flag Count", "URG Flag Count", "Fwd PSH Flags"),
    *("act_data_pkt_fwd", "min_seg_size_forward"),
)
"""Whole-number columns that tell flows apart and are printed alike in every copy of the release."""
_ODD = np.uint64(0x9E3779B97F4A7C15)

Keys = NDArray[np.uint64]


@dataclass(frozen=True)
class Avoidance:
    """The bit map, eight bits to a byte, and the salt that decides which bit a flow has."""

    packed: NDArray[np.uint8]
    salt: int = 0

    def refused(self, flows: Flows) -> NDArray[np.bool_]:
        """Which flows fall on a set bit, by their whole-number columns or by all that tell flows apart."""
        size = (8 * len(self.packed)).bit_length() - 1
        hit: NDArray[np.bool_] = np.zeros(len(flows[INTEGRAL[0]]), dtype=bool)
        for found in keys(flows):
            bit = places(found, self.salt, size)
            mask = np.uint8(128) >> (bit & np.uint64(7)).astype(np.uint8)
            hit |= (self.packed[bit >> np.uint64(3)] & mask) != 0
        return hit


def keys(flows: Mapping[str, NDArray[np.float64]]) -> tuple[Keys, Keys]:
    """Two 64-bit hashes of each flow: of its whole-number columns, and of these with all that others follow from."""
    whole = np.zeros(len(flows[INTEGRAL[0]]), dtype=np.uint64)
    for name in INTEGRAL:
        whole = _mixed(whole, flows[name].astype(np.int64).astype(np.uint64))
    every = whole.copy()
    for name in NEEDED:
        if name not in INTEGRAL:
            # Seven digits: copies of the release print the last ones differently. Zero has a sign, which is dropped.
            digits = (flows[name] + 0.0).astype(np.float32).view(np.uint32)
            every = _mixed(every, digits.astype(np.uint64))
    return whole, every


def _mixed(before: Keys, column: Keys) -> Keys:
    result = (before ^ column) * _ODD
    return result ^ (result >> np.uint64(29))


def places(found: Keys, salt: int, size: int) -> Keys:
    """The bit of each key, of 2 to the power of ``size`` bits that are placed by ``salt``."""
    mixed = (found ^ np.uint64(salt)) * _ODD
    return (mixed ^ (mixed >> np.uint64(31))) * _ODD >> np.uint64(64 - size)
