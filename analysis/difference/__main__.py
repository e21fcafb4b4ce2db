"""Tell what differs between two builds: ``python -m analysis.difference A B``, as a page and as a review comment.

A and B are folders of results or names of builds. Exit code 0: no claim or verdict flipped, 1: one did, 2: the builds
cannot be compared.
"""

from __future__ import annotations

import re
import sys
import traceback
from pathlib import Path

from analysis.command import run
from analysis.difference.markdown import markdown
from analysis.difference.page import page
from analysis.difference.read import read_both
from analysis.difference.report import compared
from analysis.errors import UserError
from analysis.record.files import write_atomically

FOLDER = Path("differences")


def step(first: str, second: str, /, *, out: Path | None = None) -> None:
    """Write diff.html and diff.md about two builds, given by their folders of results or their names.

    ``out`` is the folder to write to (default: ``differences/A-B``). The exit code is 1 where a claim or verdict
    flipped.
    """
    one, other = read_both(first, second)
    folder = out or FOLDER / re.sub(r"[^\w.()-]+", "-", f"{one.name}-{other.name}")
    _demand_place(folder)
    report = compared(one, other)
    texts = {"diff.html": page(report), "diff.md": markdown(report)}
    for name, text in texts.items():
        with write_atomically(folder / name, noted=False) as temporary:
            temporary.write_text(text, encoding="utf-8")
    print(f"{report.summary}\nwritten: {', '.join((folder / name).as_posix() for name in texts)}")
    sys.exit(1 if report.flips else 0)


def _demand_place(folder: Path) -> None:
    """UserError where the reports would change a build, or have no folder to stand in."""
    if (folder / "build.json").exists():
        raise UserError(f"{folder}: holds a build, which must stay as it was published; give OUT another folder")
    if other := next((place for place in (folder, *folder.parents) if place.exists() and not place.is_dir()), None):
        raise UserError(f"{folder}: {other} is no folder; give OUT another one")


if __name__ == "__main__":
    try:
        run(step)
    except Exception:
        # Left alone Python would end with 1, which says that something flipped.
        traceback.print_exc()
        sys.exit(2)
