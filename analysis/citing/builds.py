"""A published build, as those who cite it find it: by name under ``results/``, whole and as it was published."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.citing.build_id import build_id
from analysis.errors import UserError
from analysis.record.files import demand_form, demand_version

RESULTS = Path("results")
MANIFEST = "build.json"
ANEW = "build it anew with 'make paper'"


@dataclass(frozen=True)
class Build:
    """A folder of results; ``manifest`` is its build.json, ``record`` its values.json."""

    folder: Path
    manifest: dict[str, Any]
    record: dict[str, Any]

    @property
    def id(self) -> str:
        """The id of the build, from what build.json says it was made of."""
        return build_id(self.manifest)


def names() -> list[str]:
    """The builds under ``results/``."""
    return sorted(path.parent.name for path in RESULTS.glob(f"*/{MANIFEST}") if not path.parent.name.startswith("."))


def find(name: str | None) -> Build:
    """The build of that name, or the only one where none is named; UserError where there is none, or it was altered."""
    there = names()
    if not name and len(there) != 1:
        raise UserError(f"BUILD: name a build under {RESULTS}/; there: {', '.join(there) or 'none'}")
    name = name or there[0]
    if name not in there:
        raise UserError(f"BUILD: there is no build {name} under {RESULTS}/; there: {', '.join(there) or 'none'}")
    if found := list(faults(RESULTS / name)):
        raise UserError(f"{found[0]} after the build was published; {ANEW}")
    manifest = read_manifest(RESULTS / name)
    path = RESULTS / name / "values.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    demand_version(record, path)
    return Build(RESULTS / name, manifest, record)


def read_manifest(folder: Path) -> dict[str, Any]:
    """What the build.json in a folder of results says; UserError where it is none of this version."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        claimed, files = found["id"], found["files"]
        if claimed != build_id(found) or "values.json" not in files:
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError, UserError):
        raise UserError(f"{folder / MANIFEST}: was altered, or another version wrote it; {ANEW}") from None
    demand_form(found, folder / MANIFEST)
    return found


def faults(folder: Path) -> Iterator[str]:
    """Each file of a folder of results that is not as build.json says: missing, altered, or no part of it."""
    files = read_manifest(folder)["files"]
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()} - {MANIFEST}
    for name in sorted(files.keys() | there):
        if name not in there:
            yield f"{folder / name} is missing"
        elif name not in files:
            yield f"{folder / name} was added"
        elif hashlib.sha256((folder / name).read_bytes()).hexdigest() != files[name]:
            yield f"{folder / name} was altered"
