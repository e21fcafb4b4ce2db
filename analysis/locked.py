"""Whether the libraries that are installed are the locked ones: other versions may give other numbers."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement

from analysis.errors import UserError

LOCK = Path("requirements.txt")
SHOWN = 5
"""So many libraries are named."""


def demand_locked(lock: Path = LOCK) -> None:
    """UserError naming each library whose version is not that of the ``lock``, with both versions.

    Lines of other platforms are passed over, by their environment markers (PEP 508).
    """
    wrong = []
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line[:1].isalnum():
            wanted = Requirement(line.rstrip(" \\"))
            if wanted.marker is None or wanted.marker.evaluate():
                found = _installed(wanted.name)
                if found is None or found not in wanted.specifier:
                    asked = str(wanted.specifier).removeprefix("==")
                    wrong.append(f"{wanted.name} is {found or 'not installed'}, {lock} has {asked}")
    if wrong:
        more = f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise UserError(
            f"the libraries here are not the locked ones: {'; '.join(wrong[:SHOWN])}{more}; start with 'make',"
            " which makes the environment anew where it must, or run 'python -m pip install --require-hashes -r"
            f" {lock}' in your own"
        )


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
