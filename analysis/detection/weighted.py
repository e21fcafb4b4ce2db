"""Step: the binary models' measures as they would be at the release's label shares, for flows drawn label by label.

Each test flow gets the weight n_published(label) / n_test(label) (inverse-probability weighting, Horvitz and Thompson
1952); it is right where the flows of each label were drawn at random among those of the label. Intervals are of
as many further flows of each label.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from analysis.command import In, Ins, Out, Outs, run
from analysis.dataset.input.inventory import shares
from analysis.dataset.release import load
from analysis.detection.evaluation import Confusion
from analysis.detection.names import MODELS, titled
from analysis.detection.predictions import binary, confusion, frames, load_fits, ranked
from analysis.record import Cell, Column, Record, Table, read_json
from analysis.statistics.drawn import DRAWN, DRAWS, Ends, jeffreys, spanned
from analysis.streams import stream

SHOWN = {"precision": "Precision", "recall": "Recall", "f1": "F1", "fpr": "FPR"}
DISPLAY = {"precision": "fixed:3", "recall": "fixed:3", "f1": "fixed:3", "fpr": "fixed:4"}
WORDS = {"selected": "ranked", "all": "all"}
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


def intervals(frame: pl.DataFrame, weight: Mapping[str, float], generator: np.random.Generator) -> dict[str, Ends]:
    """Each measure of :data:`SHOWN` at the release's label shares that is defined, with the ends of its interval.

    The share of each label's flows that are called attacks is drawn from its Jeffreys distribution.
    """
    whole = weighted_confusion(frame, weight)
    cells = {True: [np.zeros(DRAWS), np.zeros(DRAWS)], False: [np.zeros(DRAWS), np.zeros(DRAWS)]}
    by_label = frame.group_by("label", "is_attack").agg(pl.col("predicted").mean().alias("called"), pl.len().alias("n"))
    for label, attack, called, n in by_label.sort("label").rows():
        drawn = jeffreys(called, n, generator)
        for cell, part in zip(cells[attack], (1 - drawn, drawn), strict=True):
            cell += weight[label] * n * part
    (tn, fp), (fn, tp) = cells[False], cells[True]
    ratios = {
        "precision": (tp, tp + fp),
        "recall": (tp, tp + fn),
        "f1": (2 * tp, 2 * tp + fp + fn),
        "fpr": (fp, fp + tn),
    }
    values = {metric: getattr(whole, metric) for metric in SHOWN}
    return {metric: spanned(values[metric], above / below)
            for metric, (above, below) in ratios.items() if values[metric] is not None}  # fmt: skip


def report_weighted(
    predictions: Mapping[str, Mapping[str, pl.DataFrame]], published: Mapping[str, int], data: str, seed: int
) -> Record:  # fmt: skip
    """Table ``binary_weighted`` and values ``weighted.*``: raw measures and those at the release's label shares."""
    record = Record("weighted", data)
    labels = predictions["selected"]["random_forest"]["label"]
    weight = weights(published, labels)
    total = sum(published.values())
    rows = []
    for features, answers in predictions.items():
        for model in MODELS:
            raw = confusion(answers[model])
            found = intervals(answers[model], weight, stream(seed, f"weighted.{features}.{model}"))
            row: dict[str, Any] = {"id": f"{features}.{model}", "features": WORDS[features],
                                   "model": titled(MODELS[model])}  # fmt: skip
            for metric in SHOWN:
                row |= _cells(metric, getattr(raw, metric), found.get(metric))
            rows.append(row)
    columns = [Column("features", "Features", align="left"), Column("model", "Model", align="left")]
    for metric, title in SHOWN.items():
        display = DISPLAY[metric]
        columns += [
            Column(metric, title, display),
            Column(f"{metric}_weighted", f"{title}, weighted", display, unit="fraction", low=f"{metric}_low",
                   high=f"{metric}_high", interval=DRAWN, n=labels.len()),
            Column(f"{metric}_low", f"{title}, weighted, low", display),
            Column(f"{metric}_high", f"{title}, weighted, high", display),
        ]  # fmt: skip
    uncovered = sum(n for label, n in published.items() if label not in weight)
    notes = ["Weighted: each test flow counts as often as its label is more frequent in the release than in the test "
             "part."]  # fmt: skip
    record.table("binary_weighted", "The binary models at the label shares of the release", columns, rows, notes=notes,
                 id="id")  # fmt: skip
    for features in predictions:
        for model, metric in itertools.product(MODELS, SHOWN):
            definition = f"{SHOWN[metric]} of the {MODELS[model]} at the label shares of the release"
            record.name(f"weighted.{features}.{model}.{metric}", "binary_weighted", f"{features}.{model}",
                        f"{metric}_weighted", definition=definition, display=DISPLAY[metric])  # fmt: skip
    best = ranked(predictions["selected"])[0]
    for metric in ("f1", "precision"):
        record.name(f"weighted.best.{metric}", "binary_weighted", f"selected.{best}", f"{metric}_weighted",
                    definition=f"{SHOWN[metric]} of the best model at the label shares of the release",
                    display=DISPLAY[metric])  # fmt: skip
    frame = predictions["selected"]["random_forest"]
    truth = weighted_confusion(frame.with_columns(predicted=pl.col("is_attack")), weight)
    record.value("weighted.prevalence", truth.tp / truth.n, "percent:1", "share of attacks in the release",
                 unit="fraction", n=truth.n)  # fmt: skip
    record.value("weighted.uncovered", uncovered / total, "percent:1",
                 "share of the release's flows whose label has no flow in the test part", unit="fraction",
                 n=total)  # fmt: skip
    return record


def _cells(metric: str, raw: float | None, found: Ends | None) -> dict[str, Cell]:
    """A measure as drawn, and weighted with its interval."""
    value, low, high = found or (None, None, None)
    keys = {metric: raw, f"{metric}_weighted": value, f"{metric}_low": low, f"{metric}_high": high}
    cells = {key: Table.cell(one, DISPLAY[metric], reason=UNDEFINED) for key, one in keys.items()}
    if found:
        shown = cells[f"{metric}_weighted"]
        text = f"{shown.text} [{cells[f'{metric}_low'].text}, {cells[f'{metric}_high'].text}]"
        cells[f"{metric}_weighted"] = replace(shown, text=text)
    return cells


def step(predictions: Ins, descriptions: Ins, metadata: In, seed: int, values: Out, tables: Outs) -> None:
    """The binary models' measures as they would be at the release's label shares, for flows drawn label by label."""
    about, fits = read_json(metadata), binary(load_fits(predictions, descriptions, "source"))
    answers = {key: frames(found) for key, found in fits.items()}
    published = shares(load(about["release"]), answers["selected"]["random_forest"]["label"].unique().to_list())
    report_weighted(answers, published, about["data"], seed).write(values, tables)


if __name__ == "__main__":
    run(step)
