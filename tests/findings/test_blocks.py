"""Blocks of identical flows by hand, and recall by type against scikit-learn."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_curve

from analysis.dataset.identical_rows import first_identical
from analysis.findings.blocks import STEP, mixed, staircase

FLOWS = pl.DataFrame(
    {
        "a": [1, 1, 1, 2, 2, 3, 3, 3, 3],
        "b": [0.0, 0.0, 0.0, 0.5, 0.5, 0.0, 0.0, -0.0, 0.0],
        "label": ["BENIGN", "DoS Hulk", "BENIGN", "Bot", "Bot", "Bot", "DoS Hulk", "DoS Hulk", "BENIGN"],
        "is_attack": [False, True, False, True, True, True, True, True, False],
        "predicted": [False, False, False, True, True, True, True, True, True],
        "score": [0.2, 0.2, 0.2, 0.9, 0.9, 0.7, 0.7, 0.7, 0.7],
    }
)


def test_flows_of_a_block_have_the_number_of_its_first() -> None:
    assert first_identical(FLOWS.get_column, ["a", "b"], FLOWS.height).tolist() == [0, 0, 0, 3, 3, 5, 5, 5, 5]
    assert first_identical(FLOWS.get_column, ["b"], FLOWS.height).tolist() == [0, 0, 0, 3, 3, 0, 0, 0, 0]
    # A feature that is named twice is one feature.
    assert first_identical(FLOWS.get_column, ["a", "a"], FLOWS.height).tolist() == [0, 0, 0, 3, 3, 5, 5, 5, 5]


def test_blocks_with_both_labels_by_hand() -> None:
    first, second = mixed(first_identical(FLOWS.get_column, ["a", "b"], FLOWS.height), FLOWS)
    # One error in either: a missed attack of three flows, a false alarm of four; the larger block comes first.
    assert (first.first, first.flows, first.attacks, first.errors, first.score, first.called) == (5, 4, 3, 1, 0.7, True)
    assert first.types == (("DoS Hulk", 2), ("Bot", 1))
    assert (second.flows, second.attacks, second.errors, second.called) == (3, 1, 1, False)
    assert second.types == (("DoS Hulk", 1),)


def test_the_threshold_cannot_go_through_a_block() -> None:
    stairs = staircase(FLOWS["label"].to_numpy(), FLOWS["is_attack"].to_numpy(), FLOWS["score"].to_numpy())
    assert stairs.around(0.7, stairs.fpr) == (0, pytest.approx(1 / 3))
    assert stairs.around(0.7, stairs.all_attacks) == (pytest.approx(2 / 6), pytest.approx(5 / 6))
    assert stairs.around(0.2, stairs.recall["DoS Hulk"]) == (pytest.approx(2 / 3), 1)
    assert stairs.around(0.2, stairs.fpr) == (pytest.approx(1 / 3), 1)


@given(st.integers(0, 10_000), st.integers(2, 60))
def test_each_type_is_as_scikit_learn_has_it(seed: int, levels: int) -> None:
    generator = np.random.default_rng(seed)
    label = np.append(generator.choice(["BENIGN", "Bot", "DDoS"], 198), ["Bot", "BENIGN"])
    attack = label != "BENIGN"
    score = (generator.integers(0, levels, 200) / levels + 0.2 * attack).round(6)
    stairs = staircase(label, attack, score)
    for name, recall in stairs.recall.items():
        own = ~attack | (label == name)
        fpr, expected, thresholds = roc_curve(label[own] == name, score[own], drop_intermediate=False)
        at = np.searchsorted(-stairs.threshold, -thresholds)
        assert stairs.recall[name][at] == pytest.approx(expected)
        assert stairs.fpr[at] == pytest.approx(fpr)
        assert (recall[0], recall[-1]) == (0, 1)
    fpr, expected, _ = roc_curve(attack, score, drop_intermediate=False)
    assert stairs.all_attacks == pytest.approx(expected)
    kept = stairs.thinned()
    assert kept[0] == 0
    assert kept[-1] == stairs.fpr.size - 1
    # What was left out lies within a step of the point before it that was kept.
    before = kept[np.searchsorted(kept, np.arange(stairs.fpr.size), side="right") - 1]
    assert np.abs(stairs.fpr - stairs.fpr[before]).max() <= STEP
