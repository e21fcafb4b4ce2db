"""What a file is by its first bytes, and the bytes of what it holds: packed, in an archive, or in one inside another.

Read are zip and tar, gzip, xz, bzip2 and, where Python knows it, Zstandard. What is packed may not unpack to more than
a hundred times its size.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import shutil
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import IO, Any

from analysis.errors import UserError, explained

MAX_UNPACKED = 100
"""A file that unpacks to more than this many times its size is taken for a bomb ..."""
EXEMPT = 1_000_000
"""... unless it unpacks to fewer bytes than these."""
MOST_LAYERS = 4
"""Archives, and packings of one file, that may lie within one another."""
HEAD = 512
CHUNK = 1 << 20

UNPACK = "unpack it and give the folder"
_EXPORT = "export it as CSV, with commas and decimal points"
_PACKETS = "it holds packets; make flows of them with CICFlowMeter and give its CSV files"
_ZSTD = "unpack it (zstd -d), or run this under Python 3.14 or later, which reads it"
ADVICE = {
    **dict.fromkeys((".7z", ".rar"), UNPACK),
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), _EXPORT),
    **dict.fromkeys((".pcap", ".pcapng"), _PACKETS),
}
"""What to do with a file that is not read, by its suffix."""
GZIP, ZIP, PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
SIGNATURES = {
    GZIP: ".gz",
    ZIP: ".zip",
    b"PK\x05\x06": ".zip",  # without any file in it
    PARQUET: ".parquet",
    b"7z\xbc\xaf": ".7z",
    b"Rar!": ".rar",
    b"\xfd7zX": ".xz",
    b"BZh": ".bz2",
    b"\x28\xb5\x2f\xfd": ".zst",
    b"\xd0\xcf\x11\xe0": ".xls",
    b"\xd4\xc3\xb2\xa1": ".pcap",
    b"\xa1\xb2\xc3\xd4": ".pcap",
    b"\x0a\x0d\x0d\x0a": ".pcapng",
}
"""The suffix that a file's first bytes call for; text has none of them."""
PACKINGS = (".gz", ".xz", ".bz2", ".zst")
ARCHIVES = (".zip", ".tar", ".tgz", ".txz", ".tbz2")
WAYS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)

# What the standard library raises over bytes that are not what they should be; the last ones come from odd headers.
DAMAGED = (
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    tarfile.TarError,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    RuntimeError,
    struct.error,
    ValueError,
    KeyError,
)
Stream = Any
"""A binary file that can be read and sought in; the library's readers of packed files share no type."""


@dataclass(frozen=True)
class Entry:
    """A file in an archive that is open: its ``key`` there, its name with '/', its size as told, and its bytes."""

    key: str
    name: str
    size: int
    opened: Callable[[], AbstractContextManager[Stream]]


class _Limited:
    """A stream of unpacked bytes, refused as soon as it goes beyond ``most`` of them."""

    def __init__(self, stream: Stream, most: float, what: object) -> None:
        self._stream, self._most, self._what = stream, most, what

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self.read(CHUNK), b""))
        content: bytes = self._stream.read(size)
        if self._stream.tell() > self._most:
            raise UserError(f"data: {bomb(self._what)}")
        return content

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def limit(path: Path) -> float:
    """Bytes that what a file holds may have."""
    return max(EXEMPT, MAX_UNPACKED * path.stat().st_size)


def bomb(what: object) -> str:
    """The message for what unpacks to too much."""
    return f"{what} unpacks to over {MAX_UNPACKED} times its size; unpack it yourself and check it"


def signature(head: bytes) -> str:
    """The suffix that a file's first bytes call for, or nothing."""
    if head[257:262] == b"ustar":
        return ".tar"
    return next((suffix for start, suffix in SIGNATURES.items() if head.startswith(start)), "")


def is_text(head: bytes) -> bool:
    """Whether a file that begins so may be text."""
    return not re.search(rb"[\x00-\x08\x0e-\x1f]", head)


def start(stream: Stream) -> bytes:
    """The first bytes of a stream, which stays where it is."""
    head = b""
    while len(head) < HEAD and (more := stream.read(HEAD - len(head))):
        head += more
    stream.seek(0)
    return head


def unwrapped(stream: Stream, most: float, what: object, opened: ExitStack) -> Stream:
    """The stream itself, or what comes out of it where it is packed, however often; ``opened`` closes all."""
    for _ in range(MOST_LAYERS):
        packing = signature(start(stream))
        if packing not in PACKINGS:
            return stream
        stream = _Limited(opened.enter_context(_unpacker(packing, stream, what)), most, what)
    raise UserError(f"data: {what} is packed more than {MOST_LAYERS} times over; {UNPACK}")


def _unpacker(packing: str, stream: Stream, what: object) -> Any:
    if packing == ".gz":
        return gzip.GzipFile(fileobj=stream, mode="rb")
    if packing == ".xz":
        return lzma.LZMAFile(stream)
    if packing == ".bz2":
        return bz2.BZ2File(stream)
    try:
        return import_module("compression.zstd").ZstdFile(stream)  # of the standard library from Python 3.14 on
    except ImportError:
        raise UserError(f"data: {what} cannot be read as it is; {_ZSTD}") from None


@contextmanager
def opened(path: Path, inside: Sequence[str], what: object) -> Iterator[Stream]:
    """The unpacked bytes of a file on disk or, by the keys of the entries ``inside``, of one in its archives."""
    most = limit(path)
    with ExitStack() as stack:
        stream: Stream = unwrapped(stack.enter_context(path.open("rb")), most, what, stack)
        for key in inside:
            found = stack.enter_context(entries(stream, path, most))
            entry = next((entry for entry in found if entry.key == key), None)
            if entry is None:
                raise KeyError(f"there is no {key!r} in it any more")
            stream = unwrapped(stack.enter_context(entry.opened()), most, what, stack)
        yield stream


@contextmanager
def entries(stream: Stream, path: Path, most: float) -> Iterator[Iterator[Entry]]:
    """The files in an archive at ``path``, one after the other; UserError for a name or an entry that is not safe."""
    with ExitStack() as stack:
        if signature(start(stream)) == ".tar":
            yield _in_tar(stack.enter_context(tarfile.open(fileobj=stream, mode="r:")), stream, path, most)
            return
        if isinstance(stream, _Limited):  # a zip is read from its end, and to go back in what is packed is slow
            copy: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())
            with explained(tempfile.gettempdir()):
                shutil.copyfileobj(stream, copy)
            stream = copy
        yield _in_zip(stack.enter_context(zipfile.ZipFile(stream)), path, most)


def _in_tar(archive: tarfile.TarFile, stream: Stream, path: Path, most: float) -> Iterator[Entry]:
    @contextmanager
    def opened(entry: tarfile.TarInfo) -> Iterator[Stream]:
        content = archive.extractfile(entry)
        assert content is not None
        with content:
            yield _Limited(content, most, path)

    for entry in archive:
        name = _safe_name(path, entry.name, entry.issym() or entry.islnk())
        if entry.isfile():
            yield Entry(entry.name, name, entry.size, partial(opened, entry))
    # A tar ends in a block of zeros; the library does not miss it.
    stream.seek(archive.offset)
    if stream.read(tarfile.BLOCKSIZE) != tarfile.NUL * tarfile.BLOCKSIZE:
        raise tarfile.ReadError("it ends before its end mark")


def _in_zip(archive: zipfile.ZipFile, path: Path, most: float) -> Iterator[Entry]:
    @contextmanager
    def opened(entry: zipfile.ZipInfo) -> Iterator[Stream]:
        if entry.flag_bits & 1:
            raise UserError(f"data: {path} is encrypted; unpack it with its password and give the folder")
        if entry.compress_type not in WAYS:
            raise UserError(f"data: {entry.filename} in {path} is packed in a way not read here; {UNPACK}")
        with archive.open(entry) as content:
            yield _Limited(content, most, path)

    found = archive.infolist()
    if not all(entry.filename for entry in found):
        raise zipfile.BadZipFile("an entry without a name")
    for entry in found:
        if not entry.is_dir():
            name = _safe_name(path, entry.orig_filename, stat.S_ISLNK(entry.external_attr >> 16))
            yield Entry(entry.filename, name, entry.file_size, partial(opened, entry))


def _safe_name(path: Path, original: str, link: bool) -> str:
    """The entry's name with '/'; UserError where unpacking it could write outside a folder, or where it is a link."""
    name = original.replace("\\", "/")
    climbs = name.startswith("/") or ".." in name.split("/") or re.match(r"[A-Za-z]:", name)
    if climbs or re.search(r"[\x00-\x1f\x7f]", name) or not encodable(name):
        raise UserError(f"data: {path} holds the unsafe name {original!a}; unpack it yourself and check it")
    if link:
        raise UserError(f"data: {path} holds the link {name!r} in place of a file; unpack it yourself and check it")
    return PurePosixPath(name).as_posix()


def encodable(name: str) -> bool:
    """Whether a name is UTF-8."""
    return not re.search(r"[\ud800-\udfff]", name)
