"""What an attacker does to a flow: pad packets, send more of them, wait longer; every dependent column follows.

Each action is a function from flows to flows. ``Fwd`` is what the sender of the flow decides on, ``Bwd`` the same for
one who owns the other end or chooses what it answers. Amounts are one number or one a flow; a flow for which a limit
leaves less gets what is left. Flags and windows stay as they are, and so does what the other side sends: that a
server answers otherwise when it is asked otherwise is not in a flow's record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.dataset.meter import DIRECTIONS, Array, Flows
from analysis.evasion.flow import OTHER, TOTALS, TWICE, derived, first_packet

MOST_PAYLOAD = 1460
"""Bytes that a TCP segment carries over Ethernet (MTU of 1500, less two headers of 20: RFC 894, RFC 9293)."""
TIMEOUT = 120_000_000
"""Microseconds after which the flow meter ends a flow."""
IDLE = 5_000_000
"""Microseconds of a gap from which the meter calls a flow idle. A gap stays below it, because a flow's record does not
tell what its columns of activity would become."""
COSTLY = (
    "Flow Duration", "Flow IAT Max", "min_seg_size_forward", *DIRECTIONS.values(), *TOTALS.values(),
    *(f"{d} {what}" for d in DIRECTIONS for what in ("IAT Total", "IAT Max", "Packet Length Max", "Header Length")),
)  # fmt: skip
"""Columns that say what an action adds."""
CONNECTED = "Total TCP Flow Time"
"""Microseconds that a connection has lasted by the end of the flow, in the corrected release."""


def pad(flows: Mapping[str, Array], size: ArrayLike, direction: str = "Fwd", *, meter: str = TWICE) -> Flows:
    """Every packet of a direction longer by ``size`` bytes, as far as the longest of them has room."""
    count, more = flows[DIRECTIONS[direction]], _longer(flows, size, direction)
    new = dict(flows)
    new[TOTALS[direction]] = flows[TOTALS[direction]] + count * more
    for what in ("Max", "Min", "Mean"):
        new[f"{direction} Packet Length {what}"] = flows[f"{direction} Packet Length {what}"] + more
    first = first_packet(flows)
    if direction == "Fwd":
        first = first + more
        # The meter does not count a flow's first packet among those with data.
        new["act_data_pkt_fwd"] = np.maximum(flows["act_data_pkt_fwd"], count - 1)
    return _completed(flows, new, first, more > 0, meter)


def add(
    flows: Mapping[str, Array], packets: ArrayLike, size: ArrayLike, direction: str = "Fwd", *, meter: str = TWICE
) -> Flows:
    """Further ``packets`` of ``size`` bytes in a burst behind one of the same direction.

    Their gaps are 0 to the meter, which counts whole microseconds: the 12 that 1460 bytes take at a gigabit a second
    are left out. In a direction that has no packet none is added: nothing says what its handshake would look like.
    """
    count = flows[DIRECTIONS[direction]]
    more, octets = _further(flows, packets, size, direction)
    new, name = dict(flows), f"{direction} Packet Length"
    new[DIRECTIONS[direction]] = count + more
    new[TOTALS[direction]] = flows[TOTALS[direction]] + more * octets
    new[f"{name} Max"] = np.maximum(flows[f"{name} Max"], octets)
    new[f"{name} Min"] = np.minimum(flows[f"{name} Min"], octets)
    new[f"{name} Mean"], new[f"{name} Std"] = _with(flows, name, count, more, octets)
    gaps = {direction: np.maximum(count - 1, 0), "Flow": flows[DIRECTIONS["Fwd"]] + flows[DIRECTIONS["Bwd"]] - 1}
    for which, n in gaps.items():
        times = f"{which} IAT"
        new[f"{times} Mean"], new[f"{times} Std"] = _with(flows, times, n, more, np.zeros_like(count))
        new[f"{times} Min"] = np.zeros_like(count)
    new[f"{direction} Header Length"] = flows[f"{direction} Header Length"] + more * header(flows, direction)
    if direction == "Fwd":
        new["act_data_pkt_fwd"] = flows["act_data_pkt_fwd"] + more * (octets > 0)
    return _completed(flows, new, first_packet(flows), more > 0, meter)


def stretch(
    flows: Mapping[str, Array],
    factor: ArrayLike,
    direction: str = "Fwd",
    *,
    late: ArrayLike = False,
    meter: str = TWICE,
) -> Flows:
    """Every gap between packets of a direction ``factor`` (at least 1) times as long; the other side is as quick.

    Exact are the direction's own times, the duration, the mean gap and the rates. Of the flow's other gaps and of those
    of the other direction a record bounds what they become: this gives the lower ends of the bounds, or the upper ones
    where ``late`` (one for all, or one a flow). An attacker can count only on what holds at both. Deviations: a sum's
    lies between the difference and the sum of its parts' deviations (triangle inequality), and that of numbers from 0
    on is at most their sum over the root of their count. Flows that the meter calls
    idle, or that would last past its timeout, have less or none.
    """
    own, others = f"{direction} IAT", f"{OTHER[direction]} IAT"
    total, longest = flows[f"{own} Total"], flows[f"{own} Max"]
    count, answers = flows[DIRECTIONS[direction]], flows[DIRECTIONS[OTHER[direction]]]
    duration, gaps = flows["Flow Duration"], count + answers - 1
    beyond = _slower(flows, factor, direction)
    new = dict(flows)
    new[f"{own} Total"] = total + np.floor(beyond * total)
    delay = new[f"{own} Total"] - total
    beyond = np.divide(delay, total, out=np.zeros_like(total), where=total > 0)  # what whole microseconds leave of it
    new[f"{own} Mean"] = new[f"{own} Total"] / np.maximum(count - 1, 1)
    new[f"{own} Std"] = flows[f"{own} Std"] * (1 + beyond)
    # Rounded to microseconds, they stay on either side of the mean.
    new[f"{own} Max"] = np.clip(np.rint(longest * (1 + beyond)), np.ceil(new[f"{own} Mean"]), new[f"{own} Total"])
    new[f"{own} Min"] = np.minimum(np.rint(flows[f"{own} Min"] * (1 + beyond)), np.floor(new[f"{own} Mean"]))
    new["Flow Duration"] = duration + delay
    if CONNECTED in flows:
        new[CONNECTED] = flows[CONNECTED] + delay * (flows[CONNECTED] > 0)
    new["Flow IAT Mean"] = new["Flow Duration"] / np.maximum(gaps, 1)
    _bound_flow(flows, new, own, beyond, late)
    _bound_others(flows, new, others, answers, delay, late)
    for what in ("Mean", "Std", "Max", "Min"):  # without answers the flow's gaps are the direction's own
        new[f"Flow IAT {what}"] = np.where(answers == 0, new[f"{own} {what}"], new[f"Flow IAT {what}"])
    return _completed(flows, new, first_packet(flows), delay > 0, meter)


def _bound_flow(flows: Mapping[str, Array], new: Flows, own: str, beyond: Array, late: ArrayLike) -> None:
    """Ends of what the gaps of the whole flow become: each delay falls into one of them, and each into another."""
    gaps = np.maximum(flows[DIRECTIONS["Fwd"]] + flows[DIRECTIONS["Bwd"]] - 1, 1)
    delays = np.maximum(flows[DIRECTIONS[own[:3]]] - 1, 0)
    most = np.rint(beyond * flows[f"{own} Max"])
    squares = beyond**2 * (np.maximum(delays - 1, 0) * flows[f"{own} Std"] ** 2 + delays * flows[f"{own} Mean"] ** 2)
    left = np.maximum(squares - gaps * (beyond * flows[f"{own} Total"] / gaps) ** 2, 0)
    spread = np.sqrt(left / np.maximum(gaps - 1, 1))
    std, longest, shortest = (flows[f"Flow IAT {what}"] for what in ("Std", "Max", "Min"))
    mean = new["Flow IAT Mean"]
    least = np.maximum(np.maximum(longest, np.minimum(most, new["Flow Duration"])), np.ceil(mean))
    new["Flow IAT Max"] = np.where(late, np.clip(longest + most, np.ceil(mean), new["Flow Duration"]), least)
    new["Flow IAT Min"] = np.where(late, np.minimum(shortest + most, np.floor(mean)), shortest)
    new["Flow IAT Std"] = np.where(late, np.where(gaps > 1, std + spread, 0), np.abs(std - spread))


def _bound_others(
    flows: Mapping[str, Array], new: Flows, others: str, answers: Array, delay: Array, late: ArrayLike
) -> None:
    """Ends of what the gaps of the other direction become: all of the ``delay`` may fall between its packets, or none.

    Their deviation may become less, where what was uneven becomes even.
    """
    gaps = np.maximum(answers - 1, 0)
    spread = np.where(gaps > 1, delay, 0) / np.sqrt(np.maximum(gaps, 1))
    std = flows[f"{others} Std"]
    delay = np.where(late, np.where(gaps > 0, delay, 0), 0)
    found = {
        "Total": flows[f"{others} Total"] + delay,
        "Std": np.where(late, std + spread, np.maximum(std - spread, 0)),
    }
    found["Mean"] = found["Total"] / np.maximum(gaps, 1)
    longest = np.ceil(found["Mean"])
    found["Max"] = np.clip(flows[f"{others} Max"] + delay, longest, np.maximum(found["Total"], longest))
    found["Min"] = np.minimum(flows[f"{others} Min"] + delay, np.floor(found["Mean"]))
    for what, column in found.items():
        new[f"{others} {what}"] = np.where((delay > 0) | (what == "Std"), column, flows[f"{others} {what}"])


@dataclass(frozen=True)
class Action:
    """What is done in one direction: gaps stretched, packets padded, packets added; numbers, or arrays (flows,).

    ``meter`` is that of the release, which computes what follows.
    """

    factor: ArrayLike = 1.0
    padding: ArrayLike = 0
    packets: ArrayLike = 0
    size: ArrayLike = 0
    direction: str = "Fwd"
    meter: str = TWICE

    def __call__(self, flows: Mapping[str, Array], *, late: ArrayLike = False) -> Flows:
        """The flows acted on; of what a record only bounds the lower ends, or the upper ones where ``late``."""
        found = stretch(flows, self.factor, self.direction, late=late, meter=self.meter)
        found = pad(found, self.padding, self.direction, meter=self.meter)
        return add(found, self.packets, self.size, self.direction, meter=self.meter)

    def most_added(self, flows: Mapping[str, Array]) -> tuple[Array, Array]:
        """Bytes and seconds that it adds to each flow, which nothing was done to before."""
        direction, total = self.direction, flows[f"{self.direction} IAT Total"]
        packets, size = _further(flows, self.packets, self.size, direction)
        octets = flows[DIRECTIONS[direction]] * _longer(flows, self.padding, direction)
        delay = np.floor(_slower(flows, self.factor, direction) * total)
        return octets + packets * (size + header(flows, direction)), delay / 1e6


def bytes_added(before: Mapping[str, Array], after: Mapping[str, Array]) -> Array:
    """Bytes that an action added to each flow, payload and headers of both directions."""
    names = (*TOTALS.values(), "Fwd Header Length", "Bwd Header Length")
    return np.sum([after[name] - before[name] for name in names], axis=0)


def seconds_added(before: Mapping[str, Array], after: Mapping[str, Array]) -> Array:
    """Seconds by which an action lengthened each flow."""
    return (after["Flow Duration"] - before["Flow Duration"]) / 1e6


def _each(flows: Mapping[str, Array], amount: ArrayLike) -> Array:
    found: Array = np.broadcast_to(np.asarray(amount, dtype=float), flows["Flow Duration"].shape)
    if (found < 0).any():
        raise ValueError("an amount below 0: nothing of a flow shrinks")
    return found


def _longer(flows: Mapping[str, Array], size: ArrayLike, direction: str) -> Array:
    """Bytes by which each packet of a direction grows: what there is room for."""
    room = np.maximum(MOST_PAYLOAD - flows[f"{direction} Packet Length Max"], 0)
    return np.clip(np.floor(_each(flows, size)), 0, room) * (flows[DIRECTIONS[direction]] > 0)


def _further(flows: Mapping[str, Array], packets: ArrayLike, size: ArrayLike, direction: str) -> tuple[Array, Array]:
    """Packets that are added to a direction, and bytes of each."""
    more = np.floor(_each(flows, packets)) * (flows[DIRECTIONS[direction]] > 0)
    return more, np.clip(np.floor(_each(flows, size)), 0, MOST_PAYLOAD)


def _slower(flows: Mapping[str, Array], factor: ArrayLike, direction: str) -> Array:
    """By how much more than once a direction's gaps can be as long: what the meter's limits leave."""
    total, longest = flows[f"{direction} IAT Total"], flows[f"{direction} IAT Max"]
    count, duration = flows[DIRECTIONS[direction]], flows["Flow Duration"]
    free = (total > 0) & (count > 1) & (flows["Flow IAT Max"] < IDLE) & (total <= duration)
    room = np.minimum(
        np.divide(TIMEOUT - duration, total, out=np.zeros_like(total), where=free),
        np.divide(IDLE - 2 - flows["Flow IAT Max"], longest, out=np.zeros_like(total), where=free & (longest > 0)),
    )
    found: Array = np.clip(_each(flows, factor) - 1, 0, np.maximum(room, 0)) * free
    return found


def header(flows: Mapping[str, Array], direction: str) -> Array:
    """Bytes of an added packet's header: the least of its direction where that is recorded, else the mean, floored."""
    mean = np.floor(flows[f"{direction} Header Length"] / np.maximum(flows[DIRECTIONS[direction]], 1))
    least = flows["min_seg_size_forward"]
    return np.where((least >= 8) & (least <= mean), least, mean) if direction == "Fwd" else mean


def _with(flows: Mapping[str, Array], name: str, n: Array, more: Array, value: Array) -> tuple[Array, Array]:
    """Mean and deviation (n - 1) of ``n`` numbers, of which those are recorded, and ``more`` that equal ``value``."""
    mean, std, all_of = flows[f"{name} Mean"], flows[f"{name} Std"], np.maximum(n + more, 1)
    new = (n * mean + more * value) / all_of
    squares = np.maximum(n - 1, 0) * std**2 + n * (mean - new) ** 2 + more * (value - new) ** 2
    return new, np.sqrt(squares / np.maximum(n + more - 1, 1))


def _completed(flows: Mapping[str, Array], new: Flows, first: Array, changed: np.ndarray, meter: str) -> Flows:
    """``new`` with its derived columns where a flow was ``changed``; elsewhere the flows, to the last digit."""
    full = new | derived(new, first, meter)
    return {name: column if full[name] is column else np.where(changed, full[name], column)
            for name, column in flows.items()}  # fmt: skip
