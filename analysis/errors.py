"""Mistakes of the user's: one clear message, no traceback, exit code 2."""

from __future__ import annotations

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


def _report(error: UserError) -> int:
    print(f"flowpaper: {error}", file=sys.stderr)
    return 2
