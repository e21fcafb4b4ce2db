"""Two published builds, read and found fit to be compared."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis.audit.compare_builds import demand_intact, folder_of, manifest, read_result
from analysis.difference.sentences import Paper
from analysis.errors import UserError

FORMS = ("ledger.json", "pitfalls.json")
"""Files that say their own form, which both builds must share; a build need not have them."""


@dataclass
class Build:
    """What one build published. ``name`` tells it from the other one."""

    name: str
    folder: Path
    manifest: dict[str, Any]
    values: dict[str, dict[str, Any]]
    claims: dict[str, dict[str, Any]]
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)

    @cached_property
    def paper(self) -> Paper:
        """The sentences of its paper."""
        return Paper(read_result(self.folder / "paper.html"))

    @property
    def claims_of_the_source(self) -> dict[str, dict[str, Any]]:
        """The ledger's claims by id."""
        return {one["id"]: one for one in self.reports.get("ledger.json", {}).get("claims", [])}

    @property
    def pitfalls(self) -> dict[str, dict[str, Any]]:
        """The pitfalls by id."""
        return {one["id"]: one for one in self.reports.get("pitfalls.json", {}).get("pitfalls", [])}

    def table(self, name: str) -> list[dict[str, str]]:
        """The rows of a published table, by column; none where the build has no such table."""
        path = self.folder / "tables" / f"{name}.csv"
        return list(csv.DictReader(io.StringIO(read_result(path)))) if path.is_file() else []

    def text(self, key: str) -> str:
        """The text of a value, empty where the build has none of this key."""
        return str(self.values.get(key, {}).get("text", ""))

    def is_true(self, key: str) -> bool:
        """Whether the truth ``key`` is recorded as true."""
        return self.values.get(key, {}).get("value") is True


def read_both(first: str, second: str) -> tuple[Build, Build]:
    """Two builds, given by name or folder. UserError where one is not there, was altered or is of another form."""
    folders = [folder_of(first), folder_of(second)]
    if folders[0].resolve() == folders[1].resolve():
        raise UserError(f"not comparable: {first} and {second} are the same build; give two")
    names = [folder.resolve().name for folder in folders]
    if names[0] == names[1]:
        names = [f"{name} ({side})" for name, side in zip(names, "AB", strict=True)]
    one, other = (_read(name, folder) for name, folder in zip(names, folders, strict=True))
    for name in FORMS:
        forms = [build.reports.get(name, {}).get("schema") for build in (one, other)]
        if None not in forms and forms[0] != forms[1]:
            raise UserError(f"not comparable: {one.folder / name} is {forms[0]}, {other.folder / name} is {forms[1]}; "
                            "build both with one version of flowpaper")  # fmt: skip
    return one, other


def _read(name: str, folder: Path) -> Build:
    about = manifest(folder)
    demand_intact(folder)
    reports = {file: _object(folder / file) for file in FORMS if (folder / file).is_file()}
    build = Build(name, folder, about, _object(folder / "values.json"), _object(folder / "claims.json"), reports)
    try:
        # What is asked of every entry later on, so that a file of another form is told by its name.
        for entry in build.values.values():
            _ = entry["value"], entry["text"], entry["definition"], entry["unit"], entry["display"]
        for claim in build.claims.values():
            _ = claim["holds"], claim["condition"]
        for row in build.claims_of_the_source.values():
            _ = row["verdict"], row["short"], row["sentence"], row["here"]
        for pitfall in build.pitfalls.values():
            _ = pitfall["name"], pitfall["here"], [check["words"] for check in pitfall["checks"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise UserError(f"not comparable: {folder}: an entry of its results lacks {error}; build it anew") from None
    return build


def _object(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise UserError(f"not comparable: {path} is missing; build it anew with 'make paper'")
    found = read_result(path)
    if not isinstance(found, dict):
        raise UserError(f"not comparable: {path}: holds no entries by name; build it anew")
    return found
