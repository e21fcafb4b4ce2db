"""Find the build that an id names, and check that it is as it was published: ``python -m analysis.citing.verify ID``.

Exit code 0: it is; 1: a file of it is not; 2: there is no such build.
"""

from __future__ import annotations

import sys
from pathlib import Path

from analysis.citing import builds
from analysis.command import run
from analysis.errors import UserError
from analysis.record.files import data_checksum

SHORTEST = 6
"""Digits of an id that are enough to ask for it."""


def find_id(identifier: str) -> list[Path]:
    """All results whose id, computed anew from build.json, begins so; UserError where there are none.

    A build.json whose own id is not that of its contents is passed over, as it is of no build.
    """
    if len(identifier) < SHORTEST:
        raise UserError(f"ID: give at least {SHORTEST} digits of the id (it is {identifier!r})")
    ids: dict[str, str] = {}
    altered = []
    for name in builds.names():
        try:
            ids[name] = builds.read_manifest(builds.RESULTS / name)["id"]
        except UserError:
            altered.append(name)
    if found := [builds.RESULTS / name for name, one in ids.items() if one.startswith(identifier.lower())]:
        return found
    there = ", ".join(f"{one} ({name})" for name, one in ids.items()) or "none"
    more = f"; altered, or of another version: {', '.join(altered)}" if altered else ""
    raise UserError(f"ID: no build under {builds.RESULTS}/ has the id {identifier}; there: {there}{more}")


def report_build(folder: Path) -> tuple[str, bool]:
    """What is to be said of the results in a folder, and whether all is as it was published."""
    manifest, found = builds.read_manifest(folder), list(builds.faults(folder))
    data = manifest["data"] or data_checksum(manifest)
    head = f"{folder}: id {manifest['id']}, {data}, flowpaper {manifest['version']}"
    if found:
        return "\n".join([head, *found]), False
    return f"{head}\nall {len(manifest['files'])} files are as they were published", True


def step(identifier: str, /) -> None:
    """Check the build under results/ that has the id: every file against the checksum in its build.json."""
    reports = [report_build(folder) for folder in find_id(identifier)]
    print("\n".join(text for text, _ in reports))
    sys.exit(0 if all(sound for _, sound in reports) else 1)


if __name__ == "__main__":
    run(step)
