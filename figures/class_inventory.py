"""Flows of each class as horizontal bars on a log scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from analysis.record import Table, show
from figures import style

TABLES = ("class_inventory",)
PART = "flows"
LEFT = 0.5
"""Where the log axis begins, so that a class of one flow has a bar."""


def draw(tables: Mapping[str, Table]) -> Figure:
    """Classes by descending number of flows; hatched where a class has too few to be evaluated."""
    rows = sorted(tables["class_inventory"].records(), key=lambda row: -row["flows"])
    figure, panel = plt.subplots(figsize=(style.WIDTH, 0.85 + 0.165 * len(rows)))
    for y, row in enumerate(rows):
        colour = style.ATTACK if row["is_attack"] else style.BENIGN
        bar: dict[str, Any] = (
            {"color": colour} if row["evaluable"] else {"facecolor": "none", "edgecolor": colour, "hatch": "////"}
        )
        panel.barh(y, max(row["flows"] - LEFT, 0), left=LEFT, height=0.72, **bar)
        text = f"{show(row['flows'], 'integer')}  ({_share(row['share'])})"
        panel.annotate(
            text, (max(row["flows"], LEFT), y), (4, 0), textcoords="offset points", va="center", fontsize=style.SMALL
        )
    panel.set_xscale("log")
    style.powers(panel.xaxis)
    # The longest bar takes three quarters of the axis and leaves the rest to its label.
    panel.set_xlim(LEFT, LEFT * (max(row["flows"] for row in rows) / LEFT) ** (4 / 3))
    panel.set_yticks(range(len(rows)), [row["label"] for row in rows])
    panel.set_ylim(len(rows) - 0.4, -0.6)
    panel.tick_params(axis="y", length=0)
    panel.set_xlabel("flows (log scale)")
    keys = [Patch(color=style.BENIGN, label="benign"), Patch(color=style.ATTACK, label="attack")]
    if not all(row["evaluable"] for row in rows):
        keys.append(Patch(facecolor="none", edgecolor=style.GREY, hatch="////", label="too few to evaluate"))
    # Above the panel, where no bar and no number can be.
    figure.legend(handles=keys, loc="outside upper right", ncols=len(keys))
    return figure


def _share(share: float) -> str:
    return "< 0.01%" if 0 < share < 0.0001 else show(share, "percent:2")


def alt(tables: Mapping[str, Table]) -> str:
    """The extremes and the span between them."""
    rows = sorted(tables["class_inventory"].records(), key=lambda row: -row["flows"])
    present = [row for row in rows if row["flows"] > 0]
    most, least = present[0], present[-1]
    few = [row["label"] for row in present if not row["evaluable"]]
    attacks = [row for row in present if row["is_attack"]]
    return (
        f"Flows of {len(present)} classes on a log scale. The largest is {most['label']} with "
        f"{show(most['flows'], 'integer')} flows ({_share(most['share'])}), the smallest {least['label']} with "
        f"{show(least['flows'], 'integer')}. "
        + (
            f"The most frequent attack is {attacks[0]['label']}, {_share(attacks[0]['share'])} of flows. "
            if attacks
            else ""
        )
        + (f"Too few to evaluate: {show(few, 'list')}." if few else "Every class can be evaluated.")
    )
