"""One process at a time works on a build."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

from analysis.errors import UserError


def lock(name: str) -> IO[str]:
    """Hold the build for this process; the system frees it when the process ends, however it ends.

    The file says which temporary folder the process before had. UserError where another process holds it. Snakemake's
    own lock outlives a kill, so it is switched off.
    """
    path = Path("build", name, ".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise UserError(f"another process is building {name!r}; wait for it, or choose another BUILD") from None
    file.seek(0)
    return file
