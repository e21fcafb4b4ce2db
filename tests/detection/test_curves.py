"""Areas by hand; the points kept are points of the whole curve and keep its shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from analysis.detection.curves import POINTS, areas, points
from analysis.detection.evaluation import Confusion


def test_areas_by_hand() -> None:
    # Order by score: attack, benign, attack, benign. Three of four pairs are in order.
    found = areas(np.array([True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.1]))
    assert found["roc_auc"] == pytest.approx(3 / 4)
    assert found["pr_auc"] == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


def test_a_constant_score_has_no_skill() -> None:
    found = areas(np.array([True, False, False, False]), np.full(4, 0.3))
    assert found == {"roc_auc": pytest.approx(0.5), "pr_auc": pytest.approx(0.25)}


@pytest.mark.parametrize("label", [True, False])
def test_one_class_has_no_curves(label: bool) -> None:
    labels = np.full(5, label)
    assert areas(labels, np.arange(5.0)) == {"roc_auc": None, "pr_auc": None}
    assert all(part.size == 0 for part in points(labels, np.arange(5.0)))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=2, max_size=80))
def test_points_are_thresholds_of_the_score(flows: list[tuple[bool, int]]) -> None:
    label, score = np.array([a for a, _ in flows]), np.array([float(s) for _, s in flows])
    if label.all() or not label.any():
        return
    expected = {}
    for threshold in np.unique(score):
        count = Confusion.of(label, score >= threshold)
        expected[count.fpr, count.recall] = count.precision
    fpr, recall, precision = points(label, score)
    assert (fpr[0], recall[0], fpr[-1], recall[-1]) == (0, 0, 1, 1)
    assert np.isnan(precision[0])
    for at in range(1, fpr.size):
        assert precision[at] == pytest.approx(expected[fpr[at], recall[at]])


@settings(max_examples=10)
@given(st.integers(0, 1000))
def test_thinning_keeps_the_areas(seed: int) -> None:
    generator = np.random.default_rng(seed)
    label = generator.uniform(size=20_000) < 0.2
    score = generator.normal(size=label.size) + 2 * label
    fpr, recall, precision = points(label, score)
    assert fpr.size <= POINTS + 2
    assert np.trapezoid(recall, fpr) == pytest.approx(roc_auc_score(label, score), abs=0.002)
    steps = np.sum(np.diff(recall) * precision[1:])
    assert steps == pytest.approx(average_precision_score(label, score), abs=0.01)
