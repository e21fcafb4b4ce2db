"""Mistakes of the user's: one clear message, no traceback, exit code 2."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable


class UserError(Exception):
    """What is wrong, in which file, row or key, and what to do."""


def run(main: Callable[[], None]) -> None:
    """Run a step's ``main``; a UserError becomes its message on standard error and exit code 2."""
    try:
        main()
    except UserError as error:
        sys.exit(_report(error))
    except BrokenPipeError:
        # The reader of the output stopped reading (as in `... | head`); there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report(error: UserError) -> int:
    print(f"flowpaper: {error}", file=sys.stderr)
    return 2
