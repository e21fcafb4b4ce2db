"""Histograms of the features that are kept, one of each cluster, benign and attack overlaid, on symmetric-log axes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from analysis.record import Table, show
from analysis.statistics.scale import symmetric_log
from figures import panels, style

TABLES = ("histograms", "class_inventory")
PART = "flows"
FLOOR = 1e-4
LOOKS: dict[str, dict[str, Any]] = {
    "benign": {"color": style.BENIGN, "alpha": 0.35, "linewidth": 0.6},
    "attack": {"color": style.ATTACK, "fill": False, "linewidth": 1.3},
}


def draw(tables: Mapping[str, Table]) -> Figure:
    """One panel a cluster; the share of each class in each bin, on a logarithmic axis because of the spike at zero."""
    features = panels.by_cluster(tables["histograms"])
    figure, axes = panels.grid(panels.titles(tables["histograms"]), "share of the class in the bin")
    apart = {
        key: {**LOOKS["attack"], "linewidth": 1, **look} for key, look in panels.types(tables["histograms"]).items()
    }
    looks = {"benign": LOOKS["benign"], **(apart or {"attack": LOOKS["attack"]})}
    for panel, bins in zip(axes, features.values(), strict=True):
        edges = np.array([b["left"] for b in bins] + [bins[-1]["right"]])
        x = symmetric_log(edges)
        shares = pd.DataFrame(bins)[list(looks)].clip(lower=FLOOR / 10).assign(middle=(x[:-1] + x[1:]) / 2)
        panel.set_yscale("log")
        for name, look in looks.items():
            how = {"label": name} | look
            sns.histplot(shares, x="middle", weights=name, bins=x.tolist(), element="step", ax=panel, **how)
        panel.set(xlabel="", ylabel="")
        style.powers(panel.yaxis)
        panel.set_ylim(FLOOR, 1.3)
        panel.set_yticks([1e-4, 1e-2, 1])
        panels.scale(panel, edges[0], edges[-1])
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=len(labels))
    return figure


def alt(tables: Mapping[str, Table]) -> str:
    """Where each class is most frequent and how far the lowest bins are shared."""
    features = panels.by_cluster(tables["histograms"])
    same = []
    lowest = {}
    for feature, bins in features.items():
        shares = [[one[key] for one in bins] for key in ("benign", "attack")]
        tops = [each.index(max(each)) for each in shares]
        if tops[0] == tops[1]:
            same.append(feature)
        lowest[feature] = min(bins[0]["benign"], bins[0]["attack"])
    shared = max(lowest, key=lambda feature: lowest[feature])
    first = features[shared][0]
    outlined = ", ".join(look["label"] for look in panels.types(tables["histograms"]).values()) or "attack"
    return (
        f"Histograms of {len(features)} features, benign filled and {outlined} outlined, both axes logarithmic. For "
        f"{len(same)} of {len(features)} features the fullest of these bins is the same in both classes. The spike "
        f"at the low end shared most is that of {shared}, whose lowest bin holds {show(first['benign'], 'percent:0')} "
        f"of benign and {show(first['attack'], 'percent:0')} of attack flows."
    )
