"""Where flows come from: a CSV file, a folder of them, or a zip of them, as a list of readable members."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from analysis.errors import UserError

MAX_UNPACKED = 100
"""A zip that unpacks to more than this many times its size is taken for a bomb."""


@dataclass(frozen=True)
class Member:
    """One CSV file: on disk, or inside a zip."""

    name: str
    path: Path
    inside: str | None = None
    kind: str = "csv"

    def __str__(self) -> str:
        return f"{self.path}:{self.inside}" if self.inside else str(self.path)

    def read(self) -> bytes:
        """The bytes of the file; UserError where it cannot be read or the zip is damaged."""
        try:
            if self.inside is None:
                return self.path.read_bytes()
            with zipfile.ZipFile(self.path) as archive:
                return archive.read(self.inside)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise UserError(f"{self}: the zip is damaged or not readable ({error}); fetch it again") from None
        except OSError as error:
            raise UserError(f"{self}: cannot be read ({error.strerror}); check the file and its permissions") from None


def members(data: Path) -> list[Member]:
    """The CSV files that ``data`` stands for, sorted by name; UserError where there are none."""
    if not data.exists():
        raise UserError(f"data: there is no file or folder {data}; give a CSV file, a folder or a zip of CSV files")
    if data.is_dir():
        found = [
            Member(path.relative_to(data).as_posix(), path)
            for path in sorted(data.rglob("*"))
            if path.is_file() and path.suffix.lower() == ".csv" and not path.name.startswith(".")
        ]
        if not found:
            raise UserError(f"data: the folder {data} holds no file that ends in .csv")
        return found
    if data.suffix.lower() == ".zip" or _starts_as_zip(data):
        return _zip_members(data)
    return [Member(data.name, data)]


def _starts_as_zip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PK\x03\x04"
    except OSError as error:
        raise UserError(f"data: {path} cannot be read ({error.strerror}); check its permissions") from None


def _zip_members(path: Path) -> list[Member]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except zipfile.BadZipFile:
        raise UserError(f"data: {path} is not a complete zip file (truncated or damaged); fetch it again") from None
    except OSError as error:
        raise UserError(f"data: {path} cannot be read ({error.strerror}); check its permissions") from None
    for entry in entries:
        if entry.filename.startswith("/") or ".." in PurePosixPath(entry.filename).parts:
            raise UserError(f"data: {path} holds the unsafe name {entry.filename!r}; unpack it yourself and check it")
    wanted = [
        entry
        for entry in sorted(entries, key=lambda entry: entry.filename)
        if entry.filename.lower().endswith(".csv") and not PurePosixPath(entry.filename).name.startswith(".")
    ]
    if sum(entry.file_size for entry in wanted) > MAX_UNPACKED * max(path.stat().st_size, 1):
        raise UserError(f"data: {path} unpacks to over {MAX_UNPACKED} times its size; unpack it yourself and check it")
    if not wanted:
        raise UserError(f"data: the zip {path} holds no file that ends in .csv")
    return [Member(entry.filename, path, entry.filename) for entry in wanted]


def checksum(content: bytes) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def md5(content: bytes) -> str:
    """MD5 of a file's bytes, hexadecimal; the form in which checksums of the releases are published."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


TWIN_MARK = "twin.json"
"""A file that the twin generator leaves beside what it writes, so that nobody takes it for real flows."""


def is_twin(data: Path) -> bool:
    """Whether the folder was written by the twin generator."""
    return (data / TWIN_MARK).is_file()
