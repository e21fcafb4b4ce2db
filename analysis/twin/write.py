"""Generates the synthetic twin: day files laid out like a release of CICIDS2017, drawn from a file of statistics."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from analysis.dataset.input.source import TWIN_MARK
from analysis.dataset.release import load
from analysis.errors import UserError
from analysis.record import write_json
from analysis.twin import behaviours
from analysis.twin.behaviours import ClassSource, Drawer
from analysis.twin.forms import FORMS, Form, form
from analysis.twin.generator import Generator, Twin

PARAMETERS = Path(__file__).with_name("parameters.npz")
ROWS, FLOOR, SEED = 56_615, 20, 20_170_703
"""Size, least flows of a class and seed where the command line gives none: as in the settings of a study."""
ALONE = 500_000
"""Up to this many flows one process is quicker than starting more."""
SPARE = 100_000_000
"""Bytes that have to be free on the disk beyond what the flows need."""


def classes() -> tuple[ClassSource, ...]:
    """How each class of the twin was calibrated: source, number of real rows, calibrated or sketched, clusters."""
    return tuple(behaviours.load(PARAMETERS).classes)


@cache
def generator() -> Generator:
    """The generator that the parameter file describes."""
    found, release = behaviours.load(PARAMETERS), load("original")
    return Generator(
        {source.label: Drawer(clusters) for source, clusters in found.classes.items()},
        found.avoid,
        {source.label: source.repeats for source in found.classes},
        release.benign,
        release.constant,
        release.features,
    )


def twin(rows: int = ROWS, floor: int = FLOOR, seed: int = SEED, into: str | Form = "original") -> Twin:
    """A twin of ``rows`` flows, each class with at least ``floor`` (or its published count, if smaller)."""
    return Twin(generator(), form(into) if isinstance(into, str) else into, rows, floor, seed)


def write(
    out: Path, rows: int, floor: int, seed: int, into: str = "original", processes: int | None = None,
    progress: bool = False,
) -> None:  # fmt: skip
    """Write the day files into the folder ``out``, which appears when it is complete and replaces an earlier twin.

    UserError where ``out`` holds anything else, where the disk is too small, or where the numbers do not fit.
    """
    made = twin(rows, floor, seed, into)
    made.counts  # noqa: B018 (refuses impossible numbers before anything is written)
    _refuse(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _demand_space(out.parent, rows * made.form.bytes_a_row + SPARE)
        temporary = out.with_name(f".{out.name}.{os.getpid()}")
        temporary.mkdir()
    except OSError as error:
        raise UserError(f"twin: {out} cannot be written ({error.strerror}); choose another folder") from None
    try:
        _write_files(temporary, made, processes or len(os.sched_getaffinity(0)), progress)
        write_json(temporary / TWIN_MARK, _mark(made), noted=False)
        shutil.rmtree(out, ignore_errors=True)
        temporary.rename(out)
    except KeyboardInterrupt:
        raise UserError(f"twin: stopped before {out} was complete; nothing was left behind") from None
    except BrokenExecutor:
        raise UserError("twin: a process was ended from outside, as happens where memory is short; try again") from None
    except OSError as error:
        what = "the disk is full" if error.errno == errno.ENOSPC else error.strerror
        raise UserError(f"twin: {out} could not be written: {what}; nothing was left behind") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _refuse(out: Path) -> None:
    """UserError unless ``out`` is new, empty, or an earlier twin and nothing else."""
    if not out.exists():
        return
    if not out.is_dir():
        raise UserError(f"twin: {out} is a file; OUT is the folder to write to")
    names = {path.name for path in out.iterdir()}
    known = {file.name for name in FORMS for file in load(name).files} | {TWIN_MARK}
    if names and (TWIN_MARK not in names or names - known):
        raise UserError(f"twin: the folder {out} holds other files; choose a new one, or empty it yourself")


def _demand_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise UserError(
            f"twin: {folder} has {free / 1e9:.1f} GB free, these flows need about {needed / 1e9:.1f} GB; "
            "make room, choose another folder, or ask for fewer rows"
        )


def _mark(made: Twin) -> dict[str, object]:
    """What stands beside the flows, so that nobody takes them for real ones."""
    return {
        "synthetic": "These flows were drawn from statistics of CICIDS2017. They are no measurement of a network.",
        "form": made.form.release.title,
        "rows": made.rows,
        "floor": made.floor,
        "seed": made.seed,
    }


def _write_files(folder: Path, made: Twin, processes: int, progress: bool) -> None:
    started, done = time.monotonic(), 0
    for file, number, rows, text in _texts(made, processes if made.rows > ALONE else 1):
        with (folder / file).open("wb" if number == 0 else "ab") as target:
            target.write(text)
        done += rows
        if progress:
            rate = done / (time.monotonic() - started)
            print(f"\r{done:,} of {made.rows:,} flows, {rate:,.0f} a second   ", end="", file=sys.stderr, flush=True)
    if progress:
        print(file=sys.stderr)


def _texts(made: Twin, processes: int) -> Iterator[tuple[str, int, int, bytes]]:
    """File, number, rows and text of every block, in order, whatever the number of processes.

    At most twice as many blocks as processes are under way or waiting, so memory does not grow with the size.
    """
    task = (made.form.name, made.rows, made.floor, made.seed)
    if processes == 1:
        for file, number in made.jobs():
            yield file, number, *_text(task, file, number)
        return
    # Started afresh rather than forked: a fork of a process in which Polars has run may hang.
    # An interrupt is for this process alone to answer.
    pool = ProcessPoolExecutor(
        processes, get_context("spawn"), initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)
    )
    waiting: deque[tuple[str, int, Future[tuple[int, bytes]]]] = deque()
    try:
        for file, number in made.jobs():
            waiting.append((file, number, pool.submit(_text, task, file, number)))
            if len(waiting) >= 2 * processes:
                yield _result(waiting)
        while waiting:
            yield _result(waiting)
    finally:
        pool.shutdown(cancel_futures=True)


def _result(waiting: deque[tuple[str, int, Future[tuple[int, bytes]]]]) -> tuple[str, int, int, bytes]:
    file, number, future = waiting.popleft()
    return file, number, *future.result()


def _text(task: tuple[str, int, int, int], file: str, number: int) -> tuple[int, bytes]:
    """Number of flows and CSV text of one block."""
    made = _twin_of(task)
    block = made.block(file, number)
    return block.height, block.write_csv(include_header=number == 0).encode(made.form.encoding)


@cache
def _twin_of(task: tuple[str, int, int, int]) -> Twin:
    into, rows, floor, seed = task
    return twin(rows, floor, seed, into)
