"""Empirical distribution functions of the features that are kept, with the Kolmogorov-Smirnov distance marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from analysis.dataset.feature_units import unit
from analysis.record import Table, show
from analysis.statistics.scale import symmetric_log
from figures import panels, style

TABLES = ("ecdf", "ks", "class_inventory")
PART = "flows"


def draw(tables: Mapping[str, Table]) -> Figure:
    """One panel a cluster; the vertical bar is D, at the value where it is first reached."""
    features = panels.by_cluster(tables["ecdf"])
    tests = {test["feature"]: test for test in tables["ks"].records()}
    figure, axes = panels.grid(panels.titles(tables["ecdf"]), "share of the class at or below the value")
    looks: dict[str, dict[str, Any]] = {
        "benign": {"color": style.BENIGN, "linestyle": "-"},
        "attack": {"color": style.ATTACK, "linestyle": (0, (4, 1.2))},
        **{key: {"linewidth": 0.9, **look} for key, look in panels.types(tables["ecdf"]).items()},
    }
    for panel, (feature, points) in zip(axes, features.items(), strict=True):
        values = [point["x"] for point in points]
        x = symmetric_log(np.array([values[0], *values]))
        for key, look in looks.items():
            share = pd.DataFrame({"x": x, "share": [0, *(point[key] for point in points)]})
            sns.lineplot(share, x="x", y="share", estimator=None, sort=False, drawstyle="steps-post",
                         legend=False, ax=panel, **({"label": key} | look))  # fmt: skip
        test = tests[feature]
        at = float(symmetric_log(test["at"]))
        panel.plot([at, at], [test["benign"], test["attack"]], color=style.INK, linewidth=1.6, marker="_", markersize=6)
        panel.set(xlabel="", ylabel="")
        panels.scale(panel, values[0], values[-1])
        panel.set_ylim(-0.02, 1.04)
        panel.set_yticks([0, 0.5, 1])
        panel.set_title(f"D = {show(test['d'], 'fixed:3')}", loc="right", pad=3)
    handles, labels = axes[0].get_legend_handles_labels()
    bar = axes[0].lines[-1]
    figure.legend([*handles, bar], [*labels, "D"], loc="outside upper right", ncols=len(labels) + 1)
    return figure


def alt(tables: Mapping[str, Table]) -> str:
    """The largest and the smallest D, and where the largest lies."""
    drawn = panels.by_cluster(tables["ecdf"])
    tests = sorted((test for test in tables["ks"].records() if test["feature"] in drawn), key=lambda test: -test["d"])
    types = "".join(f", {look['label']}" for look in panels.types(tables["ecdf"]).values())
    most, least = tests[0], tests[-1]
    at = f"{show(most['at'], 'significant:3')} {unit(most['feature'])}".rstrip()
    return (
        f"Empirical distribution functions of {len(tests)} features, benign against attack{types}. "
        f"The largest distance is "
        f"D = {show(most['d'], 'fixed:3')} for {most['feature']}: {show(most['benign'], 'percent:1')} of benign and "
        f"{show(most['attack'], 'percent:1')} of attack flows lie at or below {at}. "
        f"The smallest is D = {show(least['d'], 'fixed:3')} for {least['feature']}."
    )
