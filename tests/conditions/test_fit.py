"""What is fitted: it depends on training flows alone, is fitted once, and says why where it cannot be."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import pytest

from analysis.conditions import fit as step
from analysis.conditions.catalogue import batches, plan
from analysis.conditions.condition import Condition
from analysis.conditions.estimator import fit_and_predict
from analysis.conditions.features import ANSWERS, SHORTCUTS, chosen
from analysis.conditions.split import fills
from analysis.dataset.parts import TEST, TRAIN, UNUSED, Part
from analysis.errors import UserError
from analysis.record import read_json
from analysis.statistics import select

from .conftest import make_clean

EVERY = {
    "seeds": 2,
    "models": {"hist": {"estimator": "sklearn.ensemble.HistGradientBoostingClassifier", "name": "histogram boosting",
                        "parameters": {"max_iter": 4}},
               "random_forest": {"n_estimators": 6}, "gradient_boosting": {"n_estimators": 4},
               "adaboost": {"n_estimators": 4}, "logistic_regression": {"max_iter": 300}},
    "conditions": [
        {"model": "hist", "split": ["random", "by_file:day 0.csv"], "duplicates": ["keep", "drop", "together"]},
        {"features": ["without_shortcuts", "port"], "labels": ["cleaned", "attempted_out"], "model": "adaboost"},
        {"target": ["types", "attack_types"], "split": "by_file:day 0.csv"},
        {"preparation": "ranks", "train_rows": 90},
        {"features": ["added:1", "added:2.plain"], "train_rows": 200},
        {"split": ["family_out:Bot", "family_out:denial of service"], "features": "best_single", "validated": True},
        {"labels": "attempted_attack", "model": "adaboost", "validated": [True, False]},
    ],
}  # fmt: skip
"""All that a study can ask for: every split, way to treat repeats, feature set, target and preparation."""


def spoilt(clean: pl.DataFrame, tested: np.ndarray) -> pl.DataFrame:
    """Flows whose test part is nonsense: every number, label and class of these flows is another."""
    at = pl.Series(tested)
    numbers = [
        pl.when(at).then(pl.lit(7_777_777).cast(kind) - pl.col(name)).otherwise(pl.col(name)).alias(name)
        for name, kind in clean.schema.items()
        if kind.is_numeric() and name != "source_row"
    ]
    other = pl.when(pl.col("is_attack")).then(pl.lit("BENIGN")).otherwise(pl.lit("DDoS"))
    return clean.with_columns(
        *numbers,
        pl.when(at).then(other).otherwise(pl.col("Label")).alias("Label"),
        (pl.col("is_attack") ^ at).alias("is_attack"),
    )


def learnt_of(steps, planned) -> dict[str, object]:
    """All that was learnt: medians, selected features, and what each description says of the fit."""
    found: dict[str, object] = {}
    for batch, members in batches(planned).items():
        told = steps.told(batch)
        found |= {one.condition.id: [{key: value for key, value in fold.items() if key != "n_test"}
                                     for fold in told[one.condition.id]["folds"]] for one in members}  # fmt: skip
        for split in {one.condition.split_id for one in members}:
            found["features " + split] = read_json(steps.folder / split / "features.json")
    return found


def dependent(steps, other, study, planned, clean: pl.DataFrame) -> list[str]:
    """Conditions in which anything that was learnt changes with the test part; the split itself stays as it is."""
    first: dict[str, object] = {}
    second: dict[str, object] = {}
    for one in {one.condition.split_id: one for one in planned}.values():
        own = [each for each in planned if each.condition.split_id == one.condition.split_id]
        steps.put(clean)
        steps.split(study, own)
        folder, copied = steps.folder / one.condition.split_id, other.folder / one.condition.split_id
        roles = pl.read_parquet(folder / "roles.parquet")["0"].to_numpy()
        assert set(np.unique(roles).tolist()) >= {TRAIN, TEST}
        other.put(spoilt(clean, roles != TRAIN))
        copied.mkdir(parents=True)
        for path in folder.glob("[!.]*.*"):
            (copied / path.name).write_bytes(path.read_bytes())
        # What fills cells is learnt in the split's step: it is learnt again, on the same roles.
        again = step_fills(other.folder / "clean.parquet", roles)
        assert [
            (one["feature"], one["value"]) for one in read_json(folder / "split.json")["folds"][0]["filled"]
        ] == again
        for each in (steps, other):
            each.select(study, own)
            each.fit(study, own)
        first |= learnt_of(steps, own)
        second |= learnt_of(other, own)
    assert first.keys() >= {one.condition.id for one in planned}
    return [name for name in first if first[name] != second[name]]


def step_fills(path, roles: np.ndarray) -> list[tuple[str, float]]:
    """What the split's step fills cells with."""
    return [(one["feature"], one["value"]) for one in fills(Part.whole(path), roles)]


def test_every_condition_learns_from_its_training_part_alone(steps, another):
    study = steps.study(**EVERY)
    assert len(plan(study)) > 50
    assert dependent(steps, another("other"), study, plan(study), make_clean()) == []


@pytest.mark.parametrize("leak", ["ranking", "scaling", "sample"])
def test_a_planted_leak_is_seen(leak, steps, another, monkeypatch):
    if leak == "ranking":
        own = select.select_each

        def all_flows(trained, *rest):
            return own([Part(train.flows, train.rows | True) for train in trained], *rest)

        monkeypatch.setattr(select, "select_each", all_flows)
    elif leak == "scaling":

        def leaky(estimator, seen, labels, unseen, **rest):
            return fit_and_predict(estimator, seen - unseen.mean(axis=0), labels, unseen, prepared="unscaled")

        monkeypatch.setattr(step, "fit_and_predict", leaky)
    else:
        own_target = step.of_target
        monkeypatch.setattr(
            step, "of_target", lambda part, target: own_target(Part(part.flows, part.rows | True, part.filled), target)
        )
    study = steps.study(conditions=[])
    planned = [one for one in plan(study) if one.condition.group == ("random", "selected", "binary")]
    assert len(planned) > 3
    found = dependent(steps, another("other"), study, planned, make_clean())
    # Trees do not mind where zero is; what is linear in the features does.
    seen = {"ranking": "features random", "scaling": "random-selected-binary-logistic_regression",
            "sample": "random-selected-binary-random_forest"}  # fmt: skip
    assert seen[leak] in found


def test_a_change_of_one_model_refits_that_model_only(steps):
    clean, first = make_clean(), steps.usual()
    assert all(" 0 kept" in log for log in first.values())
    before = {batch: steps.frame(batch) for batch in first}
    again = steps.all(clean)
    assert all("0 fitted" in log for log in again.values())
    assert all(steps.frame(name).equals(frame) for name, frame in before.items())
    models = {"models": {"random_forest": {"n_estimators": 6}, "gradient_boosting": {"n_estimators": 4},
              "adaboost": {"n_estimators": 5}, "logistic_regression": {"max_iter": 300}}}  # fmt: skip
    fitted = {line.split()[1] for log in steps.all(clean, **models).values() for line in log.splitlines()
              if line.startswith("fitted ")}  # fmt: skip
    assert len(fitted) == 6, "two of the source's, four of the ledger's"
    assert all("-adaboost" in id for id in fitted)
    for name, frame in before.items():
        same = [column for column in frame.columns if "-adaboost" not in column]
        assert steps.frame(name).select(same).equals(frame.select(same))


@pytest.mark.parametrize("what", ["seed", "flows", "code", "features"])
def test_what_a_fit_depends_on_is_part_of_its_key(what, steps, monkeypatch):
    clean = make_clean()
    steps.usual()
    settings = {"features": {"features": {"count": 3}}}.get(what, {})
    if what == "flows":
        clean = clean.with_columns(pl.col("Window") + (pl.col("source_row") == 3).cast(pl.Int64))
    if what == "code":
        summed = step._sum.__wrapped__
        changed = cache(lambda path: summed(path) + ("x" if path.name == "fit.py" else ""))
        monkeypatch.setattr(step, "_sum", changed)
    # Another seed of the fits alone: that of the splits gives them other flows.
    other = steps.study(seed=5)
    logs = steps.fit(other, plan(other)) if what == "seed" else steps.all(clean, **settings)
    kept = {name for name, log in logs.items() if not log.splitlines()[-1].startswith("0 fitted")} ^ logs.keys()
    assert kept == ({"all"} if what == "features" else set())


def test_a_damaged_or_forgotten_entry_is_fitted_again(steps):
    clean, logs = make_clean(), steps.usual()
    assert " 0 kept" in logs["types"]
    frame = steps.frame("types")
    folder = steps.folder / "store" / "types"
    (path,) = folder.glob("random-all-types-*.parquet")
    path.write_bytes(path.read_bytes()[:-9] + b"different")
    (folder / "gone.json").write_text("{}")
    assert "1 fitted" in steps.all(clean)["types"]
    assert steps.frame("types").equals(frame)
    assert not (folder / "gone.json").exists(), "what is asked for no more is removed"


def test_adding_rows_changes_no_answer_of_the_source(steps):
    before = {batch: (steps.frame(batch), steps.told(batch)) for batch in steps.usual()}
    steps.all(make_clean(), **EVERY)
    for name, (frame, told) in before.items():
        assert steps.frame(name).select(frame.columns).equals(frame)
        after = steps.told(name)
        assert {id: after[id] for id in told} == told


def test_a_condition_that_cannot_be_built_says_why_and_the_others_are_built(steps):
    clean = make_clean().with_columns(source_file=pl.lit("one.csv"), Label=pl.when("is_attack").then(pl.lit("DDoS"))
                                      .otherwise(pl.lit("BENIGN"))).drop("Destination Port")  # fmt: skip
    steps.all(clean, conditions=[{"split": "by_file"}, {"features": "port"}])

    def reasons(group: str) -> set[str | None]:
        return {fold["reason"] for one in steps.told(group).values() for fold in one["folds"]}

    assert reasons("by_file-selected-binary") == {"all flows come from one file"}
    assert steps.frame("by_file-selected-binary").height == 0
    assert reasons("random-port-binary") == {"the flows have none of these features"}
    assert reasons("random-all-attack_types") == {"the training part holds one class only"}, "there is one type"
    assert reasons("random-selected-binary") == {None}
    assert reasons("random-all-types") == {None}


def test_a_fold_of_several_is_told_apart_in_the_predictions(steps):
    clean = make_clean()
    steps.all(clean, conditions=[{"split": "by_file", "model": "adaboost"}])
    frame = steps.frame("by_file-selected-binary")
    assert frame["fold"].unique(maintain_order=True).to_list() == ["day 0.csv", "day 1.csv"]
    assert (frame["fold"] == frame["source_file"]).all()
    assert frame.height == clean.filter(pl.col("source_file") != "day 2.csv").height
    (told,) = steps.told("by_file-selected-binary").values()
    assert [fold["n_train"] + fold["n_test"] for fold in told["folds"]] == [clean.height] * 2


def test_models_that_are_compared_see_the_same_sub_sample(steps):
    steps.usual()
    told = steps.told("random-all-binary").values()
    (shares,) = {(one["folds"][0]["n_train"], one["folds"][0]["attack_share"]) for one in told}
    assert shares[0] == 150
    rows = {one["folds"][0]["n_train"] for one in steps.told("random-selected-binary").values()}
    assert len(rows) == 2, "all, and the ledger's"
    assert 120 in rows


def test_a_description_holds_what_a_fit_is_made_of(steps):
    steps.usual()
    told = steps.told("random-selected-binary")["random-selected-binary-adaboost"]
    assert told["streams"] == {"split": "split", "sample": "binary.ten.sample", "fit": "binary.adaboost.ten"}
    assert told["factors"] == Condition(model="adaboost").factors()
    (fold,) = told["folds"]
    assert fold["parameters"]["n_estimators"] == 4
    assert fold["defaults"]["n_estimators"] == 50
    assert sum(fold["on_train"].values()) == fold["n_train"]


def test_levels_of_features():
    selection = {"selected": ["a"], "count": 1, "all": ["a", *SHORTCUTS]}
    assert chosen("selected", selection) == (["a"], None)
    assert chosen("all", selection) == (selection["all"], None)
    assert chosen("without_shortcuts", selection) == (["a"], None)
    assert chosen("without_answers", selection | {"all": [*selection["all"], *ANSWERS]}) == (selection["all"], None)
    assert chosen("port", selection) == ([SHORTCUTS[0]], None)
    assert chosen("port", selection | {"all": ["a"]}) == ([], "the flows have none of these features")
    assert chosen("selected", selection | {"count": 2})[1] == "too few features vary in the training part"


def test_one_split_is_asked_for_where_a_study_needs_one(tmp_path):
    from analysis.dataset.parts import parts
    from analysis.record import write_json

    make_clean().write_parquet(tmp_path / "clean.parquet")
    write_json(tmp_path / "split.json", {"folds": [{"name": "x", "reason": "all flows come from one file"}]})
    with pytest.raises(UserError, match="cannot be made: all flows come from one file"):
        parts(tmp_path / "clean.parquet", tmp_path / "roles.parquet", tmp_path / "split.json")
    assert UNUSED not in (TRAIN, TEST)
