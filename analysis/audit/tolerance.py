"""Nearly the same: numbers within stated tolerances, texts equal, in JSON, CSV and prose."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

NUMBER = re.compile(r"(?<!\w)[-−]?\d[\d,]*(?:\.\d+)?%?")
MISSING = "(nothing)"
FLOWS = {"flows", "rows", "cells", "vectors"}
"""Units of what a model or a rounding may move by a few; features, types, models and files are not among them."""


@dataclass(frozen=True)
class Tolerance:
    """How far numbers may lie apart: a share of flows or a measure (``fraction``, absolutely), a whole number
    (``count``, relatively; of flows and their like also by ``few``), any other (``number``, relatively).

    A machine of another kind adds in another order, so statistics differ in their last digits, and a flow that lies
    on a model's threshold may change sides.
    """

    fraction: float = 0.005
    count: float = 0.005
    few: int = 2
    number: float = 1e-6

    @classmethod
    def of(cls, width: float | None) -> Tolerance:
        """The same width for every kind; with 0 nothing may differ. None: the usual ones."""
        return cls() if width is None else cls(width, width, 0, width)

    def allows(self, one: float, other: float, kind: str) -> bool:
        """Whether two numbers of a kind are near enough; ``kind`` is fraction, flows, count or number."""
        apart, size = abs(one - other), max(abs(one), abs(other))
        if kind == "fraction":
            return apart <= self.fraction
        if kind in ("flows", "count"):
            return apart <= max(self.count * size, self.few if kind == "flows" else 0)
        return apart <= self.number * size

    def __str__(self) -> str:
        return (f"fractions within {self.fraction:g}, whole numbers within {100 * self.count:g}% (counts of flows also "
                f"within {self.few}), other numbers within {100 * self.number:g}%, texts equal")  # fmt: skip


@dataclass
class Comparison:
    """What two contents have apart: the largest difference that is allowed, and those that are not."""

    largest: float = 0.0
    where: str = ""
    refused: list[str] = field(default_factory=list)

    def numbers(self, one: float, other: float, kind: str, where: str, tolerance: Tolerance, step: float = 0.0) -> None:
        """Compare two numbers; ``step`` is the unit of the last digit shown, by which rounding may part them."""
        apart = abs(one - other)
        rounding = step if tolerance.number else 0.0
        if not (tolerance.allows(one, other, kind) or apart <= rounding * (1 + 1e-9)):
            self.refused.append(f"{where}: {one:g} and {other:g}")
        elif apart > self.largest:
            self.largest, self.where = apart, where

    def texts(self, one: Any, other: Any, where: str) -> None:
        """Compare what has to be equal."""
        if one != other:
            self.refused.append(f"{where}: '{_short(one)}' and '{_short(other)}'")


def of_json(one: Any, other: Any, tolerance: Tolerance, *, unit: str | None = None, where: str = "") -> Comparison:
    """Compare what two JSON files say, by key. An entry with a ``unit`` has numbers of that unit; where nothing says
    what is counted, it may be flows.
    """
    found = Comparison()
    _walk(found, one, other, tolerance, unit, where)
    return found


def _walk(found: Comparison, one: Any, other: Any, tolerance: Tolerance, unit: str | None, where: str) -> None:
    if isinstance(one, dict) and isinstance(other, dict):
        unit = one.get("unit", unit)
        for key in [*one, *(key for key in other if key not in one)]:
            if key not in one or key not in other:
                found.refused.append(f"{where}.{key}".lstrip(".") + ": only in one of the two")
            else:
                _walk(found, one[key], other[key], tolerance, unit, f"{where}.{key}".lstrip("."))
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            found.refused.append(f"{where}: {len(one)} and {len(other)} entries")
        for i, (a, b) in enumerate(zip(one, other, strict=False)):
            _walk(found, a, b, tolerance, unit, f"{where}[{i}]")
    elif _is_number(one) and _is_number(other):
        whole = isinstance(one, int) and isinstance(other, int)
        counted = "flows" if unit is None or unit in FLOWS else "count"
        kind = "fraction" if unit == "fraction" else counted if whole else "number"
        found.numbers(one, other, kind, where, tolerance)
    elif isinstance(one, str) and isinstance(other, str):
        _prose(found, one, other, tolerance, where)
    else:
        found.texts(one, other, where)


def of_csv(one: str, other: str, tolerance: Tolerance) -> Comparison:
    """Compare two tables cell by cell. A decimal between −1 and 1 counts as a fraction."""
    found = Comparison()
    first, second = (list(csv.reader(io.StringIO(text))) for text in (one, other))
    head = first[0] if first else []
    for line, (a, b) in enumerate(zip_longest(first, second), 1):
        if a is None or b is None or len(a) != len(b):
            found.refused.append(f"line {line}: {MISSING if a is None else len(a)} and "
                                 f"{MISSING if b is None else len(b)} cells")  # fmt: skip
            continue
        for column, x, y in zip(head if len(head) == len(a) else a, a, b, strict=True):
            where = f"line {line}, {column}"
            if x != y and (numbers := _both(x, y)):
                found.numbers(*numbers, _kind(x, y, *numbers), where, tolerance)
            else:
                found.texts(x, y, where)
    return found


def of_text(one: str, other: str, tolerance: Tolerance) -> Comparison:
    """Compare prose: words equal, the numbers in it within tolerance and the rounding of their last digit."""
    found = Comparison()
    _prose(found, one, other, tolerance, "")
    return found


def _prose(found: Comparison, one: str, other: str, tolerance: Tolerance, where: str) -> None:
    if one == other:
        return
    words = [NUMBER.split(text) for text in (one, other)]
    numbers = [NUMBER.findall(text) for text in (one, other)]
    for i, (a, b) in enumerate(zip_longest(*words)):
        if a != b:
            x = (numbers[0][i - 1] if 0 < i <= len(numbers[0]) else "") + (a or "")
            y = (numbers[1][i - 1] if 0 < i <= len(numbers[1]) else "") + (b or "")
            same = next((k for k, (m, n) in enumerate(zip(x, y, strict=False)) if m != n), min(len(x), len(y)))
            at = max(same - 30, 0)
            found.refused.append(f"{where}{': ' if where else ''}'{_short(x[at:])}' and '{_short(y[at:])}'")
            return
    for i, (x, y) in enumerate(zip(*numbers, strict=True)):
        place = f"{where}{': ' if where else ''}after '{_short(words[0][i][-40:])}'"
        if x == y:
            continue
        if x.endswith("%") != y.endswith("%"):
            found.refused.append(f"{place}: {x} and {y}")
            continue
        a, b = _value(x), _value(y)
        found.numbers(a, b, "fraction" if x.endswith("%") else _kind(x, y, a, b), place, tolerance, _step(x))


def _value(text: str) -> float:
    number = float(text.rstrip("%").replace(",", "").replace("−", "-"))
    return number / 100 if text.endswith("%") else number


def _step(text: str) -> float:
    """The unit of the last digit of a number that was rounded; none for a whole number."""
    decimals = len(text.rstrip("%").partition(".")[2])
    if not decimals and not text.endswith("%"):
        return 0.0
    return 10.0 ** -(decimals + 2 * text.endswith("%"))


def _kind(x: str, y: str, a: float, b: float) -> str:
    if x.lstrip("-−").replace(",", "").isdigit() and y.lstrip("-−").replace(",", "").isdigit():
        return "flows"
    return "fraction" if max(abs(a), abs(b)) <= 1 else "number"


def _both(x: str, y: str) -> tuple[float, float] | None:
    try:
        return float(x), float(y)
    except ValueError:
        return None


def _is_number(entry: Any) -> bool:
    return isinstance(entry, (int, float)) and not isinstance(entry, bool)


def _short(text: Any) -> str:
    return " ".join(str(text).split())[:80]


def visible(html: str) -> Iterator[str]:
    """The text of an HTML page, line by line of its blocks, and the texts of its pictures."""
    page = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", html, flags=re.DOTALL | re.IGNORECASE)
    yield from re.findall(r'\balt="([^"]*)"', page)
    for line in re.split(r"</?(?:p|td|th|tr|li|h\d|figcaption|div|section|dt|dd)\b[^>]*>", page):
        if text := " ".join(re.sub(r"<[^>]*>", "", line).split()):
            yield text
