"""Step: the extra models that the ledger's reasons need, one kind at a time, on a sub-sample of the training part.

Every kind is fitted on inputs as they are, standardised, standardised after winsorising, and as ranks; the forest is
also read after 1 to ``trees`` trees and fitted with larger leaves, and gradient boosting is also fitted with stumps,
which cannot hold interactions.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from analysis.detection.models import ESTIMATORS, build, fit, matrix
from analysis.detection.sample import stratified_rows
from analysis.errors import run
from analysis.record import checked, read_json, write_atomically, write_json
from analysis.streams import stream, stream_seed

TAIL = 0.01
"""Share of the training flows that winsorising pulls in at either end of a feature."""
QUANTILES = 1000
STEPS = (1, 3, 10, 30, 100)
"""Numbers of trees at which the forest is read, besides the last."""
LEAVES = (5, 20)
"""Flows that each leaf of the regularised forests holds at least."""
INPUTS = ("unscaled", "standardised", "winsorised", "ranks")


class Winsoriser(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Pulls each feature to the training part's quantiles ``TAIL`` and 1 - ``TAIL`` (inverted CDF)."""

    def fit(self, features: np.ndarray, labels: object = None) -> Winsoriser:
        """Learn the quantiles of ``features`` of shape (n, k)."""
        self.low_, self.high_ = np.quantile(features, [TAIL, 1 - TAIL], axis=0, method="inverted_cdf")
        return self

    def transform(self, features: np.ndarray) -> np.ndarray:
        """``features`` of shape (n, k) with what lies outside pulled in."""
        return np.clip(features, self.low_, self.high_)


def preparation(inputs: str, rows: int) -> Any:
    """The transformer that stands before the estimator for a kind of ``inputs``; ``rows`` are those fitted on."""
    if inputs == "winsorised":
        return Pipeline([("winsoriser", Winsoriser()), ("scaler", StandardScaler())])
    if inputs == "ranks":
        return QuantileTransformer(n_quantiles=min(QUANTILES, rows), subsample=None)
    return StandardScaler() if inputs == "standardised" else "passthrough"


def steps_to(trees: int) -> list[int]:
    """Numbers of trees at which a forest of ``trees`` is read."""
    return [*(step for step in STEPS if step < trees), trees]


def variants(
    model: str,
    parameters: Mapping[str, Any],
    train: pl.DataFrame,
    test: pl.DataFrame,
    features: Sequence[str],
    *,
    trees: int,
    seed: int,
    threads: int,
) -> pl.DataFrame:
    """Label, truth and one boolean column for each variant of ``model``: its decisions on the flows of ``test``."""
    seen, truth, unseen = matrix(train, features), train["is_attack"].to_numpy(), matrix(test, features)
    answers = {}

    def learn(inputs: str, **changes: Any) -> Pipeline:
        pipeline = build(model, {**parameters, **changes}, seed, threads)
        pipeline.set_params(scaler=preparation(inputs, train.height))
        return fit(pipeline, seen, truth, threads).pipeline

    with threadpool_limits(limits=threads):
        for inputs in INPUTS:
            answers[inputs] = learn(inputs).predict(unseen)
        if model == "random_forest":
            forest = learn("standardised", n_estimators=trees)
            answers |= by_trees(forest, unseen, steps_to(trees))
            for leaf in LEAVES:
                answers[f"leaf_{leaf}"] = learn("standardised", min_samples_leaf=leaf).predict(unseen)
        if model == "gradient_boosting":
            answers["stumps"] = learn("standardised", max_depth=1, n_estimators=trees).predict(unseen)
            answers["interacting"] = learn("standardised", n_estimators=trees).predict(unseen)
    columns = [pl.Series(name, np.asarray(answer, dtype=bool)) for name, answer in answers.items()]
    return test.select("source_file", "source_row", pl.col("Label").alias("label"), "is_attack", *columns)


def by_trees(forest: Pipeline, features: np.ndarray, steps: Sequence[int]) -> dict[str, np.ndarray]:
    """Decisions of the first trees of a fitted forest, as ``trees_<n>``; as the forest itself decides, by mean share.

    A tie is benign, as in scikit-learn, which takes the first of equal classes.
    """
    inputs = forest[0].transform(features)
    total, answers = np.zeros(features.shape[0]), {}
    for n, tree in enumerate(forest[-1].estimators_, start=1):
        total += tree.predict_proba(inputs)[:, 1]
        if n in steps:
            answers[f"trees_{n}"] = total / n > 0.5
    return answers


def main() -> None:
    """Command line of the step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=ESTIMATORS, required=True)
    parser.add_argument("--parameters", type=json.loads, required=True, help="hyperparameters as JSON")
    parser.add_argument("--train-rows", type=int, required=True, help="stratified sub-sample to fit on; 0: all")
    parser.add_argument("--trees", type=int, required=True, help="trees of the largest forest")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    for path in ("features", "train", "test", "predictions", "description"):
        parser.add_argument(f"--{path}", type=Path, required=True)
    arguments = parser.parse_args()
    features = read_json(arguments.features)["ten"]
    columns = [*features, "Label", "is_attack", "source_file", "source_row"]
    train = pl.read_parquet(checked(arguments.train), columns=columns)
    # One stream for all models, so that they are compared on the same flows.
    generator = stream(arguments.seed, "ledger_models.sample")
    rows = stratified_rows(train["Label"].to_numpy(), arguments.train_rows, generator)
    predictions = variants(
        arguments.model,
        arguments.parameters,
        train if rows.size == train.height else train[rows],
        pl.read_parquet(checked(arguments.test), columns=columns),
        features,
        trees=arguments.trees,
        seed=stream_seed(arguments.seed, f"ledger_models.{arguments.model}"),
        threads=arguments.threads,
    )
    with write_atomically(arguments.predictions) as temporary:
        predictions.write_parquet(temporary)
    write_json(arguments.description, {"model": arguments.model, "n_train": int(rows.size), "trees": arguments.trees})


if __name__ == "__main__":
    run(main)
