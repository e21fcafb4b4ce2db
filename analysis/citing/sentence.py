"""The sentence that cites one number: what it is, value, interval, flows, condition, data, and the build it is of.

The same words stand in the paper's chapter on citing and come from ``make cite``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.citing import data
from analysis.printable import printable
from analysis.record import show, typographic
from analysis.record.display import NEAR, spoken
from analysis.record.value import singular

SYNTHETIC = "Synthetic flows, which measure no network"
"""How a sentence begins whose number must not be taken for a result."""
LEVEL = 0.95
"""Of every interval of values.json but those of the step :data:`SET`, for which the settings have a level."""
SET = "describe"
ON_THE_SPLIT = frozenset((
    "binary_report", "evasion", "explanation", "gap", "misses", "operating", "overlap", "repeats", "single_features",
    "types_report", "weighted",
))  # fmt: skip
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
        f"{what}: {found}", *condition(entry, values), f"data: {data.words(key, entry, values)}",
        f"{source(values, build, identifier)}, value {key}",
    ]  # fmt: skip
    start = f"{SYNTHETIC}: " if record["synthetic"] and data.measured(key, entry) else ""
    return typographic(printable(start + "; ".join(pieces) + ".", keep=NEAR))


def part(
    kind: str, name: str, title: str, step: str, record: Mapping[str, Any], build: str, identifier: str | None
) -> str:
    """One sentence that cites a whole table or figure, by its ``kind``; a figure, of several tables, has no step."""
    values, entry = record["values"], {"origin": {"step": step}}
    pieces = [
        title.rstrip("."),
        f"data: {data.words(name, entry, values)}",
        f"{source(values, build, identifier)}, {kind} {name}",
    ]
    start = f"{SYNTHETIC}: " if record["synthetic"] and data.measured(name, entry) else ""
    return typographic(printable(start + "; ".join(pieces) + ".", keep=NEAR))


def condition(entry: Mapping[str, Any], values: Mapping[str, Any]) -> list[str]:
    """What the number was computed from, and the split where its definition does not say it; at most one text."""
    n = "" if entry["n"] is None else f"{entry['n']:,}"
    split = split_of(entry, values)
    if not split or not n:
        return [split] if split else [f"computed from n = {n}"] if n else []
    whole = values["binary.test.n"]["value"] if "binary.test.n" in values else None
    # n is what the measure is taken on, and no interval's denominator: that of F1 leaves out the true negatives.
    return [f"measured on {n} test {'flow' if n == '1' else 'flows'} of {split}" if entry["n"] == whole
            else f"computed from n = {n} on {split}"]  # fmt: skip


def split_of(entry: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """The one split of the study, for a number of it; empty for others."""
    if entry["origin"].get("step") not in ON_THE_SPLIT:
        return ""
    within = "traffic type" if values["release.typed"]["value"] else "class"
    return (f"one random split {values['settings.split.ratio']['text']} within each {within}, "
            f"seed {values['settings.seed']['text']}")  # fmt: skip


def source(values: Mapping[str, Any], build: str, identifier: str | None) -> str:
    """The build, as a sentence names it: ``flowpaper 0.1.0, build sample, id 3f2a9c1b77d0``."""
    return f"flowpaper {values['versions.flowpaper']['text']}, build {build}, id {identifier or 'not known'}"


def version(values: Mapping[str, Any], build: str, identifier: str | None) -> str:
    """The same for lists of references, where a style may begin a sentence with it: no name changes its case then."""
    return f"build {build} of flowpaper {values['versions.flowpaper']['text']}, id {identifier or 'not known'}"


def level(entry: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """What the interval of a value is for: ``95%``."""
    share = values["settings.bootstrap.confidence"]["value"] if entry["origin"].get("step") == SET else LEVEL
    return f"{100 * share:g}%"


def _number(entry: Mapping[str, Any], values: Mapping[str, Any]) -> list[str]:
    counted = type(entry["value"]) is int and entry["unit"] not in ("", "1")
    unit = singular(entry["unit"]) if entry["value"] == 1 else entry["unit"]
    parts = [f"{entry['text']} {unit}" if counted else entry["text"]]
    if "low" in entry:
        low, high = (spoken(show(entry[end], entry["display"])) for end in ("low", "high"))
        parts.append(f" ({level(entry, values)} interval {low} to {high}, {entry['interval']})")
    return parts
