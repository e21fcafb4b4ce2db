"""Step: one tidy table of all conditions, a row each and fold, and the curves of the source's models.

What needs scikit-learn to be computed from predictions is computed here, once; reports read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from analysis.command import In, Ins, Out, Outs, run
from analysis.detection.curves import areas, points
from analysis.detection.evaluation import wilson
from analysis.detection.names import METRICS
from analysis.detection.predictions import answers, confusion
from analysis.record import Column, Record, Table, read_json, write_json

FACTORS = {
    "labels": "Labels", "duplicates": "Duplicates", "split": "Split", "fold": "Part", "repetition": "Repetition",
    "features": "Features", "target": "Target", "model": "Model", "preparation": "Inputs", "changes": "Changed",
    "train_rows": "Rows asked for",
}  # fmt: skip
WITH_ENDS = ("accuracy", "f1", "precision", "recall", "fpr")
ENDS = {"low": "95% low", "high": "95% high"}
POOLED = "all"
"""The row of a split with several folds that counts the flows of all of them."""
NOT_COMPARABLE = "scores of models fitted on different flows are not comparable"
NOT_BINARY = "not a question with two answers"
UNDEFINED = "not defined on these flows"


def score(frame: pl.DataFrame, target: str, pooled: bool = False) -> dict[str, Any]:
    """Metrics of predictions by key, None where not defined, and the ends of their intervals, ``f1_low`` and so on."""
    if target != "binary":
        right = int((frame["label"] == frame["predicted"]).sum())
        share, (low, high) = right / frame.height, wilson(right, frame.height)
        return {"accuracy": share, "accuracy_low": low, "accuracy_high": high}
    count = confusion(frame)
    found: dict[str, Any] = count.metrics()
    if not pooled:
        found |= areas(frame["is_attack"].to_numpy(), frame["score"].to_numpy())
    for metric in WITH_ENDS:
        interval = count.interval(metric)
        found |= {f"{metric}_{end}": interval.get(end) for end in ENDS}
    return found


def rows(entry: Mapping[str, Any], frame: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows of one condition: one for each fold, and one for all of them where there are several."""
    folds, found = entry["folds"], []
    base = {key: _text(value) for key, value in entry["factors"].items()} | {"model": entry["factors"]["model"]}
    parts = [(fold["fold"], frame.filter(pl.col("fold") == fold["fold"]), fold) for fold in folds]
    built = [fold for fold in folds if not fold["reason"]]
    if len(folds) > 1:
        total = sum(fold["n_train"] for fold in built)
        reason = None if built else "no part could be built"
        parts.append((POOLED, frame, {"reason": reason, "n_train": total}))
    for name, part, fold in parts:
        row = base | {"id": entry["id"] if len(folds) == 1 else f"{entry['id']}-{name}", "fold": name}
        row |= {"available": fold["reason"] or "yes", "n_train": fold.get("n_train"), "n": part.height or None,
                "attacks": int(part["is_attack"].sum()) if part.height else None}  # fmt: skip
        pooled = name == POOLED and len(folds) > 1
        values = {} if fold["reason"] else score(part, entry["factors"]["target"], pooled)
        for key in _metric_keys():
            display = METRICS[key.removesuffix("_low").removesuffix("_high")].display
            why = fold["reason"] or _why(key, entry["factors"]["target"], pooled)
            row[key] = Table.cell(values.get(key), display, reason=why if values.get(key) is None else None)
        for key in ("n_train", "n", "attacks"):
            row[key] = Table.cell(row[key], "integer", reason=fold["reason"])
        found.append(row)
    return found


def _why(key: str, target: str, pooled: bool) -> str:
    if target != "binary":
        return NOT_BINARY
    return NOT_COMPARABLE if pooled and key in ("roc_auc", "pr_auc") else UNDEFINED


def _metric_keys() -> list[str]:
    return [key for metric in METRICS for key in
            (metric, *(f"{metric}_{end}" for end in ENDS if metric in WITH_ENDS))]  # fmt: skip


def _text(value: Any) -> Any:
    if isinstance(value, Mapping):
        return "; ".join(f"{key} {item}" for key, item in value.items()) or "none"
    return value


def report_scores(found: Iterable[dict[str, Any]], data: str) -> Record:
    """Table ``scores``, from the rows of all conditions."""
    record = Record("scores", data)
    columns = [Column("id", "Condition", align="left")]
    numbers = ("repetition", "train_rows")
    columns += [Column(key, title, "integer" if key in numbers else "text", "right" if key in numbers else "left")
                for key, title in FACTORS.items()]  # fmt: skip
    columns += [Column("available", "Built", align="left"), Column("n_train", "Fitted on", "integer"),
                Column("n", "Tested on", "integer"), Column("attacks", "Attacks", "integer")]  # fmt: skip
    for key in _metric_keys():
        metric, _, end = key.partition("_") if key not in METRICS else (key, "", "")
        title = f"{METRICS[metric].title}, {ENDS[end]}" if end else METRICS[metric].title
        columns.append(Column(key, title, METRICS[metric].display))
    notes = [
        "Part: which part of the flows was the test part, where a split has several; 'all' counts the flows of all "
        "of them. Intervals: Wilson's; that of F1 is carried over from TP / (TP + FP + FN)."
    ]
    record.table("scores", "Scores of all conditions on their test parts", columns, found, notes=notes, id="id")
    return record


def step(predictions: Ins, descriptions: Ins, metadata: In, curves: Out, values: Out, tables: Outs) -> None:
    """One tidy table of all conditions, a row each and fold, and the curves of the source's models."""
    found, drawn = [], {}
    for path, told in zip(predictions, descriptions, strict=True):
        for entry in read_json(told).values():
            frame = answers(path, entry["id"])
            found += rows(entry, frame)
            if "source" in dict(entry["names"]) and entry["factors"]["target"] == "binary" and frame.height:
                curve = points(frame["is_attack"].to_numpy(), frame["score"].to_numpy())
                names = ("fpr", "recall", "precision")
                # The first point calls nothing an attack, so that its precision is not defined; JSON has no NaN.
                drawn[entry["id"]] = {name: [None if value != value else value for value in column.tolist()]
                                       for name, column in zip(names, curve, strict=True)}  # fmt: skip
    write_json(curves, drawn)
    report_scores(found, read_json(metadata)["data"]).write(values, tables)


if __name__ == "__main__":
    run(step)
