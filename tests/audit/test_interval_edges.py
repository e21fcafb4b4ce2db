"""Formulas of intervals written out a second time, and their borders."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.audit.verdicts import intervals
from analysis.audit.verdicts.decisions import bracket
from analysis.detection.evaluation import F1_WILSON, WILSON, Confusion


def test_superiority_has_the_error_of_hanley_and_mcneil() -> None:
    first, second = np.array([1.0, 2, 2, 5]), np.array([2.0, 4, 6, 7, 0.5])
    area = np.mean([(a < b) + (a == b) / 2 for a in first for b in second])
    m, n = 4, 5
    q1, q2 = area / (2 - area), 2 * area * area / (1 + area)
    error = math.sqrt((area - area**2 + (n - 1) * (q1 - area**2) + (m - 1) * (q2 - area**2)) / m / n)
    found = intervals.superiority(first, second)
    assert (found.value, found.n) == (pytest.approx(area), 9)
    assert (found.low, found.high) == pytest.approx(
        (area - 1.959964 * error, min(area + 1.959964 * error, 1)), abs=1e-6
    )


def test_correlations_of_one_column_with_itself_and_of_a_handful_stay_finite() -> None:
    for r, high in ((1.0, 1.0), (-1.0, -0.99)):
        found = intervals.correlation(r, 50)
        assert found.low <= r <= found.high
        assert abs(found.high - high) < 0.02
    assert intervals.correlation(0.5, 3) == intervals.correlation(0.5, 4).__class__(
        0.5, math.tanh(math.atanh(0.5) - 1.959963984540054), math.tanh(math.atanh(0.5) + 1.959963984540054), 3,
        "Fisher's z",
    )  # fmt: skip


@pytest.mark.filterwarnings("error")
def test_a_difference_of_models_that_call_nothing_is_none() -> None:
    nothing = np.zeros(5, dtype=bool)
    found = intervals.f1_difference(nothing, nothing, nothing, 20, np.random.default_rng(1))
    assert (found.low, found.value, found.high) == (0, 0, 0)


def test_a_difference_has_the_percentiles_of_its_resamples() -> None:
    """Against the same draws, flow by flow in place of kind by kind."""
    kinds = np.repeat(np.arange(8), [60, 2, 3, 3, 3, 4, 7, 18])
    truth, first, second = (kinds & bit != 0 for bit in (4, 2, 1))
    found = intervals.f1_difference(truth, first, second, 400, np.random.default_rng(1))
    draws = np.random.default_rng(1).multinomial(100, np.bincount(kinds) / 100, size=400)

    def f1(counts: np.ndarray, bit: int) -> float:
        tp = sum(counts[k] for k in range(8) if k & 4 and k & bit)
        wrong = sum(counts[k] for k in range(8) if bool(k & 4) != bool(k & bit))
        return 2 * tp / (2 * tp + wrong)

    differences = [f1(draw, 2) - f1(draw, 1) for draw in draws]
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(differences, [0.025, 0.975])))
    assert found.value == pytest.approx(f1(np.bincount(kinds), 2) - f1(np.bincount(kinds), 1))


def test_an_interval_says_how_it_was_made_and_reads_as_json() -> None:
    count = Confusion(50, 5, 6, 30)
    assert count.interval("f1")["interval"] == F1_WILSON
    assert count.interval("recall")["interval"] == WILSON
    assert intervals.as_json(None) is None
    made = intervals.share(3, 6)
    assert intervals.as_json(made) == {"low": made.low, "high": made.high, "method": WILSON}


def test_f1_rests_on_the_flows_in_question() -> None:
    count = Confusion(50, 5, 6, 30)
    rests = {metric: intervals.measure(count, metric) for metric in ("accuracy", "precision", "recall", "f1")}
    assert {metric: (found.n, found.of) for metric, found in rests.items() if found} == {
        "accuracy": (91, 91), "precision": (91, 35), "recall": (91, 36), "f1": (91, 41),
    }  # fmt: skip
    # Nothing is found, and all the same there is something in question.
    assert intervals.measure(Confusion(50, 5, 0, 0), "f1") is not None
    assert intervals.measure(Confusion(50, 0, 6, 0), "f1") is not None
    assert intervals.measure(Confusion(50, 0, 0, 0), "f1") is None


@pytest.mark.parametrize("rho", [0.8, -0.3, 0.0])
def test_a_rank_correlation_has_the_error_of_bonett_and_wright(rho: float) -> None:
    half = 1.959963984540054 * math.sqrt((1 + rho**2 / 2) / 27)
    found = intervals.rank_correlation(rho, 30)
    assert (found.value, found.n) == (rho, 30)
    assert (found.low, found.high) == pytest.approx(
        (math.tanh(math.atanh(rho) - half), math.tanh(math.atanh(rho) + half))
    )


@pytest.mark.parametrize("missing", [1, 0])
def test_an_estimate_from_fewer_flows_than_it_takes_says_nothing_of_how_many_are_needed(missing: int) -> None:
    of = intervals.FEW - missing
    found = intervals.flows_for(0.02, intervals.share(of // 2, of))
    assert (found is None) == bool(missing)


def test_what_a_number_may_stand_for_ends_at_nine_decimals() -> None:
    assert intervals.allowed(0.25, 0.00000000049, 0) == (0.25, 0.25)
    assert intervals.allowed(0.25, 0.00000000051, 0) == (0.249999999, 0.250000001)
    assert intervals.allowed(0.99, 0.005, 0.02) == (0.965, 1.015)


def test_a_share_of_few_flows_is_told_as_what_it_is() -> None:
    """One of one is not 1.000, in whatever row of the ledger or of another study it stands."""
    assert [bracket(intervals.share(part, whole)) for part, whole in ((1, 1), (3, 9))] == ["1 of 1", "3 of 9"]
    assert bracket(intervals.share(3, 9, 5000)) == "3 of 9", "the flows that it is a share of count, not all"
    assert bracket(intervals.share(3, 10)) == "0.300 [0.108, 0.603]"
    assert bracket(intervals.rank_correlation(0.5, 8)).startswith("0.500 [")
