"""What a user gives to make reaches the commands as it is: no shell runs what a name holds."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def make(root: Path, tmp_path: Path):
    shutil.copy(root / "Makefile", tmp_path)
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    python.chmod(0o755)

    def run(*arguments: str) -> str:
        command = ["make", "-s", "-o", ".venv/.made", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        return done.stdout + done.stderr

    return run


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
    assert name in make("twin", f"OUT={name}", "ROWS=1000").splitlines()
    assert name in make("compare", f"A={name}", "B=b").splitlines()
    assert not (tmp_path / "ran").exists()
