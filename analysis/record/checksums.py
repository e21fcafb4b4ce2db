"""Checksums of what the workflow keeps: noted when a file is written, compared whenever it is read.

The checksum of ``tables/ks.json`` stands in ``tables/.checksums/ks.json``. A file without one (a user's, or the
project's own) is read as it is; in a build's cache such a file is not believed (``analysis.upkeep``).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import xxhash

from analysis.errors import UserError

FOLDER = ".checksums"
CHUNK = 1 << 20


def checksum(path: Path) -> str:
    """XXH3 (128 bits, hexadecimal) of a file's bytes; of a folder, over names and bytes of all files not hidden."""
    sums = xxhash.xxh3_128()
    if path.is_dir():
        for part in sorted(part for part in path.rglob("[!.]*") if part.is_file()):
            sums.update(f"{part.relative_to(path).as_posix()} {checksum(part)}\n".encode())
        return sums.hexdigest()
    buffer = memoryview(bytearray(CHUNK))
    with path.open("rb", buffering=0) as file:
        while read := file.readinto(buffer):
            sums.update(buffer[:read])
    return sums.hexdigest()


def key(*parts: Any) -> str:
    """Checksum over all that a result depends on, given as JSON."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, allow_nan=False)
    return xxhash.xxh3_128_hexdigest(text.encode())


def beside(path: Path) -> Path:
    """Where the checksum of ``path`` is noted."""
    return path.parent / FOLDER / path.name


def note(path: Path, made: Path | None = None) -> None:
    """Note the checksum of ``made``, which is about to be renamed to ``path`` (default: is there already).

    It is noted before the new name is given: a kill between the two leaves a file that differs, never one that is
    believed.
    """
    noted = beside(path)
    noted.parent.mkdir(exist_ok=True)
    noted.write_text(checksum(made or path), encoding="ascii")


def noted(path: Path) -> str | None:
    """The checksum noted for ``path``; None where there is none."""
    try:
        return beside(path).read_text(encoding="ascii")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError:
        return ""  # the note itself is damaged


def checked(path: Path) -> Path:
    """``path`` itself, after a look at its bytes; UserError where they are not those that were written there."""
    state = path.stat()
    _check(path, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
    return path


@cache
def _check(path: Path, *_: int) -> None:
    """Once in a process for one state of the file: a step may read a table feature by feature."""
    expected = noted(path)
    if expected is not None and checksum(path) != expected:
        raise damaged(path)


def read(path: Path) -> bytes:
    """The bytes of a file; UserError as in :func:`checked`."""
    content, expected = path.read_bytes(), noted(path)
    if expected is not None and xxhash.xxh3_128_hexdigest(content) != expected:
        raise damaged(path)
    return content


def damaged(path: Path) -> UserError:
    """The message for a file that is not what was written there."""
    return UserError(f"{path}: not what was written there (its checksum differs); build again, and it is made anew")
