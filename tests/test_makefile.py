"""What a user gives to make reaches the commands as it is, and the environment is of this folder and this lock."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest


def checkout(root: Path, folder: Path) -> Path:
    """A checkout whose environment's Python says what it is called with."""
    folder.mkdir()
    shutil.copy(root / "Makefile", folder)
    (folder / "requirements.txt").write_text("numpy==1\n")
    for extra in ("archive", "detector", "slurm", "axe"):
        (folder / f"requirements-{extra}.txt").write_text("rocrate==1\n")
    python = folder / "python"
    python.write_text(PYTHON)
    python.chmod(0o755)
    return folder


PYTHON = """#!/bin/bash
printf "%s\\n" "$@"
case "$*" in
"-m venv .venv") mkdir -p .venv/bin && cp python .venv/bin/python ;;
*analysis.environment*) exit "${FAILS:-0}" ;;
*analysis.settled*) exit "${SETTLED:-3}" ;;
esac
"""
MADE = "analysis.environment"


def run(folder: Path, *arguments: str, **environment: str) -> str:
    command = ["make", "-s", "PYTHON=./python", *arguments]
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**kept, **environment})
    return done.stdout + done.stderr


@pytest.fixture
def make(root: Path, tmp_path: Path):
    folder = checkout(root, tmp_path / "checkout")
    run(folder, "config")
    return lambda *arguments, **environment: run(folder, *arguments, **environment)


@pytest.mark.parametrize(
    "name",
    [
        "x/`touch ran`.csv",
        'a "quoted" name.csv',
        "a;touch ran;.csv",
        "a'b.csv",
        "a$(touch ran)b.csv",
        "a$(shell touch ran).csv",
        "$HOME$$x$.csv",
        "a#b.csv",
    ],
)
def test_a_name_with_signs_of_the_shell_is_a_name(make, tmp_path, name):
    assert name in make("inspect", f"DATA={name}").splitlines()
    assert f"--flows={name}" in make("twin", f"OUT={name}", "ROWS=1000").splitlines()
    assert name in make("compare", f"A={name}", "B=b").splitlines()
    assert name in make("cite", f"KEY={name}").splitlines()
    assert f"--find={name}" in make("values", f"FIND={name}").splitlines()
    assert name in make("verify", f"ID={name}").splitlines()
    assert not (tmp_path / "ran").exists()


def test_an_environment_is_made_once(root, tmp_path):
    folder = checkout(root, tmp_path / "a checkout")
    assert MADE in run(folder, "config")
    assert MADE not in run(folder, "config")
    (folder / "requirements.txt").touch()
    assert MADE not in run(folder, "config"), "the lock is as it was"


def test_another_lock_another_environment(root, tmp_path):
    folder = checkout(root, tmp_path / "a")
    run(folder, "config")
    (folder / ".venv/left").touch()
    (folder / "requirements.txt").write_text("numpy==2\n")
    assert MADE in run(folder, "config")
    assert not (folder / ".venv/left").exists(), "from scratch"
    assert MADE not in run(folder, "config")


def test_a_copied_or_moved_checkout_makes_its_own(root, tmp_path):
    folder = checkout(root, tmp_path / "a")
    run(folder, "config")
    shutil.copytree(folder, tmp_path / "copy")
    assert MADE in run(tmp_path / "copy", "config")
    folder.rename(tmp_path / "moved")
    assert MADE in run(tmp_path / "moved", "config")
    assert MADE not in run(tmp_path / "moved", "config")


def test_an_interrupted_making_leaves_no_believed_environment(root, tmp_path):
    folder = checkout(root, tmp_path / "a")
    assert "Error" in run(folder, "config", FAILS="1")
    assert (folder / ".venv").exists()
    assert MADE in run(folder, "config")
    (folder / ".venv/bin/python").unlink()
    assert MADE in run(folder, "config"), "and none without its Python"


@pytest.mark.parametrize(
    ("lock", "asked"), [("archive", ["archive"]), ("detector", ["detector"]), ("slurm", ["paper", "EXECUTOR=slurm"])]
)
def test_what_few_commands_need_is_installed_when_one_is_first_asked_for(root, tmp_path, lock, asked):
    folder, lock = checkout(root, tmp_path / "a"), f"requirements-{lock}.txt"
    assert lock not in run(folder, "paper")
    assert lock in run(folder, *asked)
    assert lock not in run(folder, *asked)
    (folder / "requirements.txt").write_text("numpy==2\n")
    assert lock in run(folder, *asked), "and again in an environment made anew"


def test_a_place_for_steps_that_is_not_known_is_refused(root, tmp_path):
    folder = checkout(root, tmp_path / "a")
    assert "--profile\nprofiles/slurm" in run(folder, "paper", "EXECUTOR=slurm")
    said = run(folder, "paper", "EXECUTOR=moon")
    assert "EXECUTOR=moon" in said
    assert "snakemake" not in said


def test_what_only_tests_need_is_installed_by_them(root, tmp_path):
    folder = checkout(root, tmp_path / "a")
    assert "requirements-axe.txt" not in run(folder, "archive")
    assert "requirements-axe.txt" in run(folder, "test")
    assert "requirements-axe.txt" not in run(folder, "test")


@pytest.mark.parametrize("code", [0, 1, 2])
def test_make_fails_only_where_a_detector_cannot_tell(root, tmp_path, code):
    folder = checkout(root, tmp_path / "a")
    (folder / "python").write_text(
        PYTHON.replace("case", f'case "$*" in *detector.detect*) exit {code} ;; esac\ncase', 1)
    )
    said = run(folder, "detect", "DETECTOR=d", "FLOWS=a;touch ran", "FPR=0.01")
    assert "--fpr=0.01\n--\nd\na;touch ran\n" in said
    assert ("Error" in said) == (code == 2)
    assert not (folder / "ran").exists()


def test_a_check_is_of_a_build_or_of_a_crate(make, tmp_path):
    assert make("verify", "BUILD=a;touch ran").splitlines()[-1] == "--build=a;touch ran"
    assert make("verify", "CRATE=a b.zip", "REBUILD=1", "DATA=$HOME").splitlines()[-3:] == [
        "--crate=a b.zip", "--again", "--data=$HOME",
    ]  # fmt: skip
    assert make("verify", "ID=a;touch ran", "REBUILD=1").splitlines()[-2:] == ["--identifier=a;touch ran", "--again"]
    assert make("docx", "BUILD=a'b").splitlines()[-1] == "a'b"
    assert not (tmp_path / "ran").exists()


def test_tools_are_modules_of_the_environment(root):
    text = (root / "Makefile").read_text(encoding="utf-8")
    scripts = set(re.findall(r"(?:\$\(BIN\)|bin)/(\w+)", text))
    assert scripts == {"python", "quarto"}, "a script of a copied environment runs the packages of the original"


def test_times_of_a_build_that_is_not_there(make, tmp_path):
    assert make("timings", "BUILD=none").startswith("make timings: there is no build none here; build it first: make")
    (tmp_path / "checkout/build/other").mkdir(parents=True)
    assert "; name one: other" in make("timings", "BUILD=none")


def test_times_of_a_build_in_which_no_step_ended(root):
    (recipe,) = re.findall(r"^timings:.*\n((?:\t.*\n)+)", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert '/benchmarks/"*.tsv' in recipe.splitlines()[0], "an empty folder is no build with times"


def test_no_colour_is_passed_on(make):
    assert "--nocolor" in make("paper", NO_COLOR="1").splitlines()
    assert "--nocolor" not in make("paper").splitlines()


def test_the_workflow_is_asked_unless_the_call_is_known_to_be_settled(make):
    call = ("paper", "DATA=flows.csv", "BUILD=b")
    assert "snakemake" in make(*call).splitlines()
    settled = make(*call, SETTLED="0").splitlines()
    assert "snakemake" not in settled
    assert settled[-5:] == ["-m", "analysis.settled", "--config", "data=flows.csv", "build=b"]


def test_settings_whose_name_begins_with_a_dash(make):
    assert "--configfile=-x.yaml" in make("paper", "CONFIG=-x.yaml").splitlines()
    assert "--configfile=-x.yaml" in make("reproduce", "CONFIG=-x.yaml").splitlines()


PARSES = re.compile(r"-m (?!analysis\.(?:settings_file|preflight|studies\.new)\b|paper\.audit\.timed\b)\S+( .*)")
"""A call of a module that parses its options; the others take their one argument as it is."""


def test_what_is_given_is_never_taken_for_an_option(root, make):
    """Whatever begins with a dash: it stands behind '--', or joined to the option that it is the value of."""
    assert make("inspect", "DATA=-x.csv").splitlines()[-2:] == ["--", "-x.csv"]
    assert make("compare", "A=-a", "B=-b", "TOLERANCE=0").splitlines()[-4:] == ["--tolerance=0", "--", "-a", "-b"]
    assert "--flows=-x" in make("twin", "OUT=-x", "ROWS=9").splitlines()
    text = re.sub(r"\\\n\s*", " ", (root / "Makefile").read_text(encoding="utf-8"))
    given = [options.partition(' -- "$$')[0] for options in PARSES.findall(text)]
    assert len(given) > 15
    assert not [options for options in given if re.search(r'(?<!=)"\$\$', options)]


@pytest.mark.parametrize("target", ["cite", "verify"])
def test_what_a_command_needs_is_asked_for(make, target):
    assert make(target).startswith(f"make {target}: ")


def test_what_is_given_to_cite_reaches_it(make):
    given = make("cite", "KEY=a.b", "BUILD=x y", "STYLE=ieee", "SYNTHETIC=1").splitlines()
    assert given[given.index("-m") :] == [
        "-m",
        "analysis.citing.cite",
        "--build=x y",
        "--style=ieee",
        "--synthetic",
        "--",
        "a.b",
    ]
