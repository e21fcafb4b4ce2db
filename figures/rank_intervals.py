"""Ranks of the clusters of features by four measures, with their intervals, and how often they are among those kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from analysis.record import Table, show
from figures import style

TABLES = ("rank_intervals", "class_inventory")
PART = "train"
CLUSTERS = 16
"""So many are drawn: those that are among the first by any measure."""
MARKS: dict[str, dict[str, Any]] = {
    "r": {"label": "|r|", "marker": "o", "color": style.INK},
    "spearman": {"label": "|ρ|", "marker": "s", "color": style.BLUE},
    "auc": {"label": "AUC", "marker": "^", "color": style.GREEN},
    "importance": {"label": "permutation importance", "marker": "D", "color": style.VERMILION},
}


def _shown(table: Table) -> list[dict[str, Any]]:
    """The clusters of the highest rank by any measure, in the order of |r|."""
    rows = table.records()
    best = sorted(rows, key=lambda row: (min(row[f"{key}_rank"] for key in MARKS), row["r_rank"]))[:CLUSTERS]
    return sorted(best, key=lambda row: row["r_rank"])


def draw(tables: Mapping[str, Table]) -> Figure:
    """Left: one line a cluster, a mark and an interval a measure. Right: share of resamples that keep one of it."""
    rows = _shown(tables["rank_intervals"])
    size = (style.WIDTH, 0.95 + 0.26 * len(rows))
    figure, (left, right) = plt.subplots(1, 2, figsize=size, sharey=True, width_ratios=[4, 1])
    lines = np.arange(len(rows))
    left.hlines(lines + 0.5, 0, len(tables["rank_intervals"].rows) + 1, color=style.LINE, linewidth=0.4, zorder=0)
    for beside, (key, mark) in zip(np.linspace(-0.3, 0.3, len(MARKS)), MARKS.items(), strict=True):
        place = lines + beside
        left.hlines(place, [row[f"{key}_low"] for row in rows], [row[f"{key}_high"] for row in rows],
                    color=mark["color"], linewidth=1)  # fmt: skip
        left.scatter([row[f"{key}_rank"] for row in rows], place, s=14, linewidths=0, zorder=3, **mark)
    names = [f"{row['cluster']} +{row['size'] - 1}" if row["size"] > 1 else row["cluster"] for row in rows]
    left.set_yticks(lines, names, size=style.SMALL)
    left.invert_yaxis()
    left.set(xlabel=f"rank among {len(tables['rank_intervals'].rows)} clusters, with interval",
             xlim=(0, len(tables["rank_intervals"].rows) + 1))  # fmt: skip
    left.tick_params(axis="y", length=0)
    right.barh(lines, [row["chance"] for row in rows], height=0.6, color=style.BAND)
    right.plot(
        [1.04] * sum(row["selected"] > 0 for row in rows),
        [i for i, row in enumerate(rows) if row["selected"]],
        marker="*",
        linestyle="none",
        color=style.INK,
        markersize=5,
        clip_on=False,
        label="holds a feature kept",
    )
    right.set(xlim=(0, 1.1), xticks=[0, 1], xlabel="among those kept")
    right.xaxis.set_major_formatter(PercentFormatter(1))
    right.tick_params(axis="y", length=0)
    for panel in (left, right):
        panel.spines["left"].set_visible(False)
    figure.legend(loc="outside upper center", ncols=5, handletextpad=0.1, columnspacing=0.9)
    return figure


def alt(tables: Mapping[str, Table]) -> str:
    """Who leads by each measure, and which clusters hold features that are kept."""
    table = tables["rank_intervals"].records()
    leads = []
    for key, mark in MARKS.items():
        first = min(table, key=lambda row: row[f"{key}_rank"])
        leads.append(f"by {mark['label']} {first['cluster']}")
    held = [row for row in table if row["selected"]]
    least = min(held, key=lambda row: row["chance"], default=None)
    words = f"{len(held)} of {len(table)} clusters hold features that are kept. " + (
        f"The least certain of them is that of {least['cluster']}, kept in {show(least['chance'], 'percent:0')} of the "
        "resamples. " if least else "")  # fmt: skip
    apart = max(table, key=_gap)
    return (
        f"Ranks of clusters of features by each measure, with intervals. First is {', '.join(leads)}. {words}"
        f"Ranks by |r| and by permutation importance lie up to {_gap(apart)} apart, for {apart['cluster']}."
    )


def _gap(row: Mapping[str, Any]) -> int:
    return abs(row["r_rank"] - row["importance_rank"])
