"""A call with nothing to do is known without the workflow, and nothing that was touched is taken for settled."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from analysis import settled
from analysis.preflight import Plan
from analysis.settings import Study

CALL = ["--cores", "2", "--config", "data=flows", "build=b"]
FILES = {
    **dict.fromkeys(("Snakefile", "docs/workflow.md", "CITATION.cff", "pyproject.toml", "requirements.txt"), "x"),
    **{f"{room}/file": "x" for room in ("analysis", "config", "figures", "paper", "profiles", "studies")},
    "flows/day.csv": "1,2", "settings.yaml": "seed: 1", "build/b/values.json": "{}", "build/b/published.json": "{}",
    "build/b/logs/fit.log": "", "results/b/build.json": "{}", "results/b/paper.pdf": "pdf",
}  # fmt: skip


def plan(**study: Any) -> Plan:
    about = SimpleNamespace(build="build/b", results="results/b", data=Path("flows"), study=Study(**study))
    return cast(Plan, about)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one finished build, which was noted."""
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    monkeypatch.chdir(tmp_path)
    settled.keep(settled.begin(CALL, plan()))
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [["fit"], ["--cores", "2", "-n"], ["-R", "fit"], ["--config", "build=b", "force=true"], ["--profile", "slurm"],
     ["--until", "fit"], ["--forceall"], ["--config"]],
    ids=" ".join,
)  # fmt: skip
def test_other_calls_than_for_the_whole_build_are_left_to_the_workflow(arguments: list[str]) -> None:
    assert settled.asked(arguments) is None


def test_a_call_is_what_it_asks_for_and_not_how() -> None:
    here = settled.asked(["--config", "data=d", "build=b", "--configfile=a.yaml", "--cores", "all"])
    assert here
    assert here == settled.asked(
        ["--cores", "1", "--nocolor", "--configfile", "a.yaml", "--config", "build=b", "data=d"]
    )
    assert here.note != settled.Asked(("a.yaml",), ("build=c", "data=d")).note


def test_an_untouched_build_is_settled_for_the_same_call_alone(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert settled.main(CALL) == 0
    assert "results/b/paper.pdf" in capsys.readouterr().out
    assert settled.main(["--config", "data=flows", "build=c"]) == 3
    assert not capsys.readouterr().out


def rewrite(path: Path, content: str) -> None:
    """Other content of the same size, with the time of change set back."""
    before = path.stat()
    path.write_text(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


TOUCHES: dict[str, Callable[[], object]] = {
    "a chapter": lambda: rewrite(Path("paper/file"), "y"),
    "a value in the cache": lambda: rewrite(Path("build/b/values.json"), "[]"),
    "a result": lambda: rewrite(Path("results/b/paper.pdf"), "fdp"),
    "a result gone": lambda: Path("results/b/paper.pdf").unlink(),
    "a file beside the results": lambda: Path("results/b/more").write_text(""),
    "the cache gone": lambda: Path("build/b").rename("build/c"),
    "flows": lambda: rewrite(Path("flows/day.csv"), "2,1"),
    "more flows": lambda: Path("flows/next.csv").write_text("1"),
    "the lock": lambda: rewrite(Path("requirements.txt"), "y"),
    "a damaged note": lambda: next(settled.NOTES.glob("*.json")).write_text("{"),
}


@pytest.mark.parametrize("touch", TOUCHES)
def test_what_was_touched_is_not_settled(project: Path, touch: str) -> None:
    assert settled.settled(CALL) == "results/b"
    TOUCHES[touch]()
    assert settled.settled(CALL) is None


def test_times_of_steps_are_no_results(project: Path) -> None:
    Path("build/b/logs/fit.log").write_text("more")
    assert settled.settled(CALL) == "results/b"


def test_another_commit_is_not_settled(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settled, "checkout", lambda: {"commit": "c", "clean": True})
    assert settled.settled(CALL) is None


def test_another_quarto_is_not_settled(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quarto = project / "bin" / "quarto"
    quarto.parent.mkdir()
    quarto.write_text("")
    monkeypatch.setattr(settled.sys, "executable", str(quarto.with_name("python")))
    assert settled.settled(CALL) is None
    settled.keep(settled.begin(CALL, plan()))
    monkeypatch.setattr(settled.shutil, "which", lambda _: str(quarto))
    assert settled.settled(CALL) == "results/b", "the workflow finds it on PATH, where it puts it"
    quarto.write_text("newer")
    assert settled.settled(CALL) is None


def test_other_libraries_are_not_settled(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    libraries = project / "libraries"
    libraries.mkdir()
    monkeypatch.setattr(settled.sysconfig, "get_path", lambda _: str(libraries))
    settled.keep(settled.begin(CALL, plan()))
    assert settled.settled(CALL) == "results/b"
    (libraries / "another-1.0.dist-info").mkdir()
    assert settled.settled(CALL) is None


def test_a_file_of_settings_belongs_to_the_call(project: Path) -> None:
    call = ["--configfile", "settings.yaml"]
    settled.keep(settled.begin(call, plan()))
    assert settled.settled(call) == "results/b"
    rewrite(Path("settings.yaml"), "seed: 2")
    assert settled.settled(call) is None


def test_an_edit_while_it_is_built_is_not_lost(project: Path) -> None:
    begun = settled.begin(["--cores", "1"], plan())
    rewrite(Path("paper/file"), "y")
    settled.keep(begun)
    assert settled.settled(["--cores", "1"]) is None


def test_flows_that_are_gone_when_it_ends_cost_the_note_alone(project: Path) -> None:
    begun = settled.begin(["--cores", "1"], plan())
    Path("flows").rename("elsewhere")
    settled.keep(begun)
    Path("elsewhere").rename("flows")
    assert settled.settled(["--cores", "1"]) is None


def test_an_unfinished_build_is_not_noted(project: Path) -> None:
    begun = settled.begin(["--cores", "1"], plan())
    Path("build/b/published.json").unlink()
    settled.keep(begun)
    assert settled.settled(["--cores", "1"]) is None


def test_the_build_that_models_are_tested_on_is_read(project: Path) -> None:
    Path("build/other/data").mkdir(parents=True)
    Path("build/other/data/clean.parquet").write_text("1")
    settled.keep(settled.begin(CALL, plan(test="other")))
    assert settled.settled(CALL) == "results/b"
    rewrite(Path("build/other/data/clean.parquet"), "2")
    assert settled.settled(CALL) is None


def test_flows_of_an_address_are_asked_for_every_time() -> None:
    assert settled.begin(CALL, plan(data="https://example.org/flows.csv")) is None


def test_a_link_to_nowhere_leaves_it_to_the_workflow(project: Path) -> None:
    Path("flows/gone").symlink_to("nowhere")
    assert settled.begin(CALL, plan()) is None
    assert settled.settled(CALL) is None
