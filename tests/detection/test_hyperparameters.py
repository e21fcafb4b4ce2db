"""Which hyperparameters are told: all in one table, those set otherwise in the other."""

from __future__ import annotations

from typing import Any

from analysis.conditions.estimator import build
from analysis.conditions.models import SOURCE
from analysis.detection.hyperparameters import report_hyperparameters
from analysis.detection.names import MODELS
from analysis.settings import Study


def described(model: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """What the step ``fit`` writes about a model."""
    path = SOURCE[model].estimator
    return {"name": SOURCE[model].name, "estimator": f"sklearn.{model}", "engine": "exact",
            "defaults": build(path, {}, 1).get_params(),
            "parameters": build(path, parameters, 1).get_params()}  # fmt: skip


def test_only_what_is_no_default_is_told_with_the_number_of_defaults() -> None:
    settings = Study().models.model_copy(
        update={"random_forest": Study().models.random_forest.model_copy(update={"max_depth": 4})}
    )
    fitted = {model: described(model, getattr(settings, model).model_dump()) for model in MODELS}
    types = described("random_forest", {})
    record = report_hyperparameters(fitted, types, "synthetic twin")
    rows = record.tables["hyperparameters"].records()
    assert not [row for row in rows if "deprecated" in (row["value"], row["default"])]
    assert not [row for row in rows if row["parameter"] in ("random_state", "n_jobs", "verbose")]
    told = {row.id: [cell.value for cell in row.cells[2:]] for row in record.tables["hyperparameters_set"].rows}
    assert told["random_forest"] == ["max_depth 4 (default not set)", len(told_rows(rows, "Random forest")) - 1]
    assert told["gradient_boosting"][0] == "none"
    assert told["adaboost"][0] == "n_estimators 100 (default 50)"
    assert told["logistic_regression"][0] == "max_iter 1000 (default 100)"
    assert told["attack_types"] == ["none", len(told_rows(rows, "Attack-type forest"))]
    assert record.values["models.adaboost.trees"].value == 100
    untyped = report_hyperparameters(fitted, None, "synthetic twin")  # labels that do not name types
    assert {row.id for row in untyped.tables["hyperparameters_set"].rows} == set(MODELS)


def test_the_engine_that_fitted_is_told_of_each_model() -> None:
    exact = {model: described(model, {}) for model in MODELS}
    record = report_hyperparameters(exact, None, "synthetic twin")
    assert record.values["models.fast"].value is False
    mixed = exact | {"adaboost": exact["adaboost"] | {"engine": "fast"}}
    record = report_hyperparameters(mixed, None, "synthetic twin")
    assert record.values["models.fast"].value is True
    assert [record.values[f"models.{model}.engine"].value for model in ("random_forest", "adaboost")] == [
        "exact",
        "fast",
    ]


def told_rows(rows: list[dict[str, object]], model: str) -> list[dict[str, object]]:
    """The rows of one model."""
    return [row for row in rows if row["model"] == model]
