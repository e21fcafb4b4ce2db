"""The false alarms of a benign day by service: how many, how many of them a model can tell apart, and their rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis.record import Table, show
from figures import style

TABLES = ("tooling_services", "tooling")
SERVICES = 10
"""So many services, those of the most false alarms, are drawn."""


def _rows(tables: Mapping[str, Table]) -> tuple[list[dict[str, Any]], float]:
    """The services that are drawn, and the rate that the threshold was set for."""
    return tables["tooling_services"].records()[:SERVICES], tables["tooling"].records()[0]["rate"]


def draw(tables: Mapping[str, Table]) -> Figure:
    """Left: false alarms of each service, and distinct ones among them. Right: their share of its flows, with
    intervals."""
    rows, rate = _rows(tables)
    size = (style.WIDTH, 1.1 + 0.19 * max(len(rows), 3))
    figure, (left, right) = plt.subplots(1, 2, figsize=size, sharey=True, width_ratios=[1.6, 1])
    if not rows:
        figure.text(0.5, 0.5, "No false alarm of a benign day can be told", ha="center")
        return figure
    lines = np.arange(len(rows))
    left.barh(lines, [row["alarms"] for row in rows], height=0.7, color=style.SKY, label="false alarms")
    left.barh(lines, [row["distinct"] for row in rows], height=0.3, color=style.INK, label="distinct to the model")
    left.set_yticks(lines, [row["service"] for row in rows], fontsize=style.SMALL)
    left.invert_yaxis()
    left.set(xlabel="False alarms of the day", xlim=(0, None))
    left.xaxis.get_major_locator().set_params(integer=True)
    right.axvline(rate, color=style.GREY, linestyle="--", linewidth=1, zorder=1)
    right.hlines(lines, [row["rate_low"] for row in rows], [row["rate_high"] for row in rows], color=style.VERMILION,
                 linewidth=1, zorder=2)  # fmt: skip
    right.scatter([row["rate"] for row in rows], lines, s=22, color=style.VERMILION, edgecolors=style.INK,
                  linewidths=0.6, zorder=3, clip_on=False)  # fmt: skip
    right.set(xlabel="Share of its flows", xlim=(0, None))
    right.xaxis.set_major_formatter(lambda value, _: show(value, "percent:0"))
    for axis in (left, right):
        axis.tick_params(axis="y", length=0)
        axis.grid(True, axis="x")
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def alt(tables: Mapping[str, Table]) -> str:
    """How many false alarms, and the services of the most and of the highest share."""
    rows, rate = _rows(tables)
    if not rows:
        return "False alarms of a benign day by service: none can be told."
    whole, first = tables["tooling_services"].records(), rows[0]
    highest = max(rows, key=lambda row: row["rate"])
    return (
        f"{show(sum(row['alarms'] for row in whole), 'integer')} false alarms of a benign day by service, at a "
        f"threshold for {show(rate, 'percent:0')} of them; services that have some: {len(whole)}. The first is "
        f"{first['service']} with {show(first['alarms'], 'integer')} ({show(first['distinct'], 'integer')} distinct) "
        f"in {show(first['flows'], 'integer')} flows; the highest share of a service’s flows is that of "
        f"{highest['service']}, {show(highest['rate'], 'percent:1')} ({show(highest['rate_low'], 'percent:1')} to "
        f"{show(highest['rate_high'], 'percent:1')})."
    )
