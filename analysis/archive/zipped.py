"""Zip files: written so that equal contents are equal bytes, and read as what a stranger may have sent.

A crate is never unpacked to be looked at. Its list of contents is judged first, and what could leave the folder, fill
the disk or stand for another file is a fault.
"""

from __future__ import annotations

import hashlib
import lzma
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath

from analysis.errors import UserError
from analysis.record import write_atomically

LARGEST = 1 << 30
"""Bytes of all files of a crate, unpacked: a hundred times what a build publishes."""
MOST = 20_000
"""Files of a crate."""
CHUNK = 1 << 20
SINCE = (1980, 1, 1, 0, 0, 0)
"""The time of every file: the first that a zip file can tell."""
ENCRYPTED = 0x1
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError)
"""What reading a file of a damaged zip file raises; an unknown packing is a RuntimeError."""


def write(path: Path, contents: Mapping[str, bytes]) -> None:
    """Write files by name as a zip file: sorted, without times, with the rights of plain files."""
    with (
        write_atomically(path, noted=False) as fresh,
        zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
    ):
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, SINCE)
            entry.create_system, entry.external_attr = 3, (stat.S_IFREG | 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, contents[name])


def opened(path: Path) -> zipfile.ZipFile:
    """A zip file to read from; UserError where it is none."""
    if not path.is_file():
        raise UserError(f"there is no file {path}; give a crate as 'make archive' writes it")
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise UserError(f"{path}: not a zip file that can be read ({error}); have it sent again") from None


def faults(archive: zipfile.ZipFile) -> Iterator[str]:
    """What makes it unsafe to read or unpack, one line each; nothing but its list of contents is read."""
    entries = archive.infolist()
    if len(entries) > MOST:
        yield f"holds {len(entries):,} files; more than {MOST:,} are not read"
        return
    if (total := sum(entry.file_size for entry in entries)) > LARGEST:
        yield f"would unpack to {total:,} bytes; more than {LARGEST:,} are not read"
    for entry in entries:
        if fault := unsafe(entry.orig_filename):
            yield f"{entry.orig_filename}: {fault}"
        elif stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            yield f"{entry.filename}: a link or a device, and no plain file"
        elif entry.flag_bits & ENCRYPTED:
            yield f"{entry.filename}: encrypted"
    for name, times in Counter(entry.filename.casefold().rstrip("/") for entry in entries).items():
        if times > 1:
            yield f"{name}: stands there {times} times, in any case of its letters"


def unsafe(name: str) -> str | None:
    """Why a file of this name could land outside the folder it is unpacked into; None where it cannot."""
    if not name.strip("/") or "\0" in name:
        return "no name of a file"
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive or "\\" in name:
        return "leads out of the crate (absolute, or with a backslash)"
    if {"..", "."} & {*name.split("/")}:
        return "leads out of the crate ('..')"
    return None


def sha256(archive: zipfile.ZipFile, name: str) -> str:
    """Checksum of a file's bytes, read piece by piece; UserError where it cannot be unpacked."""
    sums = hashlib.sha256()
    try:
        with archive.open(name) as file:
            while piece := file.read(CHUNK):
                sums.update(piece)
    except BROKEN as error:
        raise UserError(f"{name}: cannot be unpacked ({error}); have the crate sent again") from None
    return sums.hexdigest()
