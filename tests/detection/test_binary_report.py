"""Tables and values of the binary models from predictions with known errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.detection.binary_report import FeatureSet, report_binary
from analysis.detection.curves import areas, points
from analysis.detection.names import METRICS, MODELS
from analysis.record import Record

from .conftest import FEATURES, described

Predictions = dict[str, dict[str, pl.DataFrame]]


def run(predictions: Predictions, **changes: Mapping[str, Any]) -> Record:
    parts = []
    for key, frames in predictions.items():
        features = FEATURES[:2] if key == "selected" else FEATURES
        told = {m: described(m, features, **(changes.get(m, {}) if key == "all" else {})) for m in frames}
        parts.append(FeatureSet(key, frames, told, {m: areas(*scored(frame)) for m, frame in frames.items()}))
    return report_binary(*parts, {m: curve(frame) for m, frame in predictions["selected"].items()}, "synthetic twin")


def scored(frame: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Truth and scores."""
    return frame["is_attack"].to_numpy(), frame["score"].to_numpy()


def curve(frame: pl.DataFrame) -> dict[str, list[float | None]]:
    """The points of its curves, as the step ``scores`` writes them."""
    columns = [[None if np.isnan(value) else value for value in column.tolist()] for column in points(*scored(frame))]
    return dict(zip(("fpr", "recall", "precision"), columns, strict=True))


def test_keys_that_others_rely_on(predictions: Predictions) -> None:
    record = run(predictions)
    for model in MODELS:
        for metric in METRICS:
            assert record.values[f"binary.{model}.{metric}"].n == 150
            assert record.values[f"binary_all.{model}.{metric}"].value is not None
    assert {"confusion_selected", "confusion_all", "binary_models", "binary_all_models", "curves_selected"} == set(
        record.tables
    )


def test_best_model_and_margin(predictions: Predictions) -> None:
    values = run(predictions).values
    assert values["binary.best_model"].value == "gradient_boosting"
    assert values["binary.best_name"].text == "gradient boosting"
    assert values["binary_all.best_model"].value == "random_forest"
    assert values["binary.best.errors"].value == 10
    f1 = {model: values[f"binary.{model}.f1"].value for model in MODELS}
    assert values["binary.margin"].value == pytest.approx(f1["gradient_boosting"] - f1["random_forest"])
    assert values["binary.best.missed"].value == pytest.approx(1 - values["binary.gradient_boosting.recall"].value)
    gain = values["binary_all.adaboost.f1"].value - f1["adaboost"]
    assert values["binary_all.adaboost.f1_gain"].value == pytest.approx(gain)


def test_values_agree_with_the_cells_they_name(predictions: Predictions) -> None:
    record = run(predictions)
    cells = 0
    for value in record.values.values():
        if "row" in value.origin:
            row, column = value.origin["row"], value.origin["column"]
            table = record.tables[value.origin["table"]]
            found = dict(zip((r.id for r in table.rows), table.column(column), strict=True))[row]
            assert found == value.value, value.key
            cells += 1
    assert cells > 100


def test_confusion_adds_up_to_the_errors_made(predictions: Predictions) -> None:
    table = run(predictions).tables["confusion_selected"]
    wrong = {row.id: fp + fn for row, fp, fn in zip(table.rows, table.column("fp"), table.column("fn"), strict=True)}
    assert wrong == dict(zip(MODELS, [20, 10, 30, 40], strict=True))


def test_baseline_is_accurate_and_useless(predictions: Predictions, test: pl.DataFrame) -> None:
    record = run(predictions)
    attacks = test["is_attack"].mean()
    assert record.values["baseline.accuracy"].value == pytest.approx(1 - attacks)
    assert record.values["baseline.accuracy_answer"].value == "benign"
    for metric in ("recall", "f1", "mcc", "fpr"):
        assert record.values[f"baseline.always_benign.{metric}"].value == 0
    assert record.values["baseline.always_benign.precision"].value is None
    assert "no flow is called an attack" in record.values["baseline.always_benign.precision"].text
    assert record.values["baseline.f1"].value == pytest.approx(2 * attacks / (1 + attacks))
    assert record.values["baseline.f1_answer"].value == "an attack"
    assert record.values["binary.test.no_skill"].value == pytest.approx(attacks)
    assert [row.id for row in record.tables["binary_models"].rows[-2:]] == ["always_benign", "always_attack"]


def test_where_attacks_prevail_the_rule_to_beat_calls_every_flow_an_attack(predictions: Predictions) -> None:
    turned = {key: {m: f.with_columns(~pl.col("is_attack"), ~pl.col("predicted"), 1 - pl.col("score"))
                    for m, f in frames.items()} for key, frames in predictions.items()}  # fmt: skip
    values = run(turned).values
    attacks = turned["selected"]["adaboost"]["is_attack"].mean()
    assert attacks > 0.5
    for metric, best in (("accuracy", attacks), ("f1", 2 * attacks / (1 + attacks))):
        assert values[f"baseline.{metric}"].value == pytest.approx(best)
        assert values[f"baseline.{metric}_answer"].value == "an attack"


def test_the_headline_has_its_interval_on_the_key(predictions: Predictions) -> None:
    record = run(predictions)
    for key in ("binary.best.f1", "binary.gradient_boosting.f1", "binary_all.adaboost.recall", "binary.best.missed"):
        value = record.values[key]
        assert value.low < value.value < value.high, key
        assert "[" in value.to_json()["forms"]["interval"]
    table = record.tables["binary_models"]
    assert table.column("f1_low")[:4] == [record.values[f"binary.{model}.f1"].low for model in MODELS]
    assert table.column("f1_high")[4:] == [None, None]


def test_only_the_best_of_the_four_is_marked(predictions: Predictions) -> None:
    table = run(predictions).tables["binary_models"]
    for index, column in enumerate(table.columns[1:], start=1):
        cells = [row.cells[index] for row in table.rows]
        if column.key.startswith("f1_"):
            assert not any(cell.strong for cell in cells)
            continue
        best = (min if column.key == "fpr" else max)(cell.value for cell in cells[:4])
        assert [cell.strong for cell in cells] == [*(cell.value == best for cell in cells[:4]), False, False]


def test_a_model_that_calls_nothing_an_attack(predictions: Predictions) -> None:
    silent = pl.Series("predicted", np.zeros(150, dtype=bool))
    predictions["selected"]["adaboost"] = predictions["selected"]["adaboost"].with_columns(silent)
    record = run(predictions)
    assert record.values["binary.adaboost.precision"].value is None
    assert record.values["binary.adaboost.f1"].value == 0
    assert record.values["binary.last"].text.lower() == "adaboost"


def test_sub_sample_and_missing_convergence_stand_in_the_notes(predictions: Predictions) -> None:
    sub = {model: {"n_train": 100} for model in MODELS}
    record = run(predictions, **sub | {"logistic_regression": {"n_train": 100, "converged": False}})
    notes = " ".join(record.tables["binary_all_models"].notes)
    assert "Fitted on 100 flows, a stratified sub-sample of the 400" in notes
    assert "stopped at its limit of 50 iterations" in notes
    assert record.values["binary_all.logistic_regression.converged"].value is False
    assert record.values["binary_all.train_rows"].value == 100
    assert "sub-sample" not in " ".join(record.tables["binary_models"].notes)


def test_curves_run_from_nothing_to_everything(predictions: Predictions) -> None:
    rows = run(predictions).tables["curves_selected"].records()
    for model in MODELS:
        own = [row for row in rows if row["model"] == model]
        assert (own[0]["recall"], own[0]["precision"]) == (0, None)
        assert (own[-1]["recall"], own[-1]["fpr"]) == (1, 1)
