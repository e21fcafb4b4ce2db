"""ROC and precision-recall curves of the models on the ranked features, with the lines of no skill."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.conditions.models import look
from analysis.detection.names import name_in
from analysis.record import Table, show
from figures import style

TABLES = ("curves_selected", "binary_models", "class_inventory")
PART = "test"


def draw(tables: Mapping[str, Table]) -> Figure:
    """ROC on a logarithmic axis of the false-positive rate, where detectors differ; PR beside it.

    A marker shows where the model's own threshold puts it.
    """
    figure, (roc, pr) = plt.subplots(1, 2, figsize=(style.WIDTH, 2.7))
    curves = _curves(tables["curves_selected"])
    models = {row.id: dict(zip((c.key for c in tables["binary_models"].columns), row.cells, strict=True))
              for row in tables["binary_models"].rows}  # fmt: skip
    positive = [fpr for curve in curves.values() for fpr in curve["fpr"] if fpr > 0]
    left = min(positive, default=1e-3)
    for position, (model, curve) in enumerate(curves.items()):
        marker, line = look(model, position).marker, style.line(model, position)
        line["label"] = models[model]["model"].text
        # A logarithmic axis has no zero: points without a false alarm stand at its left edge.
        roc.plot(np.maximum(style.chords(curve["fpr"]), left), style.chords(curve["recall"]), **line)
        # Steps, as average precision adds them up: a straight line would promise precision that nobody reaches.
        pr.plot(curve["recall"], curve["precision"], drawstyle="steps-pre", **line)
        fpr, recall, precision = (models[model][key].value for key in ("fpr", "recall", "precision"))
        dot = {"marker": marker, "ms": 5, "mec": style.INK, "mew": 0.6, "color": line["color"], "ls": "", "zorder": 3}
        if fpr is not None and recall is not None:
            roc.plot(max(fpr, left), recall, **dot)
        if precision is not None:
            pr.plot(recall, precision, **dot)
    _finish(roc, pr, left, models["always_benign"]["pr_auc"].value)
    handles, labels = roc.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, handlelength=3)
    return figure


def _finish(roc: Axes, pr: Axes, left: float, prevalence: float | None) -> None:
    grid = np.geomspace(left, 1, 200)
    no_skill: dict[str, Any] = {"color": style.GREY, "linewidth": 0.8, "label": "No skill"}
    roc.plot(grid, grid, **no_skill)
    roc.set(xscale="log", xlabel="False-positive rate", ylabel="Recall", xlim=(left, 1), ylim=(0, 1.02))
    if prevalence is not None:
        pr.axhline(prevalence, **no_skill)
    pr.set(xlabel="Recall", ylabel="Precision", xlim=(0, 1.02), ylim=(0, 1.02))
    style.powers(roc.xaxis)
    for axis in (roc, pr):
        axis.grid(True)


def alt(tables: Mapping[str, Table]) -> str:
    """Both areas of each model, the extremes, and the line of no skill."""
    table = tables["binary_models"]
    rows = dict(zip((row.id for row in table.rows), table.records(), strict=True))
    base = rows["always_benign"]
    rows = {key: rows[key] for key in _curves(tables["curves_selected"])}
    parts = [
        f"{name_in(row, key)} {show(row['roc_auc'], 'fixed:3')} and {show(row['pr_auc'], 'fixed:3')}"
        for key, row in rows.items()
    ]
    areas = {name_in(row, key): row["pr_auc"] for key, row in rows.items() if row["pr_auc"] is not None}
    if not areas:
        return "ROC and precision-recall curves cannot be drawn: the test flows are all of one class."
    best, worst = max(areas, key=lambda name: areas[name]), min(areas, key=lambda name: areas[name])
    return (
        f"ROC curves and precision-recall curves of {len(rows)} models. Areas under both: {'; '.join(parts)}. "
        f"By the second, {best} is highest and {worst} lowest; without skill it is {show(base['pr_auc'], 'fixed:3')}."
    )


def _curves(table: Table) -> dict[str, dict[str, np.ndarray]]:
    """Points by model; the precision of the first point, where nothing is called an attack, is NaN."""
    curves: dict[str, dict[str, list[float]]] = {}
    for record in table.records():
        curve = curves.setdefault(record["model"], {"fpr": [], "recall": [], "precision": []})
        for key, values in curve.items():
            values.append(np.nan if record[key] is None else record[key])
    return {model: {key: np.array(values) for key, values in curve.items()} for model, curve in curves.items()}
