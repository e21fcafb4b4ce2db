"""Mistakes of the user's, and what the machine refuses: one clear message, no traceback, exit code 2."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from analysis.printable import printable

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}


class UserError(Exception):
    """What is wrong, in which file, row or key, and what to do; what does not show is escaped, but for line ends.

    Messages quote files, servers and settings, and what these hold must not move the cursor of a terminal.
    """

    def __init__(self, message: object) -> None:
        super().__init__(printable(message, keep="\n"))


@contextmanager
def explained(writing: object = "a result") -> Iterator[None]:
    """Turn a full disk or a missing right into a UserError; a file half written is removed by who writes it.

    ``writing`` is what is written, for errors that do not name the file.
    """
    try:
        yield
    except Exception as error:
        number, file = _fault(error)
        place = file or writing
        if number in NO_ROOM:
            raise UserError(f"{place}: no room left ({os.strerror(number)}); make room") from None
        if number in NOT_ALLOWED:
            raise UserError(f"{place}: {os.strerror(number)}; check the rights of the file and its folder") from None
        raise


def _fault(error: Exception) -> tuple[int, str]:
    """Number of the system's error (0: none) and the file, where it is told; Polars has the number in its message."""
    if isinstance(error, OSError):
        return error.errno or 0, str(error.filename or "")
    found = re.search(r"\(os error (\d+)\)", str(error))
    return int(found[1]) if found else 0, ""


def run(main: Callable[[], None]) -> None:
    """Run a step's ``main``; a UserError becomes its message on standard error and exit code 2."""
    try:
        with explained():
            main()
    except UserError as error:
        sys.exit(_report(error))
    except BrokenPipeError:
        # The reader of the output stopped reading (as in `... | head`); there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report(error: UserError) -> int:
    print(f"flowpaper: {error}", file=sys.stderr)
    return 2
