"""What a rule finds, the words that verdicts are given in, and the decisions that several rules share."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.audit.verdicts.intervals import Interval, flows_to_decide
from analysis.record.display import show

REPRODUCED = "reproduced"
IN_PART = "reproduced in part"
NOT = "not reproduced"
OPEN = "inconclusive"
INCOMPARABLE = "not comparable"
OPINION = "untested opinion"
SYNTHETIC = "synthetic: pipeline check only"
VERDICTS = (REPRODUCED, IN_PART, NOT, OPEN, INCOMPARABLE, OPINION, SYNTHETIC)

BETTER, EQUAL, WORSE, UNDECIDED = "better", "practically equal", "worse", "undecided"


@dataclass(frozen=True)
class Finding:
    """What a rule found: a verdict, one sentence of measured facts, and where there is one the interval behind it.

    ``why_not`` completes the verdict 'not comparable'. ``here`` is our result in a table's cell, None where there is
    none. ``edges`` are what the interval was held against, so that the number of flows that would decide can be given.
    """

    verdict: str
    fact: str
    here: str | None
    interval: Interval | None = None
    edges: tuple[float, float] | None = None
    n_train: int | None = None
    why_not: str = ""

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise ValueError(f"unknown verdict {self.verdict!r}")

    @property
    def n_decides(self) -> int | None:
        """Test flows that would decide; None where it is decided, where none would, or where it is no such question."""
        if self.verdict != OPEN or self.interval is None or self.edges is None:
            return None
        return flows_to_decide(self.interval, *self.edges)

    def sentence(self, most: int | None) -> str:
        """The fact, and where it is inconclusive what would decide; ``most`` are the flows of the whole release."""
        if self.verdict != OPEN or self.interval is None or self.edges is None:
            return self.fact
        if (n := self.n_decides) is None:
            return f"{self.fact} The estimate lies at an edge: no number of flows decides."
        beyond = ", more than the release has" if most is not None and n > most else ""
        return f"{self.fact} About {show(rounded(n), 'integer')} test flows would decide{beyond}."


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
    """'0.918 [0.899, 0.934]'."""
    low, high = fixed(interval.low, digits), fixed(interval.high, digits)
    return f"{fixed(interval.value, digits)} [{low}, {high}]"
