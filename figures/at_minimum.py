"""Who lies at the minimum of each ranked feature: benign flows, attacks, and the best model's errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from analysis.record import Table, show
from figures import style

TABLES = ("at_minimum", "class_inventory")
PART = "test"
MARKS: dict[str, dict[str, Any]] = {
    "benign": {"label": "Benign flows", "marker": "o", "color": style.BENIGN},
    "attack": {"label": "Attacks", "marker": "s", "color": style.ATTACK},
    "errors_selected": {"label": "Errors, ranked features", "marker": "D", "color": style.INK},
    "errors_all": {"label": "Errors, all features", "marker": "D", "color": style.GROUND},
}
OFFSETS = {"errors_selected": -0.19, "errors_all": 0.19}
"""How far from its line a mark is drawn, so that two of the same share are both seen."""


def draw(tables: Mapping[str, Table]) -> Figure:
    """One line a feature, highest rank on top; a mark for each group's share at the minimum."""
    table = tables["at_minimum"]
    features = table.column("feature")
    figure, axis = plt.subplots(figsize=(style.WIDTH, 0.9 + 0.22 * len(features)))
    lines = np.arange(len(features))
    axis.hlines(lines, 0, 1, color=style.LINE, linewidth=0.6, zorder=1)
    for group, mark in MARKS.items():
        shares = [np.nan if share is None else share for share in table.column(group)]
        # Marks are not clipped, so that one at 0 or 1 is seen whole.
        axis.scatter(
            shares,
            lines + OFFSETS.get(group, 0),
            s=26,
            edgecolors=style.INK,
            linewidths=0.7,
            zorder=3,
            clip_on=False,
            **mark,
        )
    axis.set_yticks(lines, features)
    axis.invert_yaxis()
    axis.set(xlim=(0, 1), xlabel="Share of the group at the training part's minimum")
    axis.xaxis.set_major_formatter(PercentFormatter(1))
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="y", length=0, pad=7)
    figure.legend(loc="outside upper center", ncols=len(MARKS), handletextpad=0.2, columnspacing=1.2)
    return figure


def alt(tables: Mapping[str, Table]) -> str:
    """The first feature in full, and the range of each group over the features."""
    rows = tables["at_minimum"].records()
    first = rows[0]
    ranges = []
    for group, mark in MARKS.items():
        shares = [row[group] for row in rows if row[group] is not None]
        if shares:
            span = f"{show(min(shares), 'percent:0')} to {show(max(shares), 'percent:0')}"
            ranges.append(f"{mark['label'].lower().replace(',', ' on')} {span}")
    return (
        f"Shares of benign flows, attacks and model errors at the minimum of {len(rows)} features. At the minimum of "
        f"{first['feature']} lie {show(first['benign'], 'percent:0')} of the benign flows, "
        f"{show(first['attack'], 'percent:0')} of the attacks and {show(first['errors_selected'], 'percent:0')} of the "
        f"errors on the ranked features. Ranges over the features: {', '.join(ranges)}."
    )
