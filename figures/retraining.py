"""The flows in the order of time: F1 under a few policies of retraining, and below it which attacks came when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.record import Table, show
from figures import style

TABLES = ("retraining_windows", "retraining_schedule")
LINES = {
    "never": ("o", style.INK), "past": ("s", style.BLUE), "on_features": ("^", style.VERMILION),
    "uncertain_one_percent": ("D", style.GREEN), "delay_one": ("v", style.PURPLE),
}  # fmt: skip
"""The policies that are drawn, with marker and colour; all others are in the table."""
APART = 0.09
"""Distance of two policies in one window, which would hide one another."""
ROW = 0.13
NARROW = 0.2
"""Share of the windows below which what the detector begins with is too narrow for words from left to right."""
FEW = 10
"""Windows that are named one by one at most."""


def draw(tables: Mapping[str, Table]) -> Figure:
    """Above a mark for each policy in each window, with its interval; below a bar for each type in each window."""
    measured, schedule = _main(tables)
    types = list(dict.fromkeys(row["type"] for row in schedule if row["flows"] is not None))
    size = (style.WIDTH, 1.9 + ROW * max(len(types), 2))
    figure, (above, below) = plt.subplots(2, 1, figsize=size, sharex=True, height_ratios=(1.3, ROW * len(types) + 0.4))
    if not schedule:
        above.text(0.5, 0.5, "The flows cannot be put in order", ha="center", transform=above.transAxes)
        return figure
    for position, (key, (marker, colour)) in enumerate(LINES.items()):
        rows = [row for row in measured if row["key"] == key and row["f1"] is not None]
        at = [row["window"] + APART * (position - (len(LINES) - 1) / 2) for row in rows]
        above.plot(at, [row["f1"] for row in rows], marker=marker, color=colour, mec=style.INK, mew=0.5, ms=4.5,
                   linewidth=0.9, clip_on=False, label=rows[0]["policy"] if rows else key)  # fmt: skip
        above.vlines(at, [row["f1_low"] for row in rows], [row["f1_high"] for row in rows], color=colour, linewidth=1)
    tops = [row["f1_high"] for row in measured if row["key"] in LINES and row["f1_high"] is not None]
    above.set(ylim=(0, min(1.0, 1.1 * max(tops, default=1.0))), ylabel="F1 in the window")
    above.grid(True, axis="y")
    _schedule(below, schedule, types)
    begins = max((row["window"] for row in schedule if row["begins"] == "yes"), default=0)
    for axis in (above, below):
        axis.axvspan(0.5, begins + 0.5, color=style.BAND, alpha=0.6, linewidth=0, zorder=0)
    narrow = begins < NARROW * max(row["window"] for row in schedule)
    above.annotate("learnt first", ((begins + 1) / 2, 0.5), xycoords=("data", "axes fraction"), ha="center",
                   va="center", fontsize=8, rotation=90 if narrow else 0)  # fmt: skip
    figure.legend(*above.get_legend_handles_labels(), loc="outside lower center", ncols=3, handlelength=1.6)
    return figure


def _main(tables: Mapping[str, Table]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of both tables that are of the first kind of windows."""
    measured, schedule = (tables[name].records() for name in TABLES)
    first = schedule[0]["kind"] if schedule else ""
    return [row for row in measured if row["kind"] == first], [row for row in schedule if row["kind"] == first]


def _schedule(axis: Axes, schedule: list[dict[str, Any]], types: list[str]) -> None:
    for row in schedule:
        if row["flows"] is not None:
            axis.barh(types.index(row["type"]), 1, left=row["window"] - 0.5, height=0.7, color=style.ATTACK, zorder=2)
    axis.set_yticks(range(len(types)), types, fontsize=7)
    axis.set(ylim=(len(types) - 0.4, -0.6), xlim=(0.5, max(row["window"] for row in schedule) + 0.5))
    axis.tick_params(axis="y", length=0)
    names = {row["window"]: row["name"] for row in schedule}
    if len(names) <= FEW:
        axis.set_xticks(list(names), list(names.values()))
        return
    # Many windows: where a day begins stands its name.
    days: dict[str, int] = {}
    for row in schedule:
        days.setdefault(row["day"], row["window"])
    axis.set_xticks(list(days.values()), list(days), rotation=30, ha="right", rotation_mode="anchor")


def alt(tables: Mapping[str, Table]) -> str:
    """The range of F1 of each policy, and the windows of the attacks."""
    measured, schedule = _main(tables)
    if not schedule:
        return "F1 by window under policies of retraining: none, because the flows cannot be put in order."
    parts = []
    for key in LINES:
        known = [row for row in measured if row["key"] == key and row["f1"] is not None]
        if known:
            values = [show(row["f1"], "fixed:3") for row in known]
            said = show(values, "list") if len(values) < 6 else f"{min(values)} to {max(values)}"
            parts.append(f"{known[0]['policy']}: {said}")
    attacked = len({row["window"] for row in schedule if row["flows"] is not None})
    types = len({row["type"] for row in schedule if row["flows"] is not None})
    return (
        f"F1 by window under policies of retraining, above a schedule of {types} types of attack in {attacked} of "
        f"{len({row['window'] for row in schedule})} windows. {'; '.join(parts)}."
    )
