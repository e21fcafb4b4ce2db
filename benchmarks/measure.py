"""A whole process and all that it starts: wall time, CPU time and peak memory."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

EVERY = 0.2
"""Seconds between two looks at the memory."""


@dataclass(frozen=True)
class Spent:
    """Wall and CPU seconds of a process with its children, and the most memory in MB that all had at one time."""

    wall: float
    cpu: float
    memory: float


def spent(command: Sequence[str], folder: Path, log: Path) -> Spent:
    """Run a command in a folder with its output in ``log``; RuntimeError with the end of the log where it fails.

    Memory is the proportional set size, in which shared pages count once, looked at every 0.2 s; CPU is that
    of all processes which ended and were waited for, as the system counts it.
    """
    before, start, peak = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter(), 0.0
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT)
        done = threading.Event()

        def watch() -> None:
            nonlocal peak
            while not done.wait(EVERY):
                peak = max(peak, _memory(process.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            code = process.wait()
        finally:
            done.set()
            watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if code:
        end = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"{' '.join(command)} ended with {code}{os.linesep}{end}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(time.perf_counter() - start, cpu, peak / 2**20)


def _memory(pid: int) -> float:
    """Bytes of a process and of all below it; of one that ends meanwhile none."""
    total = 0.0
    with contextlib.suppress(psutil.Error):
        for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                total += process.memory_full_info().pss
    return total
