"""Cliff's delta of each type of attack on the clusters of features, and how D, delta and F1 rank these clusters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis.record import Table, show
from figures import style

TABLES = ("effects", "effect_orders", "class_inventory")
PART = "flows"
CLUSTERS, TYPES = 16, 15
"""So many clusters, those of the largest D, and types, the most frequent, are drawn."""
MARKS: dict[str, dict[str, Any]] = {
    "d": {"label": "D", "marker": "o", "color": style.INK},
    "delta": {"label": "|δ|", "marker": "s", "color": style.BLUE},
    "f1": {"label": "F1 of a threshold", "marker": "D", "color": style.VERMILION},
}


def _cells(tables: Mapping[str, Table]) -> tuple[list[str], list[str], dict[tuple[str, str], dict[str, Any]]]:
    """Features and types that are drawn, and the row of each pair."""
    features = tables["effect_orders"].column("feature")[:CLUSTERS]
    cells = {(row["feature"], row["label"]): row for row in tables["effects"].records()}
    return features, list(dict.fromkeys(label for _, label in cells))[: TYPES + 1], cells


def draw(tables: Mapping[str, Table]) -> Figure:
    """Left: delta by type, a dot where it is within the floor. Right: ranks by the three measures."""
    features, labels, cells = _cells(tables)
    size = (style.WIDTH, 1.75 + 0.17 * len(features))
    figure, (left, right) = plt.subplots(1, 2, figsize=size, sharey=True, width_ratios=[2.3, 1])
    shown = [[cells[feature, label] for label in labels] for feature in features]
    delta = np.array(
        [[np.nan if cell["delta"] is None else cell["delta"] for cell in row] for row in shown], dtype=float
    )
    within = np.array([[bool(cell["within"]) for cell in row] for row in shown])
    texts = [["·" if cell else "" for cell in row] for row in within]
    bar = {"label": "Cliff's δ", "shrink": 0.8, "aspect": 22, "location": "top", "pad": 0.02}
    style.heatmap(left, np.where(within, 0, delta), texts, cmap=style.DIVERGING, vmin=-1, vmax=1, xticklabels=labels,
                  yticklabels=features, cbar=True, cbar_kws=bar, mask=np.isnan(delta))  # fmt: skip
    plt.setp(left.get_xticklabels(), rotation=50, ha="right", rotation_mode="anchor", size=style.SMALL)
    left.tick_params(axis="y", labelsize=style.SMALL)
    orders = tables["effect_orders"].records()[:CLUSTERS]
    lines = np.arange(len(features)) + 0.5
    right.hlines(lines, *zip(*([min(ranks), max(ranks)] for ranks in (_ranks(row) for row in orders)), strict=True),
                 color=style.LINE, linewidth=1, zorder=1)  # fmt: skip
    for key, mark in MARKS.items():
        right.scatter([row[f"{key}_rank"] for row in orders], lines, s=16, linewidths=0, zorder=2, **mark)
    right.set(xlabel=f"rank among {len(tables['effect_orders'].rows)} clusters", xlim=(0, None))
    right.tick_params(axis="y", length=0, labelleft=False)
    right.spines["left"].set_visible(False)
    figure.legend(loc="outside upper right", ncols=len(MARKS), handletextpad=0.1, columnspacing=0.8)
    return figure


def _ranks(row: Mapping[str, Any]) -> list[int]:
    return [row[f"{key}_rank"] for key in MARKS]


def alt(tables: Mapping[str, Table]) -> str:
    """The extremes of delta, how many cells are within the floor, and the feature that the measures place furthest."""
    features, labels, cells = _cells(tables)
    shown = [cells[feature, label] for feature in features for label in labels]
    known = [cell for cell in shown if cell["delta"] is not None]
    low, high = (pick(known, key=lambda cell: cell["delta"]) for pick in (min, max))
    within = sum(bool(cell["within"]) for cell in shown)
    orders = tables["effect_orders"].records()
    row = max(orders, key=lambda row: max(_ranks(row)) - min(_ranks(row)))
    ranks = ", ".join(f"{row[f'{key}_rank']} by {mark['label']}" for key, mark in MARKS.items())
    return (
        f"Heatmap of Cliff's delta on clusters of features by descending D, for all attacks and frequent types. "
        f"It runs from {show(low['delta'], 'significant:2')} ({low['label']} on {low['feature']}) to "
        f"{show(high['delta'], 'significant:2')} ({high['label']} on {high['feature']}). Cells within what benign "
        f"flows differ among themselves: {within}. Beside it the ranks of these clusters by D, delta and the F1 of a "
        f"threshold. Over all {len(orders)} clusters they differ most for {row['feature']}: rank {ranks}."
    )
