"""Conditions as rows: what they are called, which streams they have, and that a further one changes no other."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.conditions.catalogue import STREAMS, VARIANTS, batches, fitted_files, models, plan, steps_to
from analysis.conditions.condition import LEVELS, Condition, drawn, drawn_seed, slug
from analysis.conditions.models import SOURCE
from analysis.conditions.splits import RULES
from analysis.errors import UserError
from analysis.settings import Study, load
from analysis.streams import stream, stream_seed

HIST = {"hist": {"estimator": "sklearn.ensemble.HistGradientBoostingClassifier", "name": "histogram boosting"}}
levels = {
    name: st.sampled_from([f"{level}:2" if level == "added" else level for level in known])
    for name, known in LEVELS.items()
}
rows = st.lists(
    st.fixed_dictionaries({}, optional={
        **{name: st.one_of(one, st.lists(one, min_size=1, max_size=2)) for name, one in levels.items()},
        "model": st.sampled_from([*SOURCE, "hist"]), "repetition": st.integers(0, 3),
        "train_rows": st.integers(0, 9_000),
    }),
    max_size=4,
)  # fmt: skip


def named(study: Study) -> dict[str, Condition]:
    return {f"{subset}:{name}": one.condition for one in plan(study) for subset, name in one.names}


def test_the_source_s_streams_have_the_names_they_always_had() -> None:
    found = named(load({"seeds": 2}))
    assert STREAMS == {"selected": "ten", "all": "all"}
    for features, called in STREAMS.items():
        for model in SOURCE:
            assert found[f"source:{features}.{model}"].streams() == {
                "split": "split", "sample": f"binary.{called}.sample", "fit": f"binary.{model}.{called}",
            }  # fmt: skip
    for variant in VARIANTS:
        name = f"attack_types.{variant.replace('selected', 'ten')}"
        streams = found[f"source:types.{variant}"].streams()
        assert streams == {"split": "split", "sample": f"{name}.sample", "fit": name}
    ledger = {name: one for name, one in found.items() if name.startswith("ledger:")}
    for name, one in ledger.items():
        model = name.removeprefix("ledger:").partition(".")[0]
        assert one.streams() == {"split": "split", "sample": "ledger_models.sample", "fit": f"ledger_models.{model}"}
    assert found["repetitions:2.adaboost"].split_stream == "repetition.2/split"
    assert found["repetitions:2.adaboost"].fit_stream == "repetition.2/binary.adaboost.ten"


def test_a_full_study_repeats_split_and_fit_and_the_source_s_only_when_asked() -> None:
    found = named(load({}))
    assert {found[f"repetitions:{k}.adaboost"].train_rows for k in range(1, 6)} == {load({}).findings.twin_rows}
    assert {name.split(".")[0] for name in found if name.startswith("learning:")} == {
        f"learning:{k}" for k in (1, 2, 3)
    }
    part = {"study": "source"}
    assert {name.split(":")[0] for name in named(load(part))} == {"source", "ledger"}
    asked = named(load(part | {"seeds": 2}))
    assert {name.split(":")[0] for name in asked} == {"source", "ledger", "repetitions"}
    assert asked["repetitions:2.adaboost"].train_rows == 0, "all flows, as the source has them"
    assert not any(name.startswith(("repetitions", "learning")) for name in named(load({"seeds": 0})))


def test_learning_curves_end_where_the_repetitions_are_fitted() -> None:
    both = [one for one in plan(load({"seeds": 2})) if {"repetitions", "learning"} <= dict(one.names).keys()]
    assert len(both) == 2 * len(SOURCE), "the last point of a curve is no fit of its own"


def test_a_stream_within_a_stream_has_its_seed_from_there() -> None:
    own = stream_seed(7, "repetition.3")
    assert drawn_seed(7, "repetition.3/binary.adaboost.ten") == stream_seed(own, "binary.adaboost.ten")
    assert drawn(7, "split").random() == stream(7, "split").random()


@given(rows, rows)
def test_a_further_condition_changes_no_other(some: list[dict[str, Any]], more: list[dict[str, Any]]) -> None:
    few, many = (plan(load({"models": HIST, "seeds": 2, "conditions": rows})) for rows in (some, some + more))
    by_id = {one.condition.id: one for one in many}
    for one in few:
        again = by_id[one.condition.id]
        assert again.condition == one.condition
        assert again.condition.streams() == one.condition.streams()
        assert again.parameters == one.parameters
        assert set(one.names) <= set(again.names)
    assert len(by_id) == len(many), "no condition stands twice"
    fits = [one.condition.fit_stream for one in many if "settings" in dict(one.names) and len(one.names) == 1]
    assert len(set(fits)) == len(fits), "each has a stream of its own"


@given(rows)
def test_what_decides_a_split_decides_its_stream_and_its_name(rows: list[dict[str, Any]]) -> None:
    splits: dict[str, tuple[str, Any]] = {}
    for one in plan(load({"models": HIST, "seeds": 2, "conditions": rows})):
        told = one.condition.split_stream, one.condition.split_factors()
        assert splits.setdefault(one.condition.split_id, told) == told
        assert re.fullmatch(r"[A-Za-z0-9_.=-]+", one.condition.id)
        assert not one.condition.id.startswith(".")
    streams = [stream for stream, _ in splits.values()]
    assert len(set(streams)) == len(streams)


def test_a_row_s_lists_stand_for_each_of_their_levels_and_what_is_left_out_is_the_source_s() -> None:
    study = load({"models": HIST, "conditions": [{"model": ["hist", "adaboost"], "duplicates": ["drop", "together"]},
                                                {"features": "all", "parameters": {"max_depth": 4}}]})  # fmt: skip
    own = [one for one in plan(study) if ("settings", one.condition.id) in one.names]
    assert [one.condition.id for one in own] == [
        "random.duplicates_drop-selected-binary-hist", "random.duplicates_together-selected-binary-hist",
        "random.duplicates_drop-selected-binary-adaboost", "random.duplicates_together-selected-binary-adaboost",
        "random-all-binary-random_forest-max_depth=4-rows15000",
    ]  # fmt: skip
    assert own[-1].parameters["max_depth"] == 4
    assert models(study)["hist"][1] == "histogram boosting"


def test_a_row_that_the_study_has_already_is_the_same_condition() -> None:
    plain, again = (plan(load({"conditions": rows})) for rows in ([], [{}, {"parameters": {"n_estimators": 100}}]))
    assert [one.condition.id for one in again] == [one.condition.id for one in plain]
    assert [one.condition.streams() for one in again] == [one.condition.streams() for one in plain]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"conditions": [{"splits": "random"}]}, "conditions[0].splits: unknown factor; did you mean split?"),
        ({"conditions": [{}, {"split": "by_fil"}]}, "[1].split: unknown level 'by_fil'; did you mean by_file?"),
        ({"conditions": [{"model": "adabost"}]}, "[0].model: unknown model 'adabost'; did you mean adaboost?"),
        ({"conditions": [{"duplicates": "gone"}]}, "unknown level 'gone'; known here: keep, drop, together"),
        ({"conditions": [{"split": "random:Monday"}]}, "conditions[0].split: random takes nothing after a colon"),
        ({"conditions": [{"features": "added"}]}, "[0].features: give a number of columns, such as added:1 or added:1"),
        ({"conditions": [{"features": ["all", "added:2.plane"]}]}, "added:1.plain (it is 'added:2.plane')"),
        ({"conditions": [{"model": []}]}, "conditions[0].model: an empty list is no level"),
        ({"conditions": [{"train_rows": -1}]}, "conditions[0].train_rows: give a whole number"),
        ({"conditions": [{"repetition": True}]}, "conditions[0].repetition: give a whole number"),
        ({"conditions": [{"parameters": 3}]}, "conditions[0].parameters: give hyperparameters as a mapping"),
        (
            {"conditions": [{"parameters": {"n_estimator": 3}}]},
            "parameters.n_estimator: random_forest has no such hyperparameter; did you mean n_estimators?",
        ),
        (
            {"models": HIST, "conditions": [{"model": "hist", "parameters": {"max_itr": 3}}]},
            "[0].parameters: the estimator HistGradientBoostingClassifier has no hyperparameter max_itr; did you",
        ),
        ({"models": {"adabost": {"n_estimators": 3}}}, "models: unknown model adabost; did you mean adaboost?"),
        ({"models": {"Hist": HIST["hist"]}}, "models: the key Hist of a model: give small letters"),
        (
            {"models": {"h": {"estimator": "sklearn.ensemble.HistGradientBoostingClasifier", "name": "h"}}},
            "models.h: sklearn.ensemble has no estimator HistGradientBoostingClasifier; did you mean Hist",
        ),
        ({"models": {"h": {"estimator": "os.path", "name": "h"}}}, "models.h: an estimator is given as sklearn."),
        ({"models": {"h": {"estimator": "sklearn.nowhere.X", "name": "h"}}}, "has no module sklearn.nowhere"),
        ({"models": {"h": {"estimator": "sklearn.svm.LinearSVC", "name": "h"}}}, "gives no probability of an attack"),
        ({"models": {"h": {"estimator": "sklearn.svm.SVC", "nam": "h"}}}, "h.nam: unknown setting; did you mean name?"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_the_nearest(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as error:
        load(settings)
    assert message in str(error.value)


def test_every_level_of_a_split_has_its_rule() -> None:
    assert LEVELS["split"].keys() == RULES.keys()


@pytest.mark.parametrize("text", ["by_file:Monday, early.csv", "..", "a/b", "C:\\x", "ä"])
def test_a_level_is_safe_as_a_name_and_no_two_are_the_same(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_=][A-Za-z0-9_.=]*", slug(text))
    assert slug(text) != slug(text + "_")


def test_the_steps_end_at_the_last_tree() -> None:
    assert steps_to(300) == [1, 3, 10, 30, 100, 300]
    assert steps_to(100) == [1, 3, 10, 30, 100]
    assert np.all(np.diff(steps_to(5000)) > 0)


def test_where_flows_are_many_each_model_of_all_of_them_has_a_process() -> None:
    planned = plan(Study(study="source"))
    few, many = batches(planned), batches(planned, many=True)
    everything = sorted(one.condition.id for one in planned)
    for each in (few, many):
        assert sorted(one.condition.id for members in each.values() for one in members) == everything
    assert {"selected_random_forest", "selected_adaboost"} <= many.keys() - few.keys()
    assert [one.condition.id for one in many["selected_adaboost"]] == ["random-selected-binary-adaboost"]
    assert {one.condition.train_rows is None for one in many["selected"]} == {False}
    assert many["types"] == few["types"]
    files = fitted_files("build/x", many, "ledger")["predictions"]
    assert "build/x/predictions/selected.parquet" in files
