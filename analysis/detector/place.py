"""Where a run writes to: never over what it reads from."""

from __future__ import annotations

from pathlib import Path

from analysis.errors import UserError


def place(out: Path, detector: Path, flows: str) -> Path:
    """``out``, which is a file in a folder that is there, none of the detector's, and not the flows; else UserError."""
    if out.is_dir() or not out.parent.is_dir():
        raise UserError(f"OUT={out}: no file in a folder that is there; name one")
    if out.exists() and not out.is_file():
        raise UserError(f"OUT={out}: this is a device or a pipe, and no file; name one, or - for standard output")
    target, read = out.resolve(), Path(flows).resolve()
    if target.is_relative_to(detector.resolve()):
        raise UserError(f"OUT={out}: this lies in the detector's folder; name another place")
    if target == read or (read.is_dir() and target.parent.is_relative_to(read)):
        raise UserError(f"OUT={out}: this is where the flows are read from; name another place")
    return out
