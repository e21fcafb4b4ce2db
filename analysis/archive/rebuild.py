"""Builds again what was published, in a temporary copy, and compares: first byte by byte, then within tolerances.

A crate's own code is never run: it must be that of this checkout, which builds.
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.archive.check import build_of
from analysis.archive.contents import PARTS, PROJECT, SETTINGS, settings
from analysis.audit import reproduce
from analysis.audit.compare_builds import Outcome, compare, notes, report_outcomes
from analysis.audit.tolerance import Tolerance
from analysis.checkout import TOLD
from analysis.errors import UserError
from analysis.preflight import TWIN
from analysis.record import read_json, write_atomically
from analysis.record.files import data_checksum


def again(results: Path, data: str | None, top: Path) -> tuple[bool, str]:
    """Build what ``results`` publishes again in ``top``: whether it is the same, and what to say.

    ``data`` is what to build it from, None for the twin. UserError where it cannot be built or compared.
    """
    manifest = read_json(results / "build.json")
    _demand_data(manifest, data)
    copy = reproduce.copy_project(top / "checkout")
    with write_atomically(copy / SETTINGS, noted=False) as temporary:
        temporary.write_text(settings(manifest), encoding="utf-8")
    if manifest["commit"]:
        # The paper names the commit, of which git knows nothing in a copy; what the files are, the build's id says.
        with write_atomically(copy / TOLD, noted=False) as temporary:
            temporary.write_text(json.dumps({name: manifest[name] for name in ("commit", "clean")}), encoding="utf-8")
    given = {"build": manifest["build"], **({"data": str(Path(data).resolve())} if data else {})}
    reproduce.build(copy, os.cpu_count() or 1, copy / SETTINGS, given)
    made = copy / "results" / manifest["build"]
    same, said = judged(compare(results, made, Tolerance()))
    return same, "\n".join([*notes(results, made), said])


def judged(outcomes: Sequence[Outcome]) -> tuple[bool, str]:
    """Whether a build is the same, by the outcome of each file, and what to say."""
    if all(one.state == "identical" for one in outcomes):
        return True, f"rebuilt: all {len(outcomes)} files are the same, byte by byte"
    return not any(one.bad for one in outcomes), "rebuilt: " + report_outcomes(list(outcomes), Tolerance())


def unpacked(archive: zipfile.ZipFile, top: Path) -> Path:
    """The published files of a crate without faults, in ``top``; UserError where its code is not this checkout's."""
    name = build_of(archive)
    _demand_same_code(archive)
    target = top / "published" / name
    for entry in archive.namelist():
        if entry.startswith(f"results/{name}/") and not entry.endswith("/"):
            path = target / entry.removeprefix(f"results/{name}/")
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry) as packed, path.open("wb") as file:
                shutil.copyfileobj(packed, file)
    return target


def _demand_same_code(archive: zipfile.ZipFile, project: Path = PROJECT) -> None:
    theirs = {name for name in archive.namelist() if name.split("/")[0] in PARTS and not name.endswith("/")}
    ours = {name for name in reproduce.own_files(project) if name.split("/")[0] in PARTS and (project / name).is_file()
            and not any(part.startswith(".") for part in Path(name).parts)}  # fmt: skip
    other = sorted(theirs ^ ours) + sorted(n for n in theirs & ours if archive.read(n) != (project / n).read_bytes())
    if other:
        raise UserError(
            f"the code in the crate is not that of this checkout ({len(other)} files differ, such as {other[0]}), and "
            "what a crate brings is not run here: unpack it, read it, and run 'make paper CONFIG=settings.yaml' there"
        )


def _demand_data(manifest: dict[str, Any], data: str | None) -> None:
    if manifest["settings"].get("test"):
        raise UserError(
            f"build {manifest['build']} was tested on the build {manifest['settings']['test']} as well, so it cannot "
            "be rebuilt alone; build both, and use 'make compare'"
        )
    if data is None and data_checksum(manifest) != TWIN:
        names = ", ".join(file["name"] for file in manifest["input"][:3])
        raise UserError(f"the data ({names}) are not part of a build: give them, as in DATA=data/flows.zip")
    if data is not None and data_checksum(manifest) == TWIN:
        raise UserError("a build of the twin makes its own data: leave DATA out")
    if data is not None and (found := _checksum_of(data)) != data_checksum(manifest):
        raise UserError(
            f"DATA: {data} is not what build {manifest['build']} was made of: its checksum is {found[:16]}..., and "
            f"{data_checksum(manifest)[:16]}... stands in build.json"
        )


def _checksum_of(data: str) -> str:
    from analysis.dataset.input.inspection import inspect
    from analysis.dataset.input.source import flow_files, located, unread

    path = located(data)
    return data_checksum(inspect(flow_files(path), unread=unread(path)))
