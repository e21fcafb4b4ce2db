"""The state of the project's own files: which commit, and whether anything was changed since."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[1]
OURS = ("Snakefile", "analysis", "config", "figures", "paper", "pyproject.toml", "requirements.txt")
"""What results depend on; flows or notes that lie beside it change nothing."""
NO_COMMIT = "git knows no commit of these files"
TOLD = ".commit.json"
"""In a copy of a checkout, which git does not know: the commit that it is a copy of, and whether that was clean."""


def checkout(project: Path = PROJECT) -> dict[str, Any]:
    """``commit``, whether the tree is ``clean``, and the ``reason`` where this is not known (then both are None)."""
    try:
        if Path(_git(project, "rev-parse", "--show-toplevel")).resolve() != project.resolve():
            return _told(project)
        commit = _git(project, "rev-parse", "HEAD")
        return {"commit": commit, "clean": not _git(project, "status", "--porcelain", "--", *OURS), "reason": None}
    except FileNotFoundError:
        return _unknown("git is not installed")
    except subprocess.CalledProcessError:
        return _told(project)


def _told(project: Path) -> dict[str, Any]:
    path = project / TOLD
    if not path.is_file():
        return _unknown(NO_COMMIT)
    told = json.loads(path.read_text(encoding="utf-8"))
    return {"commit": told["commit"], "clean": told["clean"], "reason": None}


def _git(project: Path, *arguments: str) -> str:
    # Without locks, so that a look at the tree never disturbs another use of it.
    command = ["git", "--no-optional-locks", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=True).stdout.strip()


def _unknown(reason: str) -> dict[str, Any]:
    return {"commit": None, "clean": None, "reason": reason}
