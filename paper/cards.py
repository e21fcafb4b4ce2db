"""What stands behind each number, table and figure that the paper shows: for the appendix of values and its cards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from analysis.citing.sentence import sentence
from analysis.command import file_of
from analysis.record import read_json

SHOWN = re.compile(r"`([^`]+)`\{\.val\b")
TABLE = re.compile(r"\bfrom=\"?([a-z0-9_]+)")
OF_THE_PAPER = ("build.", "paper.", "study.", "versions.", "words.")
UNITLESS = (None, "", "1", "text")
PICTURE = re.compile(r"\(figures/(\w+)\.svg\)")


def cards(named: str, values: Mapping[str, Any], tables: Path) -> dict[str, Any]:
    """Of what the texts ``named`` show: values by key, tables and figures by name, each with id, words and origin.

    ``values`` is the staged values.json, ``tables`` the folder of the record's tables. Ids are made of keys alone, so
    that they stay the same from build to build.
    """
    entries, steps = values["values"], values.get("steps", {})
    keys = sorted({key for key in SHOWN.findall(named) if key in entries})
    ids = _ids(keys)
    told = {key: {"id": ids[key], **_value(entries[key], steps), "cite": _cited(key, values)} for key in keys}
    names = sorted(set(TABLE.findall(named)))
    paths = {name: tables / f"{name}.json" for name in names}
    return {
        "values": told,
        "tables": {name: _table(read_json(path), steps) for name, path in paths.items() if path.is_file()},
        "figures": {
            name: {"file": file_of(f"figures.{name}").as_posix()} for name in sorted(set(PICTURE.findall(named)))
        },
        "repository": _sources(entries),
    }


def exact(value: Any) -> str:
    """A value as it is recorded, to twelve digits: beyond these stands what sums of floats leave."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.12g}"
    return ", ".join(map(exact, value)) if isinstance(value, list) else str(value)


def _ids(keys: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key in keys:
        name = re.sub(r"[^a-z0-9_.]+", "-", key.lower()).strip("-.")
        # Two keys that differ in signs alone keep apart.
        found[key] = name if name not in found.values() else f"{name}-{len(found)}"
    return found


def _value(entry: Mapping[str, Any], steps: Mapping[str, str]) -> dict[str, Any]:
    origin = entry.get("origin") or {}
    told = {
        "text": entry["text"],
        "what": entry["definition"],
        "exact": exact(entry["value"]) if entry["value"] is not None else "",
        "unit": "" if entry.get("unit") in UNITLESS else entry["unit"],
        "n": "" if entry.get("n") is None else f"{entry['n']:,}",
        "step": origin.get("step", ""),
        "file": steps.get(origin.get("step", ""), ""),
        "cell": ", ".join(origin[part] for part in ("table", "row", "column") if origin.get(part)),
    }
    if entry.get("low") is not None:
        told |= {"interval": f"{entry['low']:.6g} to {entry['high']:.6g}", "method": entry["interval"]}
    return told


def _cited(key: str, values: Mapping[str, Any]) -> str:
    """The sentence that cites a result; empty for what is about the build itself, and in a record without a build."""
    entries = values["values"]
    if key.startswith(OF_THE_PAPER) or "versions.flowpaper" not in entries:
        return ""
    return sentence(key, values, entries["build.name"]["text"], entries["build.id"]["value"])


def _table(table: Mapping[str, Any], steps: Mapping[str, str]) -> dict[str, Any]:
    columns = [
        {
            "title": column["title"],
            "what": column.get("definition") or "",
            "unit": "" if column.get("unit") in UNITLESS else column["unit"],
        }
        for column in table["columns"]
    ]
    return {"title": table["title"], "file": steps.get(table.get("step", ""), ""), "columns": columns}


def _sources(entries: Mapping[str, Any]) -> str:
    """Where files of the project are read, up to their path; empty where the settings name no such place."""
    address = (entries.get("paper.repository") or {}).get("value") or ""
    commit = (entries.get("build.commit") or {}).get("value") or "main"
    return f"{address.rstrip('/')}/blob/{quote(commit)}/" if address else ""
