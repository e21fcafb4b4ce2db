"""Step: fit one binary model on one feature set, and predict the test part."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from analysis.detection.evaluation import Confusion
from analysis.detection.models import ESTIMATORS, build, describe, fit, matrix
from analysis.detection.names import SETS
from analysis.detection.sample import stratified_rows
from analysis.errors import run
from analysis.record import checked, read_json, write_atomically, write_json
from analysis.streams import stream, stream_seed


def fit_and_predict(
    model: str,
    parameters: Mapping[str, Any],
    train: pl.DataFrame,
    test: pl.DataFrame,
    features: Sequence[str],
    *,
    seed: int,
    threads: int,
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Predictions for ``test`` and a description of the model fitted on ``train``.

    ``score`` is the estimator's probability of an attack, ``predicted`` its own decision. ``seed`` is the estimator's.
    """
    seen, truth = matrix(train, features), train["is_attack"].to_numpy()
    fitted = fit(build(model, parameters, seed, threads), seen, truth, threads)
    unseen = matrix(test, features)
    predictions = test.select(
        "source_file",
        "source_row",
        pl.col("Label").alias("label"),
        "is_attack",
        pl.Series("score", fitted.pipeline.predict_proba(unseen)[:, 1]),
        pl.Series("predicted", fitted.pipeline.predict(unseen)),
    )
    on_train = Confusion.of(truth, fitted.pipeline.predict(seen))
    return predictions, {
        "model": model,
        "n_train": train.height,
        "attack_share": float(truth.mean()),
        "train_f1": on_train.f1,
        "train_accuracy": on_train.accuracy,
        **describe(fitted, features),
    }


def main() -> None:
    """Command line of the step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=ESTIMATORS, required=True)
    parser.add_argument("--features-set", choices=SETS, required=True)
    parser.add_argument("--parameters", type=json.loads, required=True, help="hyperparameters as JSON")
    parser.add_argument("--train-rows", type=int, default=0, help="stratified sub-sample to fit on; 0: all")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    for path in ("features", "train", "test", "predictions", "description"):
        parser.add_argument(f"--{path}", type=Path, required=True)
    arguments = parser.parse_args()
    features = read_json(arguments.features)[arguments.features_set]
    columns = [*features, "Label", "is_attack", "source_file", "source_row"]
    train = pl.read_parquet(checked(arguments.train), columns=columns)
    # One stream for the sub-sample, so that all models of a feature set are fitted on the same flows.
    generator = stream(arguments.seed, f"binary.{arguments.features_set}.sample")
    rows = stratified_rows(train["Label"].to_numpy(), arguments.train_rows, generator)
    predictions, description = fit_and_predict(
        arguments.model,
        arguments.parameters,
        train if rows.size == train.height else train[rows],
        pl.read_parquet(checked(arguments.test), columns=columns),
        features,
        seed=stream_seed(arguments.seed, f"binary.{arguments.model}.{arguments.features_set}"),
        threads=arguments.threads,
    )
    with write_atomically(arguments.predictions) as temporary:
        predictions.write_parquet(temporary)
    write_json(arguments.description, {"n_train_all": train.height, **description})


if __name__ == "__main__":
    run(main)
