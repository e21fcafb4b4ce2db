"""What two builds rest on, where it is not the same: data, settings and code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analysis.audit.compare_builds import differing
from analysis.difference.read import Build
from analysis.record.files import data_checksum

Row = tuple[str, str, str]
"""What it is, and what each build says."""
NONE = "none"
DATA = {
    "flows read": "data.origin",
    "flows after cleaning": "clean.flows",
    "attacks among them": "clean.prevalence",
    "part of the release": "release.status",
}
CODE = {"version of flowpaper": "version", "locked versions": "lock", "code": "code", "set by": "renderer"}
DIGITS = 12
"""Of a checksum, as it is shown."""
FEW = 3
"""Files of data that are named."""
MANY = 30
"""Files of code that are named."""


def foundations(one: Build, other: Build) -> dict[str, list[Row]]:
    """What differs, by data, settings and code; a group without rows is the same in both."""
    return {"Data": list(_data(one, other)), "Settings": list(_settings(one, other)), "Code": list(_code(one, other))}


def same_data(one: Build, other: Build) -> bool:
    """Whether both read the same flows: by their checksum, or of a twin by what it is drawn with."""
    return bool(data_checksum(one.manifest) == data_checksum(other.manifest) and _drawn(one) == _drawn(other))


def _drawn(build: Build) -> dict[str, Any]:
    """What a twin is drawn with; nothing for other data."""
    settings = build.manifest["settings"] if build.manifest.get("synthetic") else {}
    return {key: settings[key] for key in ("twin", "seed") if key in settings}


def _said(drawn: dict[str, Any]) -> str:
    parts = [*drawn.get("twin", {}).items(), *([("seed", drawn["seed"])] if "seed" in drawn else [])]
    return ", ".join(f"{key} {value}" for key, value in parts) or NONE


def _data(one: Build, other: Build) -> Iterator[Row]:
    if same_data(one, other):
        return
    for what, key in DATA.items():
        if one.text(key) != other.text(key):
            yield what, one.text(key) or NONE, other.text(key) or NONE
    for what, of in (("files", _files), ("checksum of the data", lambda build: _short(data_checksum(build.manifest)))):
        if of(one) != of(other):
            yield what, of(one), of(other)
    if _drawn(one) != _drawn(other):
        yield "draw of the twin", _said(_drawn(one)), _said(_drawn(other))


def _files(build: Build) -> str:
    names = [str(file.get("name")) for file in build.manifest.get("input", [])]
    if not names:
        return "none: generated flows"
    return ", ".join(names) if len(names) <= FEW else f"{', '.join(names[:FEW])} and {len(names) - FEW} more"


def _settings(one: Build, other: Build) -> Iterator[Row]:
    for key, a, b in differing(one.manifest["settings"], other.manifest["settings"]):
        yield key, _plain(a), _plain(b)


def _code(one: Build, other: Build) -> Iterator[Row]:
    a, b = one.manifest, other.manifest
    for what, key in CODE.items():
        if a.get(key) != b.get(key):
            yield what, _short(_plain(a.get(key))), _short(_plain(b.get(key)))
    if _commit(one) != _commit(other):
        yield "commit", _commit(one), _commit(other)
    files = list(differing(a.get("sources"), b.get("sources")))
    for path, first, second in files[:MANY]:
        yield path, _short(_plain(first)), _short(_plain(second))
    if len(files) > MANY:
        yield f"and {len(files) - MANY} more files", "", ""
    for key, first, second in differing(a["versions"], b["versions"]):
        if key not in ("versions.computing", "versions.flowpaper"):
            yield key.removeprefix("versions."), _plain(first), _plain(second)


def _commit(build: Build) -> str:
    commit = build.manifest.get("commit")
    if not commit:
        return "not known"
    return f"{str(commit)[:DIGITS]}{'' if build.manifest.get('clean') else ', with changes'}"


def _short(text: Any) -> str:
    text = str(text)
    return text[:DIGITS] if len(text) == 64 else text


def _plain(entry: Any) -> str:
    return NONE if entry is None else {True: "yes", False: "no"}[entry] if isinstance(entry, bool) else str(entry)
