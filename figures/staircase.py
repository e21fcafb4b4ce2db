"""Recall of each type of attack against the false-positive rate, with the blocks of identical flows as bands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis.detection.names import BENIGN
from analysis.record import Table, show
from figures import style

TABLES = ("staircase", "blocks", "misses", "class_inventory")
PART = "test"
MOST = 6
"""Types drawn, the most frequent ones; the table has all."""
BANDS = 3
"""Blocks marked, of those with most errors."""
LINES: tuple[dict[str, Any], ...] = (
    {"color": style.VERMILION},
    {"color": style.BLUE, "linestyle": (0, (5, 1.5))},
    {"color": style.GREEN, "linestyle": (0, (1, 1))},
    {"color": style.PURPLE, "linestyle": (0, (4, 1.5, 1, 1.5))},
    {"color": style.INK, "linestyle": (0, (7, 2))},
    {"color": style.GREY, "linestyle": (0, (2, 2))},
)
assert len(LINES) == MOST


def draw(tables: Mapping[str, Table]) -> Figure:
    """One line a type; a band from the false-positive rate without a block to that with it, headed by its flows.

    A thin line stands at the false-positive rate of the model's own decision.
    """
    curves, bands = _curves(tables["staircase"]), _bands(tables["blocks"])
    figure, axis = plt.subplots(figsize=(style.WIDTH, 2.5))
    positive = [value for curve in curves.values() for value in curve["fpr"] if value > 0]
    left = min(positive, default=1e-3)
    for band in bands:
        start, end = max(band["fpr_from"], left), max(band["fpr_to"], left)
        axis.axvspan(start, end, color=style.BAND, linewidth=0, zorder=0)
        axis.text((start * end) ** 0.5, 1.03, _words(band), ha="center", va="bottom", fontsize=style.SMALL)
    for (name, curve), line in zip(curves.items(), LINES, strict=False):
        # A logarithmic axis has no zero: points without a false alarm stand at its left edge.
        fpr, recall = (style.chords(np.array(curve[key])) for key in ("fpr", "recall"))
        axis.plot(np.maximum(fpr, left), recall, label=name, **line)
    if (own := _own(tables["misses"])) is not None:
        axis.axvline(max(own, left), color=style.INK, linewidth=0.7, zorder=1)
    axis.set(xscale="log", xlabel="False-positive rate", ylabel="Recall of the type", xlim=(left, 1), ylim=(0, 1.02))
    style.powers(axis.xaxis)
    axis.grid(True)
    if curves:
        figure.legend(loc="outside lower center", ncols=3, handlelength=3)
    return figure


def alt(tables: Mapping[str, Table]) -> str:
    """Each type's recall at a false-positive rate of one hundredth, and what the bands are."""
    curves, bands = _curves(tables["staircase"]), _bands(tables["blocks"])
    if not curves:
        return "Recall against the false-positive rate cannot be drawn: no type has enough test flows."
    at = "; ".join(f"{name} {show(_at(curve, 0.01), 'percent:0')}" for name, curve in curves.items())
    told = "; ".join(
        f"{_words(band)}, {show(band['attacks'], 'integer')} of them attacks, false-positive rate from "
        f"{show(band['fpr_from'], 'percent:1')} to {show(band['fpr_to'], 'percent:1')}"
        for band in bands
    )
    marked = f" Bands mark blocks of identical flows: {told}." if bands else " No block of identical flows is marked."
    own = _own(tables["misses"])
    line = "" if own is None else f" A line marks the model's own decision, at {show(own, 'percent:1')}."
    return f"Recall of {len(curves)} types of attack at a false-positive rate of at most 1%: {at}.{marked}{line}"


def _at(curve: Mapping[str, list[float]], rate: float) -> float:
    """The highest recall at no more than this false-positive rate."""
    return max(recall for fpr, recall in zip(curve["fpr"], curve["recall"], strict=True) if fpr <= rate)


def _own(table: Table) -> float | None:
    """The false-positive rate of the model's own decision."""
    return next((row["rate"] for row in table.records() if row["label"] == BENIGN), None)


def _words(band: Mapping[str, Any]) -> str:
    return f"{show(band['flows'], 'integer')} flows"


def _curves(table: Table) -> dict[str, dict[str, list[float]]]:
    """Points of the most frequent types, those with most flows first."""
    flows: dict[str, int] = {}
    curves: dict[str, dict[str, list[float]]] = {}
    for row in table.records():
        flows[row["label"]] = row["flows"]
        curve = curves.setdefault(row["label"], {"fpr": [], "recall": []})
        for key, values in curve.items():
            values.append(row[key])
    order = sorted(curves, key=lambda name: (-flows[name], name))
    return {name: curves[name] for name in order[:MOST]}


def _bands(table: Table) -> list[dict[str, Any]]:
    """The blocks with most errors, one for each score; a block without an error is not marked."""
    found: dict[tuple[float, float], dict[str, Any]] = {}
    for row in table.records():
        if row["errors"]:
            found.setdefault((row["fpr_from"], row["fpr_to"]), row)
    return list(found.values())[:BANDS]
