"""Boxes hold what any action of their cell makes of a flow, and cells lose no action when they are cut."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.dataset.meter import Array, Flows
from analysis.evasion.actions import Action
from analysis.evasion.box import box
from analysis.evasion.cells import Cell, halves, trimmed, whole
from analysis.evasion.spans import Span, either, greatest, least, mixed
from tests.evasion.packets import Packets, metered
from tests.evasion.test_actions import METERS, flows_of_packets

Amounts = tuple[float, float, float, float]
NUMBERS = st.floats(-50, 50)


def ends(one: st.SearchStrategy[float]) -> st.SearchStrategy[tuple[float, float, float]]:
    """Two ends, and a number between them."""
    return st.tuples(one, one, one).map(lambda three: (min(three), max(three), sorted(three)[1]))


CELLS = st.tuples(ends(st.floats(1, 40)), *(ends(st.integers(0, most)) for most in (300, 40, 1460)))
SINGLE = st.tuples(st.floats(1, 40), st.integers(0, 300), st.integers(0, 40), st.integers(0, 1460)).map(
    lambda amounts: tuple((one, one, one) for one in amounts)
)
"""Cells that hold one action, whose boxes hold little else."""


def cell_of(drawn: tuple[tuple[float, float, float], ...]) -> tuple[Cell, Amounts]:
    """A cell of one row, and the amounts of an action in it."""
    spans = [Span(np.array([float(low)]), np.array([float(high)])) for low, high, _ in drawn]
    return Cell(*spans), tuple(float(amount) for *_, amount in drawn)  # type: ignore[return-value]


def acted_on(flows: Mapping[str, Array], amounts: Amounts, meter: str) -> Flows:
    return Action(*amounts, meter=meter)(flows)


def outside(flows: Flows, cell: Cell, amounts: Amounts, meter: str) -> list[str]:
    """Columns that do not lie in the box where the flow is acted on with these amounts, with any ends of the cell, or
    by the least delay."""
    total = flows["Fwd IAT Total"][0]
    shortest = np.clip(1 + 1.5 / max(total, 1), cell.factor.low[0], cell.factor.high[0])
    ends = [(one.low[0], one.high[0]) for one in cell.spans]
    corners = (*itertools.product(*ends), *itertools.product([shortest], *ends[1:]))
    tried = np.array([amounts, (shortest, *amounts[1:]), *corners])
    same = {name: np.tile(column, len(tried)) for name, column in flows.items()}
    found, after = box(flows, cell, meter), Action(*tried.T, meter=meter)(same)
    return [name for name, column in after.items()
            if not (found[name].low <= column).all() or not (column <= found[name].high).all()]  # fmt: skip


def with_room(flows: Flows, cell: Cell) -> Cell:
    """The cell, with paddings that there is room for."""
    room = 1460 - flows["Fwd Packet Length Max"]
    return Cell(cell.factor, Span(np.minimum(cell.padding.low, room), np.minimum(cell.padding.high, room)),
                cell.packets, cell.size)  # fmt: skip


@given(flows_of_packets(), CELLS | SINGLE, METERS, st.booleans())
def test_every_action_of_a_cell_is_in_its_box(packets: Packets, drawn, meter: str, off: bool) -> None:
    flows, (cell, amounts) = metered(packets, meter), cell_of(drawn)
    if off:  # a record's own numbers need not be those that its totals give
        flows |= {name: column * 1.001 for name, column in flows.items() if "IAT" in name and "Total" not in name}
        flows |= {
            name: column * (1 + 1e-7) for name, column in flows.items() if name.endswith(("Length Mean", "th Std"))
        }
    assert not outside(flows, with_room(flows, cell), amounts, meter)


@given(flows_of_packets(), SINGLE, METERS)
def test_the_box_of_one_action_is_the_flow_acted_on(packets: Packets, drawn, meter: str) -> None:
    flows, (cell, amounts) = metered(packets, meter), cell_of(drawn)
    cell = with_room(flows, cell)
    found, after = box(flows, cell, meter), acted_on(flows, amounts, meter)
    changed = any(not np.array_equal(after[name], flows[name]) for name in flows)
    for name, column in after.items() if changed else ():
        slack = 1e-6 * np.abs(column) + 2e-3
        assert (column - slack <= found[name].low).all(), name
        assert (found[name].high <= column + slack).all(), name


def test_a_column_that_falls_and_rises_reaches_its_least_between_the_ends() -> None:
    packets = Packets(np.array([0, 10, 1000, 1010, 5000]), np.full(5, 10), np.array([True, False, True, False, True]))
    flows = metered(packets)
    factors = np.linspace(1, 30, 400)
    stretched = [Action(factor)(flows)["Flow IAT Std"][0] for factor in factors]
    assert min(stretched) < min(stretched[0], stretched[-1])
    cell = Cell(Span(np.array([1.0]), np.array([30.0])), *(Span.of(np.zeros(1)) for _ in range(3)))
    found = box(flows, cell)["Flow IAT Std"]
    assert found.low[0] <= min(stretched)
    assert found.high[0] >= max(stretched)


@given(flows_of_packets(), st.integers(0, 3000), st.integers(0, 10**6), *(st.integers(0, m) for m in (300, 60, 1460)),
       st.floats(1, 40), st.booleans())  # fmt: skip
def test_cutting_loses_no_action_that_is_paid_for(
    packets: Packets, octets: int, delay: int, padding: int, more: int, size: int, factor: float, exactly: bool
) -> None:
    """However often cells are halved and trimmed, what the budget allows stays in one of them, and in no other."""
    flows = metered(packets)
    budget = np.array([float(octets)])
    action = Action(factor, padding, more, size)
    cost, seconds = action.most_added(flows)
    if exactly:
        budget = cost
    padding = int(min(padding, 1460 - flows["Fwd Packet Length Max"][0]))
    size = size if more else 0
    cells = trimmed(flows, whole(flows, budget, np.array([float(delay)])), budget)
    paid = cost[0] <= budget[0] and seconds[0] * 1e6 <= delay
    # A factor beyond what the delay allows does what the last one does.
    factor = min(factor, cells.factor.high[0])
    for _ in range(12):
        holds = np.array([
            one.factor.low[0] <= factor <= one.factor.high[0] and one.padding.low[0] <= padding <= one.padding.high[0]
            and one.packets.low[0] <= more <= one.packets.high[0]
            and (not more or one.size.low[0] <= size <= one.size.high[0])
            for one in (cells.only(np.array([i])) for i in range(cells.factor.low.size))
        ])  # fmt: skip
        assert holds.any() or not paid
        cells = cells.only(holds)
        if not holds.any() or cells.single.all():
            return
        assert holds.sum() == 1 or factor in cells.factor.low
        own = {name: np.tile(column, holds.sum()) for name, column in flows.items()}
        cells = halves(own, cells)
        twice = {name: np.tile(column, 2) for name, column in own.items()}
        cells = trimmed(twice, cells, np.tile(budget, holds.sum() * 2))
        cells = cells.only(cells.some)


@given(ends(NUMBERS), ends(NUMBERS), ends(st.floats(0.1, 9)), ends(st.floats(0, 1)))
def test_what_is_computed_of_spans_holds_what_is_computed_of_numbers(a, b, c, t) -> None:
    one, other, above, part = (Span(np.array([low]), np.array([high])) for low, high, _ in (a, b, c, t))
    x, y, z, w = a[2], b[2], c[2], t[2]
    pairs = [
        (one + other, x + y), (one - other, x - y), (-one, -x), (one * other, x * y), (one / above, x / z),
        (one.squared(), x * x), (above.root(), np.sqrt(z)), (one.floored(), np.floor(x)),
        (least(one, other), min(x, y)), (greatest(one, other), max(x, y)),
        (mixed(one, other, part), (1 - w) * x + w * y),
        (one.or_also(other, np.array([True])), x), (one.or_also(other, np.array([True])), y),
        (one.or_also(other, np.array([False])), x), (either(np.array([False]), one, other), y), (one + 3, x + 3),
    ]  # fmt: skip
    for number, (span, value) in enumerate(pairs):
        span = span.wider()
        assert span.low - 1e-12 <= value <= span.high + 1e-12, number
    assert (one.squared().low >= 0).all()


def test_the_least_square_of_a_span_with_zero_in_it_is_zero() -> None:
    span = Span(np.array([-2.0, 1, -3]), np.array([1.0, 2, -1]))
    assert span.squared().low.tolist() == [0, 1, 1]
    assert span.squared().high.tolist() == [4, 4, 9]
    root = Span(np.array([-1.0]), np.array([4.0])).root()
    assert (root.low, root.high) == (0, 2)


def test_the_least_delay_gives_what_totals_give() -> None:
    flows = metered(Packets(np.array([0, 10, 1000]), np.full(3, 10), np.array([True, False, True])))
    flows["Fwd IAT Mean"] += 2.5
    cell, _ = cell_of(((1, 40, 1), *(3 * ((0, 0, 0),))))
    assert box(flows, cell)["Fwd IAT Mean"].low <= 1001


def test_trimming_leaves_what_a_budget_pays_for_and_no_more() -> None:
    flows = metered(Packets(np.array([0, 10, 20]), np.full(3, 10), np.array([True, False, True])))
    budget = np.array([500.0])
    for padding, more, size in ((0, 5, 80), (50, 4, 80), (250, 0, 0), (0, 25, 0)):
        cell = Cell(*(Span(np.array([float(low)]), np.array([float(high)]))
                      for low, high in ((1, 1), (padding, 1000), (more, 1000), (size, 1460))))  # fmt: skip
        found = trimmed(flows, cell, budget)
        assert [one.low[0] for one in found.spans] == [one.high[0] for one in found.spans] == [1, padding, more, size]
        beyond = Cell(cell.factor, cell.padding + 1, cell.packets, cell.size)
        assert not trimmed(flows, beyond, budget).some[0]
