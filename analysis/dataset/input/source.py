"""Where flows come from: CSV and Parquet files, plain, gzipped, in a zip or a folder, as a list of readable members."""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path, PurePath, PurePosixPath

from analysis.dataset.input.address import is_address
from analysis.dataset.input.member import (
    ADVICE,
    DAMAGED,
    EXEMPT,
    MAX_UNPACKED,
    UNPACK,
    Kind,
    Member,
    bomb,
    is_gz,
    signature,
    unreadable,
)
from analysis.errors import UserError

ACCEPTED = "CSV, CSV.gz and Parquet files, in a folder or a zip"
KINDS: dict[str, Kind] = {".csv": "csv", ".parquet": "parquet"}


def members(data: Path) -> list[Member]:
    """The files of flows that ``data`` stands for, sorted by name; UserError where there are none or one is unfit.

    A member's name is its path within the folder or zip, with '/' and without '.gz'.
    """
    try:
        if not data.exists():
            raise UserError(
                f"data: {data} is a link to a file that is not there; mend it"
                if data.is_symlink()
                else f"data: there is no file or folder {data}; give {ACCEPTED}"
            )
        if data.is_dir():
            _refuse_folder(data)
            found = _in_folder(data)
        else:
            found = _in_file(data, data.name)
            if not found:
                names = [name for name in _names(data) if not name.endswith("/")]
                there = f"only {_some(names)}" if names else "it is empty"
                raise UserError(f"data: {data} holds no file of flows, {there}; give {ACCEPTED}")
    except OSError as error:
        raise UserError(f"data: {unreadable(error.filename or data, error)}") from None
    found.sort(key=lambda member: (member.name, str(member)))
    for one, other in pairwise(found):
        if one.name == other.name:
            both = f"{one} stands there twice" if str(one) == str(other) else f"{one} and {other} stand for the same"
            raise UserError(f"data: {both}; keep only one")
    return found


def unread(data: Path) -> list[str]:
    """Names of files beside those read that look like flows or archives of them, such as a day saved as Excel."""
    read = {(member.path, member.inside) for member in members(data)}
    names = []
    if data.is_dir():
        paths = {path for path, _ in read}
        names = [path.relative_to(data).as_posix() for path in _walk(data) if path not in paths]
    for archive in sorted({path for path, inside in read if inside}):
        inner = [entry.filename for entry in _entries(archive) if not entry.is_dir()]
        names += [f"{archive.name}:{name}" for name in inner if (archive, name) not in read]
    return [name for name in names if _advice(name) or re.search(r"\.(csv|parquet|zip)\b", name.lower())]


def _in_folder(folder: Path) -> list[Member]:
    found: list[Member] = []
    others: list[str] = []
    for path in _walk(folder):
        name = path.relative_to(folder).as_posix()
        inside = _in_file(path, name, f"{name}/") if _looks_read(path) else []
        found += inside
        if not inside:
            others.append(name)
    if not found:
        advice = sorted({f"{PurePath(name).suffix}: {_advice(name)}" for name in others if _advice(name)})
        there = f"only {_some(others)}" if others else "it is empty"
        hint = f" ({'; '.join(advice)})" if advice else ""
        raise UserError(f"data: the folder {folder} holds no file of flows, {there}; give {ACCEPTED}{hint}")
    return found


def _walk(folder: Path) -> Iterator[Path]:
    """Files below ``folder`` in a fixed order, through links, each folder once; UserError for what is none."""
    seen = {folder.resolve()}
    ahead = [folder]
    while ahead:
        for path in sorted(ahead.pop().iterdir()):
            if _hidden(path.name):
                continue
            if path.is_dir():
                _refuse_folder(path)
                if (real := path.resolve()) not in seen:
                    seen.add(real)
                    ahead.append(path)
            elif path.is_file():
                yield path
            elif _looks_read(path):
                what = "a link to a file that is not there" if path.is_symlink() else "not a regular file"
                raise UserError(f"data: {path} is {what}; mend or remove it")


def _looks_read(path: Path) -> bool:
    return _kind(path.name) is not None or path.suffix.lower() == ".zip"


def _refuse_folder(path: Path) -> None:
    if _looks_read(path):
        raise UserError(f"data: {path} is a folder, though its name is that of a file; rename or move it")


def _in_file(path: Path, name: str, prefix: str = "") -> list[Member]:
    """The members of one file, by its first bytes and else by its name; none where it is a zip without any.

    ``prefix`` stands before the names in a zip.
    """
    if not path.is_file():
        raise UserError(f"data: {path} is not a regular file; give {ACCEPTED}")
    if not _encodable(name):
        raise UserError(f"data: {str(path)!a} is not a name in UTF-8; rename the file")
    with path.open("rb") as file:
        begins = signature(file.read(4))
    if advice := _advice(name) or ADVICE.get(begins):
        raise UserError(f"data: {path} cannot be read as it is; {advice}")
    if begins == ".zip" or path.suffix.lower() == ".zip":
        return _in_zip(path, prefix)
    kind = "parquet" if begins == ".parquet" else _kind(name) or "csv"
    return [Member(_without_gz(name), path, kind=kind)]


def _in_zip(path: Path, prefix: str) -> list[Member]:
    entries = [(_safe_name(path, entry), entry) for entry in _entries(path) if not entry.is_dir()]
    found = []
    unpacked = 0
    for name, entry in entries:
        if any(map(_hidden, PurePosixPath(name).parts)):
            continue
        if name.lower().endswith(".zip"):
            raise UserError(f"data: {path} holds another zip, {name}; unpack {path.name} and give the folder")
        if (kind := _kind(name)) is None:
            continue
        if entry.flag_bits & 1:
            raise UserError(f"data: {path} is encrypted; unpack it with its password and give the folder")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UserError(f"data: {name} in {path} is packed in a way not read here; {UNPACK}")
        unpacked += entry.file_size
        found.append(Member(prefix + _without_gz(name), path, entry.filename, kind))
    if unpacked > max(EXEMPT, MAX_UNPACKED * path.stat().st_size):
        raise UserError(f"data: {bomb(path)}")
    return found


def _entries(path: Path) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(path) as archive:
            found = archive.infolist()
            if not all(entry.filename for entry in found):
                raise zipfile.BadZipFile("an entry without a name")
            return found
    except DAMAGED:
        raise UserError(f"data: {path} is not a complete zip file (truncated or damaged); fetch it again") from None


def _names(path: Path) -> list[str]:
    return [entry.filename for entry in _entries(path)]


def _safe_name(path: Path, entry: zipfile.ZipInfo) -> str:
    """The entry's name with '/'; UserError where unpacking it could write outside a folder, or where it is a link."""
    name = entry.orig_filename.replace("\\", "/")
    climbs = name.startswith("/") or ".." in name.split("/") or re.match(r"[A-Za-z]:", name)
    if climbs or re.search(r"[\x00-\x1f\x7f]", name) or not _encodable(name):
        raise UserError(f"data: {path} holds the unsafe name {entry.orig_filename!a}; unpack it yourself and check it")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise UserError(f"data: {path} holds the link {name!r} in place of a file; unpack it yourself and check it")
    return PurePosixPath(name).as_posix()


def _hidden(part: str) -> bool:
    return part.startswith(".") or part == "__MACOSX"


def _without_gz(name: str) -> str:
    return name[:-3] if is_gz(name) else name


def _kind(name: str) -> Kind | None:
    return KINDS.get(PurePath(_without_gz(name)).suffix.lower())


def _advice(name: str) -> str | None:
    return ADVICE.get(PurePath(_without_gz(name)).suffix.lower())


def _encodable(name: str) -> bool:
    return not re.search(r"[\ud800-\udfff]", name)


def _some(names: list[str]) -> str:
    return ", ".join(sorted(names)[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


DOWNLOADS = Path("build", ".fetched")
"""What was fetched from addresses; the name begins with a dot so that no build is called so."""


def located(data: str) -> Path:
    """The data as a path; what stands at an http(s) address is fetched first."""
    if not is_address(data):
        return Path(data)
    from analysis.dataset.input.fetch import local  # takes long to load, and few need it

    return local(data, DOWNLOADS)


def kept(data: str) -> Path | None:
    """The data as a path, without the network; None where they stand at an address and were not fetched yet."""
    if not is_address(data):
        return Path(data)
    from analysis.dataset.input.fetch import fetched

    return fetched(data, DOWNLOADS)


@contextmanager
def naming_the_download(data: str) -> Iterator[None]:
    """Adds to what is wrong with a file that was fetched how to have it fetched anew."""
    try:
        yield
    except UserError as error:
        if not is_address(data):
            raise
        raise UserError(f"{error}\n  the file was kept; to fetch it anew, remove the folder {DOWNLOADS}") from None


TWIN_MARK = "twin.json"
"""A file that the twin generator leaves beside what it writes, so that nobody takes it for real flows."""


def is_twin(data: Path) -> bool:
    """Whether any of the files was written by the twin generator, whose mark stands in its folder or zip.

    A file that was copied out of its folder without the mark cannot be told from real flows.
    """
    read = members(data)
    archives = {member.path for member in read if member.inside}
    folders = {path.parent for member in read for path in (member.path, member.path.resolve())}
    marked = any((folder / TWIN_MARK).is_file() for folder in {data, *folders})
    return marked or any(PurePosixPath(name).name == TWIN_MARK for path in archives for name in _names(path))
