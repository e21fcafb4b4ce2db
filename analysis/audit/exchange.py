"""Swap the names of two folders, in one system call where there is one, so that the target always exists."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

AT_FDCWD = -100
EXCHANGE = 2
"""RENAME_EXCHANGE of Linux's renameat2(2), and RENAME_SWAP of macOS' renamex_np(2)."""
UNABLE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}


def fresh_of(folder: Path) -> Path:
    """Where what is to replace ``folder`` is made."""
    return folder.with_name(f".{folder.name}.new")


def old_of(folder: Path) -> Path:
    """Where ``folder`` waits while another takes its place, on systems that cannot exchange names."""
    return folder.with_name(f".{folder.name}.old")


def put_in_place(folder: Path) -> None:
    """Let ``fresh_of(folder)`` become ``folder``; what stood there before is then at one of the other two names.

    A kill between two moves leaves it at ``old_of(folder)``. OSError where it cannot be done; then all is as it was.
    """
    fresh, old = fresh_of(folder), old_of(folder)
    if not folder.exists():
        fresh.rename(folder)
    elif not exchange(fresh, folder):
        folder.rename(old)
        try:
            fresh.rename(folder)
        except OSError:
            old.rename(folder)
            raise


def exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one move; False where the system or the file system cannot. OSError as in a rename."""
    if (call := _call()) is None:
        return False
    if call(os.fsencode(one), os.fsencode(other)) == 0:
        return True
    if (number := ctypes.get_errno()) in UNABLE:
        return False
    raise OSError(number, os.strerror(number), str(other))


def _call() -> Callable[[bytes, bytes], int] | None:
    library = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux" and (rename := getattr(library, "renameat2", None)):
        return lambda one, other: rename(AT_FDCWD, one, AT_FDCWD, other, EXCHANGE)
    if sys.platform == "darwin" and (rename := getattr(library, "renamex_np", None)):
        return lambda one, other: rename(one, other, EXCHANGE)
    return None
