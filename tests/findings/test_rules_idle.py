"""The study of the source alone asks for none of the rules, shuffled labels and pitfalls."""

from __future__ import annotations

from pathlib import Path

from paper.chapters import assemble

STEPS = {"simple_rules", "shuffled", "pitfalls"}


def test_the_study_of_the_source_runs_none_of_these_steps(root: Path) -> None:
    source, full = (assemble(root / "paper" / "paper.qmd", study) for study in ("source", "full"))
    assert source.idle_steps >= STEPS
    assert "tree" in source.idle_figures
    assert not full.idle_steps & STEPS
