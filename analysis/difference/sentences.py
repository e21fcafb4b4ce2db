"""The sentences of a published paper.html, each with the values that it shows and the claims that it makes.

The page marks both: ``data-key`` on a value, ``data-claim`` on what a claim covers. Tables, headings, contents,
references and the appendix of values hold no sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import pairwise

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
BLOCKS = {"p", "li", "dt", "dd", "figcaption", "div", "section", "figure", "ul", "ol", "dl", "blockquote", "main"}
PASSED_BLOCKS = {"head", "script", "style", "nav", "table", "pre", "h1", "h2", "h3", "h4"}
PASSED_WORDS = {"button", "svg", "annotation"}
PASSED_CLASSES = {
    "abstract-title", "author", "date", "formats", "keywords", "references", "skip", "source", "subtitle", "value-list",
}  # fmt: skip
ABSTRACT = "abstract"
JOINERS = re.compile("[\u2060\u200b\u200c\u00ad\ufeff]")
"""Characters by which the paper says where a line may break."""
END = re.compile(r"[.!?][”’)\]]*\s+(?=[“‘(\[]*[A-Z0-9])")
ABBREVIATED = re.compile(r"(?:\b(?:al|cf|vs|e\.g|i\.e|etc|[Ff]igs?|[Nn]o|[Ee]q|pp?|vol)|(?:^|[\s(])[A-Z])\.$")


@dataclass(frozen=True)
class Piece:
    """A stretch of text: ``key`` is that of the value it shows, or empty; ``claims`` are the ids that cover it."""

    text: str
    key: str = ""
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sentence:
    """One sentence, and whether it stands in the abstract."""

    pieces: tuple[Piece, ...]
    abstract: bool = False

    @property
    def text(self) -> str:
        """What a reader sees."""
        return "".join(piece.text for piece in self.pieces)


class Paper:
    """The sentences of a page in reading order, and where each value and claim stands."""

    def __init__(self, html: str) -> None:
        reader = _Reader()
        reader.feed(html)
        reader.close()
        reader.end_block()
        self.sentences = reader.sentences
        self._of_value: dict[str, list[Sentence]] = {}
        self._of_claim: dict[str, list[Sentence]] = {}
        for sentence in self.sentences:
            for key in dict.fromkeys(piece.key for piece in sentence.pieces if piece.key):
                self._of_value.setdefault(key, []).append(sentence)
            for claim in dict.fromkeys(claim for piece in sentence.pieces for claim in piece.claims):
                self._of_claim.setdefault(claim, []).append(sentence)

    def showing(self, key: str) -> list[Sentence]:
        """The sentences that show the value ``key``, in reading order."""
        return self._of_value.get(key, [])

    def making(self, claim: str) -> list[Sentence]:
        """The sentences that the claim ``claim`` covers, wholly or in part, in reading order."""
        return self._of_claim.get(claim, [])

    @property
    def claims(self) -> list[str]:
        """The ids of the claims in reading order."""
        return list(self._of_claim)

    @property
    def of_the_abstract(self) -> list[str]:
        """The keys of the values that the abstract shows, in reading order."""
        return [key for key, found in self._of_value.items() if any(one.abstract for one in found)]


@dataclass(frozen=True)
class _Open:
    tag: str
    passed: bool
    key: str
    claim: str
    abstract: bool


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sentences: list[Sentence] = []
        self._open: list[_Open] = []
        self._pieces: list[Piece] = []
        self._abstract = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        classes = set(given.get("class", "").split())
        if tag in BLOCKS | PASSED_BLOCKS:
            self.end_block()
        if tag in VOID:
            self._add(" " if tag == "br" else "")
            return
        passed = tag in PASSED_BLOCKS | PASSED_WORDS or bool(classes & PASSED_CLASSES) or given.get("id") == "refs"
        key = given.get("data-key", "") if "val" in classes else ""
        self._open.append(_Open(tag, passed, key, given.get("data-claim", ""), ABSTRACT in classes))

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS | PASSED_BLOCKS:
            self.end_block()
        places = [i for i, one in enumerate(self._open) if one.tag == tag]
        if places:
            del self._open[places[-1] :]

    def handle_data(self, data: str) -> None:
        self._add(data)

    def _add(self, text: str) -> None:
        if text and not any(one.passed for one in self._open):
            key = next((one.key for one in reversed(self._open) if one.key), "")
            claims = tuple(one.claim for one in self._open if one.claim)
            self._abstract = any(one.abstract for one in self._open)
            self._pieces.append(Piece(text, key, claims))

    def end_block(self) -> None:
        """Make sentences of what was read since the last block ended."""
        for pieces in _sentences(_collapsed(self._pieces)):
            self.sentences.append(Sentence(tuple(pieces), self._abstract))
        self._pieces = []


def _collapsed(pieces: list[Piece]) -> list[Piece]:
    """The pieces with white space as a reader sees it: one blank between words, none at either end."""
    found: list[Piece] = []
    for piece in pieces:
        text = re.sub(r"[ \t\r\n\f]+", " ", JOINERS.sub("", piece.text))
        if not found or found[-1].text.endswith(" "):
            text = text.removeprefix(" ")
        if text:
            found.append(Piece(text, piece.key, piece.claims))
    if found and (last := found.pop()).text.strip(" "):
        found.append(Piece(last.text.rstrip(" "), last.key, last.claims))
    return found


def _sentences(pieces: list[Piece]) -> Iterator[list[Piece]]:
    text = "".join(piece.text for piece in pieces)
    starts = [0, *_starts(text), len(text)]
    for begin, end in pairwise(starts):
        found, at = [], 0
        for piece in pieces:
            cut = piece.text[max(begin - at, 0) : max(end - at, 0)]
            at += len(piece.text)
            if cut:
                found.append(Piece(cut, piece.key, piece.claims))
        if found:
            last = found[-1]
            yield [*found[:-1], Piece(last.text.rstrip(), last.key, last.claims)]


def _starts(text: str) -> Iterator[int]:
    for match in END.finditer(text):
        if not ABBREVIATED.search(text[: match.start() + 1]):
            yield match.end()
