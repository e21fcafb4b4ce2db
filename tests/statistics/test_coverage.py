"""How often each interval holds the truth: near .95 where theory promises it, and as the paper prints it elsewhere.

The first samples of every kind are drawn again, and all of those that cost little.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kurtosis

from analysis.audit.verdicts import intervals
from analysis.record import read_json
from analysis.statistics.coverage import FILE, of_coverage
from tools.coverage.features import LOG_NORMAL
from tools.coverage.simulated import FIRST, KINDS, RUNS, simulate

MEASURED = read_json(FILE)
QUICK = ("share", "rare_share", "weighted_share", "f1", "f1_flows", "f1_campaigns", "mcc", "precision", "brier",
         "splits", "f1_difference", "correlation", "correlation_class", "rank_correlation", "superiority", "delta",
         "d")  # fmt: skip


def test_what_is_kept_is_of_all_kinds_and_of_enough_samples() -> None:
    assert list(MEASURED["kinds"]) == list(KINDS)
    assert (MEASURED["runs"], MEASURED["first"], MEASURED["nominal"]) == (RUNS, FIRST, 0.95)
    assert RUNS >= 1000
    for name, kind in KINDS.items():
        told = MEASURED["kinds"][name]
        assert (told["flows"], told["sample"], told["promised"]) == (kind.flows, kind.sample, kind.promised)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.promised])
def test_what_theory_promises_is_kept(name: str) -> None:
    assert 0.93 <= MEASURED["kinds"][name]["coverage"] <= 0.97


@pytest.mark.parametrize("name", KINDS)
def test_the_first_samples_give_what_is_kept(name: str) -> None:
    assert sum(simulate(name, FIRST)) == MEASURED["kinds"][name]["first"], "make coverage measures anew"


@pytest.mark.parametrize("name", QUICK)
def test_all_samples_give_what_is_kept(name: str) -> None:
    assert sum(simulate(name, RUNS)) / RUNS == pytest.approx(MEASURED["kinds"][name]["coverage"], abs=0.001)


def test_the_truths_are_those_of_the_distributions() -> None:
    grid = (np.arange(1_000_000) + 0.5) / 1_000_000
    assert kurtosis(grid) == pytest.approx(-1.2, abs=1e-6)
    assert kurtosis(-np.log(grid)) == pytest.approx(6, abs=0.01)
    # Of the log-normal distribution by its moments, exp(k^2 / 2).
    m = [math.exp(k**2 / 2) for k in range(5)]
    central = [m[2] - m[1] ** 2, m[4] - 4 * m[3] * m[1] + 6 * m[2] * m[1] ** 2 - 3 * m[1] ** 4]
    assert central[1] / central[0] ** 2 - 3 == pytest.approx(LOG_NORMAL)


def test_an_interval_of_another_level_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """90% sold as 95%."""
    monkeypatch.setattr(intervals, "Z", 1.645)
    assert sum(simulate("correlation", RUNS)) / RUNS < 0.93


def test_the_paper_prints_what_theory_does_not_promise(root: Path) -> None:
    """Beside the definitions, wherever the manuscript has them."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((root / "paper").rglob("*.qmd")))
    printed = set(re.findall(r"`coverage\.(\w+)`\{\.val", text))
    assert {name for name, kind in KINDS.items() if not kind.promised} <= printed
    values = of_coverage("test").values
    assert {f"coverage.{name}" for name in printed} <= set(values)
    assert values["coverage.kurtosis_heavy"].value == MEASURED["kinds"]["kurtosis_heavy"]["coverage"]
