"""Splits by campaign, time and unseen attacks: no event on both sides, order and gap, nothing of a family learnt."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.conditions.campaigns import GAP, NO_HOSTS, NO_TIMES, campaigns, campaigns_of, pairs, whereabouts
from analysis.conditions.condition import Condition
from analysis.conditions.draw import Draw, Flows
from analysis.conditions.split import NO_ATTEMPTED, roles
from analysis.conditions.splits import split
from analysis.conditions.time_splits import NO_DAYS, TIMEOUT, ordered
from analysis.conditions.time_splits import WEEK as DAYS
from analysis.conditions.unseen import FAMILIES, FEW, UNTYPED, family
from analysis.dataset.parts import ATTEMPTED, TEST, TRAIN, UNUSED, Part, relabelled
from analysis.dataset.release import load, names

MINUTE = 60_000_000
TYPES = ("BENIGN", "DDoS", "DoS Hulk", "PortScan", "Infiltration PortScan", "Bot")
flows = st.lists(
    st.tuples(st.sampled_from(TYPES), st.integers(0, 3 * 24 * 60), st.integers(0, 3)), min_size=30, max_size=150
)


def made(drawn: list[tuple[str, int, int]], **changes: Any) -> Flows:
    label, minute, hosts = (np.array(column) for column in zip(*drawn, strict=True))
    time = minute.astype(np.int64) * MINUTE
    day = np.array(["Monday", "Tuesday", "Wednesday", "Thursday"])[minute // (24 * 60)]
    found = {"label": label, "attack": label != "BENIGN", "file": np.full(label.size, "one.csv"),
             "used": np.ones(label.size, dtype=bool), "day": day, "time": time, "hosts": hosts}  # fmt: skip
    return Flows(**(found | changes))


def draw(seed: int = 1, min_type: int = 5) -> Draw:
    return Draw(0.2, min_type, np.random.default_rng(seed))


def by_hand(label: Any, attack: Any, time: Any, hosts: Any) -> list[int]:
    """Campaigns flow by flow, in the order of time, as their definition says."""
    found: dict[int, int] = {}
    last: dict[tuple[Any, ...], tuple[int, int]] = {}
    for row in sorted(range(len(label)), key=lambda row: (time[row], row)):
        day = time[row] // (24 * 60 * MINUTE)
        if attack[row]:
            key = (label[row], day, hosts[row])
            before, number = last.get(key, (time[row] - 10 * GAP, -1))
            number = number if time[row] - before <= GAP else row
            last[key] = (time[row], number)
        else:
            key = (label[row], "window", hosts[row], time[row] // GAP)
            number = last.setdefault(key, (0, row))[1]
        found[row] = number
    return [found[row] for row in range(len(label))]


def same_groups(one: Any, other: Any) -> bool:
    return len(set(zip(one, other, strict=True))) == len(set(one)) == len(set(other))


@given(flows)
def test_campaigns_are_those_of_their_definition(drawn):
    of = made(drawn)
    assert of.time is not None
    assert of.hosts is not None
    found = campaigns(of.label, of.attack, of.time, of.hosts)
    assert same_groups(found.tolist(), by_hand(of.label, of.attack, of.time.tolist(), of.hosts))


@given(flows, st.integers(0, 99))
def test_campaigns_apart_share_none_across_sides(drawn, seed):
    of = made(drawn)
    assert of.time is not None
    assert of.hosts is not None
    (fold,) = split(of, "campaigns", draw(seed))
    if fold.roles is None:
        return
    number = campaigns(of.label, of.attack, of.time, of.hosts)
    assert not set(number[fold.roles == TEST].tolist()) & set(number[fold.roles == TRAIN].tolist())
    for label in set(of.label.tolist()):
        if len(set(number[of.label == label].tolist())) == 1:
            assert (fold.roles[of.label == label] == TRAIN).all(), "one campaign of a type stays in training"


@pytest.mark.parametrize("seed", range(9))
def test_types_of_one_flow_are_not_pooled_where_campaigns_are_apart(seed):
    """One of them would be tested, of which nothing was trained for."""
    (fold,) = split(made([*WEEK, *((f"rare {i}", 30 * i, 0) for i in range(8))]), "campaigns", draw(seed))
    assert set(fold.roles[-8:].tolist()) == {TRAIN}


def test_flows_without_times_or_hosts_are_of_no_campaign(tmp_path):
    pl.DataFrame({
        "Label": ["DDoS"] * 2, "is_attack": [True] * 2, "Source IP": ["a"] * 2, "Destination IP": ["b"] * 2,
        "timestamp": np.array(["2017-07-03T10:00", "2017-07-03T11:00"], dtype="datetime64[us]"),
    }).write_parquet(tmp_path / "clean.parquet")  # fmt: skip
    hosts = pl.read_parquet(tmp_path / "clean.parquet", columns=["Source IP", "Destination IP"])
    hosts.write_parquet(tmp_path / "hosts.parquet")
    assert [one is not None for one in whereabouts(Part.whole(tmp_path / "hosts.parquet"))] == [False, False, True]
    found, reason = campaigns_of(Part.whole(tmp_path / "clean.parquet"))
    assert (found.tolist(), reason) == ([0, 1], None)
    for lacking, why in (("timestamp", NO_TIMES), ("Source IP", NO_HOSTS)):
        pl.read_parquet(tmp_path / "clean.parquet").drop(lacking).write_parquet(tmp_path / "less.parquet")
        assert campaigns_of(Part.whole(tmp_path / "less.parquet")) == (None, why)


def test_midnight_ends_a_campaign():
    """And nothing else does in the day that follows, on days as they are written."""
    times = ["2017-07-03T23:59:50", "2017-07-04T00:00:10", "2017-07-04T00:00:40", "2017-07-04T23:59:59"]
    time = np.array(times, dtype="datetime64[us]").astype(np.int64)
    found = campaigns(np.repeat("DDoS", 4), np.ones(4, dtype=bool), time, np.zeros(4, dtype=int))
    assert found.tolist() == [0, 1, 1, 2]


def test_a_pair_of_hosts_is_one_whichever_began():
    found = pairs(pl.Series(["a", "b", "a", None]), pl.Series(["b", "a", "c", "a"]))
    assert found[0] == found[1]
    assert len(set(found.tolist())) == 3


WEEK = [(TYPES[i % 6], 3 * i, i % 4) for i in range(3 * 24 * 20)]
"""Flows of every type, on each of three days, every three minutes."""
FOLDS = {
    "random": ["random"],
    "campaigns": ["campaigns"],
    "chronological": ["chronological"],
    "day_forward": ["Tuesday", "Wednesday"],
    "later_days": ["Monday", "Tuesday"],
    "type_out": ["DDoS", "DoS Hulk", "Infiltration PortScan", "PortScan"],
    "family_out": ["Bot", "denial of service", "scans"],
}


@pytest.mark.parametrize("rule", FOLDS)
def test_flows_that_tell_all_are_split_by_every_rule(rule):
    used = np.arange(len(WEEK)) % 7 != 0
    folds = split(made(WEEK, used=used), rule, draw())
    assert [fold.name for fold in folds] == FOLDS[rule]
    assert [fold.reason for fold in folds] == [None] * len(folds)
    for fold in folds:
        assert {TRAIN, TEST} <= set(fold.roles[used].tolist()) <= {TRAIN, TEST, UNUSED}
        assert set(fold.roles[~used].tolist()) == {UNUSED}


@given(flows)
def test_chronological_parts_keep_order_and_gap(drawn):
    of = made(drawn)
    assert of.time is not None
    (fold,) = split(of, "chronological", draw())
    if fold.roles is None:
        return
    for label in set(of.label.tolist()):
        time, role = of.time[of.label == label], fold.roles[of.label == label]
        if (role == TEST).any():
            assert time[role == TRAIN].max() + TIMEOUT <= time[role == TEST].min()
            assert (role == TEST).sum() >= max(round(0.2 * role.size), 1), "ties go to the test part"
        else:
            assert (role == TRAIN).all()


def test_of_two_flows_of_a_type_the_later_is_the_test_part():
    (fold,) = split(made([*WEEK, ("SSH", 0, 0), ("SSH", 60, 0)]), "chronological", draw())
    assert fold.roles[-2:].tolist() == [TRAIN, TEST]


@given(flows)
def test_a_later_day_is_after_all_that_was_trained_on(drawn):
    of = made(drawn)
    assert of.time is not None
    assert of.day is not None
    for timed in (of, made(drawn, time=None)):
        for fold in split(timed, "day_forward", draw()):
            if fold.roles is None:
                continue
            assert of.time[fold.roles == TRAIN].max() < of.time[fold.roles == TEST].min()
            assert set(of.day[fold.roles == TEST].tolist()) == {fold.name}
            assert (fold.roles[of.day == fold.name] == TEST).all()
            assert of.attack[fold.roles == TRAIN].any()


@given(flows)
def test_later_days_are_all_days_after_those_trained_on(drawn):
    of = made(drawn)
    assert of.time is not None
    assert of.day is not None
    for fold in split(of, "later_days", draw()):
        if fold.roles is None:
            continue
        assert of.time[fold.roles == TRAIN].max() < of.time[fold.roles == TEST].min()
        assert fold.name in of.day[fold.roles == TRAIN].tolist()
        assert set(fold.roles[of.used].tolist()) == {TRAIN, TEST}, "no day between, and none left out"
        last = of.time[(of.day == fold.name) & of.used].max()
        assert ((fold.roles == TEST) == (of.used & (of.time > last))).all()
        assert of.attack[fold.roles == TEST].any()


@given(flows, st.integers(0, 99))
def test_nothing_of_a_family_left_out_is_trained_on(drawn, seed):
    of = made(drawn)
    for rule, group in (("family_out", family), ("type_out", str)):
        benign = []
        for fold in split(of, rule, draw(seed)):
            if fold.roles is None:
                continue
            out = np.array([group(label) == fold.name for label in of.label])
            assert (fold.roles[out] == TEST).all()
            assert set(of.label[(fold.roles == TEST) & ~out].tolist()) <= {"BENIGN"}
            assert out.any()
            benign.append((fold.roles == TEST) & ~of.attack)
        assert all(np.array_equal(one, benign[0]) for one in benign), "all are tested on the same benign flows"


def test_a_type_is_left_out_alone_where_it_has_siblings():
    drawn = [(label, minute, 0) for label in TYPES for minute in range(10)]
    assert [fold.name for fold in split(made(drawn), "type_out", draw())] == [
        "DDoS", "DoS Hulk", "Infiltration PortScan", "PortScan",
    ]  # fmt: skip
    assert [fold.name for fold in split(made(drawn), "family_out", draw())] == ["Bot", "denial of service", "scans"]


def test_the_families_are_of_types_that_releases_have():
    known = {label for name in names() for label in (*load(name).labels, *load(name).families)}
    members = [label for family in FAMILIES.values() for label in family]
    assert set(members) <= known
    assert len(members) == len(set(members)), "no type is of two families"


ONE_DAY = [(label, minute, 0) for label in ("BENIGN", "DDoS") for minute in range(20)]


@pytest.mark.parametrize(
    ("rule", "changes", "reason"),
    [
        ("campaigns", {"time": None}, NO_TIMES),
        ("campaigns", {"hosts": None}, NO_HOSTS),
        ("campaigns", {"hosts": np.zeros(40, dtype=int), "time": np.zeros(40, dtype=int)}, None),
        ("chronological", {"time": None}, NO_TIMES),
        ("day_forward", {"day": None}, NO_DAYS),
        ("day_forward", {"day": np.full(40, "")}, NO_DAYS),
        ("day_forward", {}, "all flows are of one day"),
        ("day_forward", {"day": np.array(["Monday"] * 20 + ["Tuesday"] * 20)}, "no day with attacks is followed by"),
        ("day_forward", {"day": np.array(["Tuesday"] * 20 + ["Monday"] * 20), "time": None}, "no attack on this day"),
        ("later_days", {"day": None}, NO_DAYS),
        ("later_days", {}, "all flows are of one day"),
        ("later_days", {"day": np.array(["Monday"] * 20 + ["Tuesday"] * 20)}, "no day with attacks is followed by"),
        ("later_days", {"day": np.array(["Tuesday"] * 20 + ["Monday"] * 20), "time": None}, "no attack on later days"),
        ("type_out", {}, UNTYPED),
        ("family_out", {}, UNTYPED),
        ("family_out", {"label": np.array(["BENIGN"] * 20 + ["Bot"] * 18 + ["DDoS"] * 2)}, FEW),
        ("type_out", {"label": np.array(["BENIGN"] * 20 + ["Bot"] * 10 + ["DDoS"] * 10)}, "no type of attack has a"),
    ],
)
def test_what_cannot_be_split_so_says_why(rule, changes, reason):
    found = split(made(ONE_DAY, **changes), rule, draw())
    told = [fold.reason for fold in found if fold.roles is None]
    assert told
    assert reason is None or any(reason in (one or "") for one in told)


def test_days_are_ordered_by_time_then_by_the_week_then_by_date():
    days = np.array(["2017-07-04", "Monday", "Friday"])
    assert ordered(days, np.array([3, 2, 1])) == ["Friday", "Monday", "2017-07-04"]
    assert ordered(np.array(DAYS[::-1])) == list(DAYS), "a whole week"
    assert ordered(days) is None, "a date and a day of the week have no order"
    assert ordered(np.array(["2017-07-04", "2017-07-03"])) == ["2017-07-03", "2017-07-04"]
    assert ordered(np.array(["Friday", ""])) is None


@pytest.fixture
def tried(tmp_path):
    """Flows of which some are attempted attacks, which cleaning called benign."""
    n = 200
    attack, attempted = np.arange(n) % 4 == 0, np.arange(n) % 10 == 1
    pl.DataFrame({
        "Length": np.arange(n), "Label": np.where(attack, "DDoS", "BENIGN"), "is_attack": attack,
        "attempted": attempted, "source_file": ["one.csv"] * n, "source_row": np.arange(n),
    }).write_parquet(tmp_path / "clean.parquet")  # fmt: skip
    return Part.whole(tmp_path / "clean.parquet")


def test_attempted_attacks_count_as_benign_as_attacks_or_not_at_all(tried):
    attempted = tried.column("attempted").to_numpy()
    (fold,) = roles(tried, Condition(labels="attempted_out"), 0.2, 5, 1)
    assert ((fold.roles == UNUSED) == attempted).all()
    attacks = relabelled(tried, "attempted_attack")
    assert (attacks.column("is_attack").to_numpy() == tried.column("is_attack").to_numpy() | attempted).all()
    labels = attacks.column("Label").to_numpy()
    assert ((labels == ATTEMPTED) == (attempted & ~tried.column("is_attack").to_numpy())).all()
    part = attacks.only(attempted)
    assert part.column("is_attack").all()
    assert relabelled(tried, "cleaned").column("Label").equals(tried.column("Label"))


def test_without_attempted_attacks_a_condition_on_them_says_so(tried):
    plain = tried.only(~tried.column("attempted").to_numpy())
    for labels in ("attempted_out", "attempted_attack"):
        (fold,) = roles(relabelled(plain, labels), Condition(labels=labels), 0.2, 5, 1)
        assert (fold.roles, fold.reason) == (None, NO_ATTEMPTED)
