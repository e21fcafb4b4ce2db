"""Reads the finished HTML and PDF as a reader gets them, and finds what nobody should see.

That is: what a renderer leaves without failing, Python's own names for missing or special values, an empty cell
without a reason, a number that is in no value or table, anything a page would fetch from elsewhere, anything wider than
a phone, a link to a missing id, and a caption or note that a page break separates from its figure or table.
"""

from __future__ import annotations

import re
from pathlib import Path

from analysis.audit.pdf import pages
from paper import layout, numbers, width
from paper.page import Page
from paper.shown import Shown

# What a renderer prints, without failing, for a reference, a value or a citation that it cannot resolve.
LEFTOVERS = {
    "an unresolved reference": re.compile(r"\?@\S*|\?\?"),
    "an unresolved value": re.compile(
        r"\?(?:var|meta|env)\b\S*|\{\{<.*?>\}\}|\{\{<|\{\}|\{\s*[.#%:]?[A-Za-z_][^{}]{0,80}\}"
    ),
    "an unresolved citation": re.compile(r"\(\s*[\w:.-]+\?\s*\)"),
}
# Where a word ends; one that is hyphenated at the end of a line of a PDF goes on.
BEFORE, AFTER = "(?<![\\w.\ufffe-])", "(?![\\w\ufffe-])"
# What Python prints for a value that was not made ready for readers.
RAW = {
    "a number that is none": re.compile(rf"{BEFORE}[-−+]?(?:[nN]a[nN]|NAN|inf|Inf|INF|NaT){AFTER}"),
    "a raw Python value": re.compile(r"\bNone\b(?! of\b)|\bnp\.\w+"),
}
IN_CODE = {"an unresolved value": re.compile(r"\?(?:var|meta|env)\b\S*|\{\.val\b[^}]*\}?|\{\{<")}


def check(html: Path, pdf: Path, staged: Path) -> list[str]:
    """Problems of both outputs, one line each with its place; empty when there are none.

    ``staged`` is the folder with the record that the paper was made from.
    """
    shown = Shown.load(staged)
    text, texts = html.read_text(encoding="utf-8"), pages(pdf)
    page, links = Page(text), layout.Links(text)
    of_page = check_page(page, shown) + layout.dead_links(links) + width.check(text)
    of_pdf = check_pages(texts, page, shown) + layout.torn(pdf, texts, shown.notes, links.captions)
    return [f"paper.html: {line}" for line in of_page] + [f"paper.pdf, {line}" for line in of_pdf]


def check_page(page: Page, shown: Shown) -> list[str]:
    """Problems of an HTML page."""
    seen = " ".join([page.text(), *page.pictures])
    found = _search(seen, LEFTOVERS | RAW, shown) + _search(page.text("code"), IN_CODE, shown)
    return found + numbers.in_page(page, shown) + page.fetched


def check_pages(texts: list[str], page: Page, shown: Shown) -> list[str]:
    """Problems of a PDF, given the text of each of its pages and the HTML page of the same source."""
    found = []
    # In a PDF code looks like all else; what a page has as code is code.
    code = page.text("code")
    for number, text in enumerate(texts, 1):
        found += [f"page {number}: {line}" for line in _search(" ".join(text.split()), LEFTOVERS | RAW, shown, code)]
    return found + numbers.in_pdf(texts, page, shown)


def _search(text: str, patterns: dict[str, re.Pattern[str]], shown: Shown, code: str = "") -> list[str]:
    text = shown.without_names(text, list(patterns.values()))
    return [
        f"{what}, '{match[0]}', in {numbers.around(text, match)}"
        for what, pattern in patterns.items()
        for match in pattern.finditer(text)
        if not (what in RAW and match[0] in code.split())
    ]
