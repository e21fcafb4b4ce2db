"""Fits to shuffled labels: a leak that is planted in the pipeline is seen, and structure is taken for none."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from analysis.dataset.parts import TEST, TRAIN, Fold, Part
from analysis.findings import shuffled
from analysis.findings.shuffled import Shuffled, report_shuffled, shuffle
from tests.findings.conftest import Small, halves


def make(n: int = 600, seed: int = 1) -> pl.DataFrame:
    """Flows in few blocks that look alike, each of one class but for some: much for a forest to rank."""
    random = np.random.default_rng(seed)
    attack = random.random(n) < 0.25
    block = np.where(attack, random.integers(0, 3, n), random.integers(2, 8, n)).astype(float)
    return pl.DataFrame({"Block": block, "Length": random.exponential(10, n), "is_attack": attack})


def asked(small: Small) -> Shuffled:
    frame = make()
    return shuffle("random", small.put(frame, halves(frame.height)), 1, 1)


def verdict(found: Shuffled) -> bool:
    value = report_shuffled([found], {found.name: "random split"}, "synthetic twin").values["leak.any"].value
    assert isinstance(value, bool)
    return value


def test_flows_that_look_alike_are_no_leak(small: Small) -> None:
    found = asked(small)
    assert not verdict(found)
    assert found.found.mean() < found.bound


def test_test_flows_that_get_into_training_are_seen(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts of the pipeline forget the roles: all flows, with the labels to be judged by, are trained on."""
    honest = shuffled.folds

    def leaking(*paths: object) -> list[Fold]:
        (fold,) = honest(*paths)  # type: ignore[arg-type]
        assert fold.train is not None
        return [Fold(fold.name, Part(fold.train.flows, np.ones_like(fold.train.rows)), fold.test)]

    monkeypatch.setattr(shuffled, "folds", leaking)
    found = asked(small)
    assert verdict(found)
    assert found.found.mean() > 0.9


def test_a_feature_made_from_the_labels_of_all_flows_is_seen(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """Preparation encodes a column by its share of attacks, counted on test flows as well."""
    honest = Part.matrix

    def leaking(self: Part, features: list[str]) -> np.ndarray:
        found = honest(self, features)
        label = Part.whole(self.flows).column("is_attack").to_numpy().astype(float)
        noise = np.random.default_rng(0).normal(0, 0.3, label.size)
        found[:, -1] = (label + noise)[self.rows]
        return found

    monkeypatch.setattr(Part, "matrix", leaking)
    assert verdict(asked(small))


def test_labels_are_permuted_within_either_part(small: Small) -> None:
    frame = make()
    (fold,) = small.put(frame, halves(frame.height))
    copy = shuffled.Copy.of_each([fold], ["Block", "Length"], small.flows.parent / "copy", np.random.default_rng(1))[0]
    (other,), truth = copy.folds(np.random.default_rng(2))
    assert other.train is not None
    assert other.test is not None
    assert fold.test is not None
    assert other.test.column("is_attack").to_list() == truth.tolist()
    assert truth.sum() == fold.test.column("is_attack").sum()
    assert truth.tolist() != fold.test.column("is_attack").to_list()
    assert other.test.column("Length").to_list() == fold.test.column("Length").to_list()
    assert ((other.train.column("Label") != "BENIGN") == other.train.column("is_attack")).all()
    assert set(copy.roles.tolist()) == {TRAIN, TEST}


def test_p_and_bound_are_those_of_a_paired_t_test() -> None:
    random = np.random.default_rng(4)
    found = Shuffled("x", random.normal(0.31, 0.02, 20), random.normal(0.3, 0.02, 20))
    paired = stats.ttest_rel(found.found, found.chance, alternative="greater")
    assert found.p == pytest.approx(paired.pvalue)
    limit = stats.ttest_rel(found.found, found.chance, alternative="greater").confidence_interval(0.999).low
    assert (found.found.mean() > found.bound) == (limit > 0)
    assert found.found.mean() - found.bound == pytest.approx(limit)


def test_scores_that_never_differ_are_by_chance_and_those_that_always_do_are_not() -> None:
    same = np.full(20, 0.3)
    assert Shuffled("x", same, same).p == 1
    assert Shuffled("x", same + 0.5, same).p == 0


def test_a_split_that_cannot_be_built_says_why() -> None:
    found = shuffle("campaigns", [Fold("campaigns", None, None, "the flows have no times")], 1, 1)
    record = report_shuffled([found], {"campaigns": "campaigns apart"}, "synthetic twin")
    assert record.values["leak.tested"].value == 0
    assert record.values["leak.any"].value is False
    assert record.values["leak.p"].reason == "no split could be asked"
    assert "the flows have no times" in record.tables["shuffled"].gaps[0]
