"""What stands behind each number, table and figure that the paper shows: for the appendix of values and its cards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from analysis.citing.data import words
from analysis.citing.sentence import level, part, sentence, split_of
from analysis.command import file_of
from analysis.record import read_json
from analysis.record.value import singular

SHOWN = re.compile(r"`([^`]+)`\{\.val\b")
TABLE = re.compile(r"\bfrom=\"?([a-z0-9_]+)")
OF_THE_PAPER = ("build.", "paper.", "study.", "versions.", "words.")
UNITLESS = (None, "", "1", "text")
SENTENCE_END = re.compile(r"(?<=\.)\s")
PICTURE = re.compile(r"\(figures/(\w+)\.svg\)")


def cards(named: str, values: Mapping[str, Any], tables: Path, figures: Path) -> dict[str, Any]:
    """Of what the texts ``named`` show: values by key, tables and figures by name, each with id, words and origin.

    ``values`` is the staged values.json, ``tables`` the folder of the record's tables, ``figures`` that
    of the texts of figures. Ids are made of keys alone, so
    that they stay the same from build to build.
    """
    entries, steps = values["values"], values.get("steps", {})
    keys = sorted({key for key in SHOWN.findall(named) if key in entries})
    ids = _ids(keys)
    told = {key: {"id": ids[key], **_value(entries[key], steps), **_of(key, values)} for key in keys}
    names = sorted(set(TABLE.findall(named)))
    paths = {name: tables / f"{name}.json" for name in names}
    return {
        "values": told,
        "tables": {name: _table(read_json(path), values) for name, path in paths.items() if path.is_file()},
        "figures": {name: _figure(name, figures, values) for name in sorted(set(PICTURE.findall(named)))},
        "repository": _sources(entries),
    }


def exact(entry: Mapping[str, Any]) -> str:
    """A value to twelve digits, beyond which stands what sums of floats leave; a name in words, nothing for none."""
    value = entry["value"]
    if value is None:
        return ""
    if isinstance(value, str):
        return str(entry["text"])
    return ", ".join(map(_digits, value)) if isinstance(value, list) else _digits(value)


def _digits(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _ids(keys: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key in keys:
        name = re.sub(r"[^a-z0-9_.]+", "-", key.lower()).strip("-.")
        # Two keys that differ in signs alone keep apart, whatever other keys there are.
        found[key] = name if name not in found.values() else f"{name}-{sha256(key.encode()).hexdigest()[:8]}"
    return found


def _value(entry: Mapping[str, Any], steps: Mapping[str, str]) -> dict[str, Any]:
    origin = entry.get("origin") or {}
    told = {
        "text": entry["text"],
        "what": entry["definition"],
        "exact": exact(entry),
        "unit": _unit(entry),
        "n": "" if entry.get("n") is None else f"{entry['n']:,}",
        "step": origin.get("step", ""),
        "file": steps.get(origin.get("step", ""), ""),
        "cell": ", ".join(origin[part] for part in ("table", "row", "column") if origin.get(part)),
    }
    if entry.get("low") is not None:
        told |= {"interval": f"{entry['low']:.6g} to {entry['high']:.6g}", "method": entry["interval"]}
    return told


def _unit(entry: Mapping[str, Any]) -> str:
    """The unit as it stands behind the exact value: one flow, two flows."""
    unit, value = entry.get("unit"), entry["value"]
    if unit in UNITLESS or value is None:
        return ""
    return singular(unit) if type(value) is int and value == 1 else unit


def _of(key: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Split and data where a card does not say them anyway, and the sentence that cites a result.

    The sentence is empty for what is about the build itself, and all are in a record without a build.
    """
    entries = values["values"]
    if "versions.flowpaper" not in entries:
        return {"cite": "", "condition": "", "data": "", "level": ""}
    entry = entries[key]
    return {
        "cite": "" if key.startswith(OF_THE_PAPER) else sentence(key, values, *_build(entries)),
        "condition": split_of(entry, entries),
        "level": level(entry, entries) if "low" in entry else "",
        "data": "" if (found := words(key, entry, entries)) == entries["data.origin"]["text"] else found,
    }


def _build(entries: Mapping[str, Any]) -> tuple[str, str | None]:
    return entries["build.name"]["text"], entries["build.id"]["value"]


def _table(table: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    columns = [
        {
            "title": column["title"],
            "what": column.get("definition") or "",
            "unit": "" if column.get("unit") in UNITLESS else column["unit"],
        }
        for column in table["columns"]
    ]
    step = table.get("step", "")
    return {
        "title": table["title"], "file": values.get("steps", {}).get(step, ""), "columns": columns,
        "rows": f"{len(table['rows']):,}", "cite": _part("table", table["name"], table["title"], step, values),
    }  # fmt: skip


def _figure(name: str, figures: Path, values: Mapping[str, Any]) -> dict[str, str]:
    """The words of a figure are the first sentence of those that tell it to who does not see it."""
    path = figures / f"{name}.json"
    title = SENTENCE_END.split(read_json(path)["alt"], 1)[0] if path.is_file() else ""
    return {"title": title, "file": file_of(f"figures.{name}").as_posix(),
            "cite": _part("figure", name, title or name, "", values)}  # fmt: skip


def _part(kind: str, name: str, title: str, step: str, values: Mapping[str, Any]) -> str:
    entries = values["values"]
    return part(kind, name, title, step, values, *_build(entries)) if "versions.flowpaper" in entries else ""


def _sources(entries: Mapping[str, Any]) -> str:
    """Where files of the project are read, up to their path; empty where the settings name no such place."""
    address = (entries.get("paper.repository") or {}).get("value") or ""
    commit = (entries.get("build.commit") or {}).get("value") or "main"
    return f"{address.rstrip('/')}/blob/{quote(commit)}/" if address else ""
