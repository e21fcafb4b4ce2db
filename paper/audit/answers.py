"""Questions of referees and teachers, answered by values of the build; where the paper answers is linked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from paper.audit.markup import PAPER, Content, Node, el, key, reading, searched, section

FILE = Path(__file__).with_name("questions.yaml")
Found = Mapping[str, Mapping[str, Any]]


class Question(BaseModel):
    """A question, the ``values`` that answer it, and the scores ``without`` something that stand beside ``base``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    question: str
    base: str | None = None
    without: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    at: tuple[str, ...]
    pitfall: str | None = None

    @property
    def keys(self) -> list[str]:
        """Every value that it asks."""
        return [*([self.base] if self.base else []), *self.without, *self.values]


def load(path: Path = FILE) -> list[Question]:
    """The questions in the order of the file."""
    return [Question.model_validate(entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))]


def compared(base: str, other: str, values: Found) -> str:
    """How ``other`` stands to ``base``: by their intervals, ``lower``, ``higher`` or ``no difference shown``.

    Where one of them is not there: the reason.
    """
    for name in (base, other):
        if name not in values or values[name]["value"] is None:
            return f"not comparable: {reading(name, values)}"
    one, two = values[base], values[other]
    if any(side.get(end) is None for side in (one, two) for end in ("low", "high")):
        return "not comparable: no interval"
    return "lower" if two["high"] < one["low"] else "higher" if two["low"] > one["high"] else "no difference shown"


def short(words: str) -> str:
    """What :func:`compared` says beside a score that gives its own reason.

    >>> short("not comparable: the flows have no times"), short("lower")
    ('not comparable', 'lower')
    """
    return words.partition(":")[0]


def verdict(question: Question, values: Found) -> str | None:
    """What the comparisons come to, in a sentence; None where nothing is compared."""
    if question.base is None:
        return None
    found = [compared(question.base, other, values) for other in question.without]
    made = [one for one in found if not one.startswith("not comparable")]
    if not made:
        return "No two scores that this build can compare."
    rises = f" and rises in {made.count('higher')}" if "higher" in made else ""
    return f"The score falls in {made.count('lower')} of {len(made)} comparison{'s' * (len(made) != 1)}{rises}."


def answer(question: Question, values: Found) -> list[Content]:
    """The verdict and, line by line, the values that it rests on."""
    words = verdict(question, values)
    lines = [
        el("li", values[name]["definition"] if name in values else name, ": ", el("strong", reading(name, values)),
           f" ({short(compared(question.base, name, values))})" if name in question.without and question.base else None,
           " ", key(name, values))
        for name in question.keys
    ]  # fmt: skip
    return [el("p", el("strong", words)) if words else None, el("ul", lines)]


def place(question: Question, places: Mapping[str, str]) -> Node | str:
    """A link to where the paper answers: the first of its places that this paper has; ``places`` are their titles."""
    here = next((one for one in question.at if one in places), None)
    return "this paper does not say" if here is None else el("a", places[here], href=f"{PAPER}#{here}")


def sheet(questions: Sequence[Question], values: Found, places: Mapping[str, str]) -> Node:
    """The marking sheet: each question, its answer in this build, where it stands, and room for points."""
    heads = ("Question", "Answer of this build", "In the paper", "Points")
    rows = [
        (
            el("a", one.question, id=f"ask-{one.id}", href=f"#pitfall-{one.pitfall}" if one.pitfall else None),
            answer(one, values),
            place(one, places),
            "\N{NO-BREAK SPACE}",
        )
        for one in questions
    ]
    return section(
        "questions", "Questions, and where their answers stand",
        el("p", "For referees, and as a marking sheet. Two scores differ where their intervals do not overlap; a "
                "difference of less is called none here, whatever it is."),
        searched("questions", heads, rows),
    )  # fmt: skip
