"""How flows are split: shares of types, files, repeats on one side, and what cannot be split says why."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.conditions.condition import Condition
from analysis.conditions.split import fills, roles, told
from analysis.conditions.splits import Draw, Flows, split, stratified
from analysis.dataset.identical_rows import first_identical
from analysis.dataset.parts import TEST, TRAIN, UNUSED, Part

from .conftest import make_clean

FEATURES = ["Destination Port", "Length", "Length again", "Rate", "Window"]


def draw(seed: int, fraction: float = 0.2, min_type: int = 5) -> Draw:
    return Draw(fraction, min_type, np.random.default_rng(seed))


def chosen(labels: Any, seed: int, fraction: float = 0.2, copies: Any = None) -> np.ndarray:
    return stratified(np.array(labels), draw(seed, fraction), copies)


@given(
    counts=st.lists(st.integers(1, 400), min_size=1, max_size=6),
    fraction=st.floats(0.05, 0.5),
    seed=st.integers(0, 2**31 - 1),
)
def test_each_type_keeps_its_share(counts, fraction, seed):
    labels = np.array([f"type {i}" for i, n in enumerate(counts) for _ in range(n)])
    test = chosen(labels, seed, fraction)
    for i, n in enumerate(counts):
        taken = int(test[labels == f"type {i}"].sum())
        if n >= 5:
            assert taken == min(max(round(fraction * n), 1), n - 1)
        else:
            assert taken <= n


def test_rare_types_are_one_stratum():
    assert chosen(["BENIGN"] * 100 + [f"rare {i}" for i in range(20)], 1)[100:].sum() == 4


def test_the_seed_decides_and_nothing_else():
    labels = ["a", "b"] * 500
    assert np.array_equal(chosen(labels, 7), chosen(labels, 7))
    assert not np.array_equal(chosen(labels, 7), chosen(labels, 8))


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 12)), min_size=2, max_size=150),
    st.integers(0, 99),
)
def test_copies_that_stay_together_share_no_group_across_sides(flows, seed):
    labels, copies = (np.array(column) for column in zip(*flows, strict=True))
    test = chosen(labels, seed, 0.25, copies)
    assert not set(copies[test].tolist()) & set(copies[~test].tolist())
    if len(set(copies.tolist())) > 3 and len(set(labels.tolist())) == 1:
        assert test.any()
        assert not test.all()


def test_groups_fill_the_share_as_far_as_they_fit():
    random = np.random.default_rng(3)
    copies = random.integers(0, 800, 2000)
    labels = np.where(copies % 4 == 0, "DDoS", "BENIGN")
    test = chosen(labels, 1, 0.2, copies)
    for label in ("DDoS", "BENIGN"):
        assert test[labels == label].mean() == pytest.approx(0.2, abs=0.01)


def flows_of(clean: pl.DataFrame, copies: np.ndarray | None = None) -> Flows:
    columns = (clean[name].to_numpy() for name in ("Label", "is_attack", "source_file"))
    return Flows(*columns, np.ones(clean.height, dtype=bool), copies)


def test_each_file_with_both_classes_is_the_test_part_once():
    clean = make_clean()
    found = split(flows_of(clean), "by_file", draw(1))
    assert [fold.name for fold in found] == ["day 0.csv", "day 1.csv"], "the third holds no attack"
    for fold in found:
        here = (clean["source_file"] == fold.name).to_numpy()
        assert ((fold.roles == TEST) == here).all()
        assert ((fold.roles == TRAIN) == ~here).all()
    (only,) = split(flows_of(clean), "by_file:day 1.csv", draw(1))
    assert np.array_equal(only.roles, found[1].roles)


@pytest.mark.parametrize(
    ("change", "rule", "reason"),
    [
        ({"source_file": pl.lit("one.csv")}, "by_file", "all flows come from one file"),
        ({"is_attack": pl.lit(False)}, "by_file", "no file holds both classes"),
        ({}, "by_file:day 7.csv", "the split by_file has no part day 7.csv"),
        ({"is_attack": pl.lit(False)}, "random", "the training part holds one class only"),
        (
            {"is_attack": pl.col("is_attack") & (pl.col("source_file") == "day 0.csv")},
            "by_file",
            "the training part holds one class only",
        ),
    ],
)
def test_a_split_that_cannot_be_made_says_why(change, rule, reason):
    (fold,) = split(flows_of(make_clean().with_columns(**change)), rule, draw(1))
    assert fold.roles is None
    assert fold.reason == reason


@pytest.fixture
def whole(tmp_path):
    make_clean().write_parquet(tmp_path / "clean.parquet")
    return Part.whole(tmp_path / "clean.parquet")


def vectors(part: Part, chosen: np.ndarray) -> set[tuple[Any, ...]]:
    return set(part.only(chosen).read(*FEATURES).rows())


@pytest.mark.parametrize("rule", ["random", "by_file"])
def test_repeats_kept_together_share_no_vector_across_sides(whole, rule):
    for fold in roles(whole, Condition(split=rule, duplicates="together"), 0.2, 5, 1):
        assert fold.roles is not None
        assert not vectors(whole, fold.roles == TRAIN) & vectors(whole, fold.roles == TEST)
    plain = roles(whole, Condition(split="random"), 0.2, 5, 1)[0].roles
    assert vectors(whole, plain == TRAIN) & vectors(whole, plain == TEST), "which otherwise they do"


def test_repeats_are_dropped_before_the_split(whole):
    (fold,) = roles(whole, Condition(duplicates="drop"), 0.2, 5, 1)
    kept = whole.only(fold.roles != UNUSED).read(*FEATURES, "Label")
    assert kept.height == kept.unique().height == whole.read(*FEATURES, "Label").unique().height
    assert (fold.roles == TEST).sum() == pytest.approx(0.2 * kept.height, abs=2)


def test_repeats_are_equal_in_every_column_missing_cells_too(whole):
    frame = whole.read(*FEATURES)
    first = first_identical(whole.column, FEATURES, whole.height)
    rows = frame.rows()
    assert [rows.index(row) for row in rows] == first.tolist()


def test_attempted_attacks_can_be_left_out(tmp_path):
    clean = make_clean().with_columns(attempted=pl.int_range(pl.len()) % 7 == 0)
    clean.write_parquet(tmp_path / "clean.parquet")
    (fold,) = roles(Part.whole(tmp_path / "clean.parquet"), Condition(labels="attempted_out"), 0.2, 5, 1)
    assert ((fold.roles == UNUSED) == clean["attempted"].to_numpy()).all()


def test_missing_cells_are_filled_with_the_training_median_and_no_other(tmp_path):
    train = pl.DataFrame({"Whole": [1, 2, 3, 100, None], "Half": [0.5, 1.5, None, None, None], "Full": [1, 2, 3, 4, 5],
                          "Source Port": [None, 1, 2, 3, 4], "Empty": [None] * 5, "Label": ["BENIGN"] * 5},
                         schema_overrides={"Empty": pl.Int64})  # fmt: skip
    test = pl.DataFrame({"Whole": [None, 900, 900, 900], "Half": [7.0, 7.0, 7.0, None], "Full": [9, 9, 9, 9],
                         "Source Port": [None] * 4, "Empty": [None, 4, 4, 4], "Label": ["DDoS"] * 4},
                        schema=train.schema)  # fmt: skip
    pl.concat([train, test]).write_parquet(tmp_path / "clean.parquet")
    flows = Part.whole(tmp_path / "clean.parquet")
    fold = np.array([TRAIN] * 5 + [TEST] * 4, dtype=np.uint8)
    found = fills(flows, fold)
    # The lower of the two middle values; with the test part the medians would be 100 and 7.
    assert [(one["feature"], one["value"], one["train"], one["test"]) for one in found] == [
        ("Whole", 2, 1, 1), ("Half", 0.5, 3, 1), ("Empty", 0, 5, 1),
    ]  # fmt: skip
    values = {one["feature"]: one["value"] for one in found}
    seen, unseen = (Part(flows.flows, fold == role, values) for role in (TRAIN, TEST))
    assert seen.column("Whole").to_list() == [1, 2, 3, 100, 2]
    assert unseen.column("Whole").to_list() == [2, 900, 900, 900]
    assert unseen.column("Half").to_list() == [7.0, 7.0, 7.0, 0.5]
    assert unseen.column("Empty").to_list() == [0, 4, 4, 4], "no training value at all"
    assert seen.read(*train.columns).schema == train.schema, "whole numbers stay whole"
    assert seen.column("Source Port").null_count() == 1, "no feature"
    assert seen.matrix(["Whole", "Half"]).tolist() == seen.read("Whole", "Half").cast(pl.Float64).to_numpy().tolist()
    assert np.quantile([1, 2, 3, 100], 0.5, method="inverted_cdf") == 2


def test_without_missing_cells_nothing_is_filled(tmp_path):
    make_clean().drop("Rate").write_parquet(tmp_path / "clean.parquet")
    flows = Part.whole(tmp_path / "clean.parquet")
    found = roles(flows, Condition(), 0.2, 5, 1)
    assert told(flows, Condition(), found)["folds"][0]["filled"] == []


def test_a_part_of_a_part_is_chosen_by_number_or_by_mask(whole):
    evens = whole.only(np.arange(0, whole.height, 2))
    third = evens.only(np.arange(evens.height) % 3 == 0)
    assert third.column("source_row").to_list() == list(range(0, whole.height, 6))
