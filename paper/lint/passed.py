"""What passed a check once is not checked again while nothing that the check reads has changed.

Reading the whole manuscript takes seconds, and a build in which there is nothing to do should not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analysis.record import checksums, write_json
from analysis.sources import sources

NOTE = Path("build/.passed.json")
"""Checksums by check: of all that it read when it last passed."""


def state(*more: Any) -> str:
    """Checksum of all that a check of the manuscript reads: the folder ``paper``, its code, and ``more`` (as JSON)."""
    files = {*sources("paper.lint.check", "figures.catalogue"), *map(str, Path("figures").glob("*.py"))}
    files |= {str(path) for path in Path("paper").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    return checksums.key({path: checksums.checksum(Path(path)) for path in files}, *more)


def unless_passed(name: str, now: str, check: Callable[[], None], *, remember: bool) -> None:
    """Run the check called ``name`` unless it passed in the state ``now``; what it raises goes on to the caller.

    With ``remember`` it is noted that it passed; who only looks writes nothing.
    """
    if _passed().get(name) == now:
        return
    check()
    if remember:
        write_json(NOTE, _passed() | {name: now}, noted=False)


def _passed() -> dict[str, Any]:
    try:
        known = json.loads(NOTE.read_bytes())
    except (FileNotFoundError, ValueError):  # there is none yet, or it is damaged: then all is checked
        return {}
    return known if isinstance(known, dict) else {}
