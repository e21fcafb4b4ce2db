"""What changed from one build to the other: numbers and words by key, claims, verdicts; each paired, none judged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.audit.verdicts.decisions import IN_PART, NO_CONSEQUENCE, NOT, OPEN, REPRODUCED
from analysis.difference.read import Build
from analysis.difference.sentences import Sentence
from analysis.record.display import MINUS, show

JUDGED = frozenset((REPRODUCED, IN_PART, NOT, NO_CONSEQUENCE, OPEN))
"""Verdicts of the ledger that judge; the others say why nothing was judged."""
OF_THE_FOUNDATIONS = ("settings.", "versions.", "build.", "paper.", "data.", "release.", "words.")
"""Values that are told among data, settings and code, or only say how the paper is called."""
ABSTRACT, TEXT, RECORD = 0, 1, 2
"""Where a number stands: in the abstract, in a sentence elsewhere, or only in values.json."""
APART, UNKNOWN, OVERLAP = "apart", "unknown", "overlap"
"""Intervals of a number in the two builds; unknown where one of them has none."""
ANY_NUMBER = re.compile(r"\d[\d,.]*")


@dataclass(frozen=True)
class Change:
    """A value that is not the same. ``difference`` is second less first, None where there is none to give.

    ``redefined``: ``same`` (one definition), ``numbers`` (its words are the same, the numbers in it are not) or
    ``otherwise`` (another quantity under the same key, whose numbers are not subtracted).
    """

    key: str
    definitions: tuple[str, str]
    texts: tuple[str, str]
    difference: float | None
    said: str
    intervals: str
    redefined: str
    place: int
    size: float
    sentences: tuple[Sentence | None, Sentence | None]
    more: int
    """In how many further sentences of either paper it stands."""


@dataclass(frozen=True)
class Flip:
    """A claim or verdict that is not the same: what it is, what each build says, and in which words."""

    kind: str
    id: str
    name: str
    states: tuple[str, str]
    words: tuple[str, str]
    sentences: tuple[tuple[Sentence, ...], tuple[Sentence, ...]] = ((), ())
    note: str = ""


def values(one: Build, other: Build) -> list[Change]:
    """Every value of both builds that is not the same, in no order."""
    return [_change(key, one, other) for key in one.values if key in other.values and _differ(key, one, other)]


def only_in(one: Build, other: Build) -> list[str]:
    """The keys of the first build that the second has not."""
    return [key for key in one.values if key not in other.values and not key.startswith(OF_THE_FOUNDATIONS)]


def _differ(key: str, one: Build, other: Build) -> bool:
    a, b = one.values[key], other.values[key]
    if key.startswith(OF_THE_FOUNDATIONS):
        return False
    return any(a.get(part) != b.get(part) for part in ("value", "unit", "definition", "low", "high"))


def _change(key: str, one: Build, other: Build) -> Change:
    a, b = one.values[key], other.values[key]
    first, second = one.paper.showing(key), other.paper.showing(key)
    redefined = _redefined(a, b)
    numbers = _number(a["value"]), _number(b["value"])
    difference = None
    if None not in numbers and redefined != "otherwise":
        difference = float(numbers[1]) - float(numbers[0])  # type: ignore[arg-type]
    return Change(
        key=key,
        definitions=(a["definition"], b["definition"]),
        texts=(_text(a), _text(b)),
        difference=difference,
        said="" if difference is None else _said(difference, b),
        intervals=_intervals(a, b) if redefined != "otherwise" else UNKNOWN,
        redefined=redefined,
        place=ABSTRACT if any(s.abstract for s in (*first, *second)) else TEXT if first or second else RECORD,
        size=_size(a, b, difference),
        sentences=(next(iter(first), None), next(iter(second), None)),
        more=max(len(first), len(second), 1) - 1,
    )


def _redefined(a: Mapping[str, Any], b: Mapping[str, Any]) -> str:
    if a["definition"] == b["definition"] and a["unit"] == b["unit"]:
        return "same"
    words = [ANY_NUMBER.sub("#", entry["definition"]) for entry in (a, b)]
    return "numbers" if words[0] == words[1] and a["unit"] == b["unit"] else "otherwise"


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(entry: Mapping[str, Any]) -> str:
    if entry["value"] is None:
        return f"not available ({entry['text']})"
    if isinstance(entry["value"], bool):
        return "yes" if entry["value"] else "no"
    return str(entry.get("forms", {}).get("interval", entry["text"]))


def _said(difference: float, entry: Mapping[str, Any]) -> str:
    """A difference as it reads: with its sign, under the rule of the value; of percentages in points."""
    if difference == 0:
        return "0"
    rule = entry["display"] if not entry["display"].startswith(("text", "p")) else "significant:3"
    sign = "+" if difference > 0 else MINUS
    if entry["display"].startswith("percent"):
        return f"{sign}{show(100 * abs(difference), 'fixed:1')} points"
    return sign + show(abs(difference), rule)


def _intervals(a: Mapping[str, Any], b: Mapping[str, Any]) -> str:
    if any(entry.get(end) is None for entry in (a, b) for end in ("low", "high")):
        return UNKNOWN
    return OVERLAP if a["low"] <= b["high"] and b["low"] <= a["high"] else APART


def _size(a: Mapping[str, Any], b: Mapping[str, Any], difference: float | None) -> float:
    """How large a difference is, from 0: of shares and measures as it is, of other numbers relative to the larger."""
    if difference is None:
        return 1.0
    if b["unit"] == "fraction":
        return abs(difference)
    largest = max(abs(a["value"]), abs(b["value"]))
    return abs(difference) / largest if largest else 0.0


def flips(one: Build, other: Build) -> list[Flip]:
    """Claims of the paper, verdicts on the source study and pitfalls that both builds judge, and not alike."""
    return [*_claims(one, other), *_verdicts(one, other), *_pitfalls(one, other)]


def _claims(one: Build, other: Build) -> Iterator[Flip]:
    order = list(dict.fromkeys([*one.paper.claims, *other.paper.claims, *one.claims]))
    for name in order:
        a, b = one.claims.get(name), other.claims.get(name)
        if a is None or b is None or None in (a["holds"], b["holds"]) or a["holds"] == b["holds"]:
            continue
        same = a["condition"] == b["condition"]
        yield Flip(
            kind="claim",
            id=name,
            name=a["condition"],
            states=(_holds(a), _holds(b)),
            words=(_because(a), _because(b)),
            sentences=(tuple(one.paper.making(name)), tuple(other.paper.making(name))),
            note="" if same else f"the second build asks another condition: {b['condition']}",
        )


def _holds(claim: Mapping[str, Any]) -> str:
    return "holds" if claim["holds"] else "does not hold"


def _because(claim: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} = {text}" for key, text in claim.get("values", {}).items())


def _verdicts(one: Build, other: Build) -> Iterator[Flip]:
    theirs = other.claims_of_the_source
    for name, a in one.claims_of_the_source.items():
        b = theirs.get(name)
        if b and {a["verdict"], b["verdict"]} <= JUDGED and a["verdict"] != b["verdict"]:
            words = [f"{row['here'] or 'no number'}. {row['sentence']}" for row in (a, b)]
            yield Flip("verdict", name, a["short"], (a["verdict"], b["verdict"]), (words[0], words[1]))


def _pitfalls(one: Build, other: Build) -> Iterator[Flip]:
    theirs = other.pitfalls
    for name, a in one.pitfalls.items():
        b = theirs.get(name)
        if b and a["here"] != b["here"]:
            words = ["; ".join(check["words"] for check in pitfall["checks"]) for pitfall in (a, b)]
            yield Flip("pitfall", name, a["name"], (a["here"], b["here"]), (words[0], words[1]))


def asked(build: Build) -> set[str]:
    """The claims of the paper that the build makes or denies."""
    return {name for name, claim in build.claims.items() if claim["holds"] is not None}


def judged(build: Build) -> set[str]:
    """The claims of the source study that the build judges."""
    return {name for name, row in build.claims_of_the_source.items() if row["verdict"] in JUDGED}


def unpaired(one: Build, other: Build) -> list[str]:
    """In words: claims and verdicts that only one of the builds judges, by their number and ids."""
    found = []
    for what, of in (("claims of the paper", asked), ("claims of the source study", judged)):
        a, b = of(one), of(other)
        for build, names in ((one, a - b), (other, b - a)):
            if names:
                found.append(f"{len(names)} {what} only in {build.name}: {', '.join(sorted(names))}")
    return found
