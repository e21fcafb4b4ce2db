"""The benign day, its services and groups: cases computed by hand, and properties."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.conditions.time_splits import NO_DAYS
from analysis.dataset.release import load
from analysis.tooling.day import LEAST, NONE_BENIGN, Day, benign_day, by, same
from analysis.tooling.report import Supposed
from analysis.tooling.services import services


def test_the_day_of_the_most_flows_without_an_attack_is_tried() -> None:
    day = np.repeat(["Monday", "Tuesday", "Sunday"], [LEAST, 3 * LEAST, 2 * LEAST])
    attack = np.zeros(day.size, dtype=bool)
    assert benign_day(day, attack) == ("Tuesday", None)
    attack[LEAST] = True
    assert benign_day(day, attack) == ("Sunday", None)
    assert benign_day(day, np.ones(day.size, dtype=bool)) == ("", NONE_BENIGN)
    assert benign_day(day[: LEAST - 1], attack[: LEAST - 1]) == ("", NONE_BENIGN)


def test_flows_without_a_day_are_none() -> None:
    assert benign_day(None, np.zeros(500, dtype=bool)) == ("", NO_DAYS)
    assert benign_day(np.full(500, ""), np.zeros(500, dtype=bool)) == ("", NO_DAYS)
    # Those of no day make no day of their own, however many they are.
    day = np.repeat(["", "Monday"], [1000, LEAST])
    assert benign_day(day, np.zeros(day.size, dtype=bool)) == ("Monday", None)


def test_services_are_named_by_port_and_protocol() -> None:
    port = pl.Series([53, 53, 443, 49_151, 49_152, 0, None])
    assert services(port).tolist() == [
        "53 domain", "53 domain", "443 https", "49151", "dynamic port", "0", "no port",
    ]  # fmt: skip
    protocol = pl.Series([17, 6, 6, 6, 6, 0, 1])
    assert services(port, protocol).tolist() == [
        "53/udp domain", "53/tcp domain", "443/tcp https", "49151/tcp", "dynamic port, tcp", "0/protocol 0", "no port",
    ]  # fmt: skip


def test_groups_of_a_case_computed_by_hand() -> None:
    """Of web flows four alarm, two of which are the same; of two name services one does; mail alarms nowhere."""
    service = np.array(["web"] * 5 + ["names"] * 2 + ["mail"])
    alarm = np.array([True, True, True, True, False, True, False, False])
    seen = np.array([0, 0, 2, 3, 4, 5, 5, 7])
    web, names = by(service, alarm, seen)
    assert (web.name, web.flows, web.alarms, web.distinct) == ("web", 5, 4, 3)
    assert (names.name, names.flows, names.alarms, names.distinct) == ("names", 2, 1, 1)
    day = Day("Monday", np.where(alarm, 0.9, 0.1), {0.01: 0.5, 0.001: 0.9}, seen, np.arange(8), service)
    assert day.alarms(0.01).tolist() == alarm.tolist()
    assert day.alerts(0.01) == 4
    # A score that is the threshold is no alarm.
    assert (day.alarms(0.001).sum(), day.alerts(0.001)) == (0, 0)


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 4)), min_size=1, max_size=60))
def test_groups_share_out_the_alarms(flows: list[tuple[int, bool, int]]) -> None:
    group, alarm, vector = (np.array(one) for one in zip(*flows, strict=True))
    seen = same(pl.DataFrame({"a": vector, "b": vector * 2}), ["a", "b"])
    found = by(group, alarm, seen)
    assert sum(one.alarms for one in found) == alarm.sum()
    assert [one.alarms for one in found] == sorted((one.alarms for one in found), reverse=True)
    for one in found:
        assert 1 <= one.distinct <= one.alarms <= one.flows
        here = group == int(one.name)
        assert one.distinct == len({v for v, a in zip(vector[here], alarm[here], strict=True) if a})
    assert len(by(seen, alarm, seen)) == len(set(vector[alarm].tolist()))


def test_alerts_a_day_are_those_of_the_release_where_it_says_how_many_flows_it_has() -> None:
    original = Supposed.of(load("original"), 7, 0.25, 50)
    assert (original.flows, original.natural) == (2_830_743 / 5, True)
    cleaned = Supposed.of(load("cleaned"), 1000, 0.25, 50)
    assert (cleaned.flows, cleaned.natural) == (1000, False)
    # 250 attacks of which half are found, 750 benign flows of which a tenth is called one.
    assert cleaned.alerts(0.5, 0.1) == pytest.approx(125 + 75)
