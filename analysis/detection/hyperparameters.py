"""Step: every hyperparameter of every fitted model, as one table."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.detection.names import MODELS, SETS, titled
from analysis.errors import run
from analysis.record import Column, Record, read_json

# Differ between fits of one model, or do not touch its result: how much is printed, on how many threads.
LEFT_OUT = ("random_state", "verbose", "n_jobs")


def report(binary: Mapping[str, Mapping[str, Any]], types: Mapping[str, Any], data: str) -> Record:
    """Table ``hyperparameters``: binary models by key, then the attack-type forest; all from get_params."""
    record = Record("hyperparameters", data)
    named = [*((titled(MODELS[model]), model, entry) for model, entry in binary.items()),
             ("Attack-type forest", "attack_types", types)]  # fmt: skip
    rows = [
        {"id": f"{key}.{parameter}", "model": name, "estimator": entry["estimator"], "parameter": parameter,
         "value": "not set" if value is None else str(value)}
        for name, key, entry in named
        for parameter, value in sorted(entry["parameters"].items())
        if parameter not in LEFT_OUT
    ]  # fmt: skip
    record.table(
        "hyperparameters",
        "Hyperparameters of all models",
        [
            Column("model", "Model", align="left"),
            Column("estimator", "Estimator", align="left"),
            Column("parameter", "Parameter", align="left"),
            Column("value", "Value", align="left"),
        ],
        rows,
        notes=["As reported by the fitted estimators. random_state derives from the master seed and the model's name."],
        id="id",
    )
    for name, key, entry in named:
        trees = entry["parameters"].get("n_estimators")
        if trees is not None:
            record.value(f"models.{key}.trees", trees, "integer", f"trees of {name}", unit="trees")
    return record


def main() -> None:
    """Command line of the step."""
    parser = argparse.ArgumentParser(description=__doc__)
    for paths in ("descriptions", "tables"):
        parser.add_argument(f"--{paths}", type=Path, nargs="+", required=True)
    for path in ("types", "about", "values"):
        parser.add_argument(f"--{path}", type=Path, required=True)
    arguments = parser.parse_args()
    by_stem = {path.stem: path for path in arguments.descriptions}
    # A model has the same settings on either feature set.
    binary = {model: read_json(by_stem[f"binary_{next(iter(SETS))}_{model}"]) for model in MODELS}
    record = report(binary, read_json(arguments.types), read_json(arguments.about)["data"])
    record.write(arguments.values, arguments.tables)


if __name__ == "__main__":
    run(main)
