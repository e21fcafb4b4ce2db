"""Flows at an http(s) address."""

from __future__ import annotations

from pathlib import Path

DOWNLOADS = Path("build", "downloads")


def local(data: str, folder: Path) -> Path:
    """The path of the data on this machine."""
    return Path(data)
