"""Step: the hyperparameters of the fitted models: all of them, and those that are not the library's defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.command import In, Ins, Out, Outs, run
from analysis.detection.names import titled
from analysis.detection.predictions import binary, load_fits, types
from analysis.record import Column, Record, read_json

# Differ between fits of one model, or do not touch its result: how much is printed, on how many threads.
LEFT_OUT = ("random_state", "verbose", "n_jobs")
# What scikit-learn has in place of a value for a parameter that is no longer one.
NO_VALUE = "deprecated"


def own(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Hyperparameters without those of LEFT_OUT and those that are none any more."""
    return {name: value for name, value in parameters.items() if name not in LEFT_OUT and value != NO_VALUE}


def report_hyperparameters(
    models: Mapping[str, Mapping[str, Any]], forest: Mapping[str, Any] | None, data: str
) -> Record:
    """Tables ``hyperparameters`` (all) and ``hyperparameters_set`` (a row a model: what is no default, how many are).

    Binary models by key, then the attack-type forest, where labels name types; all from get_params.
    """
    record = Record("hyperparameters", data)
    named = [(titled(entry["name"]), model, entry) for model, entry in models.items()]
    if forest is not None:
        named.append(("Attack-type forest", "attack_types", forest))
    rows, changed = [], []
    fast = [name for name, _, entry in named if entry["engine"] == "fast"]
    what = "a model of the source was fitted on equal flows grouped into weights, not flow by flow"
    record.value("models.fast", bool(fast), "text", what, unit="")
    for name, key, entry in named:
        usual = own(entry["defaults"])
        used = {parameter: entry["parameters"][parameter] for parameter in sorted(usual)}
        rows += [
            {"id": f"{key}.{parameter}", "model": name, "estimator": entry["estimator"], "parameter": parameter,
             "value": _text(value), "default": _text(usual[parameter])}
            for parameter, value in used.items()
        ]  # fmt: skip
        other = {parameter: value for parameter, value in used.items() if value != usual[parameter]}
        told = "; ".join(f"{p} {_text(value)} (default {_text(usual[p])})" for p, value in other.items())
        changed.append({"id": key, "model": name, "estimator": entry["estimator"], "set": told or "none",
                    "defaults": len(used) - len(other)})  # fmt: skip
        record.value(f"models.{key}.engine", entry["engine"], "text", f"what fitted {name}: {ENGINES}", unit="")
        if "n_estimators" in used:
            trees = used["n_estimators"]
            record.value(f"models.{key}.trees", trees, "integer", f"trees of {name}", unit="trees")
    left = [Column("model", "Model", align="left"), Column("estimator", "Estimator", align="left")]
    record.table(
        "hyperparameters",
        "Hyperparameters of all models",
        [*left, *(Column(k, k.title(), align="left") for k in ("parameter", "value", "default"))],
        rows,
        notes=["As reported by the fitted estimators. random_state derives from the master seed and the model's name."],
        id="id",
    )
    record.table(
        "hyperparameters_set",
        "Hyperparameters that are not scikit-learn's defaults",
        [
            *left,
            Column("set", "Set otherwise", align="left"),
            Column("defaults", "At their default", "integer", unit="hyperparameters"),
        ],
        changed,
        id="id",
    )
    return record


ENGINES = "exact, scikit-learn on single flows, or fast, on equal flows grouped into weights"


def _text(value: Any) -> str:
    return "not set" if value is None else str(value)


def step(predictions: Ins, descriptions: Ins, metadata: In, values: Out, tables: Outs) -> None:
    """The hyperparameters of the fitted models: all of them, and those that are not the library's defaults."""
    fits = load_fits(predictions, descriptions, "source")
    about = read_json(metadata)
    # A model has the same settings on either feature set.
    models = {model: fit.description for model, fit in binary(fits)["selected"].items()}
    forest = types(fits).get("all_with_benign")
    report_hyperparameters(models, forest.description if forest else None, about["data"]).write(values, tables)


if __name__ == "__main__":
    run(step)
