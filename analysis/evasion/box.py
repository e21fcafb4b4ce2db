"""Between which ends each column of a flow lies after any of many actions of its sender.

Each row has a flow and a :class:`~analysis.evasion.cells.Cell`: all actions whose amounts lie between two ends. What
padding and further packets make of columns is computed of spans (:mod:`analysis.evasion.spans`); stretching only raises
or only lowers each column, so its two ends are computed as any action is. Boxes are wider than they need be, never
narrower, and close in on single flows as cells become small. A test acts on flows within cells, and every column must
lie in its box.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analysis.dataset.meter import COPIES, DIRECTIONS, Array
from analysis.evasion.actions import header, stretch
from analysis.evasion.cells import Cell
from analysis.evasion.flow import RATES, SEGMENTS, TOTALS, TWICE, first_packet
from analysis.evasion.spans import Span, either, greatest, least, mixed

ROUNDED = 1e-12
"""Share of a sum of squares that is lost where a variance is computed as a difference of two of them."""
ROUNDED_UP = 1e-6
"""Microseconds beyond one, which is the least delay."""
Box = dict[str, Span]
"""Ends of columns, by name."""


def box(flows: Mapping[str, Array], cell: Cell, meter: str = TWICE) -> Box:
    """The box of each row's flow and cell, at the lower ends of what a record only bounds.

    Who has evaded for certain has evaded there too, so that what no action evades there no action evades.
    """
    found, delayed = _stretched(flows, cell.factor, meter)
    more, size, padding = cell.packets, cell.size, cell.padding
    forward, backward = (flows[name] for name in DIRECTIONS.values())
    _add_gaps(found, "Fwd", np.maximum(forward - 1, 0), more)
    _add_gaps(found, "Flow", forward + backward - 1, more)
    _lengthen(found, flows, cell)
    found[DIRECTIONS["Fwd"]] = more + forward
    found[TOTALS["Fwd"]] = padding * forward + more * size + flows[TOTALS["Fwd"]]
    found["Fwd Header Length"] = more * header(flows, "Fwd") + flows["Fwd Header Length"]
    ever, always = padding.high > 0, padding.low > 0
    data, most = flows["act_data_pkt_fwd"], np.maximum(flows["act_data_pkt_fwd"], forward - 1)
    found["act_data_pkt_fwd"] = Span(
        np.where(always, most, data) + more.low * (size.low > 0),
        np.where(ever, most, data) + more.high * (size.high > 0),
    )
    # What is left as it is has the recorded columns, also where these are not what the others give.
    same = ~delayed & ~always & (more.low == 0)
    derived = _derived(found, flows, cell, meter)
    found |= {name: span.or_also(Span.of(flows[name]), same) for name, span in derived.items() if name in flows}
    return {name: found[name].wider() if name in found else Span.of(column) for name, column in flows.items()}


def _stretched(flows: Mapping[str, Array], factor: Span, meter: str) -> tuple[Box, np.ndarray]:
    """Columns of gaps where these are stretched, and whether they are for certain."""
    # The least delay is an end as well: from there on a record's own numbers are those that its totals give.
    total = flows["Fwd IAT Total"]
    shortest = 1 + np.divide(1 + ROUNDED_UP, total, out=np.zeros_like(total), where=total > 0)
    between = np.clip(shortest, factor.low, factor.high)
    ends = [stretch(flows, end, meter=meter) for end in (factor.low, between, factor.high)]
    found = {name: Span.of(*(end[name] for end in ends)) for name in flows if "IAT" in name or "Time" in name}
    found["Flow Duration"] = Span.of(*(end["Flow Duration"] for end in ends))
    # The one column that first falls and then rises is the size of a difference, and may become 0 between the ends.
    std = flows["Flow IAT Std"]
    low, high = (stretch(flows, end, late=True, meter=meter)["Flow IAT Std"] - std for end in (factor.low, factor.high))
    zero = (low < std) & (std < high) & (flows[DIRECTIONS["Bwd"]] > 0)
    found["Flow IAT Std"] = found["Flow IAT Std"].or_also(Span.of(np.zeros_like(std)), zero)
    return found, found["Flow Duration"].low > flows["Flow Duration"]


def _share(count: Array, more: Span) -> Span:
    """The share of ``more`` among ``count`` numbers and these."""
    return Span(*(end / np.maximum(count + end, 1) for end in (more.low, more.high)))


def _deviation(std: Span, count: Array, more: Span, apart: Span) -> Span:
    """Deviation of ``count`` numbers that have one, and of ``more`` that are equal and ``apart`` from their mean."""
    squares = std.squared() * np.maximum(count - 1, 0) + apart.squared() * (_share(count, more) * count)
    found = (squares / Span(*(np.maximum(count + end - 1, 1) for end in (more.low, more.high)))).root()
    return found.or_also(std, more.low == 0)


def _add_gaps(found: Box, which: str, count: Array, more: Span) -> None:
    """Further gaps of no length."""
    mean, least_gap = found[f"{which} IAT Mean"], found[f"{which} IAT Min"]
    none = Span.of(np.zeros_like(count))
    found[f"{which} IAT Std"] = _deviation(found[f"{which} IAT Std"], count, more, mean)
    found[f"{which} IAT Mean"] = mixed(mean, none, _share(count, more)).or_also(mean, more.low == 0)
    found[f"{which} IAT Min"] = Span(
        np.where(more.high > 0, 0, least_gap.low), np.where(more.low > 0, 0, least_gap.high)
    )


def _lengthen(found: Box, flows: Mapping[str, Array], cell: Cell) -> None:
    """Lengths of forward packets that are padded and have others added to them."""
    more, size, count = cell.packets, cell.size, flows[DIRECTIONS["Fwd"]]
    name, ever, always = "Fwd Packet Length", more.high > 0, more.low > 0
    mean = cell.padding + flows[f"{name} Mean"]
    for what, pick in (("Max", greatest), ("Min", least)):
        own = cell.padding + flows[f"{name} {what}"]
        both = pick(own, size)
        without = own.or_also(both, ever)
        found[f"{name} {what}"] = Span(
            np.where(always, both.low, without.low), np.where(always, both.high, without.high)
        )
    found[f"{name} Mean"] = mixed(mean, size, _share(count, more))
    found[f"{name} Std"] = _deviation(Span.of(flows[f"{name} Std"]), count, more, size - mean)


def _derived(found: Box, flows: Mapping[str, Array], cell: Cell, meter: str) -> Box:
    """Columns that are functions of others."""
    forward, backward = found[DIRECTIONS["Fwd"]], flows[DIRECTIONS["Bwd"]]
    octets, packets = found[TOTALS["Fwd"]] + flows[TOTALS["Bwd"]], forward + backward
    new = _all_lengths(found, flows, cell, meter)
    duration = found["Flow Duration"]
    timed = duration.low > 0
    seconds = either(timed, duration, Span.of(np.ones_like(backward))) / 1e6
    for name, part in zip(RATES, (octets, packets, forward, Span.of(backward)), strict=True):
        if name in flows:
            new[name] = either(timed, part / seconds, Span.of(flows[name]))
    counted = greatest(forward, Span.of(np.ones_like(backward)))
    ratio = Span.of(backward) / counted
    copies = COPIES if meter == TWICE else SEGMENTS
    if meter != TWICE:
        parts = {"Fwd": (forward, found[TOTALS["Fwd"]]), "Bwd": (Span.of(backward), Span.of(flows[TOTALS["Bwd"]]))}
        for direction, (count, total) in parts.items():
            new[f"Subflow {direction} Packets"] = (count / packets).floored()
            new[f"Subflow {direction} Bytes"] = (total / packets).floored()
    new["Down/Up Ratio"] = ratio.floored() if meter == TWICE else ratio
    return new | {name: found.get(other, Span.of(flows[other])) for name, other in copies.items()}


def _all_lengths(found: Box, flows: Mapping[str, Array], cell: Cell, meter: str) -> Box:
    """Lengths of both directions: their squares around their mean are those within groups and those between them.

    Groups are the first packet once more, where the meter adds it twice, the forward packets, those added to them, and
    the others.
    """
    again = float(meter == TWICE)
    first, forward, backward = first_packet(flows), flows[DIRECTIONS["Fwd"]], flows[DIRECTIONS["Bwd"]]
    padding, more, size = cell.padding, cell.packets, cell.size
    means = {d: flows[f"{d} Packet Length Mean"] for d in DIRECTIONS}
    own, answers = padding + means["Fwd"], Span.of(means["Bwd"])
    count = forward + backward + again
    part = _share(count, more)
    fixed = Span(*(1 / np.maximum(count + end, 1) for end in (more.high, more.low)))  # a pair's weight by its product
    pairs = [
        (fixed * (again * forward), Span.of(first - means["Fwd"])), (part * forward, size - own),
        (fixed * (again * backward), padding + first - answers), (part * again, size - padding - first),
        (fixed * (forward * backward), own - answers), (part * backward, size - answers),
    ]  # fmt: skip
    squares = sum((pair * apart.squared() for pair, apart in pairs), Span.of(np.zeros_like(count)))
    within = sum(np.maximum(n - 1, 0) * flows[f"{d} Packet Length Std"] ** 2
                 for d, n in zip(DIRECTIONS, (forward, backward), strict=True))  # fmt: skip
    total = padding * (forward + again) + (flows[TOTALS["Fwd"]] + flows[TOTALS["Bwd"]] + again * first)
    mean = mixed(total / count, size, part)
    # Totals and means are each rounded, or a record's own; the meter's variance takes some from either.
    off = np.abs(sum(flows[TOTALS[d]] - n * means[d] for d, n in zip(DIRECTIONS, (forward, backward), strict=True)))
    longest = greatest(found["Fwd Packet Length Max"], Span.of(flows["Bwd Packet Length Max"]))
    slack = 2 * off * (longest.high + off) + ROUNDED * (count + more.high) * longest.high**2
    shortest = found["Fwd Packet Length Min"]
    both = least(shortest, Span.of(flows["Bwd Packet Length Min"]))
    shortest = either(backward > 0, both, shortest)
    variance = (squares + within + Span(-slack, slack)) / Span(*(np.maximum(count + end - 1, 1)
                                                                for end in (more.low, more.high)))  # fmt: skip
    variance = Span(np.where(longest.low > shortest.high, np.maximum(variance.low, 0), 0), np.maximum(variance.high, 0))
    packets = Span(*(forward + backward + end for end in (more.low, more.high)))
    return {
        "Min Packet Length": shortest, "Max Packet Length": longest, "Packet Length Mean": mean,
        "Packet Length Std": variance.root(), "Packet Length Variance": variance,
        "Average Packet Size": mean * (Span.of(np.full_like(count, again)) / packets + 1),
    }  # fmt: skip
