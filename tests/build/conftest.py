"""Real builds of the quick study in a copy of the project: on the twin and, where they are at hand, on real rows.

Tests only read them. What edits the project, damages a build or builds again does so in a copy of its own, ``trial``,
so that no test depends on others, and none has to make good what it changed.
"""

from __future__ import annotations

import lzma
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from analysis.audit import reproduce
from tests.build import warm

QUICK = ("--configfile", "config/quick.yaml")
FILE = "flows 流量 поток تدفق 😀.csv"
DONE = re.compile(r"^ *\d+ of \d+   .* gone.* {2}(\w+)(?: \S+)? \(.*\)$", re.MULTILINE)
"""What a build says of a finished step: its rule."""


class Project:
    """A copy of the project in which the workflow can be run."""

    def __init__(self, folder: Path, warm: Mapping[str, str]) -> None:
        self.folder = folder
        self.warm = warm

    def command(self, *arguments: str) -> dict[str, Any]:
        """What runs the workflow, as named arguments of subprocess."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        python = self.warm.get(warm.PYTHON, sys.executable)
        return {"args": [python, "-m", "snakemake", *arguments], "cwd": self.folder,
                "env": {**os.environ, **self.warm, "PATH": path}}  # fmt: skip

    def snakemake(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the workflow; its output is text."""
        done = subprocess.run(**self.command(*arguments), capture_output=True, text=True, timeout=3600)
        if check and done.returncode:
            pytest.fail(f"{' '.join(done.args)}\n{done.stdout}\n{done.stderr}")
        return done

    def run(self, *arguments: str) -> tuple[set[str], str]:
        """Run the workflow; the rules whose steps it made, and what it said."""
        done = self.snakemake("--cores", "2", *arguments)
        return set(DONE.findall(done.stderr)), done.stdout + done.stderr

    def planned(self, *arguments: str) -> dict[str, int]:
        """Rule name to number of jobs that a run would do now."""
        out = self.snakemake("--dry-run", "--quiet", "reason", "--cores", "2", *arguments)
        jobs: dict[str, int] = {}
        for line in (out.stdout + out.stderr).splitlines():
            name, _, count = line.partition(" ")
            if count.strip().isdigit() and name.isidentifier() and name != "total":
                jobs[name] = int(count)
        return jobs


@pytest.fixture(scope="session")
def warmed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Variables with which steps of a build need not load the large libraries: see ``warm.py``."""
    with warm.started(tmp_path_factory.mktemp("warm")) as variables:
        yield variables


@pytest.fixture(scope="session")
def copy_project(
    root: Path, tmp_path_factory: pytest.TempPathFactory, warmed: Mapping[str, str]
) -> Callable[[], Project]:
    """Make a fresh copy of the project's files."""

    def copy() -> Project:
        # A space in the path, because users have them.
        return Project(reproduce.copy_project(tmp_path_factory.mktemp("a project "), root), warmed)

    return copy


@pytest.fixture(scope="session")
def project(copy_project: Callable[[], Project]) -> Project:
    """The copy in which the quick build of the twin is made; see ``trial`` for one to be edited."""
    return copy_project()


@pytest.fixture(scope="session")
def twin(project: Project) -> Path:
    """Published results of the quick study on the twin."""
    project.snakemake("--cores", "2", *QUICK)
    return project.folder / "results" / "twin"


@pytest.fixture
def trial(project: Project, twin: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A copy of the project with the finished build of the twin, to be edited and built again."""
    folder = tmp_path_factory.mktemp("a trial ")
    shutil.copytree(project.folder, folder, symlinks=True, dirs_exist_ok=True)
    yield Project(folder, project.warm)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def sample(copy_project: Callable[[], Project], shared_data: Path) -> Path:
    """Published results of the quick study on the real sample; tests of it have ``sample`` in their ids' brackets."""
    project = copy_project()
    data = shared_data / "cicids2017-sample-12k.csv"
    project.snakemake("--cores", "2", *QUICK, "--config", f"data={data}", "build=sample")
    return project.folder / "results" / "sample"


@pytest.fixture(scope="session")
def untyped(copy_project: Callable[[], Project]) -> Path:
    """Published results of the quick study; the columns are in snake_case, the labels 0 and 1."""
    project = copy_project()
    command = [sys.executable, "-m", "analysis.twin", "--rows", "2000", "--seed", "1", "--flows", "source"]
    subprocess.run(command, cwd=project.folder, check=True, capture_output=True)
    parts = [path.read_text("latin-1").splitlines() for path in sorted((project.folder / "source").glob("*.csv"))]
    header = ",".join(re.sub(r"\W+", "_", name.strip().lower()) for name in parts[0][0].split(","))
    rows = [line.rpartition(",") for part in parts for line in part[1:]]
    text = [header, *(f"{cells},{int(label != 'BENIGN')}" for cells, _, label in rows)]
    folder = project.folder / "flows"
    folder.mkdir()
    (folder / f"{FILE}.gz").write_bytes(lzma.compress("\n".join(text).encode()))  # packed otherwise than its name says
    project.snakemake("--cores", "2", *QUICK, "--config", f"data={folder}", "build=untyped")
    return project.folder / "results/untyped"


@pytest.fixture(params=["twin", "sample"])
def results(request: pytest.FixtureRequest) -> Path:
    """Each of the two builds, or that which a test names."""
    return request.getfixturevalue(request.param)
