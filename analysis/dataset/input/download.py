"""A download on disk: what has come, what is known of it, and the file under its name when it is whole."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from analysis.errors import UserError
from analysis.record.files import read_json, write_json

CHUNK = 1 << 18
BY_HAND = "download the file in a browser and give its path"


class Dropped(Exception):
    """The transfer broke off and is worth another try."""


@dataclass
class State:
    """What is known of a file: ``size`` in bytes as soon as the server tells it, ``sha256`` once the file is whole."""

    url: str
    name: str
    validator: str | None = None
    size: int | None = None
    sha256: str | None = None


class Place:
    """Where what stands at one address is kept: ``<key>.json``, ``<key>.part`` and ``<key>/<file name>``."""

    def __init__(self, address: str, folder: Path) -> None:
        self.folder = folder
        self._key = hashlib.sha256(address.encode()).hexdigest()[:12]
        self._record, self.part = folder / f"{self._key}.json", folder / f"{self._key}.part"

    def file(self, state: State) -> Path:
        """The file, once it is whole."""
        return self.folder / self._key / state.name

    def note(self, state: State) -> None:
        """Keep what is known."""
        write_json(self._record, asdict(state), noted=False)

    def state(self) -> State | None:
        """What is known, where anything is."""
        try:
            return State(**read_json(self._record))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def whole(self) -> State | None:
        """The state, where the file was fetched before and still has its size."""
        state = self.state()
        if state and state.sha256 and self.file(state).is_file() and self.file(state).stat().st_size == state.size:
            return state
        return None

    def came(self) -> int:
        """Number of bytes that came so far."""
        return self.part.stat().st_size if self.part.is_file() else 0

    @contextmanager
    def alone(self, shown: str) -> Iterator[None]:
        """Hold the place for this process; the system frees it when the process ends, however it ends."""
        with self._record.with_suffix(".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UserError(f"{shown}: another process is fetching it; wait for it to end") from None
            yield

    def finish(self, state: State, shown: str) -> State:
        """Give what came its name and sum; UserError where it is no file of data, Dropped where it is cut off."""
        if not self.came():
            self.part.unlink(missing_ok=True)
            raise UserError(f"{shown}: the server sent an empty file; {BY_HAND}")
        with self.part.open("rb") as file:
            first = file.read(512).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
            if first.startswith((b"<!doctype", b"<html", b"{", b"[")):
                self.part.unlink()
                raise no_file(shown, "a web page" if first.startswith(b"<") else "JSON")
            if not _opens(self.part, first):
                self.part.unlink()
                raise Dropped("what came is a cut-off or damaged archive")
            file.seek(0)
            state.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        state.size = self.came()
        self.note(state)  # first, so that an end here is noticed and made good
        self.file(state).parent.mkdir(exist_ok=True)
        self.part.replace(self.file(state))
        return state


def no_file(shown: str, what: str) -> UserError:
    """The error for something else that came in place of the file."""
    hint = ", such as a login or a form" if what == "a web page" else ""
    return UserError(f"{shown}: {what} came in place of the file{hint}; {BY_HAND}")


def _opens(path: Path, first: bytes) -> bool:
    """Whether a zip has its directory and a gzip its end: a server need not have told the length."""
    try:
        if first.startswith(b"pk\x03\x04"):
            with zipfile.ZipFile(path):
                return True
        if first.startswith(b"\x1f\x8b"):
            with gzip.open(path) as file:
                while file.read(CHUNK):
                    pass
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error):
        return False
    return True
