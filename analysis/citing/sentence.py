"""The sentence that cites one number: what it is, value, interval, n, condition, data, and the build it is of.

The same words stand in the paper's chapter on citing and come from ``make cite``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.printable import printable
from analysis.record import show, typographic
from analysis.record.display import NEAR, spoken
from analysis.record.value import singular

SYNTHETIC = "Synthetic flows, which measure no network"
"""How a sentence begins whose number must not be taken for a result."""
LEVEL = 0.95
"""Of every interval of values.json but those of the step :data:`SET`, for which the settings have a level."""
SET = "describe"
ON_THE_SPLIT = frozenset(("binary_report", "misses", "operating", "overlap", "types_report", "weighted"))
"""Steps whose measures are of the one split of the study; others name their condition in the definition."""


def sentence(key: str, record: Mapping[str, Any], build: str, identifier: str | None) -> str:
    """One sentence about the value ``key`` of ``record``, what a values.json holds, in the build of that name and id.

    A missing value is said to be missing, with its reason. What names of a user's data hold that does not show is
    escaped. KeyError where there is no such value.
    """
    values = record["values"]
    entry = values[key]
    definition = entry["definition"]
    what = definition[:1].upper() + definition[1:]
    found = f"not available ({entry['reason']})" if entry["value"] is None else "".join(_number(entry, values))
    pieces = [
        f"{what}: {found}", *condition(entry, values), f"on {values['data.origin']['text']}",
        f"{source(values, build, identifier)}, value {key}",
    ]  # fmt: skip
    start = f"{SYNTHETIC}: " if record["synthetic"] else ""
    return typographic(printable(start + "; ".join(pieces) + ".", keep=NEAR))


def condition(entry: Mapping[str, Any], values: Mapping[str, Any]) -> list[str]:
    """Under which split the number was measured, where its definition does not say so; at most one text."""
    if entry["origin"]["step"] not in ON_THE_SPLIT:
        return []
    within = "traffic type" if values["release.typed"]["value"] else "class"
    return [
        f"one random split {values['settings.split.ratio']['text']} within each {within}, "
        f"seed {values['settings.seed']['text']}"
    ]


def source(values: Mapping[str, Any], build: str, identifier: str | None) -> str:
    """The build, as a sentence names it: ``flowpaper 0.1.0, build sample, id 3f2a9c1b77d0``."""
    return f"flowpaper {values['versions.flowpaper']['text']}, build {build}, id {identifier or 'not known'}"


def _number(entry: Mapping[str, Any], values: Mapping[str, Any]) -> list[str]:
    counted = type(entry["value"]) is int and entry["unit"] not in ("", "1")
    unit = singular(entry["unit"]) if entry["value"] == 1 else entry["unit"]
    parts = [f"{entry['text']} {unit}" if counted else entry["text"]]
    if "low" in entry:
        level = values["settings.bootstrap.confidence"]["value"] if entry["origin"]["step"] == SET else LEVEL
        low, high = (spoken(show(entry[end], entry["display"])) for end in ("low", "high"))
        parts.append(f" ({100 * level:g}% interval {low} to {high}, {entry['interval']}")
    if entry["n"] is not None:
        parts.append(f"{'; ' if len(parts) > 1 else ' ('}n = {entry['n']:,}")
    return [*parts, ")"] if len(parts) > 1 else parts
