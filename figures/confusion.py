"""Confusion matrices of the models on the ranked features: counts, shaded by their share of the row."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis.detection.names import name_in
from analysis.record import Row, Table, show
from figures import style

TABLES = ("confusion_selected", "class_inventory")
PART = "test"
CLASSES = ("benign", "attack")
MOST = 4
"""Matrices in a row."""


def draw(tables: Mapping[str, Table]) -> Figure:
    """One matrix a model, truth in rows, decision in columns."""
    rows = tables["confusion_selected"].rows
    across = len(rows) if len(rows) <= MOST else -(-len(rows) // -(-len(rows) // MOST))
    down = -(-len(rows) // across)
    figure, axes = plt.subplots(down, across, figsize=(style.WIDTH, 2.0 * down), squeeze=False, sharey=True)
    for axis in axes.flat[len(rows) :]:
        axis.set_axis_off()
    for axis, row in zip(axes.flat, rows, strict=False):
        counts, shares = _matrix(row)
        texts = [
            [f"{show(int(counts[i, j]), 'integer')}\n{show(float(shares[i, j]), 'percent:1')}" for j in range(2)]
            for i in range(2)
        ]
        style.heatmap(axis, shares, texts, xticklabels=CLASSES, yticklabels=CLASSES, square=True)
        name = row.cells[0].text
        axis.set_title(name[0].upper() + name[1:])
        axis.tick_params(axis="y", rotation=90)
    for first in axes[:, 0]:
        first.set_ylabel("Label")
    figure.supxlabel("Decision", fontsize=mpl.rcParams["axes.labelsize"])
    return figure


def alt(tables: Mapping[str, Table]) -> str:
    """Recall and false-positive rate of each model, and which misses fewest."""
    parts, missed = [], {}
    for row in tables["confusion_selected"].rows:
        _, shares = _matrix(row)
        name = name_in({"model": row.cells[0].text}, row.id)
        missed[name] = float(shares[1, 0])
        parts.append(f"{name} finds {show(float(shares[1, 1]), 'percent:1')} of the attacks and calls "
                     f"{show(float(shares[0, 1]), 'percent:1')} of the benign flows attacks")  # fmt: skip
    least, most = min(missed, key=lambda name: missed[name]), max(missed, key=lambda name: missed[name])
    return (
        f"{len(parts)} two-by-two confusion matrices on the test part: {'; '.join(parts)}. "
        f"The {least} model misses the smallest share of attacks, the {most} model the largest."
    )


def _matrix(row: Row) -> tuple[np.ndarray, np.ndarray]:
    """Counts (truth, decision) and their shares of the row; an empty row has shares of 0."""
    tn, fp, fn, tp = (cell.value for cell in row.cells[1:])
    counts = np.array([[tn, fp], [fn, tp]])
    return counts, counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
