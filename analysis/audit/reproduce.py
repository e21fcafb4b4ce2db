"""Build the twin twice, in two folders with different ``--cores``, and compare every file byte by byte.

``python -m analysis.audit.reproduce``: exit code 0 where all are the same, 1 where one is not, 2 where it cannot tell.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from analysis.audit.identical import Difference, differences, files_of
from analysis.command import run
from analysis.errors import UserError

PROJECT = Path(__file__).parents[2]
NAME = "twin"
# Names of different lengths, one with spaces: a path that leaks into a result shows.
FOLDERS = ("first", "a second copy with a longer name")
NOT_OURS = {".git", ".venv", ".snakemake", "build", "results", "downloads", "data", "__pycache__"}


def copy_project(folder: Path, project: Path = PROJECT) -> Path:
    """Copy the project's own files, what git knows or would add, into ``folder``."""
    for name in own_files(project):
        if (project / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(project / name, folder / name)
    return folder


def own_files(project: Path = PROJECT) -> Iterable[str]:
    """The project's own files, what git knows or would add, by their paths in the project."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True).stdout
        return filter(None, listed.split("\0"))
    except (OSError, subprocess.CalledProcessError):
        # An archive of the project, without git.
        paths = (path.relative_to(project) for path in project.rglob("*"))
        return [path.as_posix() for path in paths if not NOT_OURS & set(path.parts)]


def build(folder: Path, cores: int, configfile: Path | None, config: Mapping[str, str] | None = None) -> None:
    """Build in the copy ``folder``, by default the twin; UserError with the end of what was said where that fails.

    ``config`` are single settings, as on a command line.
    """
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores)]
    command += ["--configfile", str(configfile.resolve())] if configfile else []
    command += ["--config", *(f"{key}={text}" for key, text in config.items())] if config else []
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=os.environ | {"PATH": path})
    if done.returncode:
        raise UserError("a build failed, so there is nothing to compare:\n" + done.stderr.strip()[-2000:])


def report_differences(found: list[Difference], compared: int) -> str:
    """What is said in the end: that all is the same, or every name that differs and where the first one does."""
    if not found:
        return f"identical: all {compared} files of both builds are the same, byte by byte"
    lines = [f"not identical: {len(found)} of {compared} files differ", f"first: {found[0]}", "all:"]
    return "\n".join([*lines, *(f"  {one.file}" for one in found)])


def step(*, configfile: Path | None = None) -> None:
    """Build twice, with one core and with more, and compare every file; the exit code is 1 where one differs.

    ``configfile`` holds settings other than those of config/study.yaml.
    """
    if configfile and not configfile.is_file():
        raise UserError(f"there is no file {configfile}")
    top = Path(tempfile.mkdtemp(prefix="flowpaper-"))
    found: list[Difference] | None = None
    try:
        for folder, cores in zip(FOLDERS, (1, max(2, os.cpu_count() or 2)), strict=True):
            started = time.monotonic()
            copy_project(top / folder)
            build(top / folder, cores, configfile)
            print(
                f"built with {cores} core{'s' if cores > 1 else ''} in {time.monotonic() - started:.0f} s", flush=True
            )
        first, second = (files_of(top / folder, NAME) for folder in FOLDERS)
        found = differences(first, second)
        print(report_differences(found, len(first.keys() | second.keys())))
    finally:
        if found:
            print(f"both builds are kept in {top}")
        else:
            shutil.rmtree(top, ignore_errors=True)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    run(step)
