"""Every worker collects the same tests under the same names, whatever the time and the order of sets."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from hypothesis import settings

from tests.conftest import OF_THE_SAMPLE


def collected(root: Path, seed: str) -> list[str]:
    # Nothing runs, so that no assertion need be told in words: without that collecting takes half the time.
    command = [sys.executable, "-m", "pytest", "--collect-only", "--assert=plain"]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_names_of_tests_depend_on_neither_time_nor_order(root, request):
    """Collected here, and again by another process, later and with another seed of hashes."""
    again = collected(root, "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2")
    assert {item.nodeid for item in request.session.items} <= set(again)
    assert not [name for name in again if " at 0x" in name]


def test_load_and_chance_decide_no_test(root):
    assert (settings.default.deadline, settings.default.derandomize) == (None, True)
    word = "dead" + "line="
    for path in sorted((root / "tests").rglob("test_*.py")):
        assert word not in path.read_text(encoding="utf-8"), f"{path}: the profile in tests/conftest.py decides"


def test_what_needs_the_sample_says_so_in_its_id(root, request):
    """Else the process that builds the twin would build the sample as well."""
    tests = [item for item in request.session.items if item.nodeid.startswith("tests/build/")]
    wrong = {item.nodeid for item in tests if "sample" in item.fixturenames and not OF_THE_SAMPLE.match(item.nodeid)}
    assert not wrong, "parametrize these by results"


def test_builds_of_the_twin_share_a_process_and_those_of_other_flows_another(root, tmp_path):
    (tmp_path / "tests/build").mkdir(parents=True)
    shutil.copy(root / "tests/conftest.py", tmp_path / "tests")
    case = (
        "import pytest\n\n@pytest.mark.parametrize('i', ['twin', 'sample'])\n@pytest.mark.parametrize('j', range(4))\n"
    )
    for name in ("build/test_a", "build/test_b", "test_c"):
        (tmp_path / f"tests/{name}.py").write_text(f"{case}def test_{name[-1]}(i, j):\n    pass\n")
    command = [sys.executable, "-m", "pytest", "-n", "2", "-v", "-o", "norecursedirs=.git", "-p", "no:cacheprovider"]
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    kept["PYTHONPATH"] = str(root)  # where the copied conftest finds the project
    done = subprocess.run(command, cwd=tmp_path, env=kept, capture_output=True, text=True, check=True)
    ran = re.findall(r"\[(gw\d)\].* PASSED (\S+)", done.stdout)
    assert len(ran) == 24
    twin, sample = ({worker for worker, name in ran if "build" in name and said in name} for said in ("twin", "sample"))
    assert (len(twin), len(sample), len(twin | sample)) == (1, 1, 2)
