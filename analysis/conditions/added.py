"""The level ``added``: the ranked features and columns that screening adds to them, one after the other.

``added:2`` sees the first two columns that help most among all others, ``added:2.plain`` those among columns that are
no shortcuts; there the ranked features are without them too, as ``added:0.plain`` are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from analysis.conditions.condition import Condition
from analysis.conditions.findings import rows_of

if TYPE_CHECKING:
    from analysis.settings import Study

LEVEL = re.compile(r"added:(0|[1-9][0-9]*)(\.plain)?")
NAME = "added"
PATHS = {"any": "any column", "plain": "no shortcuts"}
"""Which columns may be added, and the words for it."""
LIMITS = {"any": "all", "plain": "without_shortcuts"}
"""The level of features that each path is to match."""
HOW = "give a number of columns, such as added:1 or added:1.plain"
CLOSED = "fewer columns close the gap, or no further one helps"


def level(path: str, number: int) -> str:
    """The level with the first ``number`` columns of a path."""
    return f"{NAME}:{number}" + (f".{path}" if path != "any" else "")


def columns(features: str, paths: Mapping[str, Any] | None) -> tuple[list[str], str | None]:
    """The features of a level, or none and why, from what screening found on the training part of a fold."""
    match = LEVEL.fullmatch(features)
    if match is None:
        return [], HOW
    if paths is None:
        return [], "the columns were not screened"
    path, number = paths["plain" if match[2] else "any"], int(match[1])
    if path["reason"]:
        return [], path["reason"]
    if number == 0 and path["base"] == paths["any"]["base"]:
        return [], "no ranked feature is a shortcut"
    if number > len(path["steps"]):
        return [], CLOSED
    return [*path["base"], *(step["feature"] for step in path["steps"][:number])], None


def conditions(study: Study) -> Iterator[tuple[str, str, Condition]]:
    """The forest on the ranked features, with the columns added, and on all columns; none for the source study.

    It is not fitted on the flows held back on which columns are screened.
    """
    if study.study != "full":
        return
    levels = [("ranked", "selected"), *((LIMITS[path], LIMITS[path]) for path in PATHS)]
    levels.append(("plain.0", level("plain", 0)))
    levels += [(f"{path}.{k}", level(path, k)) for path in PATHS for k in range(1, study.findings.columns + 1)]
    for name, features in levels:
        yield "gap", name, Condition(features=features, train_rows=rows_of(study), validated=True)
