"""What a feature can do alone: D beside the F1 that they reach."""

from __future__ import annotations

import pytest
from scipy import stats

from analysis.detection.plain_rules import Rule
from analysis.detection.single_features import report_single_features
from analysis.record import Column, Record


def found(d, f1, p=0.0, always=0.3):
    names = [f"f{i}" for i in range(len(d))]
    columns = [Column("feature", "Feature"), Column("d", "D", "fixed:3"), Column("p_holm", "p", "p")]
    rows = [{"feature": name, "d": value, "p_holm": p} for name, value in zip(names, d, strict=True)]
    ks = Record("x", "synthetic twin").table("ks_all", "t", columns, rows)
    return report_single_features(
        dict.fromkeys(names, Rule(1.0, True)), dict(zip(names, f1, strict=True)), always, 0.01, ks
    )


def test_d_beside_what_a_threshold_reaches():
    d, f1 = [0.5, 0.4, 0.3, 0.2, 0.1], [0.4, 0.6, 0.5, 0.305, 0.3]
    record = found(d, f1)
    assert record.values["single.spearman"].value == pytest.approx(stats.spearmanr(d, f1).statistic)
    assert record.values["single.rejected"].value == 5
    # One is no better than calling every flow an attack, one no more than the margin better.
    assert record.values["single.rejected_idle"].value == 2
    assert record.tables["single_features"].column("feature") == ["f0", "f1", "f2", "f3", "f4"]


def test_a_feature_on_which_no_test_rejects_shows_nothing_about_tests():
    assert found([0.01, 0.02], [0.3, 0.3], p=0.5).values["single.rejected_idle"].value == 0


def test_features_that_all_reach_the_same_have_no_rank_correlation():
    record = found([0.1, 0.2, 0.3], [0.3, 0.3, 0.3])
    assert record.values["single.spearman"].value is None
    assert record.values["single.spearman"].reason == "too few features that differ"
