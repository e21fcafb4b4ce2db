"""What is still detected of detected flows, against what an attacker adds: by model, features, reach and family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.conditions.models import SOURCE
from analysis.record import Table, show
from figures import style

TABLES = ("evasion", "evasion_bound", "evasion_families")
COLUMNS = {"sender": "sender", "both ends": "both ends"}
"""Who acts, by column of panels."""
ROWS = {"ranked": "ranked features", "all": "all features"}
"""Which features the models see, by row of panels."""
APART = 0.06
"""Distance of two models at one budget, which would hide one another."""
SEARCH = "greedy by score"
BOUNDS = "forest, bounds"
"""What the bars say, which are the sender's alone."""
BY_FAMILY = {"sender": "o", "both ends": "D"}
"""The marker of each reach where families are told apart; filled for the sender."""


def draw(tables: Mapping[str, Table]) -> Figure:
    """A panel for each set of features and reach, a line for each model over the budget; beside them the forest's
    families with the whole budget; all with intervals."""
    rows = _searched(tables, "evasion")
    figure, every = plt.subplots(2, 3, figsize=(style.WIDTH, 3.9), sharex="col", width_ratios=(1, 1, 0.8))
    axes, families = every[:, :2], every[:, 2]
    budgets = sorted({row["most_bytes"] for row in rows})
    for axis, (features, said) in zip(families, ROWS.items(), strict=True):
        _families(axis, _of_forest(tables, features))
        axis.set_title(f"{said}, forest", fontsize=style.SMALL)
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
        axis.set_xlabel("Bytes and seconds at most")
    for axis in axes.flat:
        axis.set_ylim(0, 1.02)
        axis.yaxis.set_major_formatter(lambda value, _: show(value, "percent:0"))
    for axis in axes[:, 0]:
        axis.set_ylabel("Still detected")
    for axis in axes[:, 1]:
        axis.tick_params(labelleft=False)
    families[-1].set(xlim=(0, 1), xticks=(0, 0.5, 1), xlabel="Still detected")
    families[-1].xaxis.set_major_formatter(lambda value, _: show(value, "percent:0"))
    lines, dots = (axis.get_legend_handles_labels() for axis in (axes[0, 0], families[0]))
    figure.legend(lines[0] + dots[0], lines[1] + dots[1], loc="outside lower center", ncols=4,
                  handlelength=1.8, columnspacing=1)  # fmt: skip
    return figure


def _families(axis: Axes, rows: list[dict[str, Any]]) -> None:
    """A line for each family that the forest detects, the most easily hidden below: what is left by who acts."""
    sender = {row["family"]: row["still"] for row in rows if row["reach"] == "sender"}
    names = sorted(sender, key=lambda name: (sender[name], name))
    for number, (reach, marker) in enumerate(BY_FAMILY.items()):
        own = [row for row in rows if row["reach"] == reach and row["family"] in sender]
        at = [names.index(row["family"]) + 0.3 * (0.5 - number) for row in own]
        axis.hlines(at, [row["low"] for row in own], [row["high"] for row in own], color=style.GREY, linewidth=0.9)
        axis.plot([row["still"] for row in own], at, marker, color=style.INK, ms=3.5, linestyle="none", clip_on=False,
                  mfc=style.GROUND if number else style.INK, mew=0.8, label=f"families, {COLUMNS[reach]}")  # fmt: skip
    axis.set_yticks(range(len(names)), names, fontsize=style.SMALL)
    axis.set_ylim(-0.6, max(len(names), 1) - 0.4)
    axis.grid(True, axis="x")


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


def _searched(tables: Mapping[str, Table], name: str) -> list[dict[str, Any]]:
    """The rows of a table that tell of the longest greedy search against models without a defence."""
    rows = [row for row in tables[name].records() if row["attacker"] == SEARCH and row["defence"] == "none"]
    most = max((row["queries"] for row in rows), default=0)
    return [row for row in rows if row["queries"] == most]


def _of_forest(tables: Mapping[str, Table], features: str) -> list[dict[str, Any]]:
    """What that search leaves the forest, family by family."""
    return [row for row in _searched(tables, "evasion_families")
            if (row["model"], row["features"]) == (SOURCE["random_forest"].name, features)]  # fmt: skip


def alt(tables: Mapping[str, Table]) -> str:
    """What each model still detects with the whole budget, by features and reach; and the forest, by family."""
    rows = _searched(tables, "evasion")
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
        f"Whatever the sender does with them, the forest still detects {' and '.join(bounds)}. "
        f"By family the search leaves the forest, by the sender and by both ends: {'; '.join(_by_family(tables))}."
    )


def _by_family(tables: Mapping[str, Table]) -> list[str]:
    """Features by features, what is left of each family."""
    found = []
    for features, said in ROWS.items():
        left: dict[str, dict[str, str]] = {}
        for row in _of_forest(tables, features):
            left.setdefault(row["family"], {})[row["reach"]] = show(row["still"], "percent:0")
        known = [f"{family} {' and '.join(one[reach] for reach in COLUMNS if reach in one)}"
                 for family, one in left.items()]  # fmt: skip
        found.append(f"{said}, {', '.join(known)}")
    return found
