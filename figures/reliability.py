"""Reliability: the share of attacks among flows of a score, for each model."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis.conditions.models import look
from analysis.detection.names import name_in
from analysis.record import Table, show
from figures import style

TABLES = ("reliability", "brier", "class_inventory")
PART = "test"


def draw(tables: Mapping[str, Table]) -> Figure:
    """A panel for each model; on the diagonal a score is the probability of an attack."""
    drawn = tables["reliability"].by("key")
    figure, axes = plt.subplots(1, max(len(drawn), 1), figsize=(style.WIDTH, 1.95), sharey=True, squeeze=False)
    for position, (axis, (model, rows)) in enumerate(zip(axes[0], drawn.items(), strict=False)):
        colour, score = style.line(model, position)["color"], [row["score"] for row in rows]
        axis.plot([0, 1], [0, 1], color=style.GREY, linewidth=0.7)
        axis.vlines(score, [row["low"] for row in rows], [row["high"] for row in rows], color=colour, linewidth=1)
        axis.plot(score, [row["observed"] for row in rows], marker=look(model, position).marker, ls="", color=colour,
                  ms=4.5, mec=style.INK, mew=0.5, clip_on=False, zorder=3)  # fmt: skip
        axis.set(xlim=(0, 1), ylim=(0, 1), title=rows[0]["model"], aspect="equal")
        axis.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        axis.grid(True)
    axes[0][0].set_ylabel("Share of attacks")
    figure.supxlabel("Score", fontsize=plt.rcParams["axes.labelsize"])
    return figure


def alt(tables: Mapping[str, Table]) -> str:
    """The Brier score and the widest gap of each model."""
    scores = {row.id: row.cells[1].value for row in tables["brier"].rows}
    parts = []
    for model, rows in tables["reliability"].by("key").items():
        gaps = [row["observed"] - row["score"] for row in rows]
        row = rows[int(np.argmax(np.abs(gaps)))]
        parts.append(
            f"{name_in(row, model)} has a Brier score of {show(scores[model], 'fixed:4')} and is furthest off at "
            f"a score of {show(row['score'], 'fixed:2')}, where {show(row['observed'], 'percent:0')} are attacks"
        )
    return f"Share of attacks against score, in tenths of the score. {'; '.join(parts)}."
