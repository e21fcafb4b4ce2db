"""Check a published build, or a crate of one, by its checksums: ``python -m analysis.archive.verify --build twin``.

Exit code 0: all is as it was published, 1: it is not, 2: it cannot be said. Checksums tell that nothing was changed
since, not by whom it was made: for that, compare the checksum of the whole with one that came another way.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from pathlib import Path

from analysis.archive import check, rebuild, zipped
from analysis.audit.compare_builds import folder_of
from analysis.citing.verify import find_id
from analysis.command import run
from analysis.errors import UserError
from analysis.preflight import data_of
from analysis.printable import printable
from analysis.record import read_json

SHOWN = 20
"""Faults printed, one a line."""


def step(
    *,
    build: str | None = None,
    crate: Path | None = None,
    identifier: str | None = None,
    again: bool = False,
    data: str | None = None,
) -> None:
    """Check the results of ``build`` (a folder or a name) or a ``crate``; with ``again`` build it again and compare.

    In the place of a build's name its ``identifier`` may stand, of which the first build under results/ is taken: all
    of one id have the same data, settings, libraries and code. ``data`` is what to build again from; for a build under
    results/ it is known.
    """
    if [build, crate, identifier].count(None) != 2:
        raise UserError("give one of ID=, BUILD=<name or folder> and CRATE=<file>, as in make verify BUILD=twin")
    if identifier is not None:
        build = find_id(identifier)[0].name
    with tempfile.TemporaryDirectory(prefix="flowpaper-") as top:
        if build is not None:
            results = folder_of(build)
            _demand_none(list(check.of_folder(results)), results)
            print(f"{results}: all files are as build.json says")
            _say(results / "build.json", read_json(results / "build.json")["id"])
            data = data or data_of(results.name)
        elif crate is not None:
            with zipped.opened(crate) as archive:
                _demand_none(list(check.of_crate(archive)), crate)
                name = check.build_of(archive)
                print(f"{crate}: all files of build {name} are as its metadata and build.json say")
                _say(crate, json.loads(archive.read(f"results/{name}/build.json"))["id"])
                results = rebuild.unpacked(archive, Path(top)) if again else crate
        if again:
            same, said = rebuild.again(results, data, Path(top))
            print(said)
            sys.exit(0 if same else 1)


def _demand_none(faults: list[str], place: Path) -> None:
    """End with exit code 1 where there are faults, one line each."""
    if faults:
        more = [f"and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
        lines = [f"{place}: not as it was published", *(f"  {printable(one)}" for one in faults[:SHOWN]), *more]
        print("\n".join(lines), file=sys.stderr)
        sys.exit(1)


def _say(path: Path, identifier: str) -> None:
    print(f"id of the build: {identifier}; SHA-256 of {path.name}: {hashlib.sha256(path.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    run(step)
