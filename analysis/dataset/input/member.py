"""One file of flows, plain, gzipped or in a zip: its bytes piece by piece, unpacked and counted."""

from __future__ import annotations

import gzip
import math
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Literal

from analysis.errors import UserError

MAX_UNPACKED = 100
"""A zip or gzip that unpacks to more than this many times its size is taken for a bomb ..."""
EXEMPT = 1_000_000
"""... unless it unpacks to fewer bytes than these."""
CHUNK = 1 << 20

Kind = Literal["csv", "parquet"]
GZIP, ZIP, PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"

UNPACK = "unpack it and give the folder"
_EXPORT = "export it as CSV, with commas and decimal points"
_PACKETS = "it holds packets; make flows of them with CICFlowMeter and give its CSV files"
ADVICE = {
    **dict.fromkeys((".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz", ".zst"), UNPACK),
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
DAMAGED = (
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
    """One file of flows: on disk, or ``inside`` a zip; ``label`` is that of all its flows where its folder says so."""

    name: str
    path: Path
    inside: str | None = None
    kind: Kind = "csv"
    label: str | None = None

    def __str__(self) -> str:
        return f"{self.path}:{self.inside}" if self.inside else str(self.path)

    @property
    def on_disk(self) -> bool:
        """Whether the file stands on disk as it is, neither packed nor inside a zip."""
        if self.inside is not None or not self.path.is_file():
            return False
        with self.path.open("rb") as file:
            return file.read(len(GZIP)) != GZIP

    def read(self) -> bytes:
        """All bytes of the file, unpacked; UserError as in :meth:`chunks`."""
        content = BytesIO()  # hands its buffer over without a copy, unlike a list of chunks
        for chunk in self.chunks():
            content.write(chunk)
        return content.getvalue()

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the file, unpacked; UserError where it cannot be read, is damaged, or is not of its kind.

        They are counted while they are read, because headers of archives lie.
        """
        try:
            with ExitStack() as opened:
                stream, most = self._open(opened)
                read, last = 0, b""
                while chunk := stream.read(CHUNK):
                    if not read:
                        self._check_kind(chunk)
                    read, last = read + len(chunk), last[-4:] + chunk[-4:]
                    if read > most:
                        raise UserError(bomb(self))
                    yield chunk
        except DAMAGED as error:
            raise UserError(f"{self}: the file is damaged or cut off ({error}); fetch it again") from None
        except OSError as error:
            raise UserError(unreadable(self, error)) from None
        if not read:
            self._check_kind(b"")
        elif self.kind == "parquet" and (not last.endswith(PARQUET) or read < 12):
            raise UserError(f"{self}: the Parquet file is damaged or cut off; fetch it again")

    def _open(self, opened: ExitStack) -> tuple[IO[bytes] | gzip.GzipFile, float]:
        """The unpacked stream, and how many bytes it may have in view of what it takes on disk."""
        if self.inside is None:
            size = self.path.stat().st_size
            file: IO[bytes] | gzip.GzipFile = opened.enter_context(self.path.open("rb"))
        else:
            archive = opened.enter_context(zipfile.ZipFile(self.path))
            size = archive.getinfo(self.inside).compress_size
            file = opened.enter_context(archive.open(self.inside))
        packed = file.read(len(GZIP)) == GZIP
        file.seek(0)
        if packed:
            size = self.path.stat().st_size
            file = opened.enter_context(gzip.GzipFile(fileobj=file))
        elif is_gz(self.inside or self.path.name):
            raise UserError(f"{self}: the file is damaged, or no gzip file in spite of its name; fetch it again")
        elif self.inside is None:
            return file, math.inf
        return file, max(EXEMPT, MAX_UNPACKED * size)

    def _check_kind(self, start: bytes) -> None:
        suffix = signature(start[:4])
        if self.kind == "parquet":
            if suffix != ".parquet":
                raise UserError(f"{self}: this is no Parquet file in spite of its name; fetch it again")
        elif suffix == ".parquet":
            raise UserError(f"{self}: this is a Parquet file in spite of its name; name it .parquet")
        elif suffix:
            raise UserError(f"{self}: this is no CSV but looks like a {suffix} file; {ADVICE.get(suffix, UNPACK)}")


def signature(head: bytes) -> str:
    """The suffix that a file's first four bytes call for, or nothing."""
    return next((suffix for start, suffix in SIGNATURES.items() if head.startswith(start)), "")


def is_gz(name: str) -> bool:
    """Whether a file is gzipped by its name."""
    return name.lower().endswith(".gz")


def bomb(what: object) -> str:
    """The message for what unpacks to too much."""
    return f"{what} unpacks to over {MAX_UNPACKED} times its size; unpack it yourself and check it"


def unreadable(what: object, error: OSError) -> str:
    """The message for what the system does not let us read."""
    reason = error.strerror or (os.strerror(error.errno) if error.errno else str(error))
    return f"{what} cannot be read ({reason}); check the file and its permissions"
