"""Borders of scores, intervals, thresholds and thinned curves."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_curve

from analysis.detection.curves import POINTS, points
from analysis.detection.evaluation import F1_WILSON, WILSON, Confusion, f1_bound, wilson
from analysis.detection.single_features import Rule, learn
from tests.detection.conftest import make_flows


@pytest.mark.parametrize(("successes", "n"), [(5, 3), (-1, 3), (0, 0), (1, 0), (0, -1)])
def test_a_share_of_no_trials_or_of_too_many_successes_has_no_interval(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"{successes} successes of {n} trials"):
        wilson(successes, n)


def test_one_trial_has_an_interval() -> None:
    assert wilson(0, 1)[0] == 0
    assert wilson(1, 1)[1] == 1
    assert wilson(1, 1)[0] == pytest.approx(1 / (1 + 1.959963984540054**2))


def test_each_interval_says_how_it_was_made() -> None:
    count = Confusion(50, 5, 6, 30)
    made = {metric: count.interval(metric)["interval"] for metric in ("accuracy", "precision", "recall", "fpr", "f1")}
    assert made == {**dict.fromkeys(made, WILSON), "f1": F1_WILSON}
    assert count.interval("mcc") == {}
    assert Confusion(50, 0, 6, 0).interval("precision") == {}


def test_the_best_threshold_among_equals_is_up_to_and_the_lowest() -> None:
    ends = np.array([True, False, False, True])
    assert learn(np.array([1.0, 2, 3, 4]), ends) == Rule(1.0, False)
    assert learn(np.array([1.0, 1, 1, 1]), ends) == Rule(1.0, False)
    assert learn(np.array([4.0, 1, 2, 3]), np.array([True, False, False, False])) == Rule(3.0, True)


@pytest.mark.parametrize(
    ("attacks", "flows", "bound"), [([0, 0], [3, 2], 0.0), ([1], [1], 1.0), ([1, 1], [1, 4], 2 / 3), ([1], [3], 0.5)]
)
def test_the_bound_of_f1_by_hand(attacks: list[int], flows: list[int], bound: float) -> None:
    assert f1_bound(np.array(attacks), np.array(flows)) == pytest.approx(bound)


def test_a_share_is_that_of_its_parts() -> None:
    count = Confusion(tn=7, fp=5, fn=3, tp=11)
    assert (count.n, count.errors) == (26, 8)
    assert count.metrics() == pytest.approx({
        "accuracy": 18 / 26, "f1": 22 / 30, "precision": 11 / 16, "recall": 11 / 14, "fpr": 5 / 12,
        "mcc": (77 - 15) / (16 * 14 * 12 * 10) ** 0.5,
    })  # fmt: skip
    assert Confusion(0, 0, 0, 0).metrics() == {
        "accuracy": None, "f1": 0.0, "precision": None, "recall": None, "fpr": None, "mcc": 0.0,
    }  # fmt: skip
    with pytest.raises(ValueError, match="labels"):
        Confusion.of(np.ones(2, dtype=bool), np.ones(3, dtype=bool))


def test_thinned_points_lie_on_a_grid_in_recall_and_in_both_scales_of_the_rate() -> None:
    flows = make_flows(40_000, 3)
    label = flows["is_attack"].to_numpy()
    score = np.random.default_rng(1).normal(size=label.size) + 2 * label
    fpr, recall, _ = points(label, score)
    every, reached, _ = roc_curve(label, score, drop_intermediate=False)
    least = 1 / np.count_nonzero(~label)
    for grid, all_, kept in (
        (np.linspace(0, 1, POINTS // 3), reached, recall),
        (np.linspace(0, 1, POINTS // 3), every, fpr),
        (np.geomspace(least, 1, POINTS // 3), every, fpr),
    ):
        wanted = all_[np.searchsorted(all_, grid).clip(0, all_.size - 1)]
        assert np.isin(wanted, kept).all()
    assert POINTS * 2 // 3 < fpr.size <= POINTS + 2


def test_the_logarithmic_grid_reaches_down_to_a_millionth_and_no_further() -> None:
    benign = 1_500_000
    label = np.arange(benign + 2) >= benign
    score = np.append(np.random.default_rng(1).permutation(benign), [benign // 2, benign])
    fpr, _, _ = points(label, score)
    every = np.arange(benign + 1) / benign
    grid = np.geomspace(1e-6, 1, POINTS // 3)
    assert fpr[fpr > 0].min() == pytest.approx(every[np.searchsorted(every, 1e-6)])
    assert np.isin(every[np.searchsorted(every, grid[:50])], fpr).all()
