"""F1 and average precision where one thing of the experiment is done otherwise: a dot plot with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.conditions.models import look
from analysis.record import Table, show
from figures import style

TABLES = ("conditions",)
MEASURES = {"f1": "F1", "pr_auc": "Average precision"}
BASE = "random"
FOREST = "random_forest"
TOLD_ELSEWHERE = "type_out"
"""Rows of a table of their own."""
APART = 0.19
"""How far from one another the models of a row are drawn."""
ROOM = 0.82
"""The height of a row, whatever the number of its models."""
FACTORS = {
    "split": ("random", "campaigns", "chronological", "day_forward", "by_file"),
    "repeats": ("duplicates_drop", "duplicates_together"),
    "unseen": ("type_out", "family_out"),
    "labels": ("attempted_attack", "attempted_out"),
    "features": ("all", "without_shortcuts", "without_answers", "port", "best_single"),
    "strict": ("strict_campaigns", "strict_day_forward"),
}
"""What is done otherwise, in the order drawn; a line parts the factors. Without shortcuts stands below all features."""


def rows(table: Table) -> dict[str, dict[str, dict[str, Any]]]:
    """What is drawn, factor by factor: by condition its models; files stand in for days where these are not told."""
    records = [row for row in table.records() if row["available"] == "yes" and row["row"] != TOLD_ELSEWHERE]
    days = any(row["row"] == "day_forward" for row in records)
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in records:
        if row["row"] != "by_file" or not days:
            found.setdefault(row["condition"], {})[row["key"]] = row
    return dict(sorted(found.items(), key=lambda item: _factor(item[1])))


def _factor(members: Mapping[str, Mapping[str, Any]]) -> int:
    """The place of a condition's factor; one that is nowhere comes last."""
    row = next(iter(members.values()))["row"]
    return next((i for i, keys in enumerate(FACTORS.values()) if row in keys), len(FACTORS))


def draw(tables: Mapping[str, Table]) -> Figure:
    """A line for each condition, a mark for each model on its interval; grey: the forest on the random split."""
    found = rows(tables["conditions"])
    models = list(dict.fromkeys(key for members in found.values() for key in members))
    middles = {condition: ROOM * (i + 0.5) for i, condition in enumerate(found)}
    height = ROOM * len(found)
    figure, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 0.95 + 0.21 * height), sharey=True)
    for axis, (measure, title) in zip(axes, MEASURES.items(), strict=True):
        _panel(axis, found, middles, models, measure)
        axis.set(xlim=(-0.02, 1.02), ylim=(height, 0), xlabel=title)
    axes[0].set_yticks(list(middles.values()), list(middles))
    handles, labels = axes[0].get_legend_handles_labels()
    known = dict(zip(labels, handles, strict=True))
    extra = dict(zip(*reversed(axes[1].get_legend_handles_labels()), strict=True))
    known |= {label: handle for label, handle in extra.items() if label not in known}
    figure.legend(known.values(), known.keys(), loc="outside lower center", ncols=3, handletextpad=0.4)
    return figure


def _panel(
    axis: Axes, found: Mapping[str, Mapping[str, Mapping[str, Any]]], middles: Mapping[str, float], models: list[str],
    measure: str,
) -> None:  # fmt: skip
    for condition, members in found.items():
        for i, (model, row) in enumerate(members.items()):
            if row[measure] is None:
                continue
            y = middles[condition] + APART * (i - (len(members) - 1) / 2)
            own = look(model, models.index(model))
            colour = style.PALETTE[own.colour]
            axis.hlines(y, row[f"{measure}_low"], row[f"{measure}_high"], color=colour, linewidth=1, zorder=2)
            axis.plot(row[measure], y, marker=own.marker, color=colour, mec=style.INK, mew=0.5, ms=4.2, ls="", zorder=3,
                      label=row["model"], clip_on=False)  # fmt: skip
        if measure == "pr_auc":
            share = next(row["prevalence"] for row in members.values())
            bottom = middles[condition] - ROOM / 2
            axis.vlines(share, bottom, bottom + ROOM, color=style.GREY, linewidth=1.6,
                        label="prevalence, which needs no skill")  # fmt: skip
    base = found.get(_base(found), {}).get(FOREST)
    if base and base[measure] is not None:
        axis.axvline(base[measure], color=style.GREY, linewidth=0.7, linestyle=(0, (4, 2)), zorder=1)
    places, factors = np.array(list(middles.values())), np.array([_factor(members) for members in found.values()])
    for end, new in zip((places[1:] + places[:-1]) / 2, np.diff(factors) > 0, strict=True):
        colour, width = (style.GREY, 0.9) if new else (style.LINE, 0.4)
        axis.axhline(end, color=colour, linewidth=width, zorder=0)
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
    axis.grid(True, axis="x")


def _base(found: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """The words of the condition that all others are set beside."""
    return next((words for words, members in found.items() for row in members.values() if row["row"] == BASE), "")


def alt(tables: Mapping[str, Table]) -> str:
    """The forest on the random split, and where it is lowest and highest."""
    found = rows(tables["conditions"])
    forest = {words: members[FOREST] for words, members in found.items() if FOREST in members}
    told = {words: row for words, row in forest.items() if row["f1"] is not None and row["pr_auc"] is not None}
    models = {key for members in found.values() for key in members}
    text = f"Dot plot of F1 and average precision of {len(models)} models under {len(found)} conditions. "
    if not told:
        return text + "None could be measured."
    low, high = min(told, key=lambda words: told[words]["f1"]), max(told, key=lambda words: told[words]["f1"])
    base = told.get(_base(found))
    said = [f"The random forest has {_both(base)} on the random split"] if base else []
    said += [f"its F1 is lowest for {low}, with {_both(told[low])}, and highest for {high}, with {_both(told[high])}"]
    return text + "; ".join(said)[:1].upper() + "; ".join(said)[1:] + "."


def _both(row: Mapping[str, Any]) -> str:
    return f"an F1 of {show(row['f1'], 'fixed:3')} and an average precision of {show(row['pr_auc'], 'fixed:3')}"
