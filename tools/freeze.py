"""Freeze what decides the paper's second part: checksum and day of the default settings, to ``config/frozen.yaml``.

That is worth something only before a complete release is read; the file's history says when it was done.
"""

from __future__ import annotations

import datetime
from pathlib import Path

from analysis.command import run
from analysis.findings.frozen import checksum
from analysis.settings import Study


def frozen(day: datetime.date) -> str:
    """Text of config/frozen.yaml."""
    return (
        "# What decides the paper's second part, frozen before a complete release was first read.\n"
        "# Written by `make freeze`; analysis/findings/frozen.py says what the checksum is of.\n"
        f"date: {day}\nsha256: {checksum(Study())}\n"
    )


def step(path: Path, /) -> None:
    """Freeze what decides the paper's second part: checksum and day, to a file."""
    path.write_text(frozen(datetime.date.today()), encoding="utf-8")


if __name__ == "__main__":
    run(step)
