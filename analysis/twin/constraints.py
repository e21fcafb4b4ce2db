"""Constraints among columns: a flow from its free quantities, those that are no function of others, and back.

Measured on the real sample: taken to free quantities and back, every column agrees up to the release's own rounding
(long times to three digits) in at least 98 % of the flows, and all but seven of them in 99.99 %. Bytes of header are
kept per packet, because they grow with the packets.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analysis.dataset.meter import COPIES, DIRECTIONS, Array, Flows, all_lengths

FIRST = "First packet position"
"""Length of the first packet as its place between the shortest (0) and the longest (1) forward packet."""
WHOLE = 2e8
"""Stands for a total of inter-arrival times that is the whole duration (longer than any flow, in microseconds)."""
MOST_FIELD, LONGEST = 2**16 - 1, 120_000_000
"""Largest number of a 16-bit field; microseconds after which the flow meter ends a flow."""

_COPIED = (
    *("Destination Port", "Flow Duration", "Total Fwd Packets", "Total Backward Packets"),
    *("Fwd PSH Flags", "Fwd URG Flags", "FIN Flag Count", "RST Flag Count", "PSH Flag Count", "ACK Flag Count"),
    *("URG Flag Count", "Init_Win_bytes_forward", "Init_Win_bytes_backward"),
    *("act_data_pkt_fwd", "min_seg_size_forward"),
)
_LENGTHS = tuple(f"{d} Packet Length {s}" for d in DIRECTIONS for s in ("Max", "Min", "Mean", "Std"))
_TIMES = tuple(f"{d} IAT {s}" for d in ("Flow", "Fwd", "Bwd") for s in ("Max", "Min", "Std"))
_PAUSES = tuple(f"{d} {s}" for d in ("Active", "Idle") for s in ("Max", "Min", "Mean", "Std"))
_RELATIVE = (FIRST, *(f"{d} {q}" for d in DIRECTIONS for q in ("IAT Total", "header a packet")))
FREE = (*_COPIED, *_LENGTHS, *_TIMES, *_PAUSES, *_RELATIVE)
"""The quantities that a behaviour describes; all other columns follow from them."""

MOST = dict.fromkeys(("Destination Port", "Init_Win_bytes_forward", "Init_Win_bytes_backward"), MOST_FIELD) | {
    "Flow Duration": LONGEST
}
"""The most that a copied quantity can be: a behaviour's outermost mean reaches as far outwards as inwards."""

NEEDED = (
    *(*_COPIED, *_LENGTHS, *_TIMES, *_PAUSES, "Packet Length Mean"),
    *(f"{d} {q}" for d in DIRECTIONS for q in ("IAT Total", "Header Length")),
    *(f"Total Length of {d} Packets" for d in DIRECTIONS),
)
"""Columns of a full flow that its free quantities are computed from."""

SAME = {
    **COPIES,
    "SYN Flag Count": "Fwd PSH Flags",
    "CWE Flag Count": "Fwd URG Flags",
    "ECE Flag Count": "RST Flag Count",
}
"""Columns that are copies of another one."""


def _ratio(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def free(flows: Mapping[str, Array]) -> Flows:
    """The free quantities of full flows: inverse of :func:`complete`, up to rounding."""
    result = {name: flows[name] for name in (*_COPIED, *_LENGTHS, *_TIMES, *_PAUSES)}
    forward, backward = (flows[packets] for packets in DIRECTIONS.values())
    total = flows["Total Length of Fwd Packets"] + flows["Total Length of Bwd Packets"]
    first = flows["Packet Length Mean"] * (forward + backward + 1) - total
    low, high = flows["Fwd Packet Length Min"], flows["Fwd Packet Length Max"]
    result[FIRST] = np.clip(np.round(_ratio(first - low, high - low), 3), 0, 1)
    for direction, packets in DIRECTIONS.items():
        time = flows[f"{direction} IAT Total"]
        # The release rounds long times to three digits, so the whole duration shows as anything from .995 of it on.
        whole = (time >= flows["Flow Duration"]) | ((time >= 1e7) & (time > 0.995 * flows["Flow Duration"]))
        result[f"{direction} IAT Total"] = np.where(whole, WHOLE, time)
        result[f"{direction} header a packet"] = _ratio(flows[f"{direction} Header Length"], flows[packets])
    return result


def complete(quantities: Mapping[str, Array]) -> Flows:
    """Full flows from free quantities: repairs what contradicts (a minimum above its maximum), computes the rest.

    No flow has a port or window beyond 16 bits, or lasts longer than the flow meter lets it.
    """
    flows = {name: np.minimum(np.rint(quantities[name]), MOST.get(name, np.inf)) for name in _COPIED}
    for direction, packets in DIRECTIONS.items():
        # Packets of different length need two packets: the spread of lengths matters more than the count.
        least = np.where(quantities[f"{direction} Packet Length Std"] > 0, 2, 1 if direction == "Fwd" else 0)
        flows[packets] = np.maximum(flows[packets], least)
    forward, backward = (flows[packets] for packets in DIRECTIONS.values())
    flows["Total Fwd Packets"] = forward = np.where(forward + backward < 2, 2, forward)
    for direction, count in zip(DIRECTIONS, (forward, backward), strict=True):
        flows |= _lengths(direction, count, *(quantities[f"{direction} Packet Length {s}"] for s in _STATISTICS))
        flows[f"{direction} Header Length"] = np.rint(quantities[f"{direction} header a packet"] * count)
    flows |= _all_lengths(flows, quantities[FIRST])
    flows["act_data_pkt_fwd"] = np.clip(flows["act_data_pkt_fwd"], 0, forward)
    # Exactly 0 is a flow of zero duration by intent; anything else lasts a microsecond at least.
    moving = quantities["Flow Duration"] != 0
    flows["Flow Duration"] = np.where(moving, np.maximum(flows["Flow Duration"], 1), 0)
    flows |= _times(quantities, flows)
    for state in ("Active", "Idle"):
        flows |= _pauses(state, *(quantities[f"{state} {s}"] for s in _STATISTICS))
    flows["Down/Up Ratio"] = np.floor(backward / forward)
    return flows | _rates(flows) | {name: flows[other] for name, other in SAME.items()}


_STATISTICS = ("Max", "Min", "Mean", "Std")


def _rates(flows: Mapping[str, Array]) -> Flows:
    """Bytes and packets a second; where the duration is zero, what the release's own division gives."""
    total = flows["Total Length of Fwd Packets"] + flows["Total Length of Bwd Packets"]
    forward, backward = (flows[packets] for packets in DIRECTIONS.values())
    seconds = flows["Flow Duration"] / 1e6
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "Flow Bytes/s": total / seconds,
            "Flow Packets/s": (forward + backward) / seconds,
            "Fwd Packets/s": _ratio(forward, seconds),
            "Bwd Packets/s": _ratio(backward, seconds),
        }


def _lengths(direction: str, count: Array, high: Array, low: Array, mean: Array, std: Array) -> Flows:
    """Lengths of the packets of one direction in bytes; standard deviation with n - 1."""
    spread = std > 0
    high, low = np.rint(high), np.rint(np.minimum(low, high))
    widen = spread & (high == low)
    high = np.where(widen, np.rint(mean + std), high)
    low = np.where(widen, np.maximum(np.rint(mean - std), 0), low)
    high = np.where(spread, high, np.rint(mean))
    low = np.where(spread, low, high)
    high, low = np.where(count > 0, high, 0), np.where(count > 0, low, 0)
    total = np.clip(np.rint(mean * count), low * (count - 1) + high, high * (count - 1) + low)
    total = np.where(count > 1, total, high * count)
    low = np.where(count == 2, total - high, low)
    mean = _ratio(total, count)
    std = _bounded_std(std, high, low, mean, count)
    names = [f"{direction} Packet Length {s}" for s in _STATISTICS]
    length = "Total Length of Fwd Packets" if direction == "Fwd" else "Total Length of Bwd Packets"
    return dict(zip([*names, length], (high, low, mean, std, total), strict=True))


def _bounded_std(std: Array, high: Array, low: Array, mean: Array, count: Array) -> Array:
    """A standard deviation (n - 1) that ``count`` numbers of this maximum, minimum and mean can have."""
    n = np.maximum(count, 2)
    others = np.where(count > 2, (mean * n - high - low) / np.maximum(n - 2, 1), mean)
    ends = (high - mean) ** 2 + (low - mean) ** 2
    least = np.sqrt((ends + (n - 2) * (others - mean) ** 2) / (n - 1))
    most = np.sqrt(np.maximum((high - mean) * (mean - low), 0) * n / (n - 1))
    # With two or three numbers the ends and the mean leave no choice.
    return np.where((count < 2) | (high == low), 0, np.where(count <= 3, least, np.clip(std, least, most)))


def _all_lengths(flows: Mapping[str, Array], first: Array) -> Flows:
    """Lengths of both directions together, in which the release counts the first packet twice."""
    low, high = flows["Fwd Packet Length Min"], flows["Fwd Packet Length Max"]
    return all_lengths(flows, np.rint(low + np.clip(first, 0, 1) * (high - low)))


def _times(quantities: Mapping[str, Array], flows: Mapping[str, Array]) -> Flows:
    """Inter-arrival times of the flow and of both directions, in microseconds."""
    forward, backward = (flows[packets] for packets in DIRECTIONS.values())
    duration = flows["Flow Duration"]
    counts = {"Flow": forward + backward, "Fwd": forward, "Bwd": backward}
    result: Flows = {}
    for direction, count in counts.items():
        gaps = np.maximum(count - 1, 0)
        total = duration if direction == "Flow" else np.minimum(np.rint(quantities[f"{direction} IAT Total"]), duration)
        total = np.where(gaps > 0, total, 0)
        mean = _ratio(total, gaps)
        # The other gaps have to fit between the shortest and the longest; with two gaps that leaves no choice.
        others = np.maximum(gaps - 1, 1)
        low = np.clip(np.rint(quantities[f"{direction} IAT Min"]), 0, np.floor(mean))
        least, most = np.ceil((total - low) / others), total - others * low
        high = np.clip(np.rint(quantities[f"{direction} IAT Max"]), least, most)
        low = np.where(gaps < 2, total, low)
        high = np.where(gaps < 2, total, high)
        std = _bounded_std(quantities[f"{direction} IAT Std"], high, low, mean, gaps)
        result |= {f"{direction} IAT {s}": x for s, x in zip(_STATISTICS, (high, low, mean, std), strict=True)}
        if direction != "Flow":
            result[f"{direction} IAT Total"] = total
    return result


def _pauses(state: str, high: Array, low: Array, mean: Array, std: Array) -> Flows:
    """Times of activity or idleness in microseconds: ordered, and without spread where one value is all."""
    high = np.minimum(np.rint(high), LONGEST)
    mean = np.minimum(mean, high)
    low = np.minimum(np.rint(low), mean)
    single = (std <= 0) | (mean <= 0) | (high == low)
    high = np.where(single, np.rint(mean), high)
    low, mean = np.where(single, high, low), np.where(single, high, mean)
    std = np.where(single, 0, np.minimum(std, (high - low) / np.sqrt(2)))  # the most that numbers in a range can have
    return {f"{state} {s}": x for s, x in zip(_STATISTICS, (high, low, mean, std), strict=True)}
