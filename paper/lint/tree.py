"""Walks Pandoc's JSON tree and takes out the passages that a reader sees, and every word for finding its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from paper.lint.text import Atom, Kind, Passage, SetAside

Node = dict[str, Any]
Attr = Any  # [id, classes, [[key, value], ...]]
MARKUP = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)
EQUATION = re.compile(r"\{#eq-[\w-]+\}")
SPACES = {"Space", "SoftBreak", "LineBreak"}
QUOTES = {"SingleQuote": ("‘", "’"), "DoubleQuote": ("“", "”")}
# Attributes that a reader sees, or hears.
SHOWN_ATTRIBUTES = {"fig-alt": "alt text", "alt": "alt text", "title": "title of a box"}


class Walker:
    """Collects passages, and all atoms in the order of the source."""

    def __init__(self, sections: tuple[str, ...] = (), *, claimed: bool = False) -> None:
        self.passages: list[Passage] = []
        self.atoms: list[Atom] = []
        self.asides: list[SetAside] = []
        self.keys: list[tuple[str, Atom]] = []
        self._marks: list[tuple[SetAside, int]] = []
        self._sections = [(0, name) for name in sections]
        self._claimed = claimed
        self._aside: tuple[SetAside, ...] = ()
        self._passage: Passage | None = None

    def place(self) -> None:
        """Give what is set aside in place the line of its first word; atoms must have theirs."""
        for aside, first in self._marks:
            aside.line = self.atoms[min(first, len(self.atoms) - 1)].line

    @property
    def sections(self) -> tuple[str, ...]:
        """Ids of the sections that are open."""
        return tuple(name for _, name in self._sections)

    def blocks(self, blocks: Iterable[Node], kind: str = "prose") -> None:
        """Walk blocks; ``kind`` names the passages made of their paragraphs."""
        for block in blocks:
            self._block(block, kind)

    def inlines(self, inlines: Iterable[Node]) -> None:
        """Walk inlines into the open passage."""
        for inline in inlines:
            self._inline(inline)

    @contextmanager
    def passage(self, kind: str) -> Iterator[None]:
        """Open a passage; one inside another (a footnote) does not become part of it."""
        outer, self._passage = self._passage, Passage(kind, self.sections)
        self.passages.append(self._passage)
        yield
        self._passage = outer

    def _emit(self, text: str, kind: Kind = "text") -> Atom:
        atom = Atom(text, kind, self._claimed, self._aside)
        self.atoms.append(atom)
        if self._passage is not None:
            self._passage.atoms.append(atom)
        return atom

    # Blocks

    def _block(self, block: Node, kind: str) -> None:
        c: Any = block.get("c")
        match block["t"]:
            case "Para" | "Plain":
                with self.passage(kind):
                    self.inlines(c)
            case "LineBlock":
                with self.passage(kind):
                    for line in c:
                        self.inlines([*line, {"t": "Space"}])
            case "Header":
                self._header(c[0], c[1], c[2], kind)
            case "Div":
                self._div(c[0], c[1], kind)
            case "BlockQuote":
                self.blocks(c, kind)
            case "BulletList":
                for item in c:
                    self.blocks(item, kind)
            case "OrderedList":
                self._ordered(c, kind)
            case "DefinitionList":
                for term, definitions in c:
                    with self.passage("term"):
                        self.inlines(term)
                    for definition in definitions:
                        self.blocks(definition, kind)
            case "Figure":
                self._figure(*c)
            case "Table":
                self._cells(c[3:])
                self.blocks(c[1][1], "caption")
                self._attributes(c[0])
            case "CodeBlock":
                self._attributes(c[0])
                self._emit(c[1], "hidden")
            case "RawBlock":
                with self.passage(kind):
                    self._raw(*c)

    def _header(self, level: int, attr: Attr, inlines: list[Node], kind: str) -> None:
        if kind != "callout":  # its headings are titles of a box
            while self._sections and self._sections[-1][0] >= level:
                self._sections.pop()
            self._sections.append((level, attr[0]))
        with self._marked(attr), self.passage("heading"):
            self.inlines(inlines)
        self._attributes(attr)

    def _div(self, attr: Attr, blocks: list[Node], kind: str) -> None:
        self._attributes(attr)
        if any(name.startswith("callout-") for name in attr[1]):
            kind = "callout"
        table = attr[0].startswith("tbl-")
        with self._marked(attr):
            for number, block in enumerate(blocks, 1):
                self._block(block, "caption" if table and number == len(blocks) else kind)

    def _ordered(self, c: Any, kind: str) -> None:
        first = c[0][0]
        if first != 1 and c[0][1]["t"] != "Example":
            with self.passage(kind):
                self._emit(f"{first}. ")
        for item in c[1]:
            self.blocks(item, kind)

    def _figure(self, attr: Attr, caption: Any, blocks: list[Node]) -> None:
        self.blocks(caption[1], "caption")
        inlines = caption[1][0]["c"] if len(caption[1]) == 1 else None
        for block in blocks:
            # Where nothing else is said, Pandoc repeats the caption as the picture's text.
            if block["t"] == "Plain" and len(block["c"]) == 1 and block["c"][0]["t"] == "Image":
                own, text, target = block["c"][0]["c"]
                if text != inlines:
                    with self.passage("alt text"):
                        self.inlines(text)
                self.atoms.append(Atom(target[0], "hidden"))
                self._attributes(attr)
                self._attributes(own)
            else:
                self._block(block, "prose")

    def _cells(self, part: Any) -> None:
        if isinstance(part, dict) and "t" in part:
            if part["t"] in {"Para", "Plain"}:
                self._block(part, "cell")
        elif isinstance(part, list):
            for inner in part:
                self._cells(inner)

    # Inlines

    def _inline(self, inline: Node) -> None:
        t: str = inline["t"]
        c: Any = inline.get("c")
        if t == "Str":
            # The label of an equation is text to Pandoc.
            self._emit(c, "code" if EQUATION.fullmatch(c) else "text")
        elif t in SPACES:
            self._emit(" ")
        elif t == "Quoted":
            opening, closing = QUOTES[c[0]["t"]]
            self._emit(opening)
            self.inlines(c[1])
            self._emit(closing)
        elif t == "Code":
            self._code(*c)
        elif t == "Math":
            self._emit(c[1], "math")
        elif t == "Span":
            with self._marked(c[0]):
                self.inlines(c[1])
            self._attributes(c[0])
        elif t == "Cite":
            self._cite(c[0])
        elif t in {"Link", "Image"}:
            self._link(t, *c)
        elif t == "Note":
            with self.passage("footnote"):
                self.blocks(c, "footnote")
        elif t == "RawInline":
            self._raw(*c)
        else:  # Emph, Strong, Superscript and their like
            self.inlines(c)

    def _code(self, attr: Attr, text: str) -> None:
        value = "val" in attr[1]
        atom = self._emit(text, "value" if value else "code")
        if value:
            self.keys.append((text, atom))
        self._attributes(attr)

    def _cite(self, citations: list[Node]) -> None:
        for citation in citations:
            if citation["citationPrefix"]:
                with self.passage("citation"):
                    self.inlines(citation["citationPrefix"])
            self._emit(citation["citationId"], "code")
            if citation["citationSuffix"]:
                with self.passage("citation"):
                    self.inlines(citation["citationSuffix"])

    def _link(self, kind: str, attr: Attr, inlines: list[Node], target: list[str]) -> None:
        if kind == "Image":
            with self.passage("alt text"):
                self.inlines(inlines)
        elif "uri" in attr[1]:  # an address that stands for itself
            self._emit(target[0], "code")
            return
        else:
            self.inlines(inlines)
        self.atoms.append(Atom(target[0], "hidden"))
        self._attributes(attr)

    def _raw(self, form: str, text: str) -> None:
        """Text in raw HTML or Typst is shown as well; tags and comments are not."""
        shown = MARKUP.sub(" ", text) if form == "html" else text
        self._emit(shown if shown.strip() else text, "text" if shown.strip() else "hidden")

    # Attributes

    def _attributes(self, attr: Attr) -> None:
        """Words of the markup, for the alignment, and those that a reader sees."""
        for name in (attr[0], *attr[1]):
            if name:
                self.atoms.append(Atom(name, "hidden"))
        for key, value in attr[2]:
            self.atoms.append(Atom(key, "hidden"))
            if key == "when":
                self.atoms.append(atom := Atom(value, "hidden"))
                self.keys.append((value.removeprefix("not").strip(), atom))
            elif key in SHOWN_ATTRIBUTES:
                with self.passage(SHOWN_ATTRIBUTES[key]):
                    for word in value.split():
                        self._emit(word)
                        self._emit(" ")
            else:
                self.atoms.append(Atom(value, "hidden"))

    @contextmanager
    def _marked(self, attr: Attr) -> Iterator[None]:
        """Within a claim, and within what is set aside in place."""
        before = self._claimed, self._aside
        attributes = dict(attr[2])
        self._claimed = self._claimed or "claim" in attributes
        if "lint-ok" in attributes:
            rule, _, reason = attributes["lint-ok"].partition(":")
            aside = SetAside(rule.strip(), reason.strip(), self.sections)
            self.asides.append(aside)
            self._aside = (*self._aside, aside)
            self._marks.append((aside, len(self.atoms)))
        yield
        self._claimed, self._aside = before
