"""Every published model is fitted again from its description with plain scikit-learn, and every metric computed again.

How a build lays out its files is known to :func:`fitted` and :func:`parts` alone.
"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import sklearn.metrics as sk
from sklearn.preprocessing import StandardScaler

from analysis.conditions.catalogue import STREAMS
from analysis.conditions.sample import stratified_rows
from analysis.dataset.parts import parts as of_split
from analysis.detection.names import MODELS, SETS, VARIANT_NAMES
from analysis.detection.predictions import load_fits
from analysis.record import read_json

METRICS = {
    "accuracy": sk.accuracy_score, "f1": sk.f1_score, "precision": sk.precision_score, "recall": sk.recall_score,
    "mcc": sk.matthews_corrcoef,
}  # fmt: skip


@dataclass(frozen=True)
class Model:
    """A published model: where its target stands, its description and predictions, and its sub-sample."""

    name: str
    target: str
    attacks_only: bool
    description: dict[str, Any]
    predictions: pl.DataFrame
    sample: str
    rows: int


def fitted(build: Path, settings: dict[str, Any]) -> Iterator[Model]:
    """The models of a build; a feature set or a variant has one sub-sample for all."""

    paths = sorted((build / "models").glob("*.json"))
    fits = load_fits([build / f"predictions/{path.stem}.parquet" for path in paths], paths, "source")
    for features in SETS:
        rows = settings["all_features"]["train_rows"] if features == "all" else 0
        for model in MODELS:
            fit = fits[f"{features}.{model}"]
            sample = f"binary.{STREAMS[features]}.sample"
            yield Model(f"binary_{features}_{model}", "is_attack", False, fit.description, fit.frame, sample, rows)
    for variant in VARIANT_NAMES:
        rows, sample, fit = (
            settings["attack_types"]["train_rows"],
            f"attack_types.{variant.replace('selected', STREAMS['selected'])}.sample",
            fits[f"types.{variant}"],
        )
        yield Model(f"types_{variant}", "Label", "attacks_only" in variant, fit.description, fit.frame, sample, rows)


def parts(build: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Training and test part."""
    split = build / "splits/random"
    train, test = of_split(build / "data/clean.parquet", split / "roles.parquet", split / "split.json")
    return train.read(*train.columns), test.read(*test.columns)


def refit(model: Model, train: pl.DataFrame, test: pl.DataFrame, seed: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Decisions on the test part and, of a binary model, scores; by a scaler that has seen training flows alone."""
    labels = train["Label"].to_numpy()
    generator = np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(model.sample.encode())]))
    train = train[stratified_rows(labels, model.rows, generator)]
    assert train.height == model.description["n_train"] == min(model.rows or labels.size, labels.size)
    names = model.description["features"]
    seen, unseen = (part.select(names).to_numpy().astype(np.float64) for part in (train, test))
    scaler = StandardScaler().fit(seen)
    module, _, name = model.description["estimator"].rpartition(".")
    estimator = getattr(importlib.import_module(module), name)(**model.description["parameters"])
    estimator.fit(scaler.transform(seen), train[model.target].to_numpy())
    unseen = scaler.transform(unseen)
    score = estimator.predict_proba(unseen)[:, 1] if model.target == "is_attack" else None
    return estimator.predict(unseen), score


def check(build: Path, settings: dict[str, Any]) -> int:
    """Refit every model and compare; the number of models."""
    train, test = parts(build)
    models = list(fitted(build, settings))
    for model in models:
        seen, unseen = (part.filter("is_attack") if model.attacks_only else part for part in (train, test))
        answers, score = refit(model, seen, unseen, settings["seed"])
        published = model.predictions
        for key in ("source_file", "source_row"):
            assert published[key].to_list() == unseen[key].to_list(), f"{model.name}: other flows"
        if score is not None:
            assert published["score"].to_numpy() == pytest.approx(score, abs=1e-6), f"{model.name}: other scores"
        assert np.mean(published["predicted"].to_numpy() == answers) == 1, f"{model.name}: other decisions"
    return len(models)


def check_metrics(build: Path, settings: dict[str, Any], values: dict[str, Any]) -> None:
    """Every metric of the binary models from their predictions; areas from scores."""
    for model in fitted(build, settings):
        frame = model.predictions
        if model.target != "is_attack":
            accuracy = sk.accuracy_score(frame["label"], frame["predicted"])
            key = f"types.{model.name.removeprefix('types_')}.accuracy"
            assert values[key]["value"] == pytest.approx(accuracy), key
            continue
        label, predicted, score = (frame[key].to_numpy() for key in ("is_attack", "predicted", "score"))
        expected = {name: metric(label, predicted) for name, metric in METRICS.items()}
        expected["fpr"] = 1 - sk.recall_score(~label, ~predicted)
        expected |= {"roc_auc": sk.roc_auc_score(label, score), "pr_auc": sk.average_precision_score(label, score)}
        _, features, kind = model.name.split("_", 2)
        for name, value in expected.items():
            key = f"{'binary' if features == 'selected' else 'binary_all'}.{kind}.{name}"
            assert values[key]["value"] == pytest.approx(value), key


def test_every_model_is_what_its_description_says(results: Path) -> None:
    build = results.parents[1] / "build" / results.name
    settings = read_json(results / "build.json")["settings"]
    assert check(build, settings) == len(SETS) * len(MODELS) + len(VARIANT_NAMES)


def test_every_metric_is_that_of_the_predictions(results: Path) -> None:
    build = results.parents[1] / "build" / results.name
    settings = read_json(results / "build.json")["settings"]
    check_metrics(build, settings, read_json(results / "values.json")["values"])
