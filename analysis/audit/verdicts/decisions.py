"""What a rule finds, the words that verdicts are given in, and the decisions that several rules share."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.audit.verdicts.intervals import FEW, Interval
from analysis.detection.evaluation import WILSON
from analysis.record.display import show

REPRODUCED = "reproduced"
IN_PART = "reproduced in part"
NOT = "not reproduced"
NO_CONSEQUENCE = "does not follow"
OPEN = "inconclusive"
INCOMPARABLE = "not comparable"
OPINION = "untested opinion"
DESCRIPTION = "not testable as worded"
SYNTHETIC = "synthetic: pipeline check only"
VERDICTS = (REPRODUCED, IN_PART, NOT, NO_CONSEQUENCE, OPEN, INCOMPARABLE, OPINION, DESCRIPTION, SYNTHETIC)

BETTER, EQUAL, WORSE, UNDECIDED = "better", "practically equal", "worse", "undecided"


@dataclass(frozen=True)
class Finding:
    """What a rule found: a verdict, one sentence of measured facts, and where there is one the interval behind it.

    ``why_not`` completes the verdict 'not comparable'. ``here`` is our result in a table's cell, None where there is
    none.
    """

    verdict: str
    fact: str
    here: str | None
    interval: Interval | None = None
    n_train: int | None = None
    why_not: str = ""

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise ValueError(f"unknown verdict {self.verdict!r}")


def rounded(n: int) -> int:
    """Two significant digits, upwards: a forecast from one estimate deserves no more."""
    unit = 10 ** max(len(str(n)) - 2, 0)
    return -(-n // unit) * unit


def incomparable(reason: str) -> Finding:
    """The finding where the data cannot speak to a claim."""
    return Finding(INCOMPARABLE, f"{reason[0].upper()}{reason[1:]}.", None, why_not=reason)


def within(ours: Interval, low: float, high: float) -> str:
    """A number: reproduced where our interval lies inside, not where it lies wholly outside, else inconclusive."""
    if low <= ours.low and ours.high <= high:
        return REPRODUCED
    return NOT if ours.high < low or ours.low > high else OPEN


def above(ours: Interval, least: float) -> str:
    """A quantity that should reach ``least``: by its interval."""
    if ours.low >= least:
        return REPRODUCED
    return NOT if ours.high < least else OPEN


def first_of_two(difference: Interval) -> str:
    """An order: reproduced where the interval of first less second lies above 0, not where none of it does."""
    if difference.low > 0:
        return REPRODUCED
    return NOT if difference.high <= 0 else OPEN


def below(ours: Interval, most: float) -> str:
    """A quantity that should not exceed ``most``: by its interval."""
    if ours.high <= most:
        return REPRODUCED
    return NOT if ours.low > most else OPEN


def against_margin(difference: Interval, margin: float) -> str:
    """One against another: better or worse by more than the margin, practically equal within it, or undecided."""
    if difference.low > margin:
        return BETTER
    if difference.high < -margin:
        return WORSE
    return EQUAL if -margin <= difference.low and difference.high <= margin else UNDECIDED


def of_features(hold: int, all_: int) -> str:
    """A word said of all the features kept: of all of them, of some, of none."""
    return REPRODUCED if hold == all_ else IN_PART if hold else NOT


def fixed(value: float, digits: int = 3) -> str:
    """A number as it stands in a sentence."""
    return show(value, f"fixed:{digits}")


def bracket(interval: Interval, digits: int = 3) -> str:
    """'0.918 [0.899, 0.934]'; a share of few flows as what it is, '3 of 3'."""
    if interval.method == WILSON and interval.of is not None and interval.of < FEW:
        return f"{round(interval.value * interval.of)} of {interval.of}"
    low, high = fixed(interval.low, digits), fixed(interval.high, digits)
    return f"{fixed(interval.value, digits)} [{low}, {high}]"
