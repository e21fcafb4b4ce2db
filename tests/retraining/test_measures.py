"""Areas under time by hand, and losses that add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.retraining.losses import PARTS, shared_out
from analysis.retraining.measures import Measured, area_under_time, f1, measured, over_time
from analysis.statistics.drawn import jeffreys

SHARE = st.floats(0, 1)


def test_the_area_of_three_windows_by_hand() -> None:
    # (1 + .5) / 2 = .75 and (.5 + .25) / 2 = .375; their mean is .5625.
    assert float(area_under_time(np.array([1.0, 0.5, 0.25]))) == pytest.approx(0.5625)
    assert float(area_under_time(np.array([0.3]))) == 0.3


def test_windows_without_the_measure_are_passed_over() -> None:
    one, other = (Measured({"recall": (value, 0.0, 1.0)}, {"recall": np.full(9, value)}) for value in (0.2, 0.6))
    found = over_time([one, Measured(), other], "recall")
    assert found is not None
    assert found[0] == pytest.approx((0.4, 0.4, 0.4))
    assert over_time([Measured()], "recall") is None


def test_measures_of_a_window_by_hand() -> None:
    attack = np.array([True] * 4 + [False] * 16)
    score = np.array([0.9, 0.8, 0.7, 0.1, *[0.75], *[0.05] * 15])
    found = measured(attack, score, score > 0.6, np.ones(20), np.random.default_rng(1)).ends
    assert found["recall"][0] == 0.75
    assert found["fpr"][0] == 1 / 16
    assert found["f1"][0] == pytest.approx(6 / 8)
    assert found["pr_auc"][0] == pytest.approx((1 + 1 + 3 / 4 + 4 / 5) / 4)
    assert all(low <= value <= high for value, low, high in found.values())


def test_draws_are_of_jeffreys_distribution() -> None:
    """Of k of n trials that of Beta(k + 1/2, n - k + 1/2), by SciPy, and of the rate that was measured."""
    at = [0.025, 0.5, 0.975]
    found = np.quantile(jeffreys(0.3, 50, np.random.default_rng(2)), at)
    assert found == pytest.approx(stats.beta(15.5, 35.5).ppf(at), abs=0.01)
    none = np.quantile(jeffreys(0, 1, np.random.default_rng(2)), at)
    assert none == pytest.approx(stats.beta(0.5, 1.5).ppf(at), abs=0.02), "of one trial"
    attack = np.repeat([True, False], [40, 200])
    called = np.concatenate([np.arange(40) < 30, np.arange(200) < 20])
    draws = measured(attack, called * 1.0, called, np.ones(240), np.random.default_rng(3)).draws
    assert np.quantile(draws["recall"], at) == pytest.approx(stats.beta(30.5, 10.5).ppf(at), abs=0.01)
    assert np.quantile(draws["fpr"], at) == pytest.approx(stats.beta(20.5, 180.5).ppf(at), abs=0.01)
    assert draws["f1"] == pytest.approx(f1(draws["recall"], draws["fpr"], 40, 200))


def test_weights_count_as_so_many_flows() -> None:
    attack = np.array([True, True, False, False])
    called = np.array([True, False, True, False])
    found = measured(attack, called * 1.0, called, np.array([3.0, 1.0, 1.0, 1.0]), np.random.default_rng(1)).ends
    assert found["recall"][0] == 0.75
    assert found["f1"][0] == pytest.approx(6 / (6 + 1 + 1))


def test_a_window_of_one_class_has_what_it_can_have() -> None:
    def keys(attacks: int, benign: int) -> set[str]:
        attack = np.repeat([True, False], [attacks, benign])
        generator = np.random.default_rng(1)
        return set(measured(attack, np.zeros(attack.size), ~attack, np.ones(attack.size), generator).ends)

    assert keys(0, 10) == {"fpr"}
    assert keys(5, 0) == {"recall", "f1"}
    assert keys(5, 9) == {"recall", "f1", "pr_auc"}, "of nine benign flows no rate is told"


@given(st.tuples(SHARE, SHARE, SHARE), st.tuples(SHARE, SHARE, SHARE), st.tuples(*[st.integers(1, 900)] * 3))
def test_losses_add_up(held: tuple[float, ...], later: tuple[float, ...], sizes: tuple[int, ...]) -> None:
    before, after, n = (dict(zip(PARTS, values, strict=True)) for values in (held, later, sizes))

    def of(rates: dict[str, float]) -> float:
        attacks = n["new"] + n["known"]
        return float(f1((rates["new"] * n["new"] + rates["known"] * n["known"]) / attacks, rates["benign"], attacks,
                        n["benign"]))  # fmt: skip

    lost = shared_out(before, after, n)
    assert sum(lost.values()) == pytest.approx(of(before) - of(after))
    assert (lost["new"] >= -1e-12) == (later[0] <= held[0]) or abs(lost["new"]) < 1e-12
