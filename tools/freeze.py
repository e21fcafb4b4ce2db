"""Freeze what decides the paper's second part: checksum and day of the default settings, to ``config/frozen.yaml``.

That is worth something only before a complete release is read; the file's history says when it was done.
"""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

from analysis.findings.frozen import checksum
from analysis.settings import Study


def frozen(day: datetime.date) -> str:
    """Text of config/frozen.yaml."""
    return (
        "# What decides the paper's second part, frozen before a complete release was first read.\n"
        "# Written by `make freeze`; analysis/findings/frozen.py says what the checksum is of.\n"
        f"date: {day}\nsha256: {checksum(Study())}\n"
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(frozen(datetime.date.today()), encoding="utf-8")
