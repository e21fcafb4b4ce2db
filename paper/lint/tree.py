"""Walks Pandoc's JSON tree and takes out the passages that a reader sees, and every word for finding its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from html import unescape
from typing import Any

from paper.lint.text import INVISIBLE, Atom, Kind, Misplaced, Passage, SetAside

Node = dict[str, Any]
Attr = Any  # [id, classes, [[key, value], ...]]
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
EQUATION = re.compile(r"\{#eq-[\w-]+\}")
SPACES = {"Space", "SoftBreak", "LineBreak"}
QUOTES = {"SingleQuote": ("‘", "’"), "DoubleQuote": ("“", "”")}
# Attributes that a reader sees, or hears.
SHOWN_ATTRIBUTES = {"fig-alt": "alt text", "alt": "alt text", "title": "title of a box"} | dict.fromkeys(
    ["aria-label", "aria-description", "fig-cap", "fig-scap", "tbl-cap", "lst-cap", "label", "placeholder", "value"],
    "attribute",
)
IN_TAG = re.compile(rf"\s({'|'.join(SHOWN_ATTRIBUTES)})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))", re.IGNORECASE)
# Attributes for the lint, and the elements in which the filters look for them.
LINT_ATTRIBUTES = {"claim", "lint-ok"}
IN_DIV = {"claim"}


class Walker:
    """Collects passages, and all atoms in the order of the source."""

    def __init__(self, sections: tuple[str, ...] = (), *, claimed: bool = False) -> None:
        self.passages: list[Passage] = []
        self.atoms: list[Atom] = []
        self.set_asides: list[SetAside] = []
        self.keys: list[tuple[str, Atom]] = []
        self.misplaced: list[Misplaced] = []
        self._marks: list[tuple[SetAside | Misplaced, int]] = []
        self._depth = 0
        self._sections = [(0, name) for name in sections]
        self._claimed = claimed
        self._aside: tuple[SetAside, ...] = ()
        self._passage: Passage | None = None

    def place(self) -> None:
        """Give attributes for the lint the line of the first word after them; atoms must have theirs."""
        for mark, first in self._marks:
            mark.line = self.atoms[min(first, len(self.atoms) - 1)].line

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
        atom = Atom(INVISIBLE.sub("", text), kind, self._claimed, self._aside)
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
                self._within(c, kind)
            case "BulletList":
                for item in c:
                    self._within(item, kind)
            case "OrderedList":
                self._ordered(c, kind)
            case "DefinitionList":
                for term, definitions in c:
                    with self.passage("term"):
                        self.inlines(term)
                    for definition in definitions:
                        self._within(definition, kind)
            case "Figure":
                self._figure(*c)
            case "Table":
                self._cells(c[3:])
                self.blocks(c[1][1], "caption")
                self._attributes(c[0])
            case "CodeBlock":
                self._attributes(c[0])
                with self.passage("code"):
                    for line in c[1].split("\n"):
                        self._emit(line, "code")
            case "RawBlock":
                with self.passage(kind):
                    self._raw(*c)

    def _within(self, blocks: list[Node], kind: str) -> None:
        self._depth += 1
        self.blocks(blocks, kind)
        self._depth -= 1

    def _header(self, level: int, attr: Attr, inlines: list[Node], kind: str) -> None:
        if kind != "callout":  # its headings are titles of a box
            if not self._depth:  # one in a quotation or div ends no section around that
                self._sections = [section for section in self._sections if section[0] < level]
            self._sections.append((level, attr[0]))
        with self.passage("heading"):
            self.inlines(inlines)
        self._attributes(attr)

    def _div(self, attr: Attr, blocks: list[Node], kind: str) -> None:
        allowed = IN_DIV
        if len(blocks) != 1 or blocks[0]["t"] not in {"Para", "Plain"}:
            allowed = set()
        self._attributes(attr, allowed, "a div of anything but one paragraph")
        if any(name.startswith("callout-") for name in attr[1]):
            kind = "callout"
        table = attr[0].startswith("tbl-")
        self._depth += 1
        with self._marked(attr, allowed):
            for number, block in enumerate(blocks, 1):
                self._block(block, "caption" if table and number == len(blocks) else kind)
        self._depth -= 1

    def _ordered(self, c: Any, kind: str) -> None:
        first = c[0][0]
        if first != 1 and c[0][1]["t"] != "Example":
            with self.passage(kind):
                self._emit(f"{first}. ")
        for item in c[1]:
            self._within(item, kind)

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
                self._target(target)
                self._attributes(own)
            else:
                self._block(block, "prose")
        self._attributes(attr)

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
            self._emit(c, "address" if EQUATION.fullmatch(c) else "text")
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
            with self._marked(c[0], LINT_ATTRIBUTES):
                self.inlines(c[1])
            self._attributes(c[0], LINT_ATTRIBUTES)
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
            self._emit(citation["citationId"], "address")
            if citation["citationSuffix"]:
                with self.passage("citation"):
                    self.inlines(citation["citationSuffix"])

    def _link(self, kind: str, attr: Attr, inlines: list[Node], target: list[str]) -> None:
        if kind == "Image":
            with self.passage("alt text"):
                self.inlines(inlines)
        elif "uri" in attr[1]:  # an address that stands for itself
            self._emit(target[0], "address")
            self._attributes(attr)
            return
        else:
            self.inlines(inlines)
        self._target(target)
        self._attributes(attr)

    def _target(self, target: list[str]) -> None:
        """Of an address and its title, the title is seen."""
        self.atoms.append(Atom(target[0], "hidden"))
        if target[1]:
            self._words(target[1], "attribute")

    def _raw(self, form: str, text: str) -> None:
        """Text in raw HTML or Typst is shown as well, and some attributes of tags; comments are not."""
        seen = COMMENT.sub(" ", text) if form == "html" else text
        shown = TAG.sub(" ", seen) if form == "html" else text
        self._emit(shown if shown.strip() else text, "text" if shown.strip() else "hidden")
        if form == "html":
            for tag in TAG.findall(seen):
                for name, *values in IN_TAG.findall(tag):
                    self._words(unescape("".join(values)), SHOWN_ATTRIBUTES[name.lower()])

    # Attributes

    def _words(self, text: str, kind: str) -> None:
        with self.passage(kind):
            for word in text.split():
                self._emit(word)
                self._emit(" ")

    def _attributes(self, attr: Attr, allowed: Set[str] = frozenset(), where: str = "such an element") -> None:
        """Words of the markup, for the alignment, and those that a reader sees; for the lint only those ``allowed``."""
        for key, value in attr[2]:
            if key in LINT_ATTRIBUTES - allowed:
                on = "a span, or a div of one paragraph" if key in IN_DIV else "a span"
                self._mark_misplaced(key, f'{key}="{value}" on {where}: put it on {on}')
        for name in (attr[0], *attr[1]):
            if name:
                self.atoms.append(Atom(name, "hidden"))
        for key, value in attr[2]:
            self.atoms.append(Atom(key, "hidden"))
            if key == "when":
                self.atoms.append(atom := Atom(value, "hidden"))
                self.keys.append((value.removeprefix("not").strip(), atom))
            elif key in SHOWN_ATTRIBUTES:
                self._words(value, SHOWN_ATTRIBUTES[key])
            else:
                self.atoms.append(Atom(value, "hidden"))

    def _mark_misplaced(self, attribute: str, why: str) -> None:
        self.misplaced.append(wrong := Misplaced(attribute, why))
        self._marks.append((wrong, len(self.atoms)))

    @contextmanager
    def _marked(self, attr: Attr, allowed: Set[str]) -> Iterator[None]:
        """Within a claim, and within what is set aside in place, where the element may carry them."""
        before = self._claimed, self._aside
        attributes = {key: value for key, value in attr[2] if key in allowed}
        self._claimed = self._claimed or "claim" in attributes
        if "lint-ok" in attributes:
            rule, _, reason = attributes["lint-ok"].partition(":")
            aside = SetAside(rule.strip(), reason.strip(), self.sections)
            self.set_asides.append(aside)
            self._aside = (*self._aside, aside)
            self._marks.append((aside, len(self.atoms)))
        yield
        self._claimed, self._aside = before
