"""Nothing kept is believed: damage to the cache and to the results is named, and the next run makes it good."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from analysis.audit.identical import differences, files_of
from tests.build.conftest import QUICK, Project

# One file of each kind that a build keeps.
KINDS = (
    "splits/random/roles.parquet",
    "values/rank.json",
    "tables/ks.json",
    "models/all.json",
    "predictions/selected.parquet",
    "figures/ecdf.svg",
    "figures/roc_pr.png",
    "paper/paper.html",
    "values.json",
    "claims.json",
)


def flip(path: Path) -> None:
    """Change one bit in the middle of a file, and neither its size nor the time of its last change."""
    state, content = path.stat(), bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


@pytest.fixture
def before(project: Project, twin: Path, tmp_path: Path) -> dict[str, Path]:
    """The files of the whole build, kept elsewhere."""
    for folder in ("build", "results"):
        shutil.copytree(project.folder / folder / "twin", tmp_path / folder / "twin")
    return files_of(tmp_path, "twin")


def test_one_flipped_bit_in_each_kind_of_file_is_named_and_made_good(project, before):
    for name in KINDS:
        flip(project.folder / "build/twin" / name)
    said = project.snakemake("--cores", "2", *QUICK).stderr
    for name in KINDS:
        assert f"build/twin/{name}: is not what was written there; removed, to be made anew" in said
    assert differences(before, files_of(project.folder, "twin")) == []


def test_an_edited_value_is_not_published(project, before):
    path = project.folder / "build/twin/values/ledger.json"
    path.write_text(path.read_text("utf-8").replace("claims", "Claims", 1), "utf-8")
    said = project.snakemake("--cores", "2", *QUICK).stderr
    assert "build/twin/values/ledger.json: is not what was written there" in said
    assert differences(before, files_of(project.folder, "twin")) == []


def test_results_that_were_altered_are_published_again_and_nothing_is_computed(project, twin, before):
    (twin / "paper.html").write_text("<p>Mine.</p>")
    (twin / "paper.pdf").unlink()
    (twin / "figures/ecdf.png").unlink()
    done = project.snakemake("--cores", "2", *QUICK)
    for said in ("paper.html was altered", "paper.pdf is missing", "figures/ecdf.png is missing"):
        assert f"results/twin/{said}; it is published anew" in done.stderr
    assert "2 of 2 " in done.stderr + done.stdout
    assert differences(before, files_of(project.folder, "twin")) == []


def test_results_that_a_kill_hid_are_put_back_and_the_name_stays_taken(project, twin, before, tmp_path):
    shutil.copytree(project.folder / "build/twin/data/source", tmp_path / "flows")
    twin.rename(twin.with_name(".twin.old"))
    other = ("--config", f"data={tmp_path / 'flows'}", "build=twin")
    done = project.snakemake("--cores", "2", *QUICK, *other, check=False)
    assert "results/twin holds results of other data (synthetic twin)" in done.stdout + done.stderr
    assert differences(before, files_of(project.folder, "twin")) == []


def test_a_commit_reruns_no_step_that_computes_and_changes_no_result(project, twin, before):
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *command], cwd=project.folder, check=True)
    try:
        assert project.planned(*QUICK).keys() == {"render", "publish", "all"}
        project.snakemake("--cores", "2", *QUICK)
        changed = {one.file for one in differences(before, files_of(project.folder, "twin"))}
        page = " ".join((twin / "paper.html").read_text("utf-8").split())
    finally:
        shutil.rmtree(project.folder / ".git")
        project.snakemake("--cores", "2", *QUICK)
    staged = {f"build/twin/paper/{name}" for name in ("paper.html", "paper.pdf", "record/values.json")}
    assert changed == {f"results/twin/{name}" for name in ("paper.html", "paper.pdf", "build.json")} | staged
    assert "with no changes since" in page
    assert differences(before, files_of(project.folder, "twin")) == []


@pytest.mark.parametrize("look", ["--dry-run", "--lint", "--dag", "--summary", "--list-rules"])
def test_a_look_leaves_no_trace(look, copy_project, tmp_path):
    project = copy_project()
    (tmp_path / "flows.csv").write_text("no flows at all")

    def state() -> dict[Path, str]:
        return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in project.folder.rglob("*")
                if path.is_file() and not {".snakemake", "__pycache__"} & set(path.parts)}  # fmt: skip

    before = state()
    for data in ([], [f"data={tmp_path / 'flows.csv'}"], ["data=https://me:pw@host.invalid/flows.zip?token=1"]):
        done = project.snakemake(look, *(["--config", *data] if data else []), check=look != "--lint")
        assert "pw@" not in done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        assert ("was not read yet" in done.stderr) is bool(data)
    assert state() == before
