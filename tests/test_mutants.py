"""The mutation tester itself, and a sample of its mutants."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tools.mutants import TARGETS, listed, mutants, sample, source


def test_a_mutant_is_one_change_of_a_source_that_parses(root: Path) -> None:
    found = mutants("analysis.conditions.sample")
    whole = ast.unparse(ast.parse((root / "analysis/conditions/sample.py").read_text(encoding="utf-8")))
    assert len(found) > 20
    for mutant in found:
        assert ast.unparse(ast.parse(source(mutant))) != whole, str(mutant)
    assert mutants("analysis.conditions.sample") == found, "nothing is left changed"


def test_the_sample_is_that_of_its_seed() -> None:
    assert sample(20) == sample(20)
    assert sample(20) != sample(20, seed=1)
    assert {mutant.module for mutant in sample(0)} == set(TARGETS)


def test_what_becomes_of_one_module_draws_no_other_mutants_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {str(mutant) for mutant in sample(200)}
    monkeypatch.delitem(TARGETS, "analysis.statistics.rank")
    assert {one for one in before if not one.startswith("analysis.statistics.rank:")} <= {
        str(mutant) for mutant in sample(200)
    }


def test_every_module_has_tests_that_are_there(root: Path) -> None:
    assert all(any((root / test).exists() for test in tests) for _, tests in TARGETS.values())


def test_every_function_that_is_named_is_broken() -> None:
    named = {f"{module}.{function}" for module, (functions, _) in TARGETS.items() for function in functions}
    assert named <= {mutant.name[0] for mutant in sample(0)}


def test_every_listed_survivor_is_a_mutant() -> None:
    assert listed() <= {mutant.name for mutant in sample(0)}
    assert len(listed()) > 9


def test_a_few_mutants_are_killed(root: Path) -> None:
    command = [sys.executable, "-m", "tools.mutants", "--count", "8", "--least", "0.8", "--trust"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
