"""What every alternative text says in the end: which flows are shown, and what they are."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from analysis.record import Table, show

PARTS = {"flows": "all cleaned flows", "train": "the training part", "test": "the test part"}
"""A figure's ``PART``, a column of the class inventory, in words."""


def describe(module: ModuleType, tables: Mapping[str, Table]) -> str:
    """The figure's own text, the number of flows behind it, and whether they are synthetic."""
    data = next(iter(tables.values())).data
    return " ".join(filter(None, [module.alt(tables), _flows(module, tables), f"Data: {data}."]))


def _flows(module: ModuleType, tables: Mapping[str, Table]) -> str:
    """The benign flows and attacks of the part that a figure shows; empty where it is not known."""
    part, inventory = getattr(module, "PART", None), tables.get("class_inventory")
    if part is None or inventory is None:
        return ""
    counts = {False: 0, True: 0}
    for row in inventory.records():
        if row[part] is None:
            return ""
        counts[row["is_attack"]] += row[part]
    benign, attacks = (show(counts[attack], "integer") for attack in (False, True))
    return f"Shown are {benign} benign flows and {attacks} attacks, {PARTS[part]}."
