"""What a build says while it runs: steps done of all, which, time gone, time left by the earlier times of this build.

It stands in the place of Snakemake's own handler of log events, so nothing is piped and nothing waits in a buffer.
A step that failed is kept in ``failed`` for ``analysis.failure``.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TextIO

from snakemake_interface_logger_plugins.common import LogEvent

from analysis.failure import Failed
from analysis.printable import printable

STILL = 30.0
"""Seconds without a word after which it is said what is running."""
NOTHING = "Nothing to be done"
SAID = re.compile(rf"{NOTHING}|Cancelling|Terminating")
"""What else of Snakemake's own talk is of use to a reader."""
OF_A_STEP = re.compile(r"RuleException|CalledProcessError|At least one job did not complete|Exiting because a job")
"""What Snakemake says of a failed step, with its whole command line; ``failed`` has what matters of it."""
ENDED = re.compile(r"(?:returned non-zero exit status (\d+)|died with <Signals\.\w+: (\d+)>)")


class Progress(logging.Handler):
    """Handler of Snakemake's log events.

    ``planned`` gives the benchmark files of all steps of this run, ``cores`` how many run at once; ``nothing`` is
    called where there is nothing to do, for which Snakemake has no hook.
    """

    def __init__(
        self,
        planned: Callable[[], Iterable[str]],
        cores: int,
        stream: TextIO,
        color: bool = False,
        clock: Callable[[], float] = time.monotonic,
        nothing: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__()
        self.planned, self.cores, self.stream, self.color, self.clock = planned, max(cores, 1), stream, color, clock
        self.nothing = nothing
        self.failed: list[Failed] = []
        self._started = self._said = clock()
        self._earlier: dict[str, float] = {}
        self._running: dict[int, tuple[str, str, float]] = {}
        self._just: tuple[str, float] = ("", 0.0)
        self._done = (0.0, 0.0)  # seconds that finished steps took, now and earlier
        self._ended: list[tuple[str, int]] = []
        self._known = False
        self._closed = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        """Say what there is to say of one event."""
        told: dict[str, Any] = record.__dict__
        match told.get("event"):
            case LogEvent.RUN_INFO:
                self._plan()
            case LogEvent.JOB_INFO:
                name = " ".join([told["rule_name"], *map(str, dict(told["wildcards"] or {}).values())])
                self._running[told["jobid"]] = (name, str(told["benchmark"]), self.clock())
            case LogEvent.JOB_FINISHED:
                self._finish(told["job_id"])
            case LogEvent.PROGRESS:
                self._say(f"{told['done']:>3} of {told['total']}", f"{self._just[0]} ({span(self._just[1])})")
            case LogEvent.JOB_ERROR:
                self._fail(told)
            case LogEvent.SHELLCMD | LogEvent.JOB_STARTED | LogEvent.RESOURCES_INFO | LogEvent.WORKFLOW_STARTED:
                pass
            case _:
                text = record.getMessage()
                if text.startswith(NOTHING):
                    self.nothing()
                if found := ENDED.search(text):
                    self._ended.append((text, int(found[1] or 128 + int(found[2]))))
                elif SAID.search(text) or (record.levelno >= logging.WARNING and not OF_A_STEP.search(text)):
                    self._write(text.strip(), "31" if record.levelno >= logging.ERROR else "33")

    def watch(self) -> None:
        """Say from time to time what is running, until closed."""

        def still() -> None:
            while not self._closed.wait(1):
                self.still()

        threading.Thread(target=still, daemon=True).start()

    def still(self) -> None:
        """Say what is running where nothing was said for long."""
        with self.lock:  # type: ignore[union-attr]  # a handler has a lock once it is made
            if self._running and self.clock() - self._said >= STILL:
                self._say("   ...", "running: " + ", ".join(name for name, _, _ in self._running.values()))

    def close(self) -> None:
        """Say no more."""
        self._closed.set()
        super().close()

    def _plan(self) -> None:
        files = list(self.planned())
        for file in files:
            if (took := seconds(Path(file))) is not None:
                self._earlier[file] = took
        self._known = len(self._earlier) * 2 > len(files)
        left = f", {self._left()} by earlier times" if self._left() else ""
        self._write(f"{len(files)} steps to do{left}")

    def _finish(self, job: int) -> None:
        name, file, began = self._running.pop(job, ("", "", self.clock()))
        took = self.clock() - began
        self._just = (name, took)
        self.failed[:] = [step for step in self.failed if step.name != name]  # it was tried again, and did not
        if earlier := self._earlier.pop(file, None):
            self._done = (self._done[0] + took, self._done[1] + earlier)

    def _fail(self, told: dict[str, Any]) -> None:
        name, _, _ = self._running.pop(told["jobid"], (told["rule_name"], "", 0.0))
        command = str(told["shellcmd"] or "")
        code = next((code for text, code in self._ended if command and command in text), None)
        own, beside, *_ = [*map(Path, told["log"] or ()), None, None]
        self.failed.append(Failed(name, own, code, told.get("msg") or "", beside))
        self._write(f"failed: {name}", "31")

    def _left(self) -> str:
        """Time left, from the earlier times of the steps to come at the pace of those that are done."""
        if not self._earlier or not self._known:
            return ""
        now = self.clock()
        gone = {file: now - began for _, file, began in self._running.values()}
        pace = self._done[0] / self._done[1] if self._done[1] >= 1 else 1.0
        rest = [max(pace * took - gone.get(file, 0.0), 0.0) for file, took in self._earlier.items()]
        return f"about {span(max(sum(rest) / self.cores, *rest))} left"

    def _say(self, where: str, what: str) -> None:
        left = self._left()
        gone = f"{span(self.clock() - self._started)} gone" + (f", {left}" if left else "")
        self._write(f"{where}   {gone:<32} {what}", "32")

    def _write(self, line: str, color: str = "") -> None:
        self._said, line = self.clock(), printable(line, keep="\n\t")
        print(f"\033[{color}m{line}\033[0m" if self.color and color else line, file=self.stream, flush=True)


def span(seconds: float) -> str:
    """Seconds as one reads them: ``7 s``, ``1:02``, ``1:02:03``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes}:{rest:02}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def seconds(benchmark: Path) -> float | None:
    """Time that a step took, by its benchmark file; None where there is none that can be read."""
    try:
        return float(benchmark.read_text(encoding="utf-8").splitlines()[1].split("\t")[0])
    except (OSError, IndexError, ValueError):
        return None


def install(workflow: Any, logger: logging.Logger, nothing: Callable[[], None] = lambda: None) -> list[Failed]:
    """Put Progress in the place of Snakemake's handler, and return the list that failed steps will stand in.

    Who asks Snakemake for more than it says by itself (``--dry-run``, ``--verbose``, ``--printshellcmds``) or for
    less (``--quiet all``) gets its own words.
    """
    asked = workflow.output_settings
    other = asked.dryrun or asked.verbose or asked.printshellcmds or asked.debug_dag
    if other or "ALL" in {about.name for about in asked.quiet or ()}:
        return []
    for handler in list(logger.handlers):
        if handler.name == "DefaultStreamHandler":
            logger.removeHandler(handler)
            color = not getattr(handler, "nocolor", True) and not os.environ.get("NO_COLOR")
            cores = workflow.resource_settings.cores or os.cpu_count() or 1
            progress = Progress(lambda: _benchmarks(workflow), cores, sys.stderr, color, nothing=nothing)
            logger.addHandler(progress)
            progress.watch()
            return progress.failed
    return []


def _benchmarks(workflow: Any) -> list[str]:
    """Benchmark files of the steps that will run; a step without one is named by itself."""
    return [str(job.benchmark or job) for job in workflow.dag.needrun_jobs()]
