"""The rule by which changes are sorted, in words and as a key."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.difference.changes import APART, OVERLAP, UNKNOWN, Change
from analysis.difference.sentences import Sentence

RULE = (
    "What flipped comes first: claims of the paper as they are read, then verdicts on the source study, then pitfalls. "
    "Numbers and words follow by the first of these that tells two apart: where they stand (abstract, other text, only "
    "values.json); their intervals (apart, none known, overlapping); the size of the difference, as it is for shares "
    "and measures, relative to the larger of the two for other numbers, and 1 where a word changed, a value is missing "
    "in one build or the key means something else; the key. A sentence stands where its first number does."
)
INTERVALS = {APART: 0, UNKNOWN: 1, OVERLAP: 2}


def weight(change: Change) -> tuple[int, int, float, str]:
    """Sort key of a change: what weighs most comes first."""
    return change.place, INTERVALS[change.intervals], -change.size, change.key


def by_weight(changes: Iterable[Change]) -> list[Change]:
    """The changes, what weighs most first."""
    return sorted(changes, key=weight)


Sentences = tuple[Sentence | None, Sentence | None]


def by_sentence(changes: Iterable[Change]) -> list[tuple[Sentences, list[Change]]]:
    """Changes that stand in sentences, with these: each pair of sentences once, where its first change stands."""
    found: dict[Sentences, list[Change]] = {}
    for change in by_weight(changes):
        found.setdefault(change.sentences, []).append(change)
    return list(found.items())
