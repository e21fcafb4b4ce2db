"""Packets, and what the meter of the original release makes of them: the route that no action takes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

HEADER = 20


@dataclass(frozen=True)
class Packets:
    """One flow: times in whole microseconds in ascending order, bytes of payload, and which packets are forward."""

    times: np.ndarray
    sizes: np.ndarray
    forward: np.ndarray

    def of(self, direction: str) -> np.ndarray:
        """Which packets are of a direction."""
        return self.forward if direction == "Fwd" else ~self.forward

    def padded(self, size: int, direction: str) -> Packets:
        """Every packet of the direction longer."""
        return replace(self, sizes=self.sizes + size * self.of(direction))

    def more(self, packets: int, size: int, direction: str) -> Packets:
        """Further packets at the moment of the direction's last one."""
        at = np.flatnonzero(self.of(direction))[-1] + 1
        return Packets(
            np.insert(self.times, at, [self.times[at - 1]] * packets),
            np.insert(self.sizes, at, [size] * packets),
            np.insert(self.forward, at, [direction == "Fwd"] * packets),
        )

    def slower(self, factor: int, direction: str) -> Packets:
        """Every gap of the direction longer; what follows a packet of it follows as quickly as before."""
        own = self.of(direction)
        gaps = np.zeros(self.times.size, dtype=int)
        gaps[np.flatnonzero(own)[1:]] = (factor - 1) * np.diff(self.times[own])
        return replace(self, times=self.times + np.cumsum(gaps))


def metered(packets: Packets, meter: str = "twice") -> dict[str, np.ndarray]:
    """The columns of a flow, each of shape (1,), as the meter of the original release computes them, or ``once`` that
    of the corrected one."""
    found: dict[str, float] = {"Flow Duration": packets.times[-1] - packets.times[0]}
    seconds = found["Flow Duration"] / 1e6
    counts = {}
    for d, count, total in (("Fwd", "Total Fwd Packets", "Total Length of Fwd Packets"),
                            ("Bwd", "Total Backward Packets", "Total Length of Bwd Packets")):  # fmt: skip
        sizes = packets.sizes[packets.of(d)]
        counts[d] = found[count] = sizes.size
        found[total] = sizes.sum()
        found |= described(f"{d} Packet Length", sizes) | described(f"{d} IAT", np.diff(packets.times[packets.of(d)]))
        found[f"{d} IAT Total"] = np.diff(packets.times[packets.of(d)]).sum()
        found[f"{d} Header Length"] = HEADER * sizes.size
        short = {"Fwd": "Fwd", "Bwd": "Bwd"}[d]
        per = 1 if meter == "twice" else packets.sizes.size
        found |= {f"Subflow {short} Packets": sizes.size // per, f"Subflow {short} Bytes": sizes.sum() // per,
                  f"Avg {short} Segment Size": found[f"{d} Packet Length Mean"],
                  f"{short} Packets/s": sizes.size / seconds if seconds else 0.0}  # fmt: skip
    found |= described("Flow IAT", np.diff(packets.times))
    twice = np.append(packets.sizes, packets.sizes[0]) if meter == "twice" else packets.sizes
    down_up = counts["Bwd"] // counts["Fwd"] if meter == "twice" else counts["Bwd"] / counts["Fwd"]
    moments = (twice.mean(), twice.std(ddof=1), twice.var(ddof=1))
    found |= dict(zip(("Packet Length Mean", "Packet Length Std", "Packet Length Variance"), moments, strict=True))
    found |= {
        "Min Packet Length": packets.sizes.min(), "Max Packet Length": packets.sizes.max(),
        "Average Packet Size": twice.sum() / packets.sizes.size, "Down/Up Ratio": down_up,
        "Flow Bytes/s": packets.sizes.sum() / seconds if seconds else 0.0,
        "Flow Packets/s": packets.sizes.size / seconds if seconds else 0.0,
        "Fwd Header Length.1": found["Fwd Header Length"], "min_seg_size_forward": HEADER,
        "act_data_pkt_fwd": np.count_nonzero(packets.sizes[packets.forward][1:]),
    }  # fmt: skip
    if meter == "once":
        del found["Fwd Header Length.1"]
        found["Total TCP Flow Time"] = found["Flow Duration"]
    return {name: np.array([float(value)]) for name, value in found.items()}


def described(name: str, numbers: np.ndarray) -> dict[str, float]:
    """Maximum, minimum, mean and deviation (n - 1), 0 where there are too few numbers."""
    if not numbers.size:
        return {f"{name} {what}": 0.0 for what in ("Max", "Min", "Mean", "Std")}
    std = numbers.std(ddof=1) if numbers.size > 1 else 0.0
    return {f"{name} Max": numbers.max(), f"{name} Min": numbers.min(), f"{name} Mean": numbers.mean(),
            f"{name} Std": std}  # fmt: skip
