"""Takes a finished HTML page apart: what a reader sees, where each piece stands, and what the page would fetch."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

REMOTE = re.compile(r"^\s*(?:https?:)?//", re.IGNORECASE)
REMOTE_STYLE = re.compile(r"(?:url\(\s*|@import\s+)[\"']?((?:https?:)?//[^\"')\s;]+)", re.IGNORECASE)
# Attributes by which an element fetches something when the page is shown; a link to follow is none of these.
FETCHING = {"src", "srcset", "data", "poster", "background", "xlink:href"}
FETCHING_BY_HREF = {"link", "image", "use", "feimage", "base"}
# What is not read as prose: nobody sees it, or it is code.
UNSEEN = {"style", "script", "annotation"}
CODE = {"code", "pre"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
BLOCKS = {"p", "td", "th", "li", "h1", "h2", "h3", "h4", "figcaption", "caption", "div", "dt", "dd", "section", "math"}
# Places whose numbers are the renderer's, the bibliography's or set aside by the author with a reason, by class.
NUMBERED = {"set-aside", "value-list", "citation", "author", "affiliation", "references", "header-section-number",
            "toc-section-number", "caption-label", "equation-number", "date"}  # fmt: skip


@dataclass
class Cell:
    """A body cell of a table; ``typed`` is its text outside of values."""

    text: str = ""
    typed: str = ""
    first_column: bool = False
    first_row: bool = False


@dataclass
class Table:
    """A table from the record, as the page shows it: its name where the page tells, body cells, the notes below."""

    name: str = ""
    cells: list[Cell] = field(default_factory=list)
    notes: str = ""


@dataclass(frozen=True)
class Piece:
    """A stretch of text of one kind: prose, value (with its key), cell, notes, own (the renderer's), math or code."""

    kind: str
    text: str
    key: str = ""


class Page(HTMLParser):
    """What an HTML page shows: ``pieces`` in reading order, ``tables``, ``pictures`` (their alternative texts).

    ``fetched`` is what it would load from elsewhere.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.pieces: list[Piece] = []
        self.tables: list[Table] = []
        self.pictures: list[str] = []
        self.fetched: list[str] = []
        self._open: list[tuple[str, str, str]] = []
        self._cell: Cell | None = None
        self._row = self._column = 0
        self.feed(text)
        self.close()

    def text(self, *kinds: str) -> str:
        """The visible text of these kinds (all but code where none are named), white space collapsed."""
        wanted = kinds or ("prose", "value", "cell", "notes", "own", "math")
        return re.sub(r"\s+", " ", "".join(piece.text for piece in self.pieces if piece.kind in wanted))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element: its place, what it fetches, what it says of a picture."""
        given = {name: value or "" for name, value in attrs}
        self._fetches(tag, given)
        if tag == "img":
            self.pictures.append(given.get("alt", ""))
        if tag in BLOCKS:
            self._add(" ")
        if tag == "tr":
            self._row, self._column = self._row + 1, 0
        if tag not in VOID:
            kind, key = self._kind(tag, given)
            self._open.append((tag, kind, key))
            if kind == "table":
                self.tables.append(Table(given.get("data-from", "")))
            if tag == "tbody":
                self._row = 0
            if tag in {"td", "th"} and kind == "cell" and any(name == "tbody" for name, _, _ in self._open):
                self._cell = Cell(first_column=self._column == 0, first_row=self._row == 1)
                self.tables[-1].cells.append(self._cell)
                self._column += 1

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element of this name, and what was left open in it."""
        places = [i for i, (name, _, _) in enumerate(self._open) if name == tag]
        if places:
            del self._open[places[-1] :]
        if tag in {"td", "th"}:
            self._cell = None
        if tag in BLOCKS:
            self._add(" ")

    def handle_data(self, data: str) -> None:
        """Text, into the piece, cell or note it belongs to."""
        if self._open and self._open[-1][0] == "style":
            self._style(data)
        self._add(data)

    def _add(self, text: str) -> None:
        kind, key = self._where()
        if kind == "unseen":
            return
        if kind == "notes" and self.tables:
            self.tables[-1].notes += text
        if self._cell is not None:
            self._cell.text += text
            self._cell.typed += text if kind == "cell" else " "
        self.pieces.append(Piece("prose" if kind == "table" else kind, text, key))

    def _where(self) -> tuple[str, str]:
        """The kind of text that stands here: the innermost element that has one decides."""
        kinds = [(kind, key) for _, kind, key in self._open if kind]
        if any(kind == "unseen" for kind, _ in kinds):
            return "unseen", ""
        return kinds[-1] if kinds else ("prose", "")

    def _kind(self, tag: str, given: dict[str, str]) -> tuple[str, str]:
        classes = set(given.get("class", "").split())
        inside = {kind for _, kind, _ in self._open}
        if tag in UNSEEN:
            return "unseen", ""
        if tag in CODE:
            return "code", ""
        if tag == "math":
            return "math", ""
        if "val" in classes and "data-key" in given:
            return "value", given["data-key"]
        if "table-box" in classes:
            return "table", ""
        if "table-notes" in classes:
            return "notes", ""
        if tag in {"td", "th"} and "table" in inside:
            return "cell", ""
        if tag == "title":
            return "own", ""
        link = tag == "a" and given.get("href", "").startswith("#")
        return ("own", "") if classes & NUMBERED or link or given.get("id") in {"refs", "TOC"} else ("", "")

    def _fetches(self, tag: str, given: dict[str, str]) -> None:
        for name, value in given.items():
            fetches = name in FETCHING or (name == "href" and tag in FETCHING_BY_HREF)
            if fetches and REMOTE.match(value):
                self.fetched.append(f"<{tag}> fetches {value}")
        self._style(given.get("style", ""))

    def _style(self, text: str) -> None:
        self.fetched += [f"a style fetches {match[1]}" for match in REMOTE_STYLE.finditer(text)]
