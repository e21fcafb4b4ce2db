"""Precision against the share of attacks: our models with their bands, and the source's from its printed numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from analysis.detection.names import name_in
from analysis.record import Table, show
from figures import style

TABLES = ("precision_prevalence", "class_inventory")
PART = "test"
PANELS = {"ours": "Measured here", "source": "From the source's printed precision"}
NAMED = 0.001
"""The share of attacks of which the text says the precision."""


def curves(table: Table, study: str) -> dict[str, list[dict[str, Any]]]:
    """The points of each model of a study, by prevalence."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in table.records():
        if row["study"] == study:
            found.setdefault(row["model"], []).append(row)
    return found


def draw(tables: Mapping[str, Table]) -> Figure:
    """Two panels; attacks become rarer to the right."""
    figure, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 2.7), sharey=True)
    for axis, (study, title) in zip(axes, PANELS.items(), strict=True):
        for position, (model, rows) in enumerate(curves(tables["precision_prevalence"], study).items()):
            line, shares = style.line(model, position), [row["prevalence"] for row in rows]
            axis.fill_between(shares, [row["low"] for row in rows], [row["high"] for row in rows], color=line["color"],
                              alpha=0.15, linewidth=0)  # fmt: skip
            axis.plot(shares, [row["precision"] for row in rows], label=rows[0]["name"], **line)
        axis.set(xscale="log", xlim=(0.5, 1e-5), ylim=(0, 1.02), xlabel="Share of attacks", title=title)
        axis.set_xticks([0.1, 0.01, 0.001, 0.0001, 0.00001], ["10%", "1%", "0.1%", "0.01%", "0.001%"])
        axis.grid(True)
    axes[0].set_ylabel("Precision")
    handles = dict(zip(*reversed(axes[1].get_legend_handles_labels()), strict=True))
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4, handlelength=3)
    return figure


def alt(tables: Mapping[str, Table]) -> str:
    """Each model's precision with its band at one attack in a thousand flows."""
    said = []
    for study, title in PANELS.items():
        parts = []
        for model, rows in curves(tables["precision_prevalence"], study).items():
            row = min(rows, key=lambda one: abs(one["prevalence"] - NAMED))
            ends = f"{show(row['low'], 'fixed:2')} to {show(row['high'], 'fixed:2')}"
            parts.append(f"{name_in({'model': row['name']}, model)} {show(row['precision'], 'fixed:2')} ({ends})")
        said.append(f"{title}: {'; '.join(parts) or 'not available'}.")
    share = show(NAMED, "percent:1")
    return f"Precision against the share of attacks, from 50% to 0.001%. Where {share} are attacks. {' '.join(said)}"
