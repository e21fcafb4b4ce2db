"""Finds links to missing ids, and captions and notes that a page break separates from their figure or table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from html.parser import HTMLParser
from pathlib import Path

from paper.shown import squeeze

CAPTION = re.compile(r"(Figure|Table)\s\d+\.")
# Letters, without white space and hyphens, by which the beginning of a note is known.
KNOWN = 40
# Points from the top of a page: its margin, and two lines more. A caption that begins higher has nothing above it.
TOP = 28 / 25.4 * 72 + 30


class Links(HTMLParser):
    """Of an HTML page: ``ids``, ``targets`` of its inner links, and ``captions`` of figures and tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.targets: list[str] = []
        self.captions: list[str] = []
        self._in_caption = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element's id, the place that a link leads to, the beginning of a caption."""
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and given.get("href", "").startswith("#"):
            self.targets.append(given["href"][1:])
        if tag == "figcaption":
            self._in_caption = True
            self.captions.append("")

    def handle_endtag(self, tag: str) -> None:
        """Close a caption."""
        self._in_caption = self._in_caption and tag != "figcaption"

    def handle_data(self, data: str) -> None:
        """Text, of which only that of captions is kept."""
        if self._in_caption:
            self.captions[-1] += data


def dead_links(links: Links) -> list[str]:
    """Links within a page that lead nowhere. (Typst refuses to set such a link, so a PDF has none.)"""
    return [
        f"a link to a missing id, '#{target}'" for target in dict.fromkeys(links.targets) if target not in links.ids
    ]


def torn(pdf: Path, texts: Sequence[str], notes: Collection[str], captions: Collection[str]) -> list[str]:
    """Pages of a PDF that begin with a note, or with a figure's caption, or that end with a table's caption.

    ``texts`` are those of its pages, ``notes`` those of the record's tables, ``captions`` those of the page in HTML.
    """
    bodies = _bodies(texts)
    ends = tuple(_bare(text) for text in captions if text.strip().startswith("Table"))
    openings = tuple(_bare(note)[:KNOWN] for note in notes if len(note) >= 10)
    found = []
    for number, lines in enumerate(bodies, 1):
        body = _bare("".join(lines))
        if body.startswith(openings):
            found.append(f"page {number}: begins with a note below a table, '{lines[0][:60]}'")
        if body.endswith(ends):
            found.append(f"page {number}: ends with the caption of a table, '{lines[-1][-60:]}'")
    first = {n: CAPTION.match(lines[0]) for n, lines in enumerate(bodies) if lines}
    figures = {n: match[0] for n, match in first.items() if match and match[1] == "Figure"}
    return found + [
        f"page {number + 1}: begins with the caption of a figure, '{bodies[number][0][:60]}'"
        for number, depth in _depths(pdf, figures).items()
        if depth < TOP
    ]


def _bare(text: str) -> str:
    return re.sub("[-\u2010\ufffe]", "", squeeze(text))


def _bodies(texts: Sequence[str]) -> list[list[str]]:
    """The lines of each page without the running title and the number of the page."""
    pages = [[line for line in text.splitlines() if line.strip()] for text in texts]
    heads = Counter(lines[0] for lines in pages if lines)
    bodies = []
    for number, lines in enumerate(pages, 1):
        if lines and heads[lines[0]] > 1:
            lines = lines[1:]
        if lines and lines[-1].strip() == str(number):
            lines = lines[:-1]
        bodies.append(lines)
    return bodies


def _depths(pdf: Path, wanted: dict[int, str]) -> dict[int, float]:
    """How many points below the top of its page (counted from 0) each wanted text stands."""
    import pypdfium2  # type: ignore[import-untyped]

    depths = {}
    with pypdfium2.PdfDocument(pdf) as document:
        for number, text in wanted.items():
            page = document[number]
            place = page.get_textpage().search(text, match_case=True).get_next()
            if place:
                depths[number] = page.get_height() - page.get_textpage().get_charbox(place[0])[3]
    return depths
