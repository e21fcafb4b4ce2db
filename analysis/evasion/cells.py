"""Cells: all actions of a sender whose amounts lie between two ends, within a budget, and their halves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.dataset.meter import DIRECTIONS, Array
from analysis.evasion.actions import MOST_PAYLOAD, header
from analysis.evasion.spans import Span

SMALL = 1e-6
"""Factors of the gaps that differ by a smaller share count as one."""


@dataclass(frozen=True)
class Cell:
    """Actions of the sender between two ends: factor of the gaps, bytes of padding, further packets, their bytes.

    Each span has ends of shape (rows,); all but those of the factor are whole numbers that no limit of a flow lessens.
    """

    factor: Span
    padding: Span
    packets: Span
    size: Span

    @property
    def spans(self) -> tuple[Span, Span, Span, Span]:
        """Its amounts."""
        return (self.factor, self.padding, self.packets, self.size)

    @property
    def some(self) -> np.ndarray:
        """Whether a cell holds an action, boolean of shape (rows,)."""
        return np.all([one.low <= one.high for one in self.spans], axis=0)

    @property
    def single(self) -> np.ndarray:
        """Whether it holds no more than one, boolean of shape (rows,)."""
        factor, *others = self.spans
        return (factor.high <= factor.low * (1 + SMALL)) & np.all([one.high <= one.low for one in others], axis=0)

    def only(self, rows: np.ndarray) -> Cell:
        """Those of these numbers, or of a boolean of shape (rows,)."""
        return Cell(*(Span(one.low[rows], one.high[rows]) for one in self.spans))


def whole(flows: Mapping[str, Array], octets: Array, delay: Array) -> Cell:
    """All actions that add at most so many bytes and microseconds to each flow, all of shape (n,).

    A record may have headers without a byte; no more packets are added than bytes may be.
    """
    total = flows["Fwd IAT Total"]
    none = np.zeros_like(octets)
    longer = np.divide(delay + 1, total, out=none.copy(), where=total > 0)
    room = np.maximum(MOST_PAYLOAD - flows["Fwd Packet Length Max"], 0)
    return Cell(Span(none + 1, 1 + longer), Span(none, room), Span(none, octets), Span(none, none + MOST_PAYLOAD))


def trimmed(flows: Mapping[str, Array], cells: Cell, octets: Array) -> Cell:
    """The cells without actions that add more than so many bytes; an end below the other where none is left."""
    count, head = flows[DIRECTIONS["Fwd"]], header(flows, "Fwd")
    padding, packets, size = cells.padding, cells.packets, cells.size
    left = octets - packets.low * (size.low + head)
    most_padding = np.minimum(padding.high, np.floor(left / np.maximum(count, 1)))
    left = octets - count * padding.low
    most_packets = np.minimum(packets.high, np.floor(left / np.maximum(size.low + head, 1)))
    most_packets = np.where(count > 0, most_packets, np.minimum(most_packets, 0))
    most_size = np.minimum(size.high, np.floor(left / np.maximum(packets.low, 1) - head))
    # Without packets their size is no matter.
    most_size = np.where(most_packets > 0, most_size, size.low)
    return Cell(cells.factor, Span(padding.low, most_padding), Span(packets.low, most_packets),
                Span(size.low, most_size))  # fmt: skip


def halves(flows: Mapping[str, Array], cells: Cell) -> Cell:
    """All lower halves of the cells, then all upper ones, along the amount that reaches farthest in proportion to what
    the flow has of it.

    Halves part at the geometric mean, and no packets from some.
    """
    count, mean = np.maximum(flows[DIRECTIONS["Fwd"]], 1), flows["Fwd Packet Length Mean"] + 1
    based = list(zip(cells.spans, (np.zeros_like(count), mean, count, mean), strict=True))
    where = np.argmax([(one.high + base) / (one.low + base) for one, base in based], axis=0)
    lower, upper = [], []
    for number, (one, base) in enumerate(based):
        middle = np.sqrt((one.low + base) * (one.high + base)) - base
        if number:
            middle = np.clip(np.floor(middle), one.low, np.maximum(one.high - 1, one.low))
        if one is cells.packets:
            middle = np.where(one.low == 0, 0, middle)
        here = where == number
        lower.append(Span(one.low, np.where(here, middle, one.high)))
        upper.append(Span(np.where(here, middle + (number > 0), one.low), one.high))
    return Cell(*(Span(np.concatenate([a.low, b.low]), np.concatenate([a.high, b.high]))
                  for a, b in zip(lower, upper, strict=True)))  # fmt: skip
