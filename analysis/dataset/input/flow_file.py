"""One file of flows, plain, packed or in an archive: its bytes piece by piece, unpacked and counted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

from analysis.dataset.input.packed import ADVICE, CHUNK, DAMAGED, PACKINGS, PARQUET, UNPACK, opened, signature
from analysis.errors import UserError
from analysis.printable import printable

Kind = Literal["csv", "parquet"]


@dataclass(frozen=True)
class FlowFile:
    """One file of flows: on disk or, by the entries that lead to it, ``inside`` an archive and those in it.

    ``label`` is the label of all its flows, where its folder says it and its columns do not.
    """

    name: str
    path: Path
    inside: tuple[str, ...] = ()
    kind: Kind = "csv"
    label: str | None = None

    def __str__(self) -> str:
        return printable(":".join([str(self.path), *self.inside]))

    @property
    def on_disk(self) -> bool:
        """Whether the file stands on disk as it is, neither packed nor inside an archive."""
        if self.inside or not self.path.is_file():
            return False
        with self.path.open("rb") as file:
            return signature(file.read(6)) not in PACKINGS

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
        read, last = 0, b""
        try:
            with opened(self.path, self.inside, self) as stream:
                while chunk := stream.read(CHUNK):
                    if not read:
                        self._check_kind(chunk)
                    read, last = read + len(chunk), last[-4:] + chunk[-4:]
                    yield chunk
        except DAMAGED as error:
            raise UserError(damaged(self, error)) from None
        except OSError as error:
            raise UserError(unreadable(self, error)) from None
        if not read:
            self._check_kind(b"")
        elif self.kind == "parquet" and (not last.endswith(PARQUET) or read < 12):
            raise UserError(f"{self}: the Parquet file is damaged or cut off; fetch it again")

    def _check_kind(self, start: bytes) -> None:
        suffix = signature(start)
        if self.kind == "parquet":
            if suffix != ".parquet":
                raise UserError(f"{self}: this is no Parquet file in spite of its name; fetch it again")
        elif suffix:
            raise UserError(f"{self}: this is no CSV but looks like a {suffix} file; {ADVICE.get(suffix, UNPACK)}")


def damaged(what: object, error: Exception) -> str:
    """The message for what the library cannot make sense of."""
    return f"{what}: the file is damaged or cut off ({error}); fetch it again"


def unreadable(what: object, error: OSError) -> str:
    """The message for what the system does not let us read."""
    # Some readers of packed files say so that the bytes are no such file.
    if error.errno is None:
        return damaged(what, error)
    reason = error.strerror or os.strerror(error.errno)
    return f"{printable(what)} cannot be read ({reason}); check the file and its permissions"
