"""Reads the finished HTML and PDF and finds what no reader should see, or what would be fetched from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

# What a renderer prints, without failing, for a reference, a value or a citation that it cannot resolve.
LEFTOVERS = {
    "an unresolved reference": re.compile(r"\?@\S*|\?\?"),
    "an unresolved value": re.compile(r"\?(?:var|meta|env)\b\S*|\{\.val\b[^}]*\}?|\{\{<.*?>\}\}|\{\{<"),
    "an unresolved citation": re.compile(r"\(\s*[\w:.-]+\?\s*\)"),
}
# What Python prints for a value that was not made ready for readers.
RAW = {
    "a number that is none": re.compile(r"(?<![\w.-])[nN]a[nN](?![\w-])"),
    "a raw Python value": re.compile(r"\bNone\b(?! of\b)|\bnp\.\w+"),
}
REMOTE = re.compile(r"^\s*(?:https?:)?//", re.IGNORECASE)
REMOTE_STYLE = re.compile(r"(?:url\(\s*|@import\s+)[\"']?((?:https?:)?//[^\"')\s;]+)", re.IGNORECASE)
# Attributes by which an element fetches something when the page is shown; a link to follow is none of these.
FETCHING = {"src", "srcset", "data", "poster", "background", "xlink:href"}
FETCHING_BY_HREF = {"link", "image", "use", "feimage", "base"}


def check(html: Path, pdf: Path, typst: str | None = None) -> list[str]:
    """Problems of both outputs, one line each with its place; empty when there are none.

    The PDF is read for the renderer's leftovers only: what comes from the data is the same text in both, and in the
    HTML it can be told from code. Where the Typst source that the PDF was compiled from is at hand, that is read
    instead: taking the text out of a PDF of 25 pages takes longer than making it.
    """
    return check_html(html.read_text(encoding="utf-8")) + (check_typst(typst) if typst else check_pdf(pdf))


def check_html(text: str) -> list[str]:
    """Problems of an HTML page."""
    page = _Page()
    page.feed(text)
    page.close()
    prose = re.sub(r"\s+", " ", "".join(page.prose))
    code = re.sub(r"\s+", " ", "".join(page.code))
    found = _search(prose, LEFTOVERS | RAW) + _search(code, {"an unresolved value": LEFTOVERS["an unresolved value"]})
    return [f"paper.html: {line}" for line in found + page.fetched]


def check_typst(source: str) -> list[str]:
    """Problems of a PDF, seen in the Typst source that it is compiled from."""
    body = source.partition("#show: doc => article(")[2]
    text = re.sub(r"\\(?=[^\w\s])", "", re.sub(r"`[^`]*`|\"(?:[^\"\\]|\\.)*\"", "", body))
    return [f"paper.pdf: {line}" for line in _search(re.sub(r"\s+", " ", text), LEFTOVERS)]


def check_pdf(path: Path) -> list[str]:
    """Problems of a PDF, page by page."""
    from pypdf import PdfReader

    found = []
    for number, page in enumerate(PdfReader(path).pages, 1):
        text = re.sub(r"\s+", " ", page.extract_text())
        found += [f"paper.pdf, page {number}: {line}" for line in _search(text, LEFTOVERS)]
    return found


def _search(text: str, patterns: dict[str, re.Pattern[str]]) -> list[str]:
    found = []
    for what, pattern in patterns.items():
        for match in pattern.finditer(text):
            around = text[max(match.start() - 40, 0) : match.end() + 40].strip()
            found.append(f"{what}, '{match[0]}', in '…{around}…'")
    return found


class _Page(HTMLParser):
    """Splits a page into prose, code and what it fetches."""

    def __init__(self) -> None:
        super().__init__()
        self.prose: list[str] = []
        self.code: list[str] = []
        self.fetched: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"style", "script", "code", "pre", "annotation"}:
            self._silent.append(tag)
        for name, value in attrs:
            fetches = name in FETCHING or (name == "href" and tag in FETCHING_BY_HREF)
            if fetches and value and REMOTE.match(value):
                self.fetched.append(f"<{tag}> fetches {value}")
            if name == "style" and value:
                self._style(value)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            self._silent.remove(tag)
        if tag in {"p", "td", "th", "li", "h1", "h2", "h3", "figcaption"}:
            self.prose.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.prose.append(data)
        elif "style" in self._silent:
            self._style(data)
        elif "code" in self._silent or "pre" in self._silent:
            self.code.append(data)

    def _style(self, text: str) -> None:
        self.fetched += [f"a style fetches {match[1]}" for match in REMOTE_STYLE.finditer(text)]
