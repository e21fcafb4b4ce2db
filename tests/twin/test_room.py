"""What draws the twin stands apart from what makes its parameters: no build runs, or depends on, the latter."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from analysis.sources import sources

STEPS = ("__main__", "twin_classes", "fidelity")


def test_no_rule_depends_on_what_makes_the_parameters(root):
    rules = [path for room in ("analysis", "figures", "paper") for path in (root / room).rglob("*.smk")]
    named = r'code=sources\(\s*"([\w.]+)"'
    called = {name for path in rules for name in re.findall(named, path.read_text(encoding="utf-8"))}
    assert {f"analysis.twin.{step}" for step in STEPS} <= called
    for module in called:
        assert not [path for path in sources(module) if "twin/calibration" in path], module


@pytest.mark.parametrize("step", STEPS)
def test_a_step_of_the_twin_loads_no_estimator(step, root):
    code = f"import sys, analysis.twin.{step}; print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("step", STEPS)
def test_what_draws_knows_nothing_of_detection(step):
    assert not [path for path in sources(f"analysis.twin.{step}") if "analysis/detection" in path]
