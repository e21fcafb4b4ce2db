"""The days of the flows: when which attacks came, and how a forest fares that was trained on the days before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from analysis.record import Table, show
from figures import style

TABLES = ("week",)
MARKS = {"f1": ("F1", "o", style.INK), "pr_auc": ("Average precision", "D", style.GREEN)}
LEAST = 0.08
"""Hours that a bar is drawn long at least, so that it is seen."""
LINE = 0.15


def draw(tables: Mapping[str, Table]) -> Figure:
    """On the left a bar for each attack of a day from its first to its last flow; on the right the day's measures."""
    days = tables["week"].by("day")
    lines = sum(len(rows) for rows in days.values())
    size = (style.WIDTH, 0.8 + LINE * (lines + 0.6 * len(days)))
    figure, (left, right) = plt.subplots(1, 2, figsize=size, sharey=True, width_ratios=(2.2, 1))
    y, middles, edges = 0.0, {}, [0.0]
    for day, rows in days.items():
        first = y
        for row in rows:
            y += 1
            _bar(left, y, row)
        middles[day] = (first + 1 + y) / 2
        _measures(right, middles[day], rows[0])
        y += 0.6
        edges.append(y + 0.2)
    for axis in (left, right):
        axis.hlines(edges[1:-1], *((0, 24) if axis is left else (-1, 2)), color=style.LINE, linewidth=0.6, zorder=0)
        axis.spines["left"].set_visible(False)
        axis.tick_params(axis="y", length=0)
        axis.grid(True, axis="x")
    hours = [row[key] for rows in days.values() for row in rows for key in ("first", "last") if row[key] is not None]
    low, high = (min(hours), max(hours)) if hours else (8, 18)
    # Room at the right for the words of a bar that ends late.
    left.set(xlim=(low - 0.5, high + 0.55 * (high - low + 1)), ylim=(y + 0.2, 0.2), xlabel="Hour of the day")
    left.xaxis.set_major_formatter(FuncFormatter(lambda hour, _: f"{hour:.0f}" if hour <= high + 0.5 else ""))
    left.set_yticks(list(middles.values()), list(middles))
    right.set(xlim=(-0.02, 1.02), xlabel="Trained on the days before")
    for title, marker, colour in MARKS.values():
        right.plot([], [], marker=marker, color=colour, mec=style.INK, mew=0.5, ms=5, ls="", label=title)
    figure.legend(loc="outside lower center", ncols=2, handletextpad=0.3)
    return figure


def _bar(axis: Axes, y: float, row: Mapping[str, Any]) -> None:
    if row["first"] is None:
        return
    width = max(row["last"] - row["first"], LEAST)
    axis.barh(y, width, left=row["first"], height=0.62, color=style.ATTACK, zorder=2)
    axis.annotate(
        f"{row['type']} ({show(row['flows'], 'integer')})", (row["first"] + width, y), (3, 0),
        textcoords="offset points", va="center", fontsize=7,
    )  # fmt: skip


def _measures(axis: Axes, y: float, row: Mapping[str, Any]) -> None:
    if row["f1"] is None and row["pr_auc"] is None:
        axis.annotate("not trained for", (0.5, y), va="center", ha="center", fontsize=7, color=style.GREY)
    for i, (key, (_, marker, colour)) in enumerate(MARKS.items()):
        if row[key] is not None:
            at = y + 0.6 * (i - 0.5)
            axis.hlines(at, row[f"{key}_low"], row[f"{key}_high"], color=colour, linewidth=1)
            axis.plot(row[key], at, marker=marker, color=colour, mec=style.INK, mew=0.5, ms=5, ls="", clip_on=False)


def alt(tables: Mapping[str, Table]) -> str:
    """The attacks of each day, with its measures where there are some."""
    told = []
    for day, rows in tables["week"].by("day").items():
        types = [row["type"] for row in rows if row["first"] is not None]
        text = f"{day}: {show(types, 'list')}" if types else f"{day}: no attack"
        if rows[0]["f1"] is not None and rows[0]["pr_auc"] is not None:
            text += f" (F1 {show(rows[0]['f1'], 'fixed:3')}, average precision {show(rows[0]['pr_auc'], 'fixed:3')})"
        told.append(text)
    return (
        "Timeline of the attacks of each day, with F1 and average precision of a forest trained on the days before. "
        + ("; ".join(told) + ".")
    )
