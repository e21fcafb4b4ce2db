"""Nothing kept is believed: damage to the cache and to the results is named, and the next run makes it good."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from analysis.audit.identical import differences, files_of
from paper.lint.passed import NOTE
from tests.build.conftest import QUICK, Project

# One file of each kind that a build keeps; of the splits, one that little follows from. Of damage ten files are named.
KINDS = (
    "splits/random.duplicates_drop/roles.parquet",
    "tables/ks.json",
    "models/all.json",
    "predictions/selected.parquet",
    "figures/ecdf.svg",
    "paper/paper.html",
    "audit.html",
    "values.json",
    "claims.json",
)


def flip(path: Path) -> None:
    """Change one bit in the middle of a file, and neither its size nor the time of its last change."""
    state, content = path.stat(), bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def same(project: Project, trial: Project) -> bool:
    """Whether the build in ``trial`` is again that which it was copied from."""
    return differences(files_of(project.folder, "twin"), files_of(trial.folder, "twin")) == []


def test_damage_to_each_kind_of_file_is_named_and_made_good(project, trial):
    """A flipped bit, and in values an edit by hand."""
    build, edited = trial.folder / "build/twin", "values/ledger.json"
    for name in KINDS:
        flip(build / name)
    (build / edited).write_text((build / edited).read_text("utf-8").replace("claims", "Claims", 1), "utf-8")
    assert not same(project, trial)
    _, said = trial.run(*QUICK)
    for name in (*KINDS, edited):
        assert f"build/twin/{name}: is not what was written there; removed, to be made anew" in said
    assert same(project, trial)


def test_results_that_were_altered_are_published_again_and_nothing_is_computed(project, trial):
    twin = trial.folder / "results/twin"
    (twin / "paper.html").write_text("<p>Mine.</p>")
    (twin / "paper.pdf").unlink()
    (twin / "figures/ecdf.png").unlink()
    made, text = trial.run(*QUICK)
    for said in ("paper.html was altered", "paper.pdf is missing", "figures/ecdf.png is missing"):
        assert f"results/twin/{said}; it is published anew" in text
    assert made == {"publish", "all"}
    assert same(project, trial)


def test_results_that_a_kill_hid_are_put_back_and_the_name_stays_taken(project, trial, tmp_path):
    twin = trial.folder / "results/twin"
    shutil.copytree(trial.folder / "build/twin/data/source", tmp_path / "flows")
    twin.rename(twin.with_name(".twin.old"))
    other = ("--config", f"data={tmp_path / 'flows'}", "build=twin")
    done = trial.snakemake("--cores", "2", *QUICK, *other, check=False)
    assert "results/twin holds results of other data (synthetic twin)" in done.stdout + done.stderr
    assert same(project, trial)


def test_a_commit_reruns_no_step_that_computes_and_changes_no_result(project, trial):
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *command], cwd=trial.folder, check=True)
    made, _ = trial.run(*QUICK)
    assert made == {"render", "publish", "all"}
    changed = {one.file for one in differences(files_of(project.folder, "twin"), files_of(trial.folder, "twin"))}
    page = " ".join((trial.folder / "results/twin/paper.html").read_text("utf-8").split())
    staged = {
        f"build/twin/paper/{name}" for name in ("paper.html", "paper.pdf", "record/values.json", "record/cards.json")
    }
    assert changed == {f"results/twin/{name}" for name in ("paper.html", "paper.pdf", "build.json")} | staged
    assert "with no changes since" in page


LOOKS = {"--dry-run": [[], ["data={}"], ["data=https://me:pw@host.invalid/flows.zip?token=1"]], "--lint": [["data={}"]],
         "--dag": [[]], "--summary": [["data={}"]], "--list-rules": [[]]}  # fmt: skip
"""Calls that only look, and settings to look with; a dry run, the commonest, with all of them."""


def test_a_look_leaves_no_trace(copy_project, project, twin, tmp_path):
    passed, project = project.folder / NOTE, copy_project()
    flows = tmp_path / "flows.csv"
    flows.write_text("no flows at all")

    def state() -> dict[Path, str]:
        return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in project.folder.rglob("*")
                if path.is_file() and not {".snakemake", "__pycache__"} & set(path.parts)}  # fmt: skip

    before = state()
    for look, data in ((look, data) for look, settings in LOOKS.items() for data in settings):
        given = ["--config", *(one.format(flows) for one in data)] if data else []
        done = project.snakemake(look, *given, check=look != "--lint")
        assert "pw@" not in done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        assert ("was not read yet" in done.stderr) is bool(data)
        assert state() == before, look
        if not (project.folder / NOTE).exists():  # the first has noted nothing; the others need not read the manuscript
            (project.folder / NOTE).parent.mkdir()
            shutil.copy2(passed, project.folder / NOTE)
            before = state()
