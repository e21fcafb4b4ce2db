"""Heatmap of the correlations among the features that are kept; a pair that is one column twice says so."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.record import Table, show, snake
from figures import style

TABLES = ("top_ten_correlations", "ranking", "class_inventory")
PART = "train"
STRONG = 0.9
WITH_NUMBERS = 14
"""Up to this many features a cell is wide enough for its number."""


def _identical(tables: Mapping[str, Table], features: list[str]) -> list[tuple[int, int]]:
    copies = {row["feature"]: (row["identical_to"] or "").split(", ") for row in tables["ranking"].records()}
    pairs = [(i, j) for i in range(len(features)) for j in range(i)]
    return [(i, j) for i, j in pairs if features[j] in copies[features[i]]]


def _matrix(table: Table) -> tuple[list[str], np.ndarray]:
    features = table.column("feature")
    return features, np.array([table.column(snake(feature)) for feature in features], dtype=float)


def draw(tables: Mapping[str, Table]) -> Figure:
    """Lower triangle; features in ranking order."""
    features, r = _matrix(tables["top_ten_correlations"])
    m = len(features)
    figure, panel = plt.subplots(figsize=(style.WIDTH, 3.45))
    lower = np.tri(m, k=-1, dtype=bool)[1:, :-1]
    texts = [[show(float(value), "fixed:2") for value in line] for line in r[1:, :-1]] if m <= WITH_NUMBERS else None
    bar = {"shrink": 0.9, "aspect": 25, "label": "Pearson correlation r"}
    style.heatmap(panel, r[1:, :-1], texts, mask=~lower, cmap=style.DIVERGING, vmin=-1, xticklabels=features[:-1],
                  yticklabels=features[1:], cbar=True, cbar_kws=bar)  # fmt: skip
    if texts:
        for text, value in zip(panel.texts, r[1:, :-1][lower], strict=True):
            text.set_fontweight("bold" if abs(value) >= STRONG else "normal")
    for i, j in _identical(tables, features):
        # White, so that the mark shows in grey print too, where the darkest cells look alike.
        panel.add_patch(Rectangle((j, i - 1), 1, 1, facecolor="white", edgecolor="black", linewidth=1.2, zorder=3))
        panel.text(j + 0.5, i - 0.5, "same", ha="center", va="center", weight="bold", size=style.SMALL, zorder=4,
                   color="black")  # fmt: skip
    return figure


def alt(tables: Mapping[str, Table]) -> str:
    """How many pairs are strongly correlated, which are the same column, and which pair is least alike."""
    features, r = _matrix(tables["top_ten_correlations"])
    pairs = [(i, j) for i in range(len(features)) for j in range(i)]
    strong = sum(abs(r[i, j]) >= STRONG for i, j in pairs)
    same = "; ".join(f"{features[j]} and {features[i]}" for i, j in _identical(tables, features))
    i, j = min(pairs, key=lambda pair: abs(r[pair]))
    return (
        f"Heatmap of the correlations among {len(features)} features. {strong} of {len(pairs)} pairs have an absolute "
        f"correlation of {STRONG} or more. "
        + (f"The same column twice: {same}. " if same else "No two of them are the same column. ")
        + f"The least alike are {features[j]} and {features[i]}, r = {show(float(r[i, j]), 'fixed:2')}."
    )
