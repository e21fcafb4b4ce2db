"""Step: the binary models' measures as they would be at the release's label shares, for flows drawn label by label.

Each test flow gets the weight n_published(label) / n_test(label) (inverse-probability weighting, Horvitz and Thompson
1952); it is right where the flows of each label were drawn at random among those of the label.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from analysis.command import In, Ins, Out, Outs, run
from analysis.dataset.input.inventory import shares
from analysis.dataset.release import load
from analysis.detection.evaluation import Confusion
from analysis.detection.names import MODELS, titled
from analysis.detection.predictions import binary, confusion, frames, load_fits, ranked
from analysis.record import Column, Record, Table, read_json

SHOWN = {"precision": "Precision", "recall": "Recall", "f1": "F1", "fpr": "FPR"}
WORDS = {"ten": "ranked", "all": "all"}
UNDEFINED = "not defined: no flow is called an attack"


def weights(published: Mapping[str, int], labels: pl.Series) -> dict[str, float]:
    """Weight of a test flow by its label; labels that are not published weigh nothing."""
    return {label: published.get(label, 0) / n for label, n in sorted(labels.value_counts().rows())}


def weighted_confusion(frame: pl.DataFrame, weight: Mapping[str, float]) -> Confusion:
    """Sums of weights in place of counts, rounded to whole flows of the release."""
    value = pl.col("label").replace_strict(dict(weight), return_dtype=pl.Float64)
    sums = frame.group_by("is_attack", "predicted").agg(value.sum().alias("sum")).rows()
    by_cell = {(truth, answer): round(total) for truth, answer, total in sums}
    cells = [(False, False), (False, True), (True, False), (True, True)]
    return Confusion(*(by_cell.get(cell, 0) for cell in cells))


def report_weighted(
    predictions: Mapping[str, Mapping[str, pl.DataFrame]], published: Mapping[str, int], data: str
) -> Record:  # fmt: skip
    """Table ``binary_weighted`` and values ``weighted.*``: raw measures and those at the release's label shares."""
    record = Record("weighted", data)
    labels = predictions["ten"]["random_forest"]["label"]
    weight = weights(published, labels)
    total = sum(published.values())
    rows = []
    for features, answers in predictions.items():
        for model in MODELS:
            raw, scaled = confusion(answers[model]), weighted_confusion(answers[model], weight)
            row: dict[str, Any] = {"id": f"{features}.{model}", "features": WORDS[features],
                                   "model": titled(MODELS[model])}  # fmt: skip
            for metric, title in SHOWN.items():
                display = "fixed:4" if metric == "fpr" else "fixed:3"
                before, after = getattr(raw, metric), getattr(scaled, metric)
                row[metric] = Table.cell(before, display, reason=UNDEFINED)
                row[f"{metric}_weighted"] = Table.cell(after, display, reason=UNDEFINED)
                record.value(f"weighted.{features}.{model}.{metric}", after, display,
                             f"{title} of the {MODELS[model]} at the label shares of the release", unit="fraction",
                             n=labels.len(), reason=None if after is not None else UNDEFINED,
                             table="binary_weighted", cell=f"{features}.{model}/{metric}_weighted")  # fmt: skip
            rows.append(row)
    columns = [Column("features", "Features", align="left"), Column("model", "Model", align="left")]
    for metric, title in SHOWN.items():
        display = "fixed:4" if metric == "fpr" else "fixed:3"
        columns += [Column(metric, title, display), Column(f"{metric}_weighted", f"{title}, weighted", display)]
    uncovered = sum(n for label, n in published.items() if label not in weight)
    notes = ["Weighted: each test flow counts as often as its label is more frequent in the release than in the test "
             "part."]  # fmt: skip
    record.table("binary_weighted", "The binary models at the label shares of the release", columns, rows, notes=notes,
                 id="id")  # fmt: skip
    best = ranked(predictions["ten"])[0]
    for metric in ("f1", "precision"):
        record.name(f"weighted.best.{metric}", "binary_weighted", f"ten.{best}", f"{metric}_weighted",
                    definition=f"{SHOWN[metric]} of the best model at the label shares of the release")  # fmt: skip
    frame = predictions["ten"]["random_forest"]
    truth = weighted_confusion(frame.with_columns(predicted=pl.col("is_attack")), weight)
    record.value("weighted.prevalence", truth.tp / truth.n, "percent:1", "share of attacks in the release",
                 unit="fraction", n=truth.n)  # fmt: skip
    record.value("weighted.uncovered", uncovered / total, "percent:1",
                 "share of the release's flows whose label has no flow in the test part", unit="fraction",
                 n=total)  # fmt: skip
    return record


def step(predictions: Ins, descriptions: Ins, metadata: In, values: Out, tables: Outs) -> None:
    """The binary models' measures as they would be at the release's label shares, for flows drawn label by label."""
    about, fits = read_json(metadata), binary(load_fits(predictions, descriptions, "source"))
    answers = {key: frames(found) for key, found in fits.items()}
    published = shares(load(about["release"]), answers["ten"]["random_forest"]["label"].unique().to_list())
    report_weighted(answers, published, about["data"]).write(values, tables)


if __name__ == "__main__":
    run(step)
