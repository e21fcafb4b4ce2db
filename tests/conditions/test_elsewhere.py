"""Models fitted here and tested on another build: shared features, medians and thresholds of this build alone."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from analysis.conditions import elsewhere
from analysis.conditions.catalogue import plan
from analysis.conditions.findings import ELSEWHERE
from analysis.dataset.parts import Part
from analysis.errors import UserError
from analysis.preflight import demand_other
from analysis.record import read_json

from .conftest import make_clean


def test_only_shared_features_are_seen(tmp_path):
    make_clean().drop("Length again").write_parquet(tmp_path / "clean.parquet")
    theirs = Part.whole(tmp_path / "clean.parquet")
    found = elsewhere.shared(
        {"selected": ["Length again", "Rate"], "all": ["Length again", "Rate"], "count": 2}, theirs
    )
    assert (found["selected"], found["all"], found["count"]) == (["Rate"], ["Rate"], 1)


def test_missing_cells_there_are_filled_with_medians_of_here(tmp_path):
    make_clean().write_parquet(tmp_path / "here.parquet")
    make_clean(seed=9).with_columns(pl.col("Rate") + 100).write_parquet(tmp_path / "there.parquet")
    here, there = Part.whole(tmp_path / "here.parquet"), Part.whole(tmp_path / "there.parquet")
    column = elsewhere.filled(there, here).column("Rate").to_numpy()
    gone = there.column("Rate").is_null().to_numpy()
    assert gone.any()
    assert np.abs(column[gone]).max() < 1
    assert column[~gone].min() > 90


def run(steps, study, planned, there: pl.DataFrame) -> dict[str, object]:
    folder = steps.folder / "random"
    there.write_parquet(steps.folder / "there.parquet")
    elsewhere.step(
        steps.folder / "clean.parquet", folder / "roles.parquet", folder / "split.json", folder / "features.json",
        steps.folder / "there.parquet", conditions=[one.entry() for one in planned], seed=study.seed, threads=1,
        predictions=steps.folder / "elsewhere.parquet", descriptions=steps.folder / "elsewhere.json",
    )  # fmt: skip
    found: dict[str, object] = read_json(steps.folder / "elsewhere.json")
    return found


def test_thresholds_and_models_are_those_of_here_whatever_is_there(steps):
    study = steps.study(study="full", findings={"train_rows": 100}, data="x.csv")
    planned = [one for one in plan(study) if {("findings", name) for name in ELSEWHERE} & set(one.names)]
    assert len(planned) == len(ELSEWHERE)
    steps.put(make_clean())
    steps.split(study, planned)
    steps.select(study, planned)
    steps.fit(study, planned)
    one = run(steps, study, planned, make_clean(seed=5))
    two = run(steps, study, planned, make_clean(seed=6).with_columns(pl.col("Length") * 7, ~pl.col("is_attack")))
    here = steps.told("random-selected-binary")
    for id, told in one.items():
        (fold,) = told["folds"]  # type: ignore[index]
        assert fold["thresholds"] == two[id]["folds"][0]["thresholds"]  # type: ignore[index]
        if id in here:
            assert fold["thresholds"] == here[id]["folds"][0]["thresholds"], "the same model as in this build"
    frame = pl.read_parquet(steps.folder / "elsewhere.parquet")
    assert frame.height == make_clean(seed=6).height


def test_a_build_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="test: there is no build other; build it first"):
        demand_other("other", "mine")
    demand_other(None, "mine")
    with pytest.raises(UserError, match="test: mine is this build itself"):
        demand_other("mine", "mine")
