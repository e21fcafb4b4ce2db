"""What went wrong in a build, from its failed steps and their logs: one message each, and what to do."""

from __future__ import annotations

import re
import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.printable import printable

LAST_LINES = 15
FULL = 1_000_000
"""A disk with less room than this, in bytes, is full."""
MEMORY = (
    "free some memory, let fewer steps run at once (make paper CORES=1), or lower train_rows and the trees of the"
    " forests in the settings"
)

UNDONE = "flowpaper: the build was stopped before it was done; run again: what was finished is kept (logs: {})"


@dataclass(frozen=True)
class Failed:
    """A step that failed: its name, its log, and the code that it ended with (128 + n for signal n), where known.

    Where a cluster ran it: what that says of its end, and the log of the job around the step.
    """

    name: str
    log: Path | None
    code: int | None
    reason: str = ""
    job: Path | None = None


def explain(logs: Path, since: float, failed: Sequence[Failed] = ()) -> str:
    """What to tell of the ``failed`` steps; where they are not known, of the logs written after ``since`` (Unix time).

    Of a log it is the user's mistake in one message, or else its last lines.
    """
    if failed:
        return printable("\n".join(dict.fromkeys(_of_step(step, logs) for step in failed)), keep="\n\t")
    recent = [path for path in sorted(logs.glob("*.log")) if path.stat().st_mtime >= since]
    found = [said for path in recent if (said := _of_log(path))]
    return printable("\n".join(found), keep="\n\t") or _full(logs) or UNDONE.format(logs)


def stopped(code: int) -> str | None:
    """Why a program ended that did not end by itself, and what to do; None for one that did.

    ``code`` is that of a shell (128 + n) or of subprocess (-n) for signal n.
    """
    number = -code if code < 0 else code - 128
    try:
        name = signal.Signals(number).name
    except ValueError:
        return None
    match name:
        case "SIGKILL":
            return f"was killed ({name}), most likely by the system, because memory ran out; {MEMORY}"
        case "SIGXFSZ":
            return f"was stopped ({name}): a file grew beyond the size that is allowed here; raise 'ulimit -f'"
        case "SIGSEGV" | "SIGBUS" | "SIGILL" | "SIGFPE" | "SIGABRT":
            return f"crashed ({name}), in a library, not by a mistake in the data; run again"
        case _:
            return f"was stopped from outside ({name}); run again: what was finished is kept"


def _of_step(step: Failed, logs: Path) -> str:
    said = _of_log(step.log) if step.log else ""
    if why := stopped(step.code or 0):
        return f"flowpaper: the step '{step.name}' {why}"
    if said.startswith("flowpaper: "):
        return said
    if "MemoryError" in said or "Unable to allocate" in said:
        return f"flowpaper: the step '{step.name}' found no more memory; {MEMORY}"
    if said:
        return f"the step '{step.name}' failed; the end of {said}"
    if step.reason or step.job:
        return _of_job(step)
    code = "" if step.code is None else f" with code {step.code}"
    return _full(logs) or f"the step '{step.name}' ended{code} and said nothing; its log is {step.log}"


def _of_job(step: Failed) -> str:
    """What is known of a step that ended on a cluster without a word of its own."""
    reason = " ".join(step.reason.split()) or "no reason is given"
    there = step.job is not None and step.job.is_file()
    lines = step.job.read_text(encoding="utf-8", errors="replace").splitlines() if step.job and there else []
    told = [line for line in lines if re.search(r"error|killed|fatal|flowpaper: ", line, re.IGNORECASE)][:LAST_LINES]
    if re.search(r"out.of.memory|memory limit", "\n".join([reason, *told]), re.IGNORECASE):
        reason += f" Give it more: --set-resources {step.name.split()[0]}:mem_mb=..., or in profiles/slurm/config.yaml."
    said = [f"its job said, in {step.job}:", *told] if told else []
    return "\n".join([f"flowpaper: the step '{step.name}' did not end by itself: {reason}", *said])


def _of_log(path: Path) -> str:
    if not path.is_file():
        return ""
    text = path.read_text(encoding="utf-8", errors="replace")
    _, mark, message = text.rpartition("flowpaper: ")
    if mark:
        return mark + message.rstrip()
    if "Traceback (most recent call last)" in text:
        return f"{path}:\n" + "\n".join(text.splitlines()[-LAST_LINES:])
    return ""


def _full(folder: Path) -> str:
    """The message of a full disk, where the disk of this folder is full."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if shutil.disk_usage(existing).free >= FULL:
        return ""
    return f"flowpaper: there is no room left on the disk of {folder}; make room, and run again"
