"""Small multiples: one panel a feature, on the symmetric-log scale, with one legend for all."""

from __future__ import annotations

from collections import Counter
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.record import Table
from analysis.statistics.scale import symmetric_log
from figures import style

COLUMNS = 2
ROW_HEIGHT, FEW_HEIGHT = 0.93, 1.45
"""Height of a row of panels in inches, and where there are up to three rows."""
LEGEND_HEIGHT = 0.4
TYPES = (style.GREEN, style.PURPLE, style.GREY)
"""Colours of the types of attack that are shown apart."""


def by_cluster(table: Table) -> dict[str, list[dict[str, Any]]]:
    """The records of a table that has columns ``feature`` and ``cluster``, of the first feature of each cluster."""
    found: dict[str, list[dict[str, Any]]] = {}
    for record in table.records():
        if record["feature"] == record["cluster"]:
            found.setdefault(record["feature"], []).append(record)
    return found


def titles(table: Table) -> list[str]:
    """What the panels are called: the first feature of each cluster, and how many others are in it."""
    members = dict(zip(table.column("feature"), table.column("cluster"), strict=True))
    sizes = Counter(members.values())
    return [f"{name} +{sizes[name] - 1}" if sizes[name] > 1 else name for name in by_cluster(table)]


def types(table: Table) -> dict[str, dict[str, Any]]:
    """The types of attack that a table has apart: title and colour by the key of their column."""
    found = [column for column in table.columns if column.key.startswith("type_")]
    return {one.key: {"label": one.title, "color": colour} for one, colour in zip(found, TYPES, strict=False)}


def grid(features: list[str], ylabel: str) -> tuple[Figure, list[Axes]]:
    """A figure with one titled panel a feature, two a row; the panels that are left over are removed."""
    rows = -(-len(features) // COLUMNS)
    size = (style.WIDTH, LEGEND_HEIGHT + (FEW_HEIGHT if rows <= 3 else ROW_HEIGHT) * rows)
    figure, axes = plt.subplots(rows, COLUMNS, figsize=size, squeeze=False, sharey=True)
    panels = list(axes.flat)
    for panel in panels[len(features) :]:
        panel.remove()
    for feature, panel in zip(features, panels, strict=False):
        panel.set_title(feature, loc="left", pad=3)
        panel.grid(axis="y")
    figure.supylabel(ylabel, fontsize=mpl.rcParams["axes.labelsize"])
    return figure, panels[: len(features)]


def scale(panel: Axes, low: float, high: float) -> None:
    """Limits and ticks of a panel whose x positions are symmetric logarithms; ``low`` and ``high`` are values."""
    left, right = symmetric_log(low), symmetric_log(high)
    margin = 0.02 * max(right - left, 1)
    panel.set_xlim(left - margin, right + margin)
    decades = range(0, int(max(abs(left), abs(right))) + 1, 1 if right - left <= 5 else 2)
    ticks = sorted({0.0, *(sign * 10.0**d for d in decades for sign in (1, -1))})
    inside = [tick for tick in ticks if left - margin <= symmetric_log(tick) <= right + margin]
    panel.set_xticks([float(symmetric_log(tick)) for tick in inside], [_text(tick) for tick in inside])


def _text(tick: float) -> str:
    sign = "\N{MINUS SIGN}" if tick < 0 else ""
    size = abs(tick)
    return f"{sign}{size:g}" if size < 1000 else f"{sign}{style.power(len(f'{size:.0f}') - 1)}"
