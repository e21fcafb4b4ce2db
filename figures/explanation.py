"""Credit of clusters by type of attack, beside Cliff's delta, and how firm the clusters' ranks are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis.detection.names import BENIGN
from analysis.record import Table, show
from figures import style

TABLES = ("explanation_types", "explanation")
CLUSTERS, TYPES = 12, 11
"""So many clusters, those of the most credit, and types, the most frequent, are drawn."""


def _cells(tables: Mapping[str, Table]) -> tuple[list[dict[str, Any]], list[str], dict[tuple[str, str], Any]]:
    """Rows of the clusters that are drawn, types that are, and the row of each pair."""
    clusters = tables["explanation"].records()[:CLUSTERS]
    cells = {(row["cluster"], row["label"]): row for row in tables["explanation_types"].records()}
    labels = [label for label in dict.fromkeys(label for _, label in cells) if label != BENIGN]
    return clusters, labels[: TYPES + 1], cells


def _values(
    clusters: list[dict[str, Any]], labels: list[str], cells: Mapping[tuple[str, str], Any], key: str
) -> np.ndarray:
    found = [[cells[row["cluster"], label][key] for label in labels] for row in clusters]
    return np.array([[np.nan if one is None else one for one in row] for row in found], dtype=float)


def draw(tables: Mapping[str, Table]) -> Figure:
    """Left: mean credit by type. Middle: delta. Right: rank by credit, among forests fitted again, and by permuting."""
    clusters, labels, cells = _cells(tables)
    size = (style.WIDTH, 1.75 + 0.17 * len(clusters))
    figure, axes = plt.subplots(1, 3, figsize=size, sharey=True, width_ratios=[1.5, 1.5, 1])
    for axis, key, words in ((axes[0], "credit", "mean credit"), (axes[1], "delta", "Cliff's δ")):
        values = _values(clusters, labels, cells, key)
        most = 1 if key == "delta" else float(np.nanmax(np.abs(values))) or 1
        bar = {"label": words.replace("'", "’"), "shrink": 0.8, "aspect": 18, "location": "top", "pad": 0.02}
        style.heatmap(axis, values, None, cmap=style.DIVERGING, vmin=-most, vmax=most, cbar=True, cbar_kws=bar,
                      xticklabels=labels, yticklabels=[row["cluster"] for row in clusters],
                      mask=np.isnan(values))  # fmt: skip
        plt.setp(axis.get_xticklabels(), rotation=60, ha="right", rotation_mode="anchor", size=style.SMALL)
        axis.tick_params(axis="y", labelsize=style.SMALL)
    right, lines = axes[2], np.arange(len(clusters)) + 0.5
    for kind, shift, colour in (("seeds", -0.15, style.BLUE), ("bootstrap", 0.15, style.ORANGE)):
        right.hlines(lines + shift, [row[f"{kind}_low"] for row in clusters], [row[f"{kind}_high"] for row in clusters],
                     color=colour, linewidth=2, zorder=1, label=f"forests again: {kind}")  # fmt: skip
    right.scatter([row["rank"] for row in clusters], lines, s=14, color=style.INK, zorder=3, label="by credit")
    right.scatter([row["permutation_rank"] for row in clusters], lines, s=16, marker="x", linewidths=1,
                  color=style.VERMILION, zorder=2, label="by permuting")  # fmt: skip
    right.set(xlabel=f"rank among {len(tables['explanation'].rows)} clusters", xlim=(0, None))
    right.tick_params(axis="y", length=0, labelleft=False)
    right.spines["left"].set_visible(False)
    figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=4, columnspacing=1)
    return figure


def alt(tables: Mapping[str, Table]) -> str:
    """The extremes of credit, the leading cluster, and which rank moves most."""
    clusters, labels, cells = _cells(tables)
    shown = [cells[row["cluster"], label] for row in clusters for label in labels]
    low, high = (pick(shown, key=lambda cell: cell["credit"]) for pick in (min, max))
    first = clusters[0]

    def width(row: Mapping[str, Any]) -> int:
        return int(max(row["seeds_high"], row["bootstrap_high"]) - min(row["seeds_low"], row["bootstrap_low"]))

    loose = max(clusters, key=width)
    benign, attacks = (
        max((row["flows"] for row in cells.values() if (row["label"] == BENIGN) is which), default=0)
        for which in (True, False)
    )
    ends = min(loose["seeds_low"], loose["bootstrap_low"]), max(loose["seeds_high"], loose["bootstrap_high"])
    return (
        f"Two heatmaps of clusters of columns by types of attack: mean credit and Cliff's delta. Credit runs from "
        f"{show(low['credit'], 'fixed:3')} ({low['label']} on {low['cluster']}) to {show(high['credit'], 'fixed:3')} "
        f"({high['label']} on {high['cluster']}). Beside them the clusters' ranks: {first['cluster']} leads with "
        f"{show(first['share'], 'percent:0')} of all credit; the widest range of ranks among forests fitted again is "
        f"that of {loose['cluster']}, {ends[0]} to {ends[1]}. Explained are {show(benign, 'integer')} benign flows and "
        f"{show(attacks, 'integer')} attacks of the test part."
    )
