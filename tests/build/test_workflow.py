"""What an edit rebuilds, what a mistake says, and that a failure changes nothing: in copies of a finished build."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from tests.build.conftest import QUICK, Project


def append(project: Project, name: str, text: str) -> int:
    """Add ``text`` to the end of a file of the project; the number of its last line."""
    path = project.folder / name
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    return len(path.read_text(encoding="utf-8").splitlines())


def refused(project: Project, *arguments: str) -> str:
    """What is said by a run that fails, and without a traceback."""
    done = project.snakemake("--cores", "2", *QUICK, *arguments, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "Traceback" not in said
    return said


def test_nothing_to_do_is_nothing_and_a_copy_of_a_build_is_as_good(trial):
    assert trial.planned(*QUICK) == {}


def test_a_prose_edit_rebuilds_only_the_paper(trial):
    append(trial, "paper/chapters/conclusion.qmd", "\nA last sentence.\n")
    made, _ = trial.run(*QUICK)
    assert made == {"lint", "render", "audit", "publish", "all"}
    assert "A last sentence." in (trial.folder / "results/twin/paper.html").read_text(encoding="utf-8")


def test_an_edit_of_the_ks_module_rebuilds_what_shows_it(trial):
    append(trial, "analysis/statistics/kolmogorov_smirnov.py", "\n# edited\n")
    reports = {"claims", "gather", "ledger", "pitfalls", "study_claims", "lint", "render", "audit", "publish", "all"}
    steps = {"kolmogorov_smirnov", "single_features", "effects", "shuffled", "retraining", "explanation", "figures"}
    assert trial.planned(*QUICK).keys() == steps | reports


def test_a_setting_of_one_model_refits_that_model_only(trial):
    models = "models={adaboost: {learning_rate: 0.5}}"
    planned = trial.planned(*QUICK, "--config", models)
    assert planned["fit"] == 4, "the batches with AdaBoost: ranked and all features, repetitions, other splits"
    assert not planned.keys() & {"split", "select", "rank"}
    batches = [f"build/twin/models/{batch}.json" for batch in ("all", "selected")]
    trial.snakemake("--cores", "2", *QUICK, "--config", models, "--until", *batches)
    logs = trial.folder / "build/twin/logs"
    assert "1 fitted, 4 kept" in (logs / "fit_all.log").read_text(encoding="utf-8")
    fitted = (logs / "fit_selected.log").read_text(encoding="utf-8")
    assert all("-adaboost" in line for line in fitted.splitlines() if line.startswith("fitted"))


def test_a_new_setting_elsewhere_reruns_no_step(project, twin):
    planned = project.planned(*QUICK, "--config", "bootstrap={confidence: 0.9}")
    assert planned["describe"] == 1
    assert not planned.keys() & {"ingest", "clean", "split", "select", "rank", "kolmogorov_smirnov", "fit"}


def test_another_title_sets_the_paper_anew_and_nothing_else(project, twin):
    planned = project.planned(*QUICK, "--config", "paper={title: 'Flows {z}', date: 2025-02-01}")
    assert planned.keys() == {"gather", "claims", "lint", "render", "audit", "publish", "all"}


def test_a_record_edit_rebuilds_everything(trial):
    append(trial, "analysis/record/value.py", "\n# edited\n")
    planned = trial.planned(*QUICK)
    assert {"clean", "split", "select", "rank", "fit", "kolmogorov_smirnov", "render"} <= planned.keys()


def test_a_further_repetition_adds_its_fits(project, twin):
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


def test_all_repetitions_leave_when_not_asked_for(trial):
    trial.run(*QUICK, "--config", "seeds=0")
    twin = trial.folder / "results/twin"
    assert "Split and fit were not repeated" in (twin / "paper.html").read_text(encoding="utf-8")
    assert not (twin / "tables/seeds.csv").exists()


def test_results_removed_by_hand_are_published_again(trial):
    shutil.rmtree(trial.folder / "results/twin")
    made, said = trial.run(*QUICK)
    assert "results/twin was removed; it is published anew" in said
    assert made == {"publish", "all"}
    assert (trial.folder / "results/twin/paper.pdf").is_file()


CHAPTER = "paper/chapters/data.qmd"
MISTAKES = {
    "read": {
        "See @fig-nowhere.": r"fig-nowhere",
        "As @nobody2000 says.": r"nobody2000",
        "![A caption.](figures/nothing.svg){#fig-nothing}": r"nothing\.svg",
        "An F1 of 0.97.": r"digit: ",
        "Of thirteen percent.": r"number-word: ",
        "The highest of all.": r"claim-needed: ",
    },
    "compared with the record": {
        "A number: `binary.forest.f1`{.val}.": r"binary\.forest\.f1",
        '::: {#tbl-no from="no_table"}\nA caption.\n:::': r"no_table",
    },
}
"""Mistakes in the manuscript, by when they are seen, and what must be said of each."""


@pytest.mark.parametrize("seen", MISTAKES)
def test_mistakes_in_the_manuscript_are_named_with_their_places_and_nothing_is_run(seen, trial):
    before = (trial.folder / "results/twin/paper.html").read_bytes()
    expected = {}
    for text, message in MISTAKES[seen].items():
        last = append(trial, CHAPTER, f"\n{text}\n")
        expected[last - text.count("\n")] = message
    said = refused(trial)
    for line, message in expected.items():
        assert re.search(rf"{re.escape(CHAPTER)}:{line}: .*{message}", said), said
    assert "nothing was run" in said
    assert " of " not in said.split("flowpaper: ")[0], "no step has begun"
    assert (trial.folder / "results/twin/paper.html").read_bytes() == before


def test_a_mistake_that_only_a_build_shows_fails_it_with_its_place(trial):
    """Code that has changed since may make other values, so the lint of the new record has to see this one."""
    line = append(trial, CHAPTER, "\nA number: `binary.forest.f1`{.val}.\n")
    append(trial, "analysis/audit/gather.py", "\n# edited\n")
    said = refused(trial)
    assert re.search(rf"{re.escape(CHAPTER)}:{line}: .*binary\.forest\.f1", said), said
    assert "nothing was run" not in said


def test_bad_input_is_one_clear_message(trial):
    """That of a file which is no flows; every other is in tests/dataset/input."""
    path = trial.folder / "bytes.csv"
    path.write_bytes(bytes(range(256)) * 8)
    before = (trial.folder / "results/twin/build.json").read_bytes()
    said = refused(trial, "--config", f"data={path}", "build=bad")
    assert re.search(r"flowpaper: .*bytes\.csv: this is no CSV file of flows", said), said
    assert "Error in rule" not in said
    assert not (trial.folder / "results/bad").exists()
    assert (trial.folder / "results/twin/build.json").read_bytes() == before


def test_bad_settings_are_named(project, twin):
    done = project.snakemake("--dry-run", "--config", "sed=1", "split={test_fraction: 1.5}", check=False)
    assert done.returncode
    for message in ("sed: unknown setting; did you mean seed?", "split.test_fraction"):
        assert message in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_build_is_made_by_one_process_at_a_time(project, twin, monkeypatch):
    from analysis.lock import lock

    monkeypatch.chdir(project.folder)
    with lock("twin"):
        assert "another process is building 'twin'" in refused(project)
        project.snakemake("--dry-run", *QUICK)  # who only looks disturbs nobody


def test_a_step_that_the_system_kills_is_named_and_not_its_command_line(trial):
    kill = '\nif __name__ == "__main__":\n    __import__("os").kill(__import__("os").getpid(), 9)\n'
    append(trial, "analysis/audit/pitfalls.py", kill)
    said = refused(trial)
    assert "the step 'pitfalls' was killed (SIGKILL)" in said
    assert "Earlier results are as they were." in said
    assert "--results" not in said
    assert max(map(len, said.splitlines())) < 400
