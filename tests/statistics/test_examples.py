"""The examples in the docstrings of the statistics, run as doctests."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import analysis.statistics

MODULES = sorted(path.stem for path in Path(analysis.statistics.__path__[0]).glob("[!_]*.py"))
# Those that only record what another one computes.
WITHOUT = {"coverage", "select"}


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module_hold(name: str) -> None:
    found = doctest.testmod(importlib.import_module(f"analysis.statistics.{name}"))
    assert found.failed == 0
    assert found.attempted or name in WITHOUT
