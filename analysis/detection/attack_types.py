"""Step: fit the attack-type forest in one reading, and predict the test part."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from analysis.detection.models import build, describe, fit, matrix
from analysis.detection.names import READINGS, reading_parts
from analysis.detection.sample import stratified_rows
from analysis.errors import run
from analysis.record import checked, read_json, write_atomically, write_json
from analysis.streams import stream, stream_seed

MODEL = "random_forest"


def fit_and_predict(
    parameters: Mapping[str, Any],
    train: pl.DataFrame,
    test: pl.DataFrame,
    features: Sequence[str],
    *,
    seed: int,
    threads: int,
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Predicted type of every flow of ``test``, and a description of the forest fitted on ``train``."""
    labels = train["Label"].to_numpy()
    fitted = fit(build(MODEL, parameters, seed, threads), matrix(train, features), labels, threads)
    predicted = fitted.pipeline.predict(matrix(test, features))
    predictions = test.select(
        "source_file",
        "source_row",
        pl.col("Label").alias("label"),
        pl.Series("predicted", predicted.tolist(), dtype=pl.String),
    )
    counts = dict(train["Label"].value_counts().sort("Label").iter_rows())
    return predictions, {"model": MODEL, "n_train": train.height, "train": counts, **describe(fitted, features)}


def main() -> None:
    """Command line of the step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reading", choices=READINGS, required=True)
    parser.add_argument("--parameters", type=json.loads, required=True, help="hyperparameters as JSON")
    parser.add_argument("--train-rows", type=int, default=0, help="stratified sub-sample to fit on; 0: all")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    for path in ("features", "train", "test", "predictions", "description"):
        parser.add_argument(f"--{path}", type=Path, required=True)
    arguments = parser.parse_args()
    key, with_benign = reading_parts(arguments.reading)
    features = read_json(arguments.features)[key]
    columns = [*features, "Label", "is_attack", "source_file", "source_row"]
    train, test = (pl.read_parquet(checked(path), columns=columns) for path in (arguments.train, arguments.test))
    if not with_benign:
        train, test = train.filter("is_attack"), test.filter("is_attack")
    name = f"attack_types.{arguments.reading}"
    rows = stratified_rows(train["Label"].to_numpy(), arguments.train_rows, stream(arguments.seed, f"{name}.sample"))
    predictions, description = fit_and_predict(
        arguments.parameters,
        train if rows.size == train.height else train[rows],
        test,
        features,
        seed=stream_seed(arguments.seed, name),
        threads=arguments.threads,
    )
    with write_atomically(arguments.predictions) as temporary:
        predictions.write_parquet(temporary)
    write_json(arguments.description, {"reading": arguments.reading, "n_train_all": train.height, **description})


if __name__ == "__main__":
    run(main)
