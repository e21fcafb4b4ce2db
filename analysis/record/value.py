"""A value: one typed result with its key, unit, display rule, definition and origin."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from analysis.record.display import show, spoken, typographic

WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
KEY = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")


def singular(unit: str) -> str:
    """One of ``unit``, an English plural: flow, class, query."""
    for plural, one in (("sses", "ss"), ("ies", "y"), ("s", "")):
        if unit.endswith(plural):
            return unit.removesuffix(plural) + one
    return unit


def out_of(some: int, whole: int, things: str) -> str:
    """How many of a few things, in words.

    >>> out_of(3, 3, "later days"), out_of(1, 3, "later days"), out_of(1, 1, "families")
    ('all three later days', 'one of three later days', 'the one family')
    >>> out_of(0, 0, "later days")
    'no later days'
    """
    if not whole:
        return f"no {things}"
    word = WORDS[whole] if whole < len(WORDS) else str(whole)
    if some == whole:
        return f"the one {singular(things)}" if whole == 1 else f"{'both' if whole == 2 else f'all {word}'} {things}"
    return f"{WORDS[some] if some < len(WORDS) else some} of {word} {things}"


def snake(name: str) -> str:
    """Lower-case ASCII snake case of a label or feature name: ``Web Attack XSS`` becomes ``web_attack_xss``."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", ascii_name.lower()).strip("_")


@dataclass(frozen=True)
class Value:
    """One result. ``value`` is typed (fractions, not percentages); None means not available, and needs a reason.

    ``origin`` says where it came from: step, and where it is a cell, table, row and column. ``forms`` holds
    further texts of the same value under other display rules, chosen in the manuscript with ``form=name``; fractions
    have the forms percent and percent0, whole numbers have the forms word ('four', up to twelve) and
    counted ('four models', with the unit), without asking. ``words`` is the text of a value
    that is a key ('random_forest' reads 'random forest').

    ``low`` and ``high`` are the ends of an interval of 95 %, where there is one, and ``interval`` says how it was made;
    the form interval shows all three numbers: '0.918 [0.909, 0.926]'.
    """

    key: str
    value: Any
    display: str
    definition: str
    unit: str = "1"
    n: int | None = None
    origin: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None
    forms: Mapping[str, str] = field(default_factory=dict)
    words: str | None = None
    low: float | None = None
    high: float | None = None
    interval: str | None = None

    def __post_init__(self) -> None:
        if not KEY.fullmatch(self.key) and "[" not in self.key:
            raise ValueError(f"value key {self.key!r} is not dotted lower-case snake case")
        if self.value is None and not self.reason:
            raise ValueError(f"value {self.key} is None without a reason")
        if (self.low, self.high, self.interval) != (None, None, None) and self.value is not None:
            if self.low is None or self.high is None or not self.interval:
                raise ValueError(f"value {self.key}: an interval needs low, high and how it was made")
            if not self.low <= self.value <= self.high:
                raise ValueError(f"value {self.key}: {self.value} lies outside its interval {self.low} to {self.high}")

    @property
    def text(self) -> str:
        """What a reader sees; for a missing value the reason."""
        if self.value is None:
            return typographic(self.reason or "")
        return self.words or self._spoken(self.display)

    def _spoken(self, rule: str) -> str:
        text = show(self.value, rule)
        return spoken(text) if rule.startswith(("fixed", "percent")) else text

    def to_json(self) -> dict[str, Any]:
        """The object stored in values.json, without its key."""
        entry = asdict(self)
        del entry["key"], entry["words"]
        forms = {name: self._spoken(rule) for name, rule in self.forms.items()} if self.value is not None else {}
        if self.unit == "fraction" and self.value is not None:
            forms = {"percent": self._spoken("percent:1"), "percent0": self._spoken("percent:0")} | forms
        if self.low is None or self.high is None or self.value is None:
            del entry["low"], entry["high"], entry["interval"]
        else:
            low, high = (show(one, self.display) for one in (self.low, self.high))
            forms["interval"] = f"{self._spoken(self.display)} [{low}, {high}]"
        if type(self.value) is int:
            word = WORDS[self.value] if 0 <= self.value < len(WORDS) else self.text
            unit = singular(self.unit) if self.value == 1 else self.unit
            forms = {"word": word, "counted": f"{word} {unit}".replace("none", "no")} | forms
        return entry | {"text": self.text, "forms": forms}
