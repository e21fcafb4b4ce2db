"""Confusion of the attack-type forest on all features with BENIGN, as a row-normalised heatmap."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis.record import Table, show
from figures import style

TABLES = ("types_confusion_all_with_benign", "class_inventory")
PART = "test"


def draw(tables: Mapping[str, Table]) -> Figure:
    """The heatmap of this variant."""
    return heatmap(tables[TABLES[0]], few(tables.get("class_inventory")))


def few(inventory: Table | None) -> set[str]:
    """Types whose test flows are too few for a share: their rows show counts."""
    return {row["label"] for row in inventory.records() if not row["evaluable"]} if inventory else set()


def alt(tables: Mapping[str, Table]) -> str:
    """What the heatmap shows, in words."""
    return describe(tables[TABLES[0]])


def heatmap(table: Table, counted: Collection[str] = ()) -> Figure:
    """Types in rows with their number of test flows, answers in columns, percent of the row in the cells.

    Rows of the types ``counted`` show numbers of flows instead. Cells without a flow, and rows of types without a test
    flow, stay blank.
    """
    labels, counts, shares = _matrix(table)
    size = len(labels)
    # Square cells: height grows with the number of types, within what a page holds.
    figure, axis = plt.subplots(figsize=(style.WIDTH, min(1.5 + 0.225 * size, 8.5)))
    names = [f"{label} ({show(int(n), 'integer')})" for label, n in zip(labels, counts.sum(axis=1), strict=True)]
    texts = [
        [f"n={n}" if label in counted else _percent(share) for n, share in zip(row, line, strict=True)]
        for label, row, line in zip(labels, counts, shares, strict=True)
    ]
    bar = {"shrink": 0.6, "aspect": 30, "pad": 0.02, "label": "Share of the row (cells: percent; n: flows, where few)"}
    style.heatmap(axis, shares, texts, mask=counts == 0, linecolor=style.LINE, linewidths=0.4, xticklabels=labels,
                  yticklabels=names, cbar=True, cbar_kws=bar)  # fmt: skip
    axis.set(xlabel="Answer of the forest", ylabel="Label (test flows)")
    return figure


def describe(table: Table) -> str:
    """How many types are recognised nearly always, the weakest, and the largest confusion."""
    labels, counts, shares = _matrix(table)
    tested = [i for i in range(len(labels)) if counts[i].sum()]
    right = {i: float(shares[i, i]) for i in tested}
    sure = sum(share >= 0.95 for share in right.values())
    text = (
        f"Heatmap of {len(labels)} traffic types by the forest's answers, {len(tested)} of them with test flows. "
        f"For {sure} of these at least 95% of the flows get their own type"
    )
    weakest = min(right, key=lambda i: right[i])
    wrong = np.where(np.eye(len(labels), dtype=bool), 0, shares)
    if not wrong.any():
        return f"{text}; no flow is given a wrong type."
    i, j = np.unravel_index(int(wrong.argmax()), wrong.shape)
    return (
        f"{text}; the least recognised is {labels[weakest]} with "
        f"{_of(counts[weakest, weakest], counts[weakest])}. The largest confusion by share: "
        f"{_of(counts[i, j], counts[i])} of {labels[i]} are taken for {labels[j]}."
    )


def _of(n: int, row: np.ndarray) -> str:
    return f"{show(int(n), 'integer')} of {show(int(row.sum()), 'integer')} flows"


def _matrix(table: Table) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Labels, counts (label, answer) and shares of the row."""
    counts = np.array([[cell.value for cell in row.cells[1:]] for row in table.rows])
    return [row.cells[0].text for row in table.rows], counts, counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def _percent(share: float) -> str:
    """Whole percent that fit into a cell; what is not none or all is not shown as such."""
    whole = f"{100 * share:.0f}"
    if whole == "0":
        return "<1"
    return ">99" if whole == "100" and share < 1 else whole
