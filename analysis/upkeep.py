"""At the start of a build, under its lock: what a kill left is cleared, and nothing kept is believed.

What differs from its checksum, or has none, is named and removed; the workflow then makes it anew.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from analysis.audit.exchange import fresh_of, old_of
from analysis.audit.identical import TELLS_OF_ITS_RUN
from analysis.errors import UserError
from analysis.record import checksums, read_json

AS_ONE = {("data", "source")}
"""Folders that one step makes as a whole: the day files of the twin."""
STAGED = "paper"
"""The folder in which the paper is staged and set; made anew as a whole."""
MANIFEST = "build.json"
NAMED = 10


def clear(build: Path, results: Path, holder: str) -> None:
    """Put back results that a kill left under another name; remove what it left half-made.

    ``holder`` is the temporary folder of the process that held the lock before, which is dead. No other process works
    in the build or publishes it.
    """
    if not results.exists() and old_of(results).exists():
        old_of(results).rename(results)
    for left in (fresh_of(results), old_of(results)):
        shutil.rmtree(left, ignore_errors=True)
    for path in sorted(build.rglob(".*")):
        # Writers begin the names of what is not complete with a dot. Snakemake puts its mark into a folder it made.
        if path.name not in (checksums.FOLDER, ".lock", ".snakemake_timestamp"):
            _remove(path)
    _remove(build / STAGED / "quarto-render")
    folder = Path(holder.strip())
    if re.fullmatch(r"snakemake\w+", folder.name) and folder.parent == Path(tempfile.gettempdir()):
        shutil.rmtree(folder, ignore_errors=True)


def distrust(build: Path) -> None:
    """Compare every file of the cache with its checksum; name and remove what is not what was written there."""
    said = {path: why for path in _kept(build) if (why := _fault(path))}
    for path in said:
        _remove(path if path.relative_to(build).parts[0] != STAGED else build / STAGED)
    _say([f"{path}: {why}; removed, to be made anew" for path, why in said.items()])


def published(results: Path, marker: Path, looking: bool = False) -> None:
    """Compare the published results with their ``build.json``; where they differ, forget that they were published.

    Who is only ``looking`` is told and forgets nothing.
    """
    if marker.is_file() and (faults := list(_altered(results, marker))):
        if not looking:
            marker.unlink()
        _say([f"{fault}; it is published anew" for fault in faults])


def _altered(results: Path, marker: Path) -> Iterator[str]:
    manifest = results / MANIFEST
    if not manifest.is_file():
        yield f"{results} was removed" if not results.exists() else f"{manifest} is missing"
        return
    if _sha256(manifest) != read_json(marker).get("manifest"):
        yield f"{manifest} was altered"
        return
    there = {path.relative_to(results).as_posix(): path for path in sorted(results.rglob("*")) if not path.is_dir()}
    expected = read_json(manifest)["files"]
    for name in sorted(expected.keys() - there.keys()):
        yield f"{results / name} is missing"
    for name in sorted(there.keys() - expected.keys() - {MANIFEST}):
        yield f"{results / name} is no part of the results"
    for name in sorted(there.keys() & expected.keys()):
        if _sha256(there[name]) != expected[name]:
            yield f"{results / name} was altered"


def _kept(build: Path) -> Iterator[Path]:
    """Every file of the cache that has a checksum, and folders that are one result."""
    for path in sorted(build.rglob("*")):
        inside = path.relative_to(build).parts
        if inside[0] in TELLS_OF_ITS_RUN or any(part.startswith(".") for part in inside):
            continue
        if inside in AS_ONE or (path.is_file() and inside[:2] not in AS_ONE):
            yield path


def _fault(path: Path) -> str | None:
    expected = checksums.noted(path)
    if expected is None:
        return "has no checksum"
    try:
        return None if checksums.checksum(path) == expected else "is not what was written there"
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def _remove(path: Path) -> None:
    try:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise UserError(f"{path}: cannot be removed ({error.strerror}); remove it yourself") from None


def _say(lines: list[str]) -> None:
    for line in lines[:NAMED]:
        print(f"flowpaper: {line}", file=sys.stderr)
    if len(lines) > NAMED:
        print(f"flowpaper: and {len(lines) - NAMED} more", file=sys.stderr)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
