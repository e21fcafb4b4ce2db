"""Data sets that look like relatives of CICIDS2017 and are none of its releases, known by their columns or labels."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from analysis.dataset.input.headings import folded
from analysis.dataset.release import label_key

FILE = Path(__file__).parents[1] / "sisters.yaml"
SHARE, ENOUGH = 0.5, 5
"""A set is taken for recognised where this share of the columns that tell it are there, or as many as this."""


@cache
def _sets() -> dict[str, Any]:
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def sister(headings: Sequence[str]) -> str | None:
    """What to say of a file with these column names where it is of a data set of its own; else None."""
    there = {folded(heading) for heading in headings}
    for title, entry in _sets().items():
        found = [name for name in entry["telling"] if folded(name) in there]
        if found and len(found) >= min(SHARE * len(entry["telling"]), ENOUGH):
            return _said("columns", f"{', '.join(found[:3])}{', ...' if found[3:] else ''}", title)
    return None


def sister_by_label(label: str) -> str | None:
    """What to say of a file with this label, which is none of its release, where another data set has it; else None."""
    for title, entry in _sets().items():
        if label_key(label) in map(label_key, entry.get("labels", [])):
            return _said("labels", label.strip(), title)
    return None


def _said(kind: str, found: str, title: str) -> str:
    do = " ".join(_sets()[title]["do"].split())
    return f"its {kind} are those of {title} ({found}), which is no release of CICIDS2017; {do}"
