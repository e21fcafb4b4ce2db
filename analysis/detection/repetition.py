"""Step: one repetition of split, ranking and fit of the four models on the ranked features, with a seed of its own."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analysis.dataset.split import fill, split
from analysis.detection.binary import fit_and_predict
from analysis.detection.curves import areas
from analysis.detection.names import MODELS
from analysis.detection.predictions import confusion
from analysis.errors import run
from analysis.record import checked, read_json, write_json
from analysis.statistics.rank import order, point_biserial
from analysis.statistics.tally import Tally
from analysis.streams import stream_seed


def ranked_features(train: pl.DataFrame, features: Sequence[str], count: int) -> list[str]:
    """The ``count`` features of highest absolute correlation with the class on ``train``."""
    attack = train["is_attack"].to_numpy()
    tallies = {name: Tally.of(train[name].to_numpy(), attack) for name in features}
    correlations = {name: r for name, tally in tallies.items() if (r := point_biserial(tally)) is not None}
    return order(correlations)[:count]


def repeat(
    flows: pl.DataFrame,
    features: Sequence[str],
    count: int,
    parameters: Mapping[str, Mapping[str, Any]],
    *,
    test_fraction: float,
    min_type: int,
    seed: int,
    threads: int,
) -> dict[str, Any]:
    """Metrics by model after a split of ``flows`` by ``seed``; ``features`` are those that may be ranked."""
    test = split(flows["Label"], test_fraction, seed, min_type)
    train, held_out, _ = fill(flows.filter(pl.Series(~test)), flows.filter(pl.Series(test)))
    chosen = ranked_features(train, features, count)
    metrics = {}
    for model, settings in parameters.items():
        own = stream_seed(seed, f"binary.{model}.ten")
        frame, _ = fit_and_predict(model, settings, train, held_out, chosen, seed=own, threads=threads)
        scores = areas(frame["is_attack"].to_numpy(), frame["score"].to_numpy())
        metrics[model] = confusion(frame).metrics() | scores
    return {"seed": seed, "test": int(np.count_nonzero(test)), "features": chosen, "metrics": metrics}


def main() -> None:
    """Command line of the step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetition", type=int, required=True, help="number of the repetition, from 1")
    parser.add_argument("--parameters", type=json.loads, required=True, help="hyperparameters by model as JSON")
    parser.add_argument("--test-fraction", type=float, required=True)
    parser.add_argument("--min-type", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    for path in ("flows", "features", "out"):
        parser.add_argument(f"--{path}", type=Path, required=True)
    arguments = parser.parse_args()
    known = read_json(arguments.features)
    copies = {copy for _, copy in known["identical"]} if known["rule"] == "distinct" else set()
    result = repeat(
        pl.read_parquet(checked(arguments.flows)),
        [name for name in known["all"] if name not in copies],
        len(known["ten"]),
        {model: arguments.parameters[model] for model in MODELS},
        test_fraction=arguments.test_fraction,
        min_type=arguments.min_type,
        seed=stream_seed(arguments.seed, f"repetition.{arguments.repetition}"),
        threads=arguments.threads,
    )
    write_json(arguments.out, result)


if __name__ == "__main__":
    run(main)
