"""Confusion of the attack-type forest on the ranked features with BENIGN, as a row-normalised heatmap."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from analysis.record import Table
from figures.types_confusion import describe, few, heatmap

TABLES = ("types_confusion_selected_with_benign", "class_inventory")
PART = "test"


def draw(tables: Mapping[str, Table]) -> Figure:
    """The heatmap of this variant."""
    return heatmap(tables[TABLES[0]], few(tables.get("class_inventory")))


def alt(tables: Mapping[str, Table]) -> str:
    """What the heatmap shows, in words."""
    return describe(tables[TABLES[0]])
