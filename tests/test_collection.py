"""Every worker collects the same tests under the same names, whatever the time and the order of sets."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from hypothesis import settings


def collected(root: Path, seed: str) -> list[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only"]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_names_of_tests_depend_on_neither_time_nor_order(root):
    first = collected(root, "1")
    time.sleep(1.1)  # packed files hold the second
    assert first
    assert collected(root, "2") == first
    assert not [name for name in first if " at 0x" in name]


def test_load_and_chance_decide_no_test(root):
    assert (settings.default.deadline, settings.default.derandomize) == (None, True)
    word = "dead" + "line="
    for path in sorted((root / "tests").rglob("test_*.py")):
        assert word not in path.read_text(encoding="utf-8"), f"{path}: the profile in tests/conftest.py decides"
