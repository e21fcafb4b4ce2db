"""What differs between files and the checksums that were noted for them: one line for each, and nothing is believed."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from analysis.archive import zipped
from analysis.archive.metadata import NAME
from analysis.audit.compare_builds import manifest
from analysis.citing.build_id import LOCK, build_id, code_sum, is_code
from analysis.errors import UserError
from analysis.record import read_json
from analysis.record.files import demand_form

MANIFEST = "build.json"
LARGEST_LIST = 64 << 20
"""Bytes of a list of checksums that is read."""


def of_folder(folder: Path) -> Iterator[str]:
    """What of a published build is not as its build.json says; UserError where that cannot be read."""
    made = manifest(folder)
    noted = made["files"]
    links = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink()}
    yield from (f"{name}: a link, which may lead anywhere" for name in sorted(links))
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    yield from _compared(noted, there - {MANIFEST}, lambda name: _sha256(folder / name), MANIFEST, links)
    yield from _of_other_id(read_json(folder / MANIFEST), MANIFEST)


def of_crate(archive: zipfile.ZipFile) -> Iterator[str]:
    """What of a crate is not as its metadata says, else as its build.json says; nothing is unpacked."""
    digest = cache(partial(zipped.sha256, archive))
    if faults := [*zipped.faults(archive)] or [*_of_metadata(archive, digest)]:
        yield from faults
        return
    folder = f"results/{build_of(archive)}"
    there, place = _files_in(archive), f"{folder}/{MANIFEST}"
    made = _json(archive, place)
    files = _files(made, place)
    demand_form(made, place)
    published = {name.removeprefix(f"{folder}/") for name in there if name.startswith(f"{folder}/")}
    yield from _compared(files, published - {MANIFEST}, lambda name: digest(f"{folder}/{name}"), place)
    yield from _of_other_code(made, {name: digest(name) for name in there if is_code(name) or name == LOCK}, place)


def _of_metadata(archive: zipfile.ZipFile, digest: Callable[[str], str]) -> Iterator[str]:
    yield from _compared(_noted(_json(archive, NAME)), _files_in(archive) - {NAME}, digest, NAME)


def _files_in(archive: zipfile.ZipFile) -> set[str]:
    return {entry.filename for entry in archive.infolist() if not entry.is_dir()}


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


def _of_other_code(made: Mapping[str, Any], digests: Mapping[str, str], place: str) -> Iterator[str]:
    """What of a crate's code, lock and id is not what its build.json says: a line each."""
    yield from _of_other_id(made, place)
    code = code_sum({name: digest for name, digest in digests.items() if name != LOCK})
    if code != made["code"]:
        yield f"the code: not that of the build, by the checksum over all of it in {place}"
    if digests.get(LOCK) != made["lock"]:
        yield f"{LOCK}: not that of the build, by its checksum in {place}"


def _of_other_id(made: Mapping[str, Any], place: str) -> Iterator[str]:
    if (identifier := build_id(made)) != made.get("id"):
        yield f"{place}: altered; its id is {made.get('id')}, and what it says gives {identifier}"


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


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
