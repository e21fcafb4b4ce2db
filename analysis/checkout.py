"""The state of the project's own files: which commit, and whether anything was changed since."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[1]
OURS = ("Snakefile", "analysis", "config", "figures", "paper", "pyproject.toml", "requirements.txt")
"""What results depend on; flows or notes that lie beside it change nothing."""
NO_COMMIT = "git knows no commit of these files"


def checkout(project: Path = PROJECT) -> dict[str, Any]:
    """``commit``, whether the tree is ``clean``, and the ``reason`` where this is not known (then both are None)."""
    try:
        if Path(_git(project, "rev-parse", "--show-toplevel")).resolve() != project.resolve():
            return _unknown(NO_COMMIT)
        commit = _git(project, "rev-parse", "HEAD")
        return {"commit": commit, "clean": not _git(project, "status", "--porcelain", "--", *OURS), "reason": None}
    except FileNotFoundError:
        return _unknown("git is not installed")
    except subprocess.CalledProcessError:
        return _unknown(NO_COMMIT)


def _git(project: Path, *arguments: str) -> str:
    # Without locks, so that a look at the tree never disturbs another use of it.
    command = ["git", "--no-optional-locks", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=True).stdout.strip()


def _unknown(reason: str) -> dict[str, Any]:
    return {"commit": None, "clean": None, "reason": reason}
