"""Empirical distribution functions of the features that are kept, with the Kolmogorov-Smirnov distance marked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from analysis.record import Table, show
from analysis.statistics.scale import symmetric_log
from figures import panels, style
from figures.words import unit

TABLES = ("ecdf", "ks", "class_inventory")
PART = "flows"


def draw(tables: Mapping[str, Table]) -> Figure:
    """One panel a feature; the vertical bar is D, at the value where it is first reached."""
    features = panels.by_feature(tables["ecdf"])
    tests = {test["feature"]: test for test in tables["ks"].records()}
    figure, axes = panels.grid(list(features), "share of the class at or below the value")
    for panel, (feature, points) in zip(axes, features.items(), strict=True):
        values = [point["x"] for point in points]
        x = symmetric_log(np.array([values[0], *values]))
        for key, colour, line in (("benign", style.BENIGN, "-"), ("attack", style.ATTACK, (0, (4, 1.2)))):
            share = pd.DataFrame({"x": x, "share": [0, *(point[key] for point in points)]})
            sns.lineplot(share, x="x", y="share", estimator=None, sort=False, drawstyle="steps-post", color=colour,
                         linestyle=line, label=key, legend=False, ax=panel)  # fmt: skip
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
    figure.legend([*handles, bar], [*labels, "D"], loc="outside upper right", ncols=3)
    return figure


def alt(tables: Mapping[str, Table]) -> str:
    """The largest and the smallest D, and where the largest lies."""
    tests = sorted(tables["ks"].records(), key=lambda test: -test["d"])
    most, least = tests[0], tests[-1]
    at = f"{show(most['at'], 'significant:3')} {unit(most['feature'])}".rstrip()
    return (
        f"Empirical distribution functions of {len(tests)} features, benign against attack. The largest distance is "
        f"D = {show(most['d'], 'fixed:3')} for {most['feature']}: {show(most['benign'], 'percent:1')} of benign and "
        f"{show(most['attack'], 'percent:1')} of attack flows lie at or below {at}. "
        f"The smallest is D = {show(least['d'], 'fixed:3')} for {least['feature']}."
    )
