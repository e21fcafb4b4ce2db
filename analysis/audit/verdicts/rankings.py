"""Rankings: which model comes first, and whether by a margin; by intervals of differences on the same test flows."""

from __future__ import annotations

from analysis.audit.verdicts.decisions import (
    BETTER,
    IN_PART,
    NOT,
    OPEN,
    REPRODUCED,
    UNDECIDED,
    Finding,
    against_margin,
    bracket,
    first_of_two,
    fixed,
    incomparable,
)
from analysis.audit.verdicts.evidence import Evidence
from analysis.audit.verdicts.intervals import correlation
from analysis.detection.names import MODELS


def before(evidence: Evidence, first: str, second: str) -> Finding:
    """``first`` has a higher F1 than ``second``, by however little."""
    difference = evidence.models_differ(("selected", first), ("selected", second))
    fact = f"F1 of {MODELS[first]} less that of {MODELS[second]}."
    return Finding(first_of_two(difference), fact, bracket(difference), difference, evidence.trained_on)


def wins(evidence: Evidence) -> Finding:
    """The model that the source calls best comes before the best of the others."""
    return before(evidence, evidence.printed["best_model"], rival(evidence))


def wins_by_margin(evidence: Evidence) -> Finding:
    """It does so by more than the margin; practically equal is no such win."""
    best, other = evidence.printed["best_model"], rival(evidence)
    difference = evidence.models_differ(("selected", best), ("selected", other))
    state = against_margin(difference, evidence.margin)
    verdict = {BETTER: REPRODUCED, UNDECIDED: OPEN}.get(state, NOT)
    fact = f"The same against a margin of {evidence.margin}: {state}."
    return Finding(verdict, fact, bracket(difference), difference, evidence.trained_on)


def rival(evidence: Evidence) -> str:
    """The best by F1 of the models that the source does not call best."""
    others = [model for model in MODELS if model != evidence.printed["best_model"]]
    return max(others, key=lambda model: evidence.count("selected", model).f1)


def named_features(evidence: Evidence) -> Finding:
    """The features that the source names, and inter-arrival times, are among those of highest correlation.

    A named feature that is not is let off as undecided where the Fisher interval of its |r| reaches the last one's.
    """
    named = evidence.printed["named_features"]
    if absent := [name for name in named if not evidence.is_ranked(name)]:
        return incomparable(f"the data have no {' and no '.join(absent)}, or it never varies")
    kept = [name for name in named if name in evidence.top]
    times = evidence.value("rank.selected.iat")
    n = evidence.train.height
    last = correlation(abs(evidence.cell("ranking", "r", feature=evidence.top[-1])), n)
    close = [
        name
        for name in named
        if name not in kept and correlation(abs(evidence.cell("ranking", "r", feature=name)), n).high >= last.low
    ]
    here = f"{len(kept)} of {len(named)}"
    many = f"{times or 'no'} inter-arrival time{'' if times == 1 else 's'}"
    fact = f"Named features kept, with {many}; the last kept has an |r| of {fixed(last.value)}."
    if len(kept) == len(named) and times:
        return Finding(REPRODUCED, fact, here)
    if len(kept) + len(close) == len(named) and times:
        return Finding(OPEN, fact, here)
    return Finding(IN_PART if kept else NOT, fact, here)
