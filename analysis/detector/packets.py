"""Captures of packets, which are refused: nothing that could meter them makes the columns of a release."""

from __future__ import annotations

from pathlib import Path

from analysis.errors import UserError

CAPTURES = tuple(map(bytes.fromhex, ("d4c3b2a1", "a1b2c3d4", "4d3cb2a1", "a1b23c4d", "0a0d0d0a")))
"""How captures of packets begin: libpcap's form in either order of bytes, with micro- or nanoseconds, and pcapng."""


def refuse_packets(path: Path, name: str) -> None:
    """UserError where the file at ``path``, which the user calls ``name``, is a capture."""
    if path.is_file():
        with path.open("rb") as file:
            packets = file.read(4) in CAPTURES
        if packets:
            raise UserError(
                f"{name}: this is a capture of packets, and a detector reads flows; no meter of Python's registry "
                "makes the release's columns of packets (docs/detector.md says how far they differ); meter it with "
                "CICFlowMeter, which the release was made with, and give the CSV"
            )
