"""F1 against the flows that the models are fitted on: means over splits, with the least and the greatest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, NullLocator

from analysis.conditions.models import look
from analysis.detection.names import name_in
from analysis.record import Table, show
from figures import style

TABLES = ("learning_curves",)
CHARACTER = 0.011
"""The share of the axis that a character of a tick's label takes."""


def draw(tables: Mapping[str, Table]) -> Figure:
    """A line for each model over a logarithmic axis of flows, whose ticks are numbers fitted on."""
    figure, axis = plt.subplots(figsize=(style.WIDTH, 2.5))
    drawn = tables["learning_curves"].by("key")
    for position, (model, rows) in enumerate(drawn.items()):
        line, flows = style.line(model, position), [row["flows"] for row in rows]
        axis.fill_between(flows, [row["least"] for row in rows], [row["greatest"] for row in rows],
                          color=line["color"], alpha=0.15, linewidth=0)  # fmt: skip
        axis.plot(flows, [row["f1"] for row in rows], marker=look(model, position).marker, ms=4, mec=style.INK, mew=0.5,
                  label=rows[0]["model"], **line)  # fmt: skip
    axis.set(xscale="log", xlabel="Flows fitted on", ylabel="F1")
    sizes = sorted({row["flows"] for rows in drawn.values() for row in rows})
    ticks = apart(sizes)
    axis.set_xticks(ticks, [show(tick, "integer") for tick in ticks])
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.grid(True)
    if drawn:
        figure.legend(loc="outside lower center", ncols=4, handlelength=3)
    else:
        axis.text(0.5, 0.5, "No curve could be drawn", ha="center", transform=axis.transAxes)
    return figure


def apart(sizes: Sequence[int]) -> list[int]:
    """Those of the numbers, ascending, whose labels do not touch on a logarithmic axis: the last, and what leaves room.

    >>> apart([625, 1250, 2500, 2653])
    [625, 1250, 2653]
    """
    kept: list[int] = []
    for size in reversed(sizes):
        needed = CHARACTER * ((len(f"{size:,}") + len(f"{kept[-1]:,}")) / 2 + 2) if kept else 0
        if not kept or log(kept[-1] / size) >= needed * log(sizes[-1] / sizes[0]):
            kept.append(size)
    return kept[::-1]


def alt(tables: Mapping[str, Table]) -> str:
    """Where each model begins and ends."""
    drawn = tables["learning_curves"].by("key")
    if not drawn:
        return "Learning curves: none could be drawn, because split and fit were not repeated on enough flows."
    first, last = next(iter(drawn.values()))[0], next(iter(drawn.values()))[-1]
    parts = [f"{name_in(rows[0], model)} from {show(rows[0]['f1'], 'fixed:3')} to {show(rows[-1]['f1'], 'fixed:3')}"
             for model, rows in drawn.items()]  # fmt: skip
    return (
        f"Learning curves of {len(drawn)} models: mean F1 from {show(first['flows'], 'integer')} to "
        f"{show(last['flows'], 'integer')} flows fitted on. {'; '.join(parts)}."
    )
