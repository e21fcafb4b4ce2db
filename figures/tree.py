"""A decision tree of depth 3: what it asks, and what the training flows in each leaf are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from analysis.record import Table, show
from figures import style

TABLES = ("tree", "class_inventory")
PART = "train"
COLOURS = {"benign": style.BENIGN, "attack": style.ATTACK}


def places(names: list[str]) -> dict[str, float]:
    """Where each node stands from left to right: leaves evenly from 0 on, all others between their children.

    >>> places(["n", "nl", "nr", "nrl", "nrr"])
    {'nl': 0.0, 'nrl': 1.0, 'nrr': 2.0, 'nr': 1.5, 'n': 0.75}
    """
    leaves = sorted(name for name in names if f"{name}l" not in names)
    found = {name: float(i) for i, name in enumerate(leaves)}
    for name in sorted(set(names) - set(leaves), key=lambda name: (-len(name), name)):
        found[name] = (found[f"{name}l"] + found[f"{name}r"]) / 2
    return found


def draw(tables: Mapping[str, Table]) -> Figure:
    """The root on top; a step to the left is at or below the threshold; a leaf has its answer's colour."""
    nodes = {row.id: _node(tables["tree"], i) for i, row in enumerate(tables["tree"].rows)}
    across = places(list(nodes))
    deepest = max((node["depth"] for node in nodes.values()), default=0)
    figure, axis = plt.subplots(figsize=(style.WIDTH, 0.7 + 0.6 * deepest))
    axis.set_axis_off()
    axis.set(xlim=(-0.6, max(across.values(), default=0) + 0.6), ylim=(-deepest - 0.45, 0.4))
    for name, node in nodes.items():
        x, y = across[name], -node["depth"]
        for turn, sign in (("l", "≤"), ("r", ">")):
            if (child := f"{name}{turn}") in nodes:
                axis.plot([x, across[child]], [y, y - 1], color=style.GREY, linewidth=0.8, zorder=1)
                axis.text((x + across[child]) / 2, y - 0.5, sign, ha="center", va="center", fontsize=style.SMALL,
                          backgroundcolor=style.GROUND, zorder=2)  # fmt: skip
        edge = COLOURS.get(node["answer"], style.GREY)
        axis.text(x, y, _words(node), ha="center", va="center", fontsize=style.SMALL, zorder=3, linespacing=1.1,
                  bbox={"boxstyle": "round,pad=0.25", "facecolor": style.GROUND, "edgecolor": edge})  # fmt: skip
    return figure


def alt(tables: Mapping[str, Table]) -> str:
    """What is asked first, the leaves, and the purest of them."""
    nodes = [_node(tables["tree"], i) for i in range(len(tables["tree"].rows))]
    leaves = [node for node in nodes if node["answer"]]
    if not leaves:
        return "No tree could be learnt."
    told = "; ".join(
        f"{show(node['flows'], 'integer')} flows, {show(node['attack'], 'percent:0')} attacks: {node['answer']}"
        for node in leaves
    )
    root = nodes[0]
    asked = (
        f"It asks first whether {root['feature']} is at most {show(root['threshold'], 'significant:4')}. "
        if root["feature"]
        else ""
    )
    number = "1 leaf" if len(leaves) == 1 else f"{len(leaves)} leaves"
    return f"A decision tree with {number}. {asked}Leaves: {told}."


def _node(table: Table, number: int) -> dict[str, Any]:
    return table.records()[number]


def _words(node: Mapping[str, Any]) -> str:
    if node["answer"]:
        return f"{node['answer']}\n{show(node['flows'], 'integer')}\n{show(node['attack'], 'percent:0')}"
    feature = str(node["feature"])
    if len(feature) > 16 and " " in feature:
        half = min((i for i, letter in enumerate(feature) if letter == " "), key=lambda i: abs(i - len(feature) / 2))
        feature = f"{feature[:half]}\n{feature[half + 1 :]}"
    return f"{feature}\n{show(node['threshold'], 'significant:4')}"
