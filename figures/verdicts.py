"""The numbers that the source prints: what each may stand for, and ours with its interval, as a forest plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from analysis.audit.verdicts.decisions import INCOMPARABLE, NOT, OPEN, REPRODUCED
from analysis.record import Table, show
from figures import style

TABLES = ("ledger_numbers", "class_inventory")
PART = "test"
TYPES = "Attack types"
MARKS = {
    REPRODUCED: ("o", style.BLUE),
    OPEN: ("D", style.ORANGE),
    NOT: ("X", style.VERMILION),
    INCOMPARABLE: ("s", style.GREY),
}
"""Marker and colour of each verdict; by shape alone in grey print."""
PLAIN = ("o", style.INK)
COLUMNS = {"printed": 38, "here": 132}
"""Where the two columns of numbers end, in points to the right of the panel."""

Rows = Sequence[Mapping[str, Any]]


def draw(tables: Mapping[str, Table]) -> Figure:
    """One line a number, by model: its band as a pale bar, ours as a mark on its interval; differences from the print.

    One panel for the models and one for the attack types, whose intervals are far longer.
    """
    rows = tables["ledger_numbers"].records()
    groups = {name: list(part) for name, part in groupby(rows, key=lambda row: row["group"])}
    models = [name for name in groups if name != TYPES]
    panels = [part for part in (models, [name for name in groups if name == TYPES]) if part]
    heights = [sum(len(groups[name]) + 1 for name in part) for part in panels]
    size = (style.WIDTH, 0.9 + 0.15 * sum(heights))
    figure, axes = plt.subplots(len(panels), 1, figsize=size, height_ratios=heights, squeeze=False)
    for axis, part in zip(axes[:, 0], panels, strict=True):
        _panel(axis, {name: groups[name] for name in part})
    axes[-1, 0].set_xlabel("Ours less the printed number")
    keys: list[Any] = [Patch(facecolor=style.BAND, label="what the printed number may stand for")]
    found = {row.get("verdict") for row in rows if row["value"] is not None}
    for verdict, (marker, colour) in MARKS.items():
        if verdict in found:
            keys += plt.plot([], [], marker=marker, color=colour, mec=style.INK, mew=0.5, ms=5, label=verdict)
    if found == {None}:
        keys += plt.plot([], [], marker=PLAIN[0], color=PLAIN[1], ms=5, label="ours")
    figure.legend(handles=keys, loc="outside lower center", ncols=len(keys), handletextpad=0.4, columnspacing=1.4)
    return figure


def _panel(axis: Axes, groups: Mapping[str, Rows]) -> None:
    labels: dict[int, str] = {}
    points: list[dict[str, Any]] = []
    y = 0
    for name, rows in groups.items():
        labels[y] = name
        for row in rows:
            y += 1
            labels[y] = row["measure"]
            printed, ours = row["printed"], row["value"]
            axis.barh(
                y, row["band_high"] - row["band_low"], left=row["band_low"] - printed, height=0.8, color=style.BAND
            )
            told = {"printed": show(printed, "fixed:2"), "here": row["here"] or show(None, "text")}
            if ours is not None:
                verdict = row.get("verdict", "ours")
                colour = MARKS.get(verdict, PLAIN)[1]
                axis.hlines(y, row["low"] - printed, row["high"] - printed, color=colour, linewidth=1.4)
                points.append({"x": ours - printed, "y": y, "verdict": verdict})
            _beside(axis, y, told)
        y += 1
    _points(axis, points)
    axis.axvline(0, color=style.GREY, linewidth=0.6, zorder=1)
    axis.margins(x=0.03)
    # A bar ends where the axis does unless it is told otherwise.
    axis.use_sticky_edges = False
    axis.autoscale(axis="x")
    axis.set(ylim=(y - 0.4, -0.6), xlabel="", ylabel="")
    axis.set_yticks(list(labels), list(labels.values()))
    for tick, text in zip(labels, axis.get_yticklabels(), strict=True):
        text.set_fontweight("bold" if labels[tick] in groups else "normal")
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
    axis.grid(True, axis="x")
    _beside(axis, 0, {column: column for column in COLUMNS}, "bold")


def _beside(axis: Axes, y: float, told: Mapping[str, str], weight: str = "normal") -> None:
    place: dict[str, Any] = {"xycoords": axis.get_yaxis_transform(), "textcoords": "offset points"}
    for column, at in COLUMNS.items():
        axis.annotate(
            told[column], (1, y), (at, 0), **place, va="center", ha="right", fontsize=7.5, fontweight=weight
        )  # fmt: skip


def _points(axis: Axes, points: list[dict[str, Any]]) -> None:
    if not points:
        return
    frame = pd.DataFrame(points)
    marks = {verdict: MARKS.get(verdict, PLAIN) for verdict in frame["verdict"].unique()}
    sns.scatterplot(
        frame, x="x", y="y", hue="verdict", style="verdict", palette={v: colour for v, (_, colour) in marks.items()},
        markers={v: marker for v, (marker, _) in marks.items()}, s=30, edgecolor=style.INK, linewidth=0.5, zorder=3,
        legend=False, ax=axis,
    )  # fmt: skip


def alt(tables: Mapping[str, Table]) -> str:
    """How many of ours lie on the band, the largest difference, and verdicts where there are some."""
    rows = tables["ledger_numbers"].records()
    ours = [row for row in rows if row["value"] is not None]
    text = f"Forest plot of {len(rows)} printed numbers, {len(ours)} of them with a number of ours and its interval. "
    if not ours:
        return f"{text}None can be measured here."
    inside = sum(row["band_low"] <= row["value"] <= row["band_high"] for row in ours)
    far = max(ours, key=lambda row: abs(row["value"] - row["printed"]))
    text += f"{inside} of ours lie within what the print may stand for. Furthest off is {far['group']}, "
    text += f"{far['measure']}: {show(far['value'], 'fixed:3')} for {show(far['printed'], 'fixed:2')} printed."
    counts = {verdict: sum(row.get("verdict") == verdict for row in ours) for verdict in MARKS}
    told = [f"{n} {verdict}" for verdict, n in counts.items() if n]
    return f"{text} By verdict: {', '.join(told)}." if told else text
