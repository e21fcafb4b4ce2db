"""Which flows are explained, how methods agree, and what an analyst has of it, each from another way to compute it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau

from analysis.explanation.alerts import alike, cases, constant, needed
from analysis.explanation.forest import Flows, errors, explained, shared, summed
from analysis.explanation.importance import agreement, kendall, sizes


def test_types_give_as_many_flows_as_one_another_and_weigh_as_in_the_test_part() -> None:
    label = np.array(["BENIGN"] * 700 + ["A"] * 250 + ["B"] * 40 + ["C"] * 3)
    flows = Flows(np.zeros((label.size, 1)), label, label != "BENIGN")
    rows, weight = explained(flows, 200, np.random.default_rng(1))
    assert (np.diff(rows) > 0).all()
    chosen = label[rows]
    assert {name: int((chosen == name).sum()) for name in "ABC"} == {"A": 57, "B": 40, "C": 3}
    for name in ("BENIGN", "A", "B", "C"):
        assert weight[chosen == name].sum() == pytest.approx((label == name).sum())


@pytest.mark.parametrize(("sizes", "size"), [([5, 5], 3), ([0, 9], 4), ([2, 2], 100), ([1, 50, 50], 21)])
def test_shares_take_what_is_asked_and_no_group_more_than_another_unless_that_is_used_up(sizes, size) -> None:
    taken = shared(sizes, size)
    assert sum(taken) == min(size, sum(sizes))
    assert all(one <= whole for one, whole in zip(taken, sizes, strict=True))
    for one, whole in zip(taken, sizes, strict=True):
        assert one == whole or one >= max(taken) - 1


def test_errors_are_errors_of_both_kinds() -> None:
    attack = np.arange(300) < 150
    called = (np.arange(300) % 3 == 0) ^ attack
    found = errors(Flows(np.zeros((300, 1)), attack.astype(str), attack), called, np.random.default_rng(0))
    assert found.size == 100
    assert (called[found] != attack[found]).all()
    assert attack[found].sum() == 50


def test_tau_is_scipys() -> None:
    generator = np.random.default_rng(5)
    one, other = generator.integers(0, 6, (2, 20, 15)).astype(float)
    expected = [kendalltau(a, b).statistic for a, b in zip(one, other, strict=True)]
    assert kendall(one, other) == pytest.approx(expected, abs=1e-12)
    assert kendall(np.ones((1, 4)), one[:1, :4]).tolist() == [0]


def test_methods_agree_over_clusters_that_both_rank() -> None:
    whole = np.array([[4.0, 3, 2, 1]])
    some = np.array([[1.0, 2, np.nan, np.nan]])
    assert agreement({"a": whole, "b": some, "c": whole})["a", "b"] == (2, pytest.approx([-1]))
    assert agreement({"a": whole, "b": np.full((1, 4), np.nan)}) == {}


def test_sizes_are_weighted_means() -> None:
    credit = np.array([[1.0, -2], [3, 0]])
    assert sizes(credit, np.array([[1.0, 1], [3, 1]])).tolist() == [[2, 1], [1.5, 1.5]]


def test_credit_of_clusters_is_the_sum_of_their_columns() -> None:
    assert summed(np.array([[1.0, 2, 4]]), [1, 0, 1]).tolist() == [[2, 5]]


def test_needed_and_constant_are_counted_by_hand() -> None:
    credit = np.array([[0.5, 0.3, 0.1, 0.1], [0.2, -0.7, 0.1, 0.0], [1.0, 0, 0, 0]])
    assert needed(credit).tolist() == [2, 2, 1]
    other = np.array([[0.1, 0.3, 0, 0], [0.2, 0, 0, 0], [1.0, 0, 0, 0]])
    assert constant(credit, [credit, other]) == pytest.approx((3 + 2) / 6)


def test_a_false_alarm_far_from_all_hits_is_told_from_them() -> None:
    hits = np.random.default_rng(1).normal(0, 0.01, (40, 3)) + np.array([0.5, 0, 0])
    assert alike(hits, np.array([[0.5, 0, 0], [0.0, 0.9, 0]])) == 1
    assert alike(hits[:1], hits) is None


def test_cases_are_of_their_kind_and_hulk_where_it_is_missed() -> None:
    label = np.array(["Bot", "DoS Hulk", "BENIGN", "BENIGN", "Bot", "Bot"])
    flows = Flows(np.zeros((6, 1)), label, label != "BENIGN")
    score = np.array([0.1, 0.4, 0.7, 0.9, 0.8, 0.9])
    credit = np.eye(6)
    found = {case.kind: case for case in cases(flows, score, score > 0.5, credit)}
    assert (found["hit"].row, found["miss"].row, found["alarm"].row) == (5, 1, 3)
    assert found["hit"].leading[0] == 5
    assert [case.kind for case in cases(flows, np.ones(6), np.ones(6, dtype=bool), credit)] == ["hit", "alarm"]
