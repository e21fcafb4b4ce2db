"""Step: the source study's printed numbers as values, and its model table beside ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from analysis.command import In, Out, Outs, run
from analysis.detection.names import METRICS, MODELS, the, titled
from analysis.record import Column, Record, Table, read_json, snake

AS_PRINTED = "as the source study prints it"
THEIRS = "those that the source study prints"
PRINTED = ("accuracy", "f1", "precision", "recall")


def _within(title: str) -> str:
    """A measure's title as it stands within a sentence: 'precision', 'F1'."""
    return title if title[1:2].isdigit() else title[0].lower() + title[1:]


def compare(printed: Mapping[str, Any], ours: Mapping[str, Any], data: str) -> Record:
    """Values ``source.*`` and the table ``source_comparison``: per model and metric theirs, ours, the difference.

    ``printed`` is config/source-study.yaml, ``ours`` maps value keys to entries of values files.
    """
    record = Record("source_study", data)
    rows, gaps = [], []
    for model, metrics in printed["models"].items():
        name = MODELS[model]
        row: dict[str, Any] = {"model": titled(name)}
        for metric in PRINTED:
            theirs, here = metrics[metric], ours[f"binary.{model}.{metric}"]
            record.value(f"source.{model}.{metric}", theirs, "fixed:2",
                         f"{METRICS[metric].title} of the {name} {AS_PRINTED}", unit="fraction")  # fmt: skip
            row[f"{metric}_source"] = theirs
            row[f"{metric}_here"] = Table.cell(here["value"], "fixed:3", reason=here["reason"])
            if here["value"] is not None:
                gaps.append((abs(here["value"] - theirs), f"{_within(METRICS[metric].title)} of {the(name)}"))
        record.value(f"source.{model}.f1_difference", ours[f"binary.{model}.f1"]["value"] - metrics["f1"], "fixed:3",
                     f"F1 of the {name} here minus that of the source study")  # fmt: skip
        rows.append(row)
    for key, prefix, where in (("ranked", "binary", "the ranked features"), ("all", "binary_all", "all features")):
        distances = [abs(ours[f"{prefix}.{model}.f1"]["value"] - m["f1"]) for model, m in printed["models"].items()]
        record.value(f"source.f1_distance.{key}", sum(distances) / len(distances), "fixed:3",
                     f"mean absolute difference of the models' F1 on {where} from {THEIRS}")  # fmt: skip
    columns = [Column("model", "Model", align="left")]
    for metric in PRINTED:
        title = METRICS[metric].title
        columns += [
            Column(f"{metric}_source", f"{title}, source", "fixed:2"),
            Column(f"{metric}_here", f"{title}, here", "fixed:3"),
        ]
    record.table("source_comparison", "The four models: the source study's numbers and ours", columns, rows)
    gap, where = max(gaps)
    record.value("source.largest_gap", gap, "fixed:3", "largest absolute difference from a number the source prints")
    record.value(
        "source.largest_gap_where",
        where,
        "text",
        "metric and model of the largest difference from a number the source study prints",
        unit="",
    )
    record.value("source.models", len(printed["models"]), "integer", "models that the source compares", unit="models")
    best = printed["best_model"]
    record.value(
        "source.best_model", best, "text", "model that the source study calls best", unit="", words=MODELS[best]
    )
    record.value(
        "source.same_best",
        ours["binary.best_model"]["value"] == best,
        "text",
        "whether the model that the source study calls best is best here",
        unit="",
    )
    record.value("source.missed_attacks", printed["missed_attacks"], "percent:0",
                 f"attacks missed by the forest {AS_PRINTED}",
                 unit="fraction")  # fmt: skip
    record.value("source.features", printed["features"], "integer", "features the source study keeps", unit="features")
    record.value("source.types.accuracy", printed["types"]["accuracy"], "fixed:2",
                 f"accuracy over attack types {AS_PRINTED}",
                 unit="fraction")  # fmt: skip
    for label, f1 in printed["types"]["f1"].items():
        record.value(
            f"source.types.f1.{snake(label)}",
            f1,
            "fixed:2",
            f"F1 of {label} {AS_PRINTED}",
            unit="fraction",
        )
    return record


def step(source: In, ours: In, metadata: In, values: Out, tables: Outs) -> None:
    """The source study's printed numbers as values, and its model table beside ours."""
    printed = yaml.safe_load(source.read_text(encoding="utf-8"))
    record = compare(printed, read_json(ours), read_json(metadata)["data"])
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
