"""What the rules read: passages of running text, each word with its line, and whether it is claimed or set aside."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from analysis.record.address import ADDRESS
from analysis.record.value import KEY
from paper.chapters import Manuscript

Kind = Literal["text", "value", "code", "math", "address", "hidden"]
# What stands in a passage's text for a value, a citation, mathematics or code.
PLACEHOLDER = "\ufffc"
# What a reader does not see within a word: soft hyphens, spaces and joiners without width, a mark of byte order.
INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")


def is_name(text: str) -> bool:
    """Whether ``text`` may name a value: by a key, or by the address of a cell."""
    return bool(KEY.fullmatch(text) or ADDRESS.fullmatch(text))


@dataclass
class SetAside:
    """A span in which a rule is set aside, ``[text]{lint-ok="rule: reason"}``; ``used`` counts the findings in it."""

    rule: str
    reason: str
    sections: tuple[str, ...]
    line: int = 1
    used: int = 0


@dataclass
class Misplaced:
    """An attribute for the lint, ``claim`` or ``lint-ok``, where it has no effect; ``why`` says what is wrong."""

    attribute: str
    why: str
    line: int = 1


@dataclass
class Atom:
    """The smallest piece that has a line: a word with its punctuation, a value, a formula; a hidden one is unseen."""

    text: str
    kind: Kind = "text"
    claimed: bool = False
    aside: tuple[SetAside, ...] = ()
    line: int = 1

    @property
    def shown(self) -> str:
        """What it is in the text of its passage."""
        return self.text if self.kind == "text" else "" if self.kind == "hidden" else PLACEHOLDER


@dataclass
class Passage:
    """A paragraph, heading, caption, cell, alternative text or entry of the front matter.

    ``sections`` are the ids of the sections around it, outermost first; in the front matter it is
    "abstract" or "front matter".
    """

    kind: str
    sections: tuple[str, ...]
    atoms: list[Atom] = field(default_factory=list)

    @cached_property
    def text(self) -> str:
        """Running text, with one placeholder for each thing that is not text."""
        return "".join(atom.shown for atom in self.atoms)

    @cached_property
    def _starts(self) -> list[int]:
        starts, position = [], 0
        for atom in self.atoms:
            starts.append(position)
            position += len(atom.shown)
        return starts

    def wrapped(self) -> Iterator[tuple[int, Atom]]:
        """Code and mathematics, each with its place in ``text``."""
        for start, atom in zip(self._starts, self.atoms, strict=True):
            if atom.kind in {"code", "math"}:
                yield start, atom

    def at(self, offset: int) -> Atom:
        """The atom at this place of ``text``."""
        return self.atoms[bisect_right(self._starts, offset) - 1]

    def around(self, start: int, end: int, words: int = 4) -> str:
        """The text from ``start`` to ``end`` with some words to either side, on one line."""
        before, after = self.text[:start].split(" "), self.text[end:].split(" ")
        left, right = " ".join(before[-words - 1 :]), " ".join(after[: words + 1])
        dots = ("… " if len(before) > words + 1 else "", " …" if len(after) > words + 1 else "")
        return " ".join(f"{dots[0]}{left}{self.text[start:end]}{right}{dots[1]}".replace(PLACEHOLDER, "▢").split())


@dataclass(frozen=True, order=True)
class Finding:
    """What a rule found: file, line, id of the rule, its message, and the text."""

    path: str
    line: int
    rule: str
    message: str
    text: str

    def __str__(self) -> str:
        return ": ".join(part for part in (f"{self.path}:{self.line}", self.rule, self.message, self.text) if part)


@dataclass
class Document:
    """A manuscript as the rules see it.

    ``keys`` are the value keys in it, with their lines; ``values`` the record's, or None where there is no record.
    All lines are those of ``manuscript``, which knows where they stand.
    """

    manuscript: Manuscript
    passages: list[Passage] = field(default_factory=list)
    set_asides: list[SetAside] = field(default_factory=list)
    misplaced: list[Misplaced] = field(default_factory=list)
    keys: list[tuple[str, int]] = field(default_factory=list)
    values: dict[str, Any] | None = None
    repeated_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hit:
    """Where a rule fires in a passage; ``text`` replaces the words there where they do not say it."""

    passage: Passage
    start: int
    end: int
    text: str = ""

    @property
    def atom(self) -> Atom:
        """The first atom hit."""
        return self.passage.at(self.start)

    @property
    def quoted(self) -> str:
        """The words hit, and those around them."""
        own = self.text or " ".join(self.passage.text[self.start : self.end].replace(PLACEHOLDER, "▢").split())
        return f"'{own}' in '{self.passage.around(self.start, self.end)}'"


@dataclass(frozen=True)
class Lines:
    """Where a rule fires outside running text: a line of the manuscript, and what is there."""

    line: int
    text: str
