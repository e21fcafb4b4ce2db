"""What is still detected of detected flows, against what an attacker adds to them: by model, features and reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.conditions.models import SOURCE
from analysis.record import Table, show
from figures import style

TABLES = ("evasion", "evasion_bound")
COLUMNS = {"sender": "the sender", "both ends": "both ends"}
"""Who acts, by column of panels."""
ROWS = {"ranked": "highest-ranked features", "all": "all features"}
"""Which features the models see, by row of panels."""
APART = 0.06
"""Distance of two models at one budget, which would hide one another."""
SEARCH = "greedy by score"
BOUNDS = "forest, bounds"
"""What the bars say, which are the sender's alone."""


def draw(tables: Mapping[str, Table]) -> Figure:
    """A panel for each set of features and reach; a line for each model over the budget, with intervals."""
    rows = _searched(tables)
    figure, axes = plt.subplots(2, 2, figsize=(style.WIDTH, 3.7), sharex=True, sharey=True)
    budgets = sorted({row["most_bytes"] for row in rows})
    for line, (features, said) in zip(axes, ROWS.items(), strict=True):
        for axis, (reach, words) in zip(line, COLUMNS.items(), strict=True):
            here = [row for row in rows if (row["features"], row["reach"]) == (features, reach)]
            if reach == "sender":
                _bounds(axis, [row for row in _proven(tables) if row["features"] == features], budgets)
            _panel(axis, here, budgets)
            axis.set_title(f"{said}, {words}", fontsize=style.SMALL)
    if not rows:
        figure.text(0.5, 0.5, "No attacker could be tried", ha="center")
        return figure
    seconds = {row["most_bytes"]: row["most_seconds"] for row in rows}
    ticks = [f"{budget:,.0f}\n{seconds[budget]:g}" for budget in budgets]
    for axis in axes[-1]:
        axis.set_xticks(range(len(budgets)), ticks)
        axis.set_xlabel("Bytes and seconds that may be added")
    for axis in axes[:, 0]:
        axis.set(ylim=(0, 1.02), ylabel="Still detected")
        axis.yaxis.set_major_formatter(lambda value, _: show(value, "percent:0"))
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=5, handlelength=1.8,
                  columnspacing=1)  # fmt: skip
    return figure


def _panel(axis: Axes, rows: list[dict[str, Any]], budgets: list[float]) -> None:
    for number, model in enumerate(SOURCE.values()):
        own = sorted((row for row in rows if row["model"] == model.name), key=lambda row: row["most_bytes"])
        at = [budgets.index(row["most_bytes"]) + APART * (number - 1.5) for row in own]
        colour = style.PALETTE[model.look.colour]
        dashes = (0, model.look.dashes) if model.look.dashes else "-"
        axis.plot(at, [row["still"] for row in own], color=colour, linestyle=dashes, marker=model.look.marker,
                  mec=style.INK, mew=0.5, ms=4, linewidth=1, label=model.name, clip_on=False)  # fmt: skip
        axis.vlines(at, [row["low"] for row in own], [row["high"] for row in own], color=colour, linewidth=0.9)
    axis.grid(True, axis="y")


def _bounds(axis: Axes, rows: list[dict[str, Any]], budgets: list[float]) -> None:
    """A bar for each budget: from what is proven to be left to what was found to evade."""
    at = [budgets.index(row["most_bytes"]) - 1.5 * APART for row in rows]
    axis.bar(at, [row["most"] - row["safe"] for row in rows], 0.2, [row["safe"] for row in rows], color=style.BAND,
             edgecolor=style.GREY, linewidth=0.8, zorder=0, label=BOUNDS)  # fmt: skip


def _proven(tables: Mapping[str, Table]) -> list[dict[str, Any]]:
    """The bounds of forests without a defence."""
    return [row for row in tables["evasion_bound"].records() if row["defence"] == "none"]


def _searched(tables: Mapping[str, Table]) -> list[dict[str, Any]]:
    """The rows of the longest greedy search against models without a defence."""
    rows = [row for row in tables["evasion"].records() if row["attacker"] == SEARCH and row["defence"] == "none"]
    most = max((row["queries"] for row in rows), default=0)
    return [row for row in rows if row["queries"] == most]


def alt(tables: Mapping[str, Table]) -> str:
    """What each model still detects with the whole budget, by features and reach."""
    rows = _searched(tables)
    if not rows:
        return "Detected flows that are still detected when attacked: none, because no attacker could be tried."
    most = max(row["most_bytes"] for row in rows)
    parts = []
    for features, said in ROWS.items():
        for reach, words in COLUMNS.items():
            known = [f"{row['model']} {show(row['still'], 'percent:0')}" for row in rows
                     if (row["features"], row["reach"], row["most_bytes"]) == (features, reach, most)]  # fmt: skip
            parts.append(f"{said}, {words}: {', '.join(known)}")
    seconds = max(row["most_seconds"] for row in rows)
    bounds = [f"{show(row['safe'], 'percent:0')} to {show(row['most'], 'percent:0')} on {ROWS[row['features']]}"
              for row in _proven(tables) if row["most_bytes"] == most]  # fmt: skip
    queries = max(row["queries"] for row in rows)
    return (
        "Share of detected flows that are still detected against the budget of an attacker who asks for "
        f"{queries} scores. "
        f"With {show(most, 'integer')} bytes and {seconds:g} seconds: {'; '.join(parts)}. "
        f"Whatever the sender does with them, the forest still detects {' and '.join(bounds)}."
    )
