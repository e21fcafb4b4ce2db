"""Whether a call of the workflow has anything to do, found out without loading the workflow.

A call that built, or had nothing to do, leaves a note of what it was asked and of the state of all that this depends
on: the project's files, the flows, the environment, the cache, the results. While all of it is untouched the same call
has nothing to do. A touch of any kind (when a file was last changed cannot be set back) leaves it to the workflow.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.checkout import checkout
from analysis.dataset.input.address import is_address

if TYPE_CHECKING:
    from analysis.preflight import Plan

NOTES = Path("build", ".settled")
PROJECT = (
    "Snakefile", "analysis", "config", "figures", "paper", "profiles", "studies", "docs/workflow.md", "CITATION.cff",
    "pyproject.toml", "requirements.txt",
)  # fmt: skip
PASSED_OVER = ("__pycache__", "logs", "benchmarks", ".lock", ".snakemake_timestamp")
"""Files and folders that differ from call to call, and no result depends on."""
WHOLE = ("published.json", "build.json")
"""What the cache and the results of a finished build hold."""


class Asked(NamedTuple):
    """What decides a call: files of settings, and settings given as ``name=value``."""

    files: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def note(self) -> Path:
        """File of the note on such a call."""
        return NOTES / f"{hashlib.sha256(json.dumps(self).encode()).hexdigest()[:32]}.json"


class Begun(NamedTuple):
    """A call that may be noted when it ends: what it reads and its state at the beginning, what it makes."""

    asked: Asked
    read: tuple[str, ...]
    before: str
    made: tuple[str, str]


def asked(arguments: Sequence[str]) -> Asked | None:
    """What the arguments of a call of Snakemake ask for; None where it is not the whole build or must be made anew."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--cores")
    parser.add_argument("--nocolor", action="store_true")
    parser.add_argument("--configfile", nargs="+", default=[])
    parser.add_argument("--config", nargs="+", default=[])
    try:
        told, others = parser.parse_known_args(list(arguments))
    except argparse.ArgumentError:
        return None
    forced = any(value.partition("=")[0].strip() == "force" for value in told.config)
    return None if others or forced else Asked(tuple(told.configfile), tuple(sorted(told.config)))


def begin(arguments: Sequence[str], plan: Plan) -> Begun | None:
    """A call that begins, by its arguments and its plan; None where its end will not be noted.

    Flows of an address are not noted: whether they are the same only their server knows.
    """
    if not (call := asked(arguments)) or is_address(plan.study.data or ""):
        return None
    read = [*([str(plan.data)] if plan.data else []), *([f"build/{plan.study.test}/data"] if plan.study.test else [])]
    try:
        return Begun(call, tuple(read), _before(call, read), (plan.build, plan.results))
    except OSError:  # a link to nowhere beside the flows
        return None


def keep(begun: Begun | None) -> None:
    """Note a call that ended well, unless something it read was changed since it began."""
    if begun is None or not all(Path(*pair).is_file() for pair in zip(begun.made, WHOLE, strict=True)):
        return
    try:
        same, after = _before(begun.asked, begun.read) == begun.before, _state(begun.made)
    except OSError:  # something it read is gone
        return
    if same:
        from analysis.record.files import write_json

        begun.asked.note.parent.mkdir(parents=True, exist_ok=True)
        write_json(begun.asked.note, begun._asdict() | {"after": after}, noted=False)


def settled(arguments: Sequence[str]) -> str | None:
    """The folder of the results where a call has nothing to do; None where the workflow must decide."""
    if (call := asked(arguments)) is None:
        return None
    try:
        note: dict[str, Any] = json.loads(call.note.read_text(encoding="utf-8"))
        same = _before(call, note["read"]) == note["before"] and _state(note["made"]) == note["after"]
        return str(note["made"][1]) if same else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _before(call: Asked, read: Iterable[str]) -> str:
    # The two places where a Quarto is looked for; the workflow puts the second on its PATH.
    places = {shutil.which("quarto"), str(Path(sys.executable).parent / "quarto")}
    quarto = sorted(place for place in places if place and Path(place).is_file())
    around = [sys.version, sys.executable, checkout()]
    return _state([*PROJECT, *call.files, *read, *quarto, sysconfig.get_path("purelib")], around)


def _state(places: Iterable[str], *told: Any) -> str:
    """One checksum over name, size and times of all files at ``places``; of a library's folder, over its own alone."""
    sums = hashlib.sha256(json.dumps(told, default=str).encode())
    for place in places:
        for path, state in _files(place):
            sums.update(f"\0{path}\0{state.st_size} {state.st_mtime_ns} {state.st_ctime_ns} {state.st_ino}".encode())
    return sums.hexdigest()


def _files(place: str) -> Iterator[tuple[str, os.stat_result]]:
    if place == sysconfig.get_path("purelib") or not Path(place).is_dir():
        yield place, Path(place).stat()
        return
    with os.scandir(place) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            if entry.name not in PASSED_OVER:
                if entry.is_dir():
                    yield from _files(entry.path)
                else:
                    yield entry.path, entry.stat()


def main(arguments: Sequence[str]) -> int:
    """Say that there is nothing to do (0), or nothing at all where the workflow must decide (3)."""
    if (results := settled(arguments)) is None:
        return 3
    print("Nothing to be done: all is as it was built.", f"{results}/paper.html", f"{results}/paper.pdf", sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
