"""What differs between files and the checksums that were noted for them: one line for each, and nothing is believed."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from analysis.archive import zipped
from analysis.archive.metadata import NAME
from analysis.audit.compare_builds import manifest
from analysis.errors import UserError

MANIFEST = "build.json"
LARGEST_LIST = 64 << 20
"""Bytes of a list of checksums that is read."""


def of_folder(folder: Path) -> Iterator[str]:
    """What of a published build is not as its build.json says; UserError where that cannot be read."""
    noted = manifest(folder)["files"]
    links = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink()}
    yield from (f"{name}: a link, which may lead anywhere" for name in sorted(links))
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - links
    through = {name for name in there if any(name.startswith(f"{link}/") for link in links)}
    yield from _compared(noted, there - through - {MANIFEST}, lambda name: _sha256(folder / name), MANIFEST, links)


def of_crate(archive: zipfile.ZipFile) -> Iterator[str]:
    """What of a crate is not as its metadata and its build.json say; nothing is unpacked."""
    if faults := list(zipped.faults(archive)):
        yield from faults
        return
    there = {entry.filename for entry in archive.infolist() if not entry.is_dir()}
    noted = _noted(_json(archive, NAME))
    seen: dict[str, str] = {}

    def digest(name: str) -> str:
        return seen.setdefault(name, zipped.sha256(archive, name))

    yield from _compared(noted, there - {NAME}, digest, NAME)
    for name in sorted(there):
        folder, _, last = name.rpartition("/")
        if last == MANIFEST and folder.count("/") == 1 and folder.startswith("results/"):
            published = {part.removeprefix(f"{folder}/") for part in there if part.startswith(f"{folder}/")}
            files = _files(_json(archive, name), name)
            yield from _compared(files, published - {MANIFEST}, partial(_below, digest, folder), name)


def build_of(archive: zipfile.ZipFile) -> str:
    """The name of the one build that a crate holds; UserError where it holds none, or more."""
    found = [name.split("/")[1] for name in archive.namelist() if name.startswith("results/") and name.count("/") == 2
             and name.endswith(f"/{MANIFEST}")]  # fmt: skip
    if len(found) != 1:
        raise UserError(f"{archive.filename}: holds {len(found)} builds under results/; 'make archive' writes one")
    return found[0]


def _compared(
    noted: Mapping[str, str], there: Collection[str], digest: Callable[[str], str], place: str,
    passed: Collection[str] = (),
) -> Iterator[str]:  # fmt: skip
    for name in sorted({*noted, *there} - {*passed}):
        if name in noted and (fault := zipped.unsafe(name)):
            yield f"{name}: {fault}; {place} names it"
        elif name not in there:
            yield f"{name}: missing, though {place} names it"
        elif name not in noted:
            yield f"{name}: additional; {place} does not name it"
        elif (found := digest(name)) != noted[name]:
            yield f"{name}: altered; its SHA-256 is {found[:16]}..., and {noted[name][:16]}... stands in {place}"


def _below(digest: Callable[[str], str], folder: str, name: str) -> str:
    return digest(f"{folder}/{name}")


def _noted(metadata: Any) -> dict[str, str]:
    """Checksums by name, as the metadata of a crate says them."""
    try:
        files = [one for one in metadata["@graph"] if "File" in _list(one["@type"])]
        return {unquote(one["@id"]).removeprefix("./"): str(one.get("sha256")) for one in files}
    except (KeyError, TypeError, AttributeError):
        raise UserError(f"{NAME}: no list of files with checksums, as 'make archive' writes it") from None


def _files(entry: Any, place: str) -> dict[str, str]:
    if not isinstance(entry, dict) or not isinstance(entry.get("files"), dict):
        raise UserError(f"{place}: not what a build writes")
    return {name: str(digest) for name, digest in entry["files"].items()}


def _list(entry: Any) -> list[Any]:
    return entry if isinstance(entry, list) else [entry]


def _json(archive: zipfile.ZipFile, name: str) -> Any:
    try:
        if archive.getinfo(name).file_size > LARGEST_LIST:
            raise UserError(f"{name}: larger than {LARGEST_LIST:,} bytes, which no build writes")
        return json.loads(archive.read(name))
    except KeyError:
        raise UserError(f"{archive.filename}: no {name} in it, so it is no crate that 'make archive' wrote") from None
    except zipped.BROKEN as error:
        raise UserError(f"{name}: cannot be read ({error}); have the crate sent again") from None
    except RecursionError:
        raise UserError(f"{name}: nested deeper than any build writes it") from None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
