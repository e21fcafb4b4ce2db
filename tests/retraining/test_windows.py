"""Windows are in the order of time, and flows that began together are of one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.conditions.time_splits import NO_DAYS, TIMEOUT
from analysis.retraining.windows import HOUR, equal_numbers, equal_time, windows

TIMES = st.lists(st.integers(0, 200), min_size=1, max_size=80).map(np.array)


@given(TIMES, st.integers(2, 9))
def test_windows_of_equal_numbers_follow_time(time: np.ndarray, count: int) -> None:
    of = equal_numbers(time, count)
    order = np.argsort(time, kind="stable")
    assert (np.diff(of[order]) >= 0).all()
    assert len({(int(t), int(w)) for t, w in zip(time, of, strict=True)}) == np.unique(time).size
    assert sorted(set(of.tolist())) == list(range(int(of.max()) + 1))


@given(TIMES)
def test_windows_of_equal_time_are_no_more_than_asked_for(time: np.ndarray) -> None:
    of = equal_time(time * HOUR, 4)
    assert of.max() < 4
    assert (np.diff(of[np.argsort(time, kind="stable")]) >= 0).all()


def test_flows_that_may_last_into_a_window_are_not_over_before_it() -> None:
    time = np.arange(40) * TIMEOUT // 2
    found = windows(time, None)[0]
    assert found.count == 20
    assert found.rows(10).min() == 20
    assert found.over_before(np.arange(40), 10).tolist() == list(range(19)), "two timeouts of half a length before it"
    assert windows(None, np.repeat(["Tuesday", "Monday"], 2))[0].over_before(np.arange(4), 1).tolist() == [2, 3]


def test_two_times_are_two_windows() -> None:
    found = windows(np.array([0, 10 * HOUR, 0]), None)
    assert [(one.kind, one.of.tolist()) for one in found] == [("numbers", [0, 1, 0]), ("hours", [0, 1, 0])]


def test_days_stand_in_where_no_times_are_told() -> None:
    (found,) = windows(None, np.array(["Friday", "Monday", "Friday"]))
    assert (found.kind, found.names, found.of.tolist()) == ("days", ("Monday", "Friday"), [1, 0, 1])


@pytest.mark.parametrize(
    ("time", "day", "reason"),
    [(None, None, NO_DAYS), (None, ["Monday", ""], NO_DAYS), (None, ["Monday"] * 2, "all flows are of one day"),
     ([5, 5], None, "all flows began at one time")],
)  # fmt: skip
def test_without_an_order_there_are_none_and_a_reason(time: object, day: object, reason: str) -> None:
    (found,) = windows(None if time is None else np.array(time), None if day is None else np.array(day))
    assert (found.count, found.reason) == (0, reason)


def test_windows_of_times_are_numbered_from_one() -> None:
    for found in windows(np.arange(200) * HOUR, None):
        assert found.names == tuple(str(number) for number in range(1, found.count + 1))
