"""Nothing trains on the future, labels come when they are due, and the controls fire."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.conditions.time_splits import TIMEOUT
from analysis.retraining.controls import permuted, rung, within
from analysis.retraining.forest import Forests, Stream
from analysis.retraining.policies import POLICIES, Policy, labelled
from analysis.retraining.replay import beginning, replay
from analysis.retraining.windows import Windows, windows


def week(seed: int, timed: bool, size: int = 120, days: int = 5) -> tuple[Forests, Windows]:
    """Days of flows: none is attacked on the first, and each later one by a type of its own at values of its own."""
    generator = np.random.default_rng(seed)
    day = np.repeat(np.arange(days), size)
    attack = (generator.random(day.size) < 0.3) & (day > 0)
    features = generator.normal(0, 1, (day.size, 3))
    features[attack, 0] += 6
    features[attack, 1] += 8 * (day[attack] - 1)
    label = np.where(attack, np.char.add("type ", day.astype(str)), "BENIGN")
    names = np.array(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"])[day]
    time = (day * size + np.tile(np.arange(size), days)) * TIMEOUT // 4 if timed else None
    order = generator.permutation(day.size)
    stream = Stream(features[order], label[order], attack[order])
    found = windows(None if time is None else time[order], names[order])[0]
    return Forests(stream, {"n_estimators": 8}, 0, 2, seed, 1), found


def begun(forests: Forests, found: Windows) -> int:
    first = beginning(forests.stream.attack, found)
    assert first is not None
    return first[0]


@settings(max_examples=10)
@given(st.integers(0, 99), st.booleans(), st.sampled_from(POLICIES))
def test_nothing_trains_on_the_future(seed: int, timed: bool, policy: Policy) -> None:
    forests, found = week(seed, timed, size=150)
    initial = begun(forests, found)
    for one in replay(found, initial, policy, forests, seed):
        assert (found.of[one.trained] < max(one.window - policy.delay, initial)).all()
        assert not set(one.rows.tolist()) & set(one.trained.tolist())
        assert set(one.model.held.tolist()) <= set(one.trained.tolist())
        if found.time is not None:
            assert found.time[one.trained].max() <= found.time[one.rows].min() - TIMEOUT


@pytest.mark.parametrize("key", ["past", "sliding", "uncertain_ten_percent", "delay_one"])
def test_later_flows_change_nothing_before(key: str) -> None:
    """Other flows and labels in the last window leave all scores of earlier ones as they were, to the bit."""
    forests, found = week(3, False)
    policy = next(one for one in POLICIES if one.key == key)
    before = [one.score for one in replay(found, 2, policy, forests, 3)]
    last = found.of == found.count - 1
    other, _ = week(3, False)
    other.stream.features[last] += 50
    other.stream.attack[last] ^= True
    after = [one.score for one in replay(found, 2, policy, other, 3)]
    assert all(np.array_equal(a, b) for a, b in zip(before[:-1], after[:-1], strict=True))
    assert not np.array_equal(before[-1], after[-1])


def recall(forests: Forests, found: Windows, key: str, window: int) -> float:
    policy = next(one for one in POLICIES if one.key == key)
    one = next(one for one in replay(found, 2, policy, forests, 1) if one.window == window)
    return float(one.called[forests.stream.attack[one.rows]].mean())


def test_labels_count_from_when_they_are_there() -> None:
    forests, found = week(1, False)
    by_key = {policy.key: list(replay(found, 2, policy, forests, 1)) for policy in POLICIES}
    assert [one.labels for one in by_key["past"]] == [0, 120, 240]
    assert [one.labels for one in by_key["delay_one"]][:2] == [0, 0]
    assert [one.labels for one in by_key["random_ten_percent"]] == [0, 12, 24]
    assert [one.fitted for one in by_key["past"]] == [False, True, True]
    assert all(not one.fitted and one.labels == 0 for one in by_key["never"] + by_key["delay_four"])
    assert {int(w) for w in found.of[by_key["sliding"][-1].trained]} == {2, 3}


def test_budgets_take_the_least_certain_flows() -> None:
    rows, score = np.arange(10, 20), np.linspace(0, 1, 10)
    policy = next(one for one in POLICIES if one.key == "uncertain_ten_percent")
    few = next(one for one in POLICIES if one.key == "random_one_per_mille")
    by_policy = [
        [labelled(rows, score, one, np.random.default_rng(seed)) for seed in range(20)] for one in (policy, few)
    ]
    assert {tuple(found.tolist()) for found in by_policy[0]} == {(14,), (15,)}
    assert {found.size for found in by_policy[1]} == {1}
    assert len({int(found[0]) for found in by_policy[1]}) > 4


def test_controls_fire() -> None:
    forests, found = week(2, False, size=400)
    model = next(iter(replay(found, 2, POLICIES[0], forests, 2))).model
    asked = {(one.control, one.detector): one for one in rung(found, 2, model, forests, 2)}
    for detector in ("features", "scores"):
        assert asked["benign", detector].rang == asked["shuffled", detector].rang == ()
        planted = asked["planted", detector]
        assert planted.must == 3
        assert planted.rang == (3,)


def test_benign_drift_rings_in_its_order_and_not_out_of_it() -> None:
    forests, found = week(2, False, size=400)
    forests.stream.features[(found.of == 4) & ~forests.stream.attack, 2] += 1
    model = next(iter(replay(found, 2, POLICIES[0], forests, 2))).model
    asked = {one.control: one for one in rung(found, 2, model, forests, 2) if one.detector == "features"}
    assert asked["benign"].rang == (4,)
    assert asked["shuffled"].rang == ()


def test_labels_without_meaning_teach_nothing_and_those_with_it_do() -> None:
    forests, found = week(2, False, size=200)
    stream = within(found, forests, np.random.default_rng(0))
    for window in range(found.count):
        here = found.of == window
        assert stream.attack[here].sum() == forests.stream.attack[here].sum()
    control = permuted(found, 2, forests, 2)
    assert abs(control.found.mean() - control.chance.mean()) < 0.1
    base = next(policy for policy in POLICIES if policy.key == "past")
    tested = list(replay(found, 2, base, forests, 2))[-1]
    hit = tested.called[forests.stream.attack[tested.rows]].mean()
    assert hit > 0.8


def test_windows_shorter_than_the_timeout_are_passed_over() -> None:
    """Each window but the first is over in less than the timeout, so that the next is not tested by its flows."""
    minute = TIMEOUT // 2
    time = np.concatenate([np.arange(40), 10 * TIMEOUT + np.repeat(np.arange(6) * minute, 20)])
    attack = np.tile([True, False], time.size // 2)
    of = np.concatenate([np.zeros(40, dtype=int), 1 + np.repeat(np.arange(6), 20)])
    names = tuple(str(number) for number in range(7))
    found = Windows("numbers", of, names, ("Monday",) * 7, np.full(time.size, "Monday"), time)
    forests = Forests(Stream(np.arange(time.size, dtype=float)[:, None], np.where(attack, "Bot", "BENIGN"), attack),
                      {"n_estimators": 4}, 0, 2, 1, 1)  # fmt: skip
    first = beginning(attack, found)
    assert first is not None
    count, rows = first
    assert (count, of[rows].max()) == (3, 1), "the third window is too near to what is tested first"
    tested = list(replay(found, count, POLICIES[0], forests, 1))
    assert [one.window for one in tested] == list(range(count, 7))
    assert tested[0].trained.tolist() == rows.tolist()


def test_flows_of_one_class_begin_nothing() -> None:
    forests, found = week(1, False)
    none = np.zeros_like(forests.stream.attack)
    assert beginning(none, found) is None
