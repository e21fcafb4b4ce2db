"""The step that fits one binary model, as a function and from the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import polars as pl
import pytest

from analysis.detection import binary
from analysis.detection.names import MODELS
from analysis.record import read_json, write_json

from .conftest import FEATURES

SMALL = {"logistic_regression": {"max_iter": 200}}


@pytest.mark.parametrize("model", MODELS)
def test_predictions_of_each_model(model: str, train: pl.DataFrame, test: pl.DataFrame) -> None:
    parameters = SMALL.get(model, {"n_estimators": 10})
    found, told = binary.fit_and_predict(model, parameters, train, test, FEATURES, seed=3, threads=1)
    again, _ = binary.fit_and_predict(model, parameters, train, test, FEATURES, seed=3, threads=1)
    assert found.equals(again)
    assert found["source_row"].to_list() == test["source_row"].to_list()
    assert found["is_attack"].to_list() == test["is_attack"].to_list()
    assert found["score"].is_between(0, 1).all()
    # The score is the probability of an attack: the decision follows it, half and half aside.
    clear = found.filter((pl.col("score") - 0.5).abs() > 1e-9)
    assert (clear["predicted"] == (clear["score"] > 0.5)).all()
    # Better than calling everything benign, which is right on 70 % of these flows.
    assert (found["is_attack"] == found["predicted"]).mean() > 0.75
    assert told["n_train"] == train.height
    assert told["attack_share"] == pytest.approx(train["is_attack"].mean())
    assert 0.5 < told["train_f1"] <= 1


def test_command_line(tmp_path: Path, train: pl.DataFrame, test: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    train.write_parquet(tmp_path / "train.parquet")
    test.write_parquet(tmp_path / "test.parquet")
    write_json(tmp_path / "features.json", {"ten": FEATURES[:2], "all": FEATURES})
    told = {}
    for model in ("random_forest", "adaboost"):
        arguments = {
            "model": model,
            "features-set": "all",
            "parameters": json.dumps({"n_estimators": 5}),
            "train-rows": 100,
            "seed": 1,
            "features": tmp_path / "features.json",
            "train": tmp_path / "train.parquet",
            "test": tmp_path / "test.parquet",
            "predictions": tmp_path / f"{model}.parquet",
            "description": tmp_path / f"{model}.json",
        }
        command = ["binary"] + [text for key, value in arguments.items() for text in (f"--{key}", str(value))]
        monkeypatch.setattr(sys, "argv", command)
        binary.main()
        told[model] = read_json(tmp_path / f"{model}.json")
        assert pl.read_parquet(tmp_path / f"{model}.parquet").height == test.height
    assert told["adaboost"]["n_train"] == 100
    assert told["adaboost"]["n_train_all"] == train.height
    assert told["adaboost"]["features"] == FEATURES
    # The models of a feature set see the same sub-sample.
    assert told["adaboost"]["attack_share"] == told["random_forest"]["attack_share"]
