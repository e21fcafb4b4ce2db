"""Precision at another prevalence: against counting, and from a printed precision alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss

from analysis.findings.prevalence import PREVALENCES, Rates, precision, precision_at, printed_at
from analysis.findings.reliability import bins, brier

shares = st.floats(0.001, 0.999)


def test_by_counting() -> None:
    """Of 100,000 flows 100 are attacks, 90 of them found, and 999 of 99,900 benign flows called attacks."""
    assert precision(0.9, 0.01, 0.001) == pytest.approx(90 / (90 + 999))


@given(shares, shares, st.sampled_from(PREVALENCES))
def test_the_band_holds_the_number_and_falls_with_rarer_attacks(recall: float, fpr: float, prevalence: float) -> None:
    rates = Rates((recall, recall / 2, (1 + recall) / 2), (fpr, fpr / 2, (1 + fpr) / 2))
    value, low, high = precision_at(rates, prevalence)
    assert low <= value <= high
    assert precision_at(rates, prevalence / 2)[0] < value


@given(shares, shares, st.floats(0.01, 0.9), st.sampled_from(PREVALENCES))
def test_a_printed_precision_gives_what_the_rates_behind_it_give(
    recall: float, fpr: float, measured: float, prevalence: float
) -> None:
    value, low, high = printed_at(precision(recall, fpr, measured), 0.0, measured, prevalence)
    assert value == pytest.approx(precision(recall, fpr, prevalence))
    assert (low, high) == (value, value)


def test_what_is_rounded_to_one_may_be_one() -> None:
    assert printed_at(1.0, 0.005, 0.2, 0.001)[2] == 1.0


def test_the_grid_runs_from_one_half_to_one_in_a_hundred_thousand() -> None:
    assert (PREVALENCES[0], PREVALENCES[-1]) == (0.5, 0.00001)
    assert {0.01, 0.001} <= set(PREVALENCES)
    assert list(PREVALENCES) == sorted(PREVALENCES, reverse=True)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1), st.floats(0.1, 9)), min_size=2, max_size=50))
def test_brier_is_that_of_scikit_learn(flows: list[tuple[bool, float, float]]) -> None:
    attack, score, weight = (np.array(column) for column in zip(*flows, strict=True))
    value, low, high = brier(attack, score, weight)
    assert value == pytest.approx(brier_score_loss(attack, score, sample_weight=weight, pos_label=True), abs=1e-9)
    assert low <= value <= high


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=80))
def test_bins_hold_all_flows(flows: list[tuple[bool, float]]) -> None:
    attack, score = (np.array(column) for column in zip(*flows, strict=True))
    found = bins(attack, score, np.ones(attack.size))
    assert sum(one["n"] for one in found) == attack.size
    assert sum(one["observed"] * one["n"] for one in found) == pytest.approx(attack.sum())
    for one in found:
        assert one["bin"] / 10 - 1e-9 <= one["score"] <= one["bin"] / 10 + 0.1 + 1e-9
        assert one["low"] <= one["observed"] <= one["high"]
