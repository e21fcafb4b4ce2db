"""Rankings: which model is better, by a margin and an interval of the difference on the same test flows."""

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
    fixed,
    incomparable,
)
from analysis.audit.verdicts.evidence import Evidence
from analysis.audit.verdicts.intervals import Interval, correlation
from analysis.detection.names import MODELS
from analysis.record import snake


def better(evidence: Evidence, first: str, second: str) -> Finding:
    """``first`` has a higher F1 than ``second`` by more than the margin; practically equal is not a win."""
    difference = evidence.models_differ(("ten", first), ("ten", second))
    state = against_margin(difference, evidence.margin)
    verdict = {BETTER: REPRODUCED, UNDECIDED: OPEN}.get(state, NOT)
    fact = f"{_words(first)} against {MODELS[second]}: {state}, by a margin of {evidence.margin} in F1."
    return Finding(verdict, fact, bracket(difference), difference, edges(difference, evidence.margin),
                   evidence.trained_on)  # fmt: skip


def edges(difference: Interval, margin: float) -> tuple[float, float]:
    """What an undecided difference must get inside of, or wholly out of: the margin to both sides."""
    return -margin, margin


def wins(evidence: Evidence) -> Finding:
    """The model that the source calls best is better than the best of the others."""
    best = evidence.printed["best_model"]
    others = [model for model in MODELS if model != best]
    rival = max(others, key=lambda model: evidence.count("ten", model).f1)
    return better(evidence, best, rival)


def named_features(evidence: Evidence) -> Finding:
    """The features that the source names, and inter-arrival times, are among those of highest correlation.

    A named feature that is not is let off as undecided where the Fisher interval of its |r| reaches the last one's.
    """
    named = evidence.printed["named_features"]
    if absent := [name for name in named if f"rank.position.{snake(name)}" not in evidence.values]:
        return incomparable(f"the data have no {' and no '.join(absent)}, or it never varies")
    kept = [name for name in named if name in evidence.ten]
    times = evidence.value("rank.ten.iat")
    n = evidence.train.height
    last = correlation(abs(evidence.value(f"rank.r.{snake(evidence.ten[-1])}")), n)
    close = [
        name
        for name in named
        if name not in kept and correlation(abs(evidence.value(f"rank.r.{snake(name)}")), n).high >= last.low
    ]
    here = f"{len(kept)} of {len(named)}"
    many = f"{times or 'no'} inter-arrival time{'' if times == 1 else 's'}"
    fact = f"Kept are {here} named features and {many}; the last of the {len(evidence.ten)} has an |r| of "
    fact += f"{fixed(last.value)}."
    if len(kept) == len(named) and times:
        return Finding(REPRODUCED, fact, here)
    if len(kept) + len(close) == len(named) and times:
        return Finding(OPEN, fact, here)
    return Finding(IN_PART if kept else NOT, fact, here)


def _words(model: str) -> str:
    return MODELS[model][0].upper() + MODELS[model][1:]
