"""Where flows come from: CSV and Parquet files, plain, gzipped, in a zip or a folder, as a list of readable members."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path, PurePath, PurePosixPath
from typing import IO, Literal

from analysis.errors import UserError

MAX_UNPACKED = 100
"""A zip or gzip that unpacks to more than this many times its size is taken for a bomb ..."""
EXEMPT = 1_000_000
"""... unless it unpacks to fewer bytes than these."""
CHUNK = 1 << 20
ACCEPTED = "CSV, CSV.gz and Parquet files, in a folder or a zip"

Kind = Literal["csv", "parquet"]
KINDS: dict[str, Kind] = {".csv": "csv", ".parquet": "parquet"}
GZIP, ZIP, PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"

_UNPACK = "unpack it and give the folder"
_EXPORT = "export it as CSV, with commas and decimal points"
_PACKETS = "it holds packets; make flows of them with CICFlowMeter and give its CSV files"
ADVICE = {
    **dict.fromkeys((".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz", ".zst"), _UNPACK),
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), _EXPORT),
    **dict.fromkeys((".pcap", ".pcapng"), _PACKETS),
}
"""What to do with a file that is not read, by its suffix."""
SIGNATURES = {
    GZIP: ".gz",
    ZIP: ".zip",
    b"PK\x05\x06": ".zip",  # without any file in it
    PARQUET: ".parquet",
    b"7z\xbc\xaf": ".7z",
    b"Rar!": ".rar",
    b"\xfd7zX": ".xz",
    b"\x28\xb5\x2f\xfd": ".zst",
    b"\xd0\xcf\x11\xe0": ".xls",
    b"\xd4\xc3\xb2\xa1": ".pcap",
    b"\xa1\xb2\xc3\xd4": ".pcap",
    b"\x0a\x0d\x0d\x0a": ".pcapng",
}
"""The suffix that a file's first bytes call for; text has none of them."""

# What the standard library raises over bytes that are no zip or gzip; the last three come from odd headers.
_DAMAGED = (
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    RuntimeError,
    struct.error,
    ValueError,
    KeyError,
)


@dataclass(frozen=True)
class Member:
    """One file of flows: on disk, or ``inside`` a zip."""

    name: str
    path: Path
    inside: str | None = None
    kind: Kind = "csv"

    def __str__(self) -> str:
        return f"{self.path}:{self.inside}" if self.inside else str(self.path)

    def read(self) -> bytes:
        """The bytes of the file, unpacked; UserError where it cannot be read, is damaged, or is not of its kind."""
        try:
            if self.inside is None:
                # Without a buffer of its own, so that a plain file is read in one piece and not copied.
                with self.path.open("rb", buffering=0) as file:
                    content = self._unpacked(file, self.path.stat().st_size)
            else:
                with zipfile.ZipFile(self.path) as archive, archive.open(self.inside) as file:
                    content = self._unpacked(file, archive.getinfo(self.inside).compress_size)
        except _DAMAGED as error:
            raise UserError(f"{self}: the file is damaged or cut off ({error}); fetch it again") from None
        except OSError as error:
            raise UserError(_unreadable(self, error)) from None
        self._check_kind(content)
        return content

    def _unpacked(self, file: IO[bytes], size: int) -> bytes:
        """All of ``file``, which takes ``size`` bytes on disk; counted while they are read, because headers lie."""
        packed = file.read(len(GZIP)) == GZIP
        file.seek(0)
        if not packed and _is_gz(self.inside or self.path.name):
            raise UserError(f"{self}: the file is damaged, or no gzip file in spite of its name; fetch it again")
        if not packed and self.inside is None:
            return file.read()
        if not packed:
            size = self.path.stat().st_size
        content = BytesIO()  # hands its buffer over without a copy, unlike a list of chunks
        stream = gzip.GzipFile(fileobj=file) if packed else file
        while chunk := stream.read(CHUNK):
            content.write(chunk)
            if content.tell() > max(EXEMPT, MAX_UNPACKED * size):
                raise UserError(_bomb(self))
        return content.getvalue()

    def _check_kind(self, content: bytes) -> None:
        suffix = _signature(content[:4])
        if self.kind == "parquet":
            if suffix != ".parquet":
                raise UserError(f"{self}: this is no Parquet file in spite of its name; fetch it again")
            if not content.endswith(PARQUET) or len(content) < 12:
                raise UserError(f"{self}: the Parquet file is damaged or cut off; fetch it again")
        elif suffix == ".parquet":
            raise UserError(f"{self}: this is a Parquet file in spite of its name; name it .parquet")
        elif suffix:
            raise UserError(f"{self}: this is no CSV but looks like a {suffix} file; {ADVICE.get(suffix, _UNPACK)}")


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
                raise UserError(f"data: {data} holds no file of flows, only {_some(_names(data))}; give {ACCEPTED}")
    except OSError as error:
        raise UserError(f"data: {_unreadable(error.filename or data, error)}") from None
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


def checksum(content: bytes) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def md5(content: bytes) -> str:
    """MD5 of a file's bytes, hexadecimal: to compare with published sums, not for security."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


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
        signature = _signature(file.read(4))
    if advice := _advice(name) or ADVICE.get(signature):
        raise UserError(f"data: {path} cannot be read as it is; {advice}")
    if signature == ".zip" or path.suffix.lower() == ".zip":
        return _in_zip(path, prefix)
    kind = "parquet" if signature == ".parquet" else _kind(name) or "csv"
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
            raise UserError(f"data: {name} in {path} is packed in a way not read here; {_UNPACK}")
        unpacked += entry.file_size
        found.append(Member(prefix + _without_gz(name), path, entry.filename, kind))
    if unpacked > max(EXEMPT, MAX_UNPACKED * path.stat().st_size):
        raise UserError(f"data: {_bomb(path)}")
    return found


def _entries(path: Path) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist()
    except _DAMAGED:
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


def _is_gz(name: str) -> bool:
    return name.lower().endswith(".gz")


def _without_gz(name: str) -> str:
    return name[:-3] if _is_gz(name) else name


def _kind(name: str) -> Kind | None:
    return KINDS.get(PurePath(_without_gz(name)).suffix.lower())


def _advice(name: str) -> str | None:
    return ADVICE.get(PurePath(_without_gz(name)).suffix.lower())


def _signature(head: bytes) -> str:
    return next((suffix for start, suffix in SIGNATURES.items() if head.startswith(start)), "")


def _encodable(name: str) -> bool:
    return not re.search(r"[\ud800-\udfff]", name)


def _some(names: list[str]) -> str:
    return ", ".join(sorted(names)[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _bomb(what: object) -> str:
    return f"{what} unpacks to over {MAX_UNPACKED} times its size; unpack it yourself and check it"


def _unreadable(what: object, error: OSError) -> str:
    reason = error.strerror or (os.strerror(error.errno) if error.errno else str(error))
    return f"{what} cannot be read ({reason}); check the file and its permissions"


DOWNLOADS = Path("build", ".fetched")
"""What was fetched from addresses; the name begins with a dot so that no build is called so."""


def located(data: str) -> Path:
    """The data as a path; what stands at an http(s) address is fetched first."""
    if "://" not in data:
        return Path(data)
    from analysis.dataset.input.fetch import local  # takes long to load, and few need it

    return local(data, DOWNLOADS)


@contextmanager
def naming_the_download(data: str) -> Iterator[None]:
    """Adds to what is wrong with a file that was fetched how to have it fetched anew."""
    try:
        yield
    except UserError as error:
        if "://" not in data:
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
