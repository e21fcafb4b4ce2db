"""Which columns close the gap: each alone beside the ranked features, and F1 of the forest as they are added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.detection.names import titled
from analysis.record import Table, show
from figures import style

TABLES = ("gap", "gap_columns", "class_inventory")
PART = "test"
SINGLE = 8
"""Columns shown alone, the best ones."""
PATHS: dict[str, dict[str, Any]] = {
    "any": {"color": style.VERMILION, "marker": "o"},
    "plain": {"color": style.BLUE, "marker": "s"},
}
"""Colour and marker of a path; the order is that of the rows."""
WORDS = {"any": "with", "plain": "without"}


def draw(tables: Mapping[str, Table]) -> Figure:
    """Left: F1 on the validation part with each column alone; right: on the test part, row by row one column more."""
    single, rows = _single(tables["gap_columns"]), _rows(tables["gap"])
    figure, (alone, added) = plt.subplots(
        1, 2, figsize=(style.WIDTH, 0.8 + 0.21 * max(len(single), len(rows), 3)), width_ratios=(1, 1.15)
    )
    for i, row in enumerate(single):
        look = PATHS["any" if row["shortcut"] else "plain"]
        alone.plot([row["f1"] - row["gain"], row["f1"]], [i, i], color=style.LINE, linewidth=1.5, zorder=1)
        alone.plot(row["f1"], i, ls="", ms=5, mec=style.INK, mew=0.6, clip_on=False, **look)
    if single:
        alone.axvline(single[0]["f1"] - single[0]["gain"], color=style.GREY, linewidth=0.8)
    _finish(alone, [row["feature"] for row in single], "F1, validation part")
    for i, row in enumerate(rows):
        if row["f1"] is None:
            continue
        look = PATHS[row["path"]]
        added.plot([row["low"], row["high"]], [i, i], color=look["color"], linewidth=1.2)
        added.plot(row["f1"], i, ls="", ms=5, mec=style.INK, mew=0.6, clip_on=False, **look)
    _finish(added, [_label(row) for row in rows], "F1, test part")
    for path, words in WORDS.items():
        label = f"{titled(words)} shortcuts"
        added.plot([], [], ls="", ms=5, mec=style.INK, mew=0.6, label=label, **PATHS[path])
    handles, labels = added.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, handletextpad=0.2)
    return figure


def _finish(axis: Axes, labels: list[str], xlabel: str) -> None:
    axis.set_yticks(range(len(labels)), labels)
    axis.set(xlabel=xlabel)
    axis.margins(x=0.08)
    axis.set_ylim(max(len(labels), 1) - 0.5, -0.5)
    axis.grid(True, axis="x")
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="y", length=0)


def alt(tables: Mapping[str, Table]) -> str:
    """The best column alone, and F1 at each step of both paths."""
    single, rows = _single(tables["gap_columns"]), _rows(tables["gap"])
    first = "No column could be tried."
    if single:
        best = single[0]
        first = (
            f"Beside the ranked features {best['feature']} helps most on the validation part: F1 "
            f"{show(best['f1'], 'fixed:3')} in place of {show(best['f1'] - best['gain'], 'fixed:3')}."
        )
    told = []
    for path in PATHS:
        steps = [f"{_label(row)} {show(row['f1'], 'fixed:3')}" for row in rows
                 if row["path"] == path and row["f1"] is not None]  # fmt: skip
        if steps:
            told.append(f" F1 of the forest on the test part, {WORDS[path]} shortcuts: {'; '.join(steps)}.")
    return first + "".join(told)


def _single(table: Table) -> list[dict[str, Any]]:
    return table.records()[:SINGLE]


def _rows(table: Table) -> list[dict[str, Any]]:
    """The rows of paths that were screened, one below the other."""
    return [row for row in table.records() if row["validation"] is not None]


def _label(row: Mapping[str, Any]) -> str:
    if row["place"] == "0":
        return "Ranked features"
    if row["place"] == "all":
        return "All columns" if row["path"] == "any" else "All but shortcuts"
    return f"+ {row['feature']}"
