"""The workflow on a real Slurm: the same bytes as here, and right in the end whatever fails on the way."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from analysis.audit.identical import differences, files_of
from analysis.audit.reproduce import copy_project
from tests.build.conftest import QUICK, Project
from tests.long.cluster import Cluster, why_not

pytestmark = pytest.mark.skipif(bool(why_not()), reason=str(why_not()))
SLURM = ("--profile", "profiles/slurm", "--slurm-status-command", "squeue",
         "--slurm-init-seconds-before-status-checks", "2", "--seconds-between-status-checks", "2")  # fmt: skip
CLEAN = "build/twin/data/clean.parquet"


@pytest.fixture
def cluster(tmp_path_factory):
    """A running Slurm; stopped in the end."""
    if not importlib.util.find_spec("snakemake_executor_plugin_slurm"):
        lock = ["-m", "pip", "install", "--quiet", "--require-hashes", "-r", "requirements-slurm.txt"]
        subprocess.run([sys.executable, *lock], check=True)
    one = Cluster(tmp_path_factory.mktemp("slurm"))
    try:
        one.start()
        yield one
    finally:
        one.stop()


@pytest.fixture
def project(root, tmp_path):
    """A copy of the project in which nothing was built."""
    return Project(copy_project(tmp_path / "elsewhere", root), warm={})


@pytest.fixture
def begin(cluster, project):
    """Starts a call of the workflow that goes on while the test does something to the cluster."""
    calls = []

    def call(*arguments):
        command = project.command(*SLURM, *QUICK, *arguments)
        calls.append(subprocess.Popen(**command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        return calls[-1]

    yield call
    for one in calls:
        one.kill()


def ended(process):
    """What a call said that must have ended well."""
    said, _ = process.communicate(timeout=3600)
    assert process.returncode == 0, said
    return said


def test_a_build_on_the_cluster_is_the_local_one_byte_for_byte(cluster, project, begin, root, tmp_path):
    here = Project(copy_project(tmp_path / "here", root), warm={})
    here.snakemake("--cores", "2", *QUICK)
    said = ended(begin())
    assert "results/twin/paper.html" in said
    first, second = (files_of(one.folder, "twin") for one in (here, project))
    assert not differences(first, second)
    assert len(cluster.states()) > 30, "steps were jobs"
    assert set(cluster.states()) == {"COMPLETED"}


def test_a_daemon_that_dies_with_a_job_and_a_controller_that_starts_again_cost_time_only(cluster, project, begin):
    build = begin("--", CLEAN)
    cluster.wait("a job runs", lambda: "RUNNING" in cluster.states())
    cluster.kill("slurmd")
    cluster.again("slurmd")
    cluster.wait("a later job is there", lambda: len(cluster.states()) > 1 or build.poll() is not None)
    cluster.kill("slurmctld")
    cluster.again("slurmctld")
    ended(build)
    assert (project.folder / CLEAN).is_file()
    assert cluster.states().count("COMPLETED") >= 3


def test_a_job_killed_for_memory_is_tried_again_with_more(cluster, project, begin):
    said = ended(begin("--set-resources", "ingest:mem_mb=110 if attempt == 1 else 2000", "--", CLEAN))
    assert "failed: ingest" in said
    assert len(cluster.states()) == 4, "twin, ingest twice, clean"
    assert cluster.states().count("COMPLETED") == 3


def test_a_step_that_never_has_enough_is_named_with_what_to_do(cluster, project, begin):
    build = begin("--retries", "0", "--set-resources", "ingest:mem_mb=110", "--", CLEAN)
    said, _ = build.communicate(timeout=3600)
    assert build.returncode
    assert "the step 'ingest' did not end by itself" in said
    assert "--set-resources ingest:mem_mb=" in said
