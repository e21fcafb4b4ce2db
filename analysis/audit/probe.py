"""Values drawn at random for the keys of a condition, to see whether it depends on the data at all.

The draws are of the right kind (fractions, counts, signed numbers, truths, texts, lists), alike in every run, and lie
around the numbers and texts that the condition itself names, where it would flip.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

PROBES = 400
OTHERS = ("random_forest", "another", "")
SIZES = (0, 0, 1, 2, 3, 5, 10, 30, 100, 10_000, 3_000_000)

Entries = Mapping[str, Mapping[str, Any]]


def probes(
    entries: Entries, keys: Sequence[str], asked: set[str], named: Sequence[Any], guesses: Mapping[str, str]
) -> Iterator[dict[str, dict[str, Any]]]:
    """Sets of values for ``keys``, first those of ``entries``; ``named`` are the constants of the condition.

    A key in ``asked`` may have no value. What is not in ``entries``, or has no value there, is of the kind that
    ``guesses`` say, or a number.
    """
    # No secret: the same draws in each run.
    draw = random.Random(1)
    present = {key: entries.get(key, {}).get("value") for key in keys}
    kinds = {key: kind_of(entries.get(key, {})) or guesses.get(key, "number") for key in keys}
    numbers, texts = _pools(present.values(), named)
    if None not in present.values():
        yield {key: _entry(value) for key, value in present.items()}
    for _ in range(PROBES):
        # Some keep most values of the build, some are all alike, some are without those that may be missing.
        keep, alike, without = draw.choice((0.0, 0.0, 0.5, 0.8)), draw.random() < 0.2, draw.choice((0.0, 0.3, 1.0))
        seed = draw.random()
        found = {}
        for key in keys:
            same = random.Random(seed) if alike else draw
            value = present[key]
            if value is None or draw.random() >= keep:
                value = DRAWS[kinds[key]](same, numbers, texts)
            found[key] = _entry(None if key in asked and draw.random() < without else value)
        yield found


def kind_of(entry: Mapping[str, Any]) -> str | None:
    """What a value is by its unit and itself; None where nobody can say."""
    value = entry.get("value")
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, str):
        return "text"
    if isinstance(value, list):
        return "list"
    if entry.get("unit") == "fraction" and (value is None or 0 <= value <= 1):
        return "fraction"
    if isinstance(value, int) and value >= 0:
        return "count"
    return None if value is None else "number"


def _entry(value: Any) -> dict[str, Any]:
    return {"value": value, "reason": "drawn"}


def _pools(present: Any, named: Sequence[Any]) -> tuple[list[float], list[str]]:
    """Numbers and texts that stand in a condition or are the values of its keys."""
    seen = [one for value in (*present, *named) for one in (value if isinstance(value, list | tuple) else [value])]
    numbers = [one for one in seen if isinstance(one, int | float) and not isinstance(one, bool) and abs(one) < 1e15]
    return numbers, [*dict.fromkeys([one for one in seen if isinstance(one, str)]), *OTHERS]


def _fraction(draw: random.Random, numbers: list[float], texts: list[str]) -> float:
    near = [one for one in numbers if 0 <= one <= 1]
    return draw.choice((0.0, 1.0, draw.random(), draw.random(), draw.random() ** 8, 1 - draw.random() ** 8,
                        *(draw.choice(near) for _ in range(2 * bool(near)))))  # fmt: skip


def _count(draw: random.Random, numbers: list[float], texts: list[str]) -> int:
    near = [int(one) + draw.choice((-1, 0, 1)) for one in numbers if one >= 0]
    return max(draw.choice((*SIZES, draw.randrange(20), *near)), 0)


def _number(draw: random.Random, numbers: list[float], texts: list[str]) -> float:
    near = [draw.choice((one, -one, one + draw.uniform(-1, 1), one * draw.uniform(0, 2))) for one in numbers]
    return draw.choice((0.0, draw.uniform(-1, 1), draw.uniform(-1, 1), draw.gauss(0, 1e3), draw.gauss(0, 1e9), *near))


def _text(draw: random.Random, numbers: list[float], texts: list[str]) -> str:
    return draw.choice(texts)


def _list(draw: random.Random, numbers: list[float], texts: list[str]) -> list[str]:
    return draw.sample(texts, draw.randint(0, len(texts)))


DRAWS: dict[str, Callable[[random.Random, list[float], list[str]], Any]] = {
    "truth": lambda draw, numbers, texts: draw.random() < 0.5,
    "fraction": _fraction,
    "count": _count,
    "number": _number,
    "text": _text,
    "list": _list,
}
