"""What a step loads before it does anything: what takes long is loaded by the steps that need it alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from .test_rules import STEPS

HEAVY = ("sklearn", "scipy", "statsmodels", "pandas", "matplotlib", "seaborn")
ESTIMATORS = {"fit", "screen", "simple_rules", "shuffled", "scores", "robustness", "elsewhere", "transfer",
              "study_claims", "retraining", "evasion", "explanation", "tooling"}  # fmt: skip
"""Steps that load scikit-learn: what fits, and for its metrics what scores. Reports read arrays."""
STATISTICS = {
    "kolmogorov_smirnov",
    "single_features",
    "ledger",
    "uncertainty",
    "operating",
    "explorer",
    "rank_intervals",
    "effects",
}
"""Steps that test hypotheses or make intervals, with SciPy."""


def loaded(root: Path, modules: Iterable[str]) -> set[str]:
    """Those of ``HEAVY`` that a process has loaded once it has imported the modules."""
    code = f"""
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps([name for name in {HEAVY} if name in sys.modules]))
"""
    done = subprocess.run([sys.executable, "-c", code, *modules], cwd=root, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_reports_load_neither_estimators_nor_what_draws(root: Path) -> None:
    reports = [module for rule, module in STEPS.items() if rule not in ESTIMATORS | STATISTICS]
    assert len(reports) > 20
    assert loaded(root, reports) == set()


def test_tests_of_hypotheses_load_no_estimator(root: Path) -> None:
    found = loaded(root, [STEPS[rule] for rule in STATISTICS])
    assert not found & {"sklearn", "matplotlib", "seaborn"}
