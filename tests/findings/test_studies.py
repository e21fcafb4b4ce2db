"""Who asks for the study of the source alone gets no step, condition or figure of the second part."""

from __future__ import annotations

from pathlib import Path

from analysis.conditions.catalogue import plan
from analysis.settings import load
from paper.chapters import assemble

STEPS = {"misses", "gap", "repeats", "uncertainty", "operating"}


def asked(study: str) -> set[str]:
    """Names of the conditions of the gap."""
    return {name for one in plan(load({"study": study})) for subset, name in one.names if subset == "gap"}


def test_the_source_study_has_no_step_and_no_condition_of_this_chapter(root: Path) -> None:
    source, full = (assemble(root / "paper" / "paper.qmd", study) for study in ("source", "full"))
    assert source.idle_steps >= STEPS
    assert source.idle_figures >= {"staircase", "gap", "learning_curves", "precision_prevalence", "reliability"}
    assert not full.idle_steps & STEPS
    assert asked("source") == set()
    assert asked("full") >= {"ranked", "all", "without_shortcuts", "any.1", "plain.0", "plain.1"}


def test_columns_are_added_as_often_as_the_settings_say() -> None:
    planned = plan(load({"findings": {"columns": 1}}))
    levels = {one.condition.features for one in planned if one.condition.group.features == "added"}
    assert levels == {"added:1", "added:0.plain", "added:1.plain"}
    (batch,) = {one.condition.batch for one in planned if one.condition.features in levels}
    assert batch == "features", "they share a process"
