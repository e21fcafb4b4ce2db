"""Data sets that look like relatives of CICIDS2017 and are none of its releases, known by their column names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from analysis.dataset.input.headings import folded

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
        if len(found) > 1 and len(found) >= min(SHARE * len(entry["telling"]), ENOUGH):
            return (
                f"its columns are those of {title} ({', '.join(found[:3])}{', ...' if found[3:] else ''}), which is no "
                f"release of CICIDS2017; {' '.join(entry['do'].split())}"
            )
    return None
