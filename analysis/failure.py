"""What went wrong in a build, from the logs of its steps: a mistake in one message, else the last lines."""

from __future__ import annotations

from pathlib import Path

LAST_LINES = 15


def explain(logs: Path, since: float) -> str:
    """Messages of the logs written after ``since`` (seconds since 1970) that end in an error."""
    found = []
    for path in sorted(logs.glob("*.log")):
        if path.stat().st_mtime >= since:
            text = path.read_text(encoding="utf-8", errors="replace")
            _, mark, message = text.rpartition("flowpaper: ")
            if mark:
                found.append(mark + message.rstrip())
            elif "Traceback (most recent call last)" in text:
                found.append(f"{path}:\n" + "\n".join(text.splitlines()[-LAST_LINES:]))
    return "\n".join(found) or f"a step was stopped; the logs are in {logs}"
