"""Real builds of the quick study in a copy of the project: on the twin and, where they are at hand, on real rows."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.audit import reproduce

QUICK = ("--configfile", "config/quick.yaml")


class Project:
    """A copy of the project in which the workflow can be run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def snakemake(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the workflow; its output is text."""
        command = [sys.executable, "-m", "snakemake", *arguments]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, env={**os.environ, "PATH": path}, timeout=3600
        )
        if check and done.returncode:
            pytest.fail(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
        return done

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
def copy_project(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Project]:
    """Make a fresh copy of the project's files."""

    def copy() -> Project:
        # A space in the path, because users have them.
        return Project(reproduce.copy_project(tmp_path_factory.mktemp("a project "), root))

    return copy


@pytest.fixture(scope="session")
def project(copy_project: Callable[[], Project]) -> Project:
    """The copy in which both quick builds are made."""
    return copy_project()


@pytest.fixture(scope="session")
def twin(project: Project) -> Path:
    """Published results of the quick study on the twin."""
    project.snakemake("--cores", "2", *QUICK)
    return project.folder / "results" / "twin"


@pytest.fixture(scope="session")
def sample(project: Project, shared_data: Path) -> Path:
    """Published results of the quick study on the real sample."""
    data = shared_data / "cicids2017-sample-12k.csv"
    project.snakemake("--cores", "2", *QUICK, "--config", f"data={data}", "build=sample")
    return project.folder / "results" / "sample"


@pytest.fixture(params=["twin", "sample"])
def results(request: pytest.FixtureRequest) -> Path:
    """Each of the two builds."""
    return request.getfixturevalue(request.param)
