"""Actions against packets: act on the packets and meter them, or meter them and act on the flow."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.dataset.meter import Flows
from analysis.dataset.release import load
from analysis.evasion.actions import IDLE, MOST_PAYLOAD, TIMEOUT, Action, add, bytes_added, pad, seconds_added, stretch
from analysis.evasion.flow import NEEDED
from analysis.evasion.identities import broken
from analysis.evasion.owners import GROWS, out_of_reach, owners
from tests.evasion.packets import HEADER, Packets, metered

RELEASES = {"twice": load("original"), "once": load("corrected")}
METERS = st.sampled_from(["twice", "once"])
DIRECTIONS = st.sampled_from(["Fwd", "Bwd"])


@st.composite
def flows_of_packets(draw: st.DrawFn) -> Packets:
    """Flows of 2 to 12 packets with at least one in either direction, the first of them forward."""
    n = draw(st.integers(2, 12))
    gaps = draw(st.lists(st.integers(0, 300_000), min_size=n - 1, max_size=n - 1))
    sizes = draw(st.lists(st.integers(0, MOST_PAYLOAD), min_size=n, max_size=n))
    forward = [True, False, *draw(st.lists(st.booleans(), min_size=n - 2, max_size=n - 2))]
    return Packets(np.cumsum([0, *gaps]), np.array(sizes), np.array(forward))


ACTIONS = st.builds(
    Action, st.floats(1, 50), st.integers(0, 2000), st.integers(0, 50), st.integers(0, 2000), DIRECTIONS
)


def together(some: list[Flows]) -> Flows:
    return {name: np.concatenate([one[name] for one in some]) for name in some[0]}


def equal(found: Flows, expected: Flows, names: set[str] | None = None) -> None:
    for name in names or expected.keys():
        assert found[name] == pytest.approx(expected[name], rel=1e-9, abs=1e-4), name


@given(flows_of_packets(), st.integers(0, 500), DIRECTIONS, METERS)
def test_padding_a_flow_is_padding_its_packets(packets: Packets, size: int, direction: str, meter: str) -> None:
    room = MOST_PAYLOAD - int(packets.sizes[packets.of(direction)].max())
    expected = metered(packets.padded(min(size, room), direction), meter)
    if size and room and direction == "Fwd":
        assert expected["act_data_pkt_fwd"] == packets.forward.sum() - 1
    equal(pad(metered(packets, meter), size, direction, meter=meter), expected)


@given(flows_of_packets(), st.integers(0, 20), st.integers(0, MOST_PAYLOAD), DIRECTIONS, METERS)
def test_adding_to_a_flow_is_adding_packets(packets: Packets, more: int, size: int, direction: str, meter: str) -> None:
    before = metered(packets, meter)
    found = add(before, more, size, direction, meter=meter)
    equal(found, metered(packets.more(more, size, direction), meter))
    assert bytes_added(before, found) == [more * (size + HEADER)]


BOUNDED = {f"Flow IAT {what}" for what in ("Std", "Max", "Min")}


@given(flows_of_packets(), st.integers(1, 9), DIRECTIONS, METERS)
def test_stretching_a_flow_is_sending_its_packets_later(
    packets: Packets, factor: int, direction: str, meter: str
) -> None:
    before = metered(packets, meter)
    expected = metered(packets.slower(factor, direction), meter)
    ends = [stretch(before, factor, direction, late=late, meter=meter) for late in (False, True)]
    if before["Flow IAT Max"] + (factor - 1) * before[f"{direction} IAT Max"] >= IDLE - 2:
        return  # there is less room than asked for
    other = {"Fwd": "Bwd", "Bwd": "Fwd"}[direction]
    bounded = BOUNDED | {f"{other} IAT {what}" for what in ("Total", "Mean", "Std", "Max", "Min")}
    for end in ends:
        equal(end, expected, set(expected) - bounded)
    for name in bounded:
        low, high = (end[name][0] for end in ends)
        slack = 1e-6 * max(abs(high), 1) + 1e-3
        assert low - slack <= expected[name][0] <= high + slack, name


@given(st.lists(flows_of_packets(), min_size=1, max_size=8), ACTIONS, ACTIONS, st.booleans(), METERS)
def test_a_flow_acted_on_keeps_all_identities_and_shrinks_nowhere(
    some: list[Packets], first: Action, second: Action, late: bool, meter: str
) -> None:
    before = together([metered(packets, meter) for packets in some])
    assert not broken(before, RELEASES[meter]).any()
    both = (replace(first, meter=meter), replace(second, meter=meter))
    after = reduce(lambda flows, action: action(flows, late=late), both, before)
    assert not broken(after, RELEASES[meter]).any()
    grow = ("Total Fwd Packets", "Total Backward Packets", "Total Length of Fwd Packets", "Total Length of Bwd Packets",
            "Flow Duration", "Fwd Packet Length Max", "Bwd Packet Length Max", "Max Packet Length",
            "Fwd Header Length", "Bwd Header Length", "act_data_pkt_fwd")  # fmt: skip
    for name in grow:
        assert (after[name] >= before[name]).all(), name
    if first.direction == second.direction == "Fwd":
        for name in set(GROWS) & set(before):
            assert (after[name] >= before[name] * (1 - 1e-12)).all(), name
        for name in out_of_reach(set(owners()) & set(before)):
            assert np.array_equal(after[name], before[name]), name
    assert (after["Max Packet Length"] <= MOST_PAYLOAD).all()
    assert (after["Flow Duration"] <= TIMEOUT).all()
    assert (after["Flow IAT Max"] < IDLE).all()
    assert (bytes_added(before, after) >= 0).all()
    assert (seconds_added(before, after) >= 0).all()


@given(st.lists(flows_of_packets(), min_size=1, max_size=8), DIRECTIONS, st.booleans())
def test_the_action_that_does_nothing_changes_no_digit(some: list[Packets], direction: str, late: bool) -> None:
    before = together([metered(packets) for packets in some])
    before["Fwd Packet Length Std"] += 0.123  # what is recorded stays, also where it contradicts itself
    after = Action(direction=direction)(before, late=late)
    for name, column in before.items():
        assert np.array_equal(after[name], column), name


@given(flows_of_packets(), st.integers(0, 300), st.integers(0, 300), st.integers(0, 20), st.integers(0, 20))
def test_more_of_an_action_is_more_in_total(packets: Packets, a: int, b: int, k: int, m: int) -> None:
    before = metered(packets)
    low = Action(1 + min(a, b) / 100, min(a, b), min(k, m), 100)(before)
    high = Action(1 + max(a, b) / 100, max(a, b), max(k, m), 100)(before)
    for name in ("Total Length of Fwd Packets", "Total Fwd Packets", "Flow Duration", "Fwd IAT Total"):
        assert (low[name] <= high[name]).all()
    assert (bytes_added(before, low) <= bytes_added(before, high)).all()


def test_a_flow_has_the_columns_that_are_needed_and_nothing_is_taken_away() -> None:
    before = metered(Packets(np.array([0, 5, 9]), np.array([10, 20, 0]), np.array([True, False, True])))
    assert set(NEEDED) < set(before)
    with pytest.raises(ValueError, match="nothing of a flow shrinks"):
        pad(before, -1)
    with pytest.raises(ValueError, match="nothing of a flow shrinks"):
        Action(factor=-2.0)(before)
    assert np.array_equal(Action(factor=0.5)(before)["Flow Duration"], before["Flow Duration"])


def test_nobody_adds_packets_where_no_handshake_was_seen() -> None:
    before = metered(Packets(np.array([0, 5]), np.array([10, 20]), np.array([True, True])))
    for column, found in add(before, 3, 100, "Bwd").items():
        assert np.array_equal(found, before[column])


def test_broken_flows_are_recognised() -> None:
    before = metered(Packets(np.array([0, 5, 9]), np.array([10, 20, 0]), np.array([True, False, True])))
    for name, wrong in (("Total Length of Fwd Packets", 900.0), ("Packet Length Variance", 1e6), ("Flow IAT Max", 99.0),
                        ("Average Packet Size", 400.0), ("Fwd IAT Min", -3.0), ("Total Fwd Packets", 1.5)):  # fmt: skip
        assert broken(before | {name: np.array([wrong])}, RELEASES["twice"]).all(), name
