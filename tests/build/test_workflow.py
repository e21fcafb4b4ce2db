"""What an edit rebuilds, what a mistake says, and what a kill leaves behind: in copies of the project."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tests.build.conftest import QUICK, Project

PAPER = {"lint", "render", "publish", "all", "total"}


def append(project: Project, name: str, text: str):
    path = project.folder / name
    before = path.read_text(encoding="utf-8")
    path.write_text(before + text, encoding="utf-8")
    return lambda: path.write_text(before, encoding="utf-8")


def test_nothing_to_do_is_nothing(project, twin):
    assert project.planned(*QUICK) == {}


def test_a_prose_edit_rebuilds_only_the_paper(project, twin):
    undo = append(project, "paper/chapters/conclusion.qmd", "\nA last sentence.\n")
    assert project.planned(*QUICK).keys() == {"lint", "render", "publish", "all"}
    project.snakemake("--cores", "2", *QUICK)
    assert "A last sentence." in (twin / "paper.html").read_text(encoding="utf-8")
    undo()
    project.snakemake("--cores", "2", *QUICK)


def test_an_edit_of_the_ks_module_rebuilds_what_shows_it(project, twin):
    undo = append(project, "analysis/statistics/kolmogorov_smirnov.py", "\n# edited\n")
    planned = project.planned(*QUICK)
    undo()
    reports = {"claims", "gather", "ledger", "pitfalls", "published", "lint", "render", "publish", "all"}
    assert planned.keys() == {"kolmogorov_smirnov", "single_features", "effects", "shuffled", "figures"} | reports


def test_a_setting_of_one_model_refits_that_model_only(project, twin):
    models = "models={adaboost: {learning_rate: 0.5}}"
    planned = project.planned(*QUICK, "--config", models)
    assert planned["fit"] == 4, "the batches with AdaBoost: ranked and all features, repetitions, other splits"
    assert not planned.keys() & {"split", "select", "rank"}
    project.snakemake("--cores", "2", *QUICK, "--config", models, "--until", "fit")
    logs = project.folder / "build/twin/logs"
    assert "1 fitted, 4 kept" in (logs / "fit_all.log").read_text(encoding="utf-8")
    fitted = (logs / "fit_selected.log").read_text(encoding="utf-8")
    assert all("-adaboost" in line for line in fitted.splitlines() if line.startswith("fitted"))
    project.snakemake("--cores", "2", *QUICK)


def test_a_new_setting_elsewhere_reruns_no_step(project, twin):
    planned = project.planned(*QUICK, "--config", "bootstrap={confidence: 0.9}")
    assert planned["describe"] == 1
    assert not planned.keys() & {"ingest", "clean", "split", "select", "rank", "kolmogorov_smirnov", "fit"}


def test_another_title_sets_the_paper_anew_and_nothing_else(project, twin):
    planned = project.planned(*QUICK, "--config", "paper={title: Flows, date: 2025-02-01}")
    assert planned.keys() == {"gather", "claims", "lint", "render", "publish", "all"}


def test_a_record_edit_rebuilds_everything(project, twin):
    undo = append(project, "analysis/record/value.py", "\n# edited\n")
    planned = project.planned(*QUICK)
    undo()
    assert {"clean", "split", "select", "rank", "fit", "kolmogorov_smirnov", "render"} <= planned.keys()


def test_a_further_repetition_adds_its_fits_and_all_leave_when_not_asked_for(project, twin):
    planned = project.planned(*QUICK, "--config", "seeds=3")
    assert {name: planned[name] for name in ("split", "select", "fit", "scores", "seeds", "uncertainty")} == {
        "split": 1, "select": 1, "fit": 1, "scores": 1, "seeds": 1, "uncertainty": 1,
    }  # fmt: skip
    assert not planned.keys() & {
        "ingest",
        "clean",
        "rank",
        "describe",
        "kolmogorov_smirnov",
        "types_report",
        "hyperparameters",
    }
    values = json.loads((twin / "values.json").read_text(encoding="utf-8"))["values"]
    spread = [values[f"seeds.random_forest.f1.{field}"]["value"] for field in ("min", "mean", "max")]
    assert spread == sorted(spread)
    assert values["uncertainty.splits"]["value"] == 2
    assert (twin / "tables/seeds.csv").exists()
    project.snakemake("--cores", "2", *QUICK, "--config", "seeds=0")
    assert "Split and fit were not repeated" in (twin / "paper.html").read_text(encoding="utf-8")
    assert not (twin / "tables/seeds.csv").exists()
    project.snakemake("--cores", "2", *QUICK)


def test_results_removed_by_hand_are_published_again(project, twin):
    shutil.rmtree(twin)
    assert "results/twin was removed; it is published anew" in project.snakemake("--dry-run", *QUICK).stderr
    project.snakemake("--cores", "2", *QUICK)
    assert (twin / "paper.pdf").is_file()


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ("\nA number: `binary.forest.f1`{.val}.\n", r"paper/chapters/data\.qmd:\d+.*binary\.forest\.f1"),
        ("\nSee @fig-nowhere.\n", r"paper/chapters/data\.qmd:\d+.*fig-nowhere"),
        ("\nAs @nobody2000 says.\n", r"paper/chapters/data\.qmd:\d+.*nobody2000"),
        ("\n![A caption.](figures/nothing.svg){#fig-nothing}\n", r"paper/chapters/data\.qmd:\d+.*nothing\.svg"),
        ('\n::: {#tbl-no from="no_table"}\nA caption.\n:::\n', r"paper/chapters/data\.qmd:\d+.*no_table"),
    ],
)
def test_a_mistake_in_the_manuscript_fails_the_build_with_its_place(edit, message, project, twin):
    before = (twin / "paper.html").read_bytes()
    undo = append(project, "paper/chapters/data.qmd", edit)
    done = project.snakemake("--cores", "2", *QUICK, check=False)
    undo()
    assert done.returncode
    assert re.search(message, done.stdout + done.stderr), done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert (twin / "paper.html").read_bytes() == before
    project.snakemake("--cores", "2", *QUICK)


BAD_INPUT = {
    "missing": (None, "there is no file or folder"),
    "empty.csv": (b"", "the file is empty"),
    "bytes.csv": (bytes(range(256)) * 8, "no CSV file of flows"),
    "prose.csv": (b"Dear reader, all is well.\n", "no CSV file of flows"),
    "cut.zip": (b"PK\x03\x04" + b"\x00" * 40, "not a complete zip"),
}


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_is_one_clear_message(name, project, twin):
    content, message = BAD_INPUT[name]
    path = project.folder / name
    if content is not None:
        path.write_bytes(content)
    before = json.loads((twin / "build.json").read_text(encoding="utf-8"))
    done = project.snakemake("--cores", "2", *QUICK, "--config", f"data={path}", "build=bad", check=False)
    output = done.stdout + done.stderr
    assert done.returncode
    assert message in output
    assert name in output
    assert "Traceback" not in output
    assert "Error in rule" not in output
    assert not (project.folder / "results/bad").exists()
    assert json.loads((twin / "build.json").read_text(encoding="utf-8")) == before


@pytest.mark.parametrize(
    ("setting", "message"),
    [("sed=1", "sed: unknown setting; did you mean seed?"), ("split={test_fraction: 1.5}", "split.test_fraction")],
)
def test_a_bad_setting_is_named(setting, message, project, twin):
    done = project.snakemake("--dry-run", "--config", setting, check=False)
    assert done.returncode
    assert message in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_results_of_other_data_are_refused(project, twin, shared_data):
    data = shared_data / "cicids2017-sample-12k.csv"
    done = project.snakemake("--cores", "2", *QUICK, "--config", f"data={data}", "build=twin", check=False)
    assert done.returncode
    assert "results of other data" in done.stdout + done.stderr


def test_a_build_is_made_by_one_process_at_a_time(project, twin, monkeypatch):
    from analysis.lock import lock

    monkeypatch.chdir(project.folder)
    with lock("twin"):
        done = project.snakemake("--cores", "2", *QUICK, check=False)
        project.snakemake("--dry-run", *QUICK)  # who only looks disturbs nobody
    assert done.returncode
    assert "another process is building 'twin'" in done.stdout + done.stderr


def test_a_killed_build_is_resumed(copy_project):
    project = copy_project()
    source = (*QUICK, "--config", "study=source")
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *source]
    path = f"{os.path.dirname(sys.executable)}{os.pathsep}{os.environ['PATH']}"  # noqa: PTH120
    process = subprocess.Popen(
        command, cwd=project.folder, env={**os.environ, "PATH": path}, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 1800
    while not list((project.folder / "build/twin").glob("models/*.json")) and time.monotonic() < deadline:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (project.folder / "results/twin").exists()
    planned = project.planned(*source)
    assert "render" in planned
    assert not planned.keys() & {"twin", "ingest", "clean"}, "what was finished is kept"
    project.snakemake("--cores", "2", *source)
    assert (project.folder / "results/twin/paper.pdf").is_file()


def test_what_is_typed_fails_the_build_with_its_line(project, twin):
    undo = append(project, "paper/chapters/data.qmd", "\nAn F1 of 0.97, or thirteen percent, the highest.\n")
    line = len((project.folder / "paper/chapters/data.qmd").read_text(encoding="utf-8").splitlines())
    done = project.snakemake("--cores", "2", *QUICK, check=False)
    undo()
    said = done.stdout + done.stderr
    assert done.returncode == 1
    for rule in ("digit", "number-word", "claim-needed"):
        assert f"paper/chapters/data.qmd:{line}: {rule}: " in said
    assert "nothing was run" in said
    assert " of " not in said.split("flowpaper: ")[0], "no step has begun"


def test_a_step_that_the_system_kills_is_named_and_not_its_command_line(project, twin):
    kill = '\nif __name__ == "__main__":\n    __import__("os").kill(__import__("os").getpid(), 9)\n'
    undo = append(project, "analysis/audit/publish.py", kill)
    done = project.snakemake("--cores", "2", *QUICK, check=False)
    undo()
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "the step 'publish' was killed (SIGKILL)" in said
    assert "Earlier results are as they were." in said
    assert "--results" not in said
    assert max(map(len, said.splitlines())) < 400
    project.snakemake("--cores", "2", *QUICK)
