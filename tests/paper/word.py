"""What a reader of a Word document sees, and what one of a page sees, to be compared."""

from __future__ import annotations

import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"


class Document:
    """What a reader of a Word document sees."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            self.files = archive.namelist()
            self.body = ElementTree.fromstring(archive.read("word/document.xml"))
        self.text = squeeze("".join(part.text or "" for part in self.body.iter(f"{WORD}t")))
        self.tables = len(list(self.body.iter(f"{WORD}tbl")))
        self.pictures = [picture.get("descr", "") for picture in self.body.iter(DRAWING)]
        self.headings = [squeeze(self._text(p)) for p in self.body.iter(f"{WORD}p") if "Heading" in self._style(p)]

    @staticmethod
    def _text(paragraph: ElementTree.Element) -> str:
        return "".join(part.text or "" for part in paragraph.iter(f"{WORD}t"))

    @staticmethod
    def _style(paragraph: ElementTree.Element) -> str:
        style = paragraph.find(f"{WORD}pPr/{WORD}pStyle")
        return "" if style is None else style.get(f"{WORD}val", "")


class Seen(HTMLParser):
    """Values, headings, captions and alternative texts of a page, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: list[str] = []
        self.headings: list[str] = []
        self.tables: list[str] = []
        self.alts: list[str] = []
        self._into: list[list[str] | None] = []
        self._tags: list[str] = []
        self.feed(page)
        self.values, self.headings = (list(map(squeeze, texts)) for texts in (self.values, self.headings))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "figure" and (given.get("id") or "").startswith("tbl-"):
            self.tables.append(given["id"] or "")
        if tag == "img":
            self.alts.append(given.get("alt") or "")
        into = None
        if tag in ("span", "a", "button") and "val" in (given.get("class") or "").split():
            into = self.values
        if tag in ("h1", "h2", "h3", "h4") and given.get("class") != "title" and "nav" not in self._tags:
            into = self.headings
        if tag not in ("img", "br", "meta", "link", "hr", "col", "wbr"):
            self._tags.append(tag)
            self._into.append(into)
            if into is not None:
                into.append("")

    def handle_endtag(self, tag: str) -> None:
        while tag in self._tags and self._tags.pop() != tag:
            self._into.pop()
        if self._into:
            self._into.pop()

    def handle_data(self, data: str) -> None:
        for into in self._into:
            if into is not None:
                into[-1] += data


def squeeze(text: str) -> str:
    return re.sub(r"[\s\u200b\u2060]+", "", text)
