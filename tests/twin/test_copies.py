"""Repeated flows of the twin: as frequent as in the original release, within files and across them."""

from __future__ import annotations

import polars as pl
import pytest

from analysis.dataset.release import load
from analysis.twin import copies
from analysis.twin import write as twin

RELEASE = load("original")
SIZES = ((1_000, 0), (2_000, 20), (4_000, 80))


def test_published_numbers_agree_with_one_another() -> None:
    assert copies.WITHIN + copies.ACROSS == copies.FLOWS - copies.LEFT
    assert sum(RELEASE.counts.values()) == copies.FLOWS
    assert sum(RELEASE.counts[label] for label in RELEASE.attacks) == copies.ATTACKS


def test_natural_repeats_follow_the_measured_rate() -> None:
    assert copies.natural(SIZES, 2_000) == pytest.approx(20)
    assert copies.natural(SIZES, 2_000 * 2**0.5) == pytest.approx(2_000 * 2**0.5 * 0.015)
    assert copies.natural(SIZES, 8_000) == pytest.approx(8_000 * 0.03)
    assert copies.natural(SIZES, 0) == 0
    assert copies.natural((), 500) == 0


def test_copies_fill_up_what_is_lacking() -> None:
    """Without natural repeats, all repeats are copies, at the published rates of benign flows and attacks."""
    counts = {"a": {"BENIGN": 50_000, "DoS": 20_000}, "b": {"BENIGN": 50_000}}
    repeats = {"BENIGN": ((1_000, 0),), "DoS": ((1_000, 1), (2_000, 50))}
    plan = copies.plan(counts, repeats, "BENIGN")
    within = sum(labels["BENIGN"] for labels in plan.within.values())
    benign = copies.FLOWS - copies.ATTACKS
    assert within == pytest.approx(100_000 * (copies.WITHIN - copies.ATTACK_REPEATS) / benign, rel=0.01)
    assert plan.across["a"] == 0
    assert plan.across["b"] == pytest.approx(100_000 * copies.ACROSS / benign, rel=0.01)
    drawn = 20_000 - plan.within["a"]["DoS"]
    found = plan.within["a"]["DoS"] + copies.natural(repeats["DoS"], drawn)
    assert found == pytest.approx(20_000 * copies.ATTACK_REPEATS / copies.ATTACKS, rel=0.01)


@pytest.mark.parametrize("rows", [56_615, 120_000])
def test_repeats_within_and_across_files_come_near_the_published_rates(rows: int) -> None:
    """All 79 columns as printed, rows beyond the first; across: what repeats no row of its own file."""
    made, parts = twin.twin(rows), []
    for file, number in made.jobs():
        lines = made.block(file, number).write_csv(include_header=False).splitlines()
        parts.append(pl.DataFrame({"line": lines}).with_columns(file=pl.lit(file)))
    table = pl.concat(parts)
    total = table.height - table["line"].n_unique()
    within = table.height - table.n_unique()
    scale = rows / copies.FLOWS
    assert total == pytest.approx(scale * (copies.WITHIN + copies.ACROSS), rel=0.02)
    assert within == pytest.approx(scale * copies.WITHIN, rel=0.02)
    assert total - within == pytest.approx(scale * copies.ACROSS, rel=0.02 if rows > 100_000 else 0.05)
