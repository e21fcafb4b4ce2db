"""Numbers of the finished paper that no value, table, reference or formula accounts for."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from analysis.record import MISSING
from paper.page import Page
from paper.shown import Shown, squeeze

# A number begins a word: the digits of F1, IPv4, SHA-256 and CICIDS2017 belong to names.
NUMBER = re.compile(r"(?<![^\W\d])(?<![^\W\d][-‑])(?<![\d.,])[-−]?\.?\d(?:[\d.,]*\d)?%?")
# In the text of a PDF a word that goes on after the digits is a checksum or a page number with the running title.
WHOLE = re.compile(r"(?<![\w.,])(?<![^\W\d][-‑\ufffe])\d(?:[\d.,]*\d)?(?![\w]|[.,]\d)")
# Words that make the number after them a reference, where a renderer gives it no element of its own, or a name.
BEFORE = re.compile(r"(?:Figure|Table|Section|Equation|Appendix|Listing|ISO|TLS|HTTP/|Python)\s*$")
# What leads to the number of a page in printed contents.
LEADER = re.compile(r"(?:\.\s*){4,}$")
# The pages that show a value, in the list of values.
PAGES = re.compile(r"\bp\.\s+(?:\d+,\s+)*$")
# What people type where there is nothing.
NOTHING = {"-", "--", "‐", "‑", "—", "−", "?", "n/a", "n.a."}
NEAR = 6


def in_page(page: Page, shown: Shown) -> list[str]:
    """Findings of a page: prose that counts by itself, values and cells that read otherwise than recorded."""
    return [*_typed(page), *_values(page, shown), *_cells(page, shown), *_pictures(page, shown)]


def _typed(page: Page) -> Iterable[str]:
    pieces = [piece for piece in page.pieces if piece.kind != "code"]
    starts = [0, *accumulate(len(piece.text) for piece in pieces)]
    text = "".join(piece.text for piece in pieces)
    for match in NUMBER.finditer(text):
        first = bisect_right(starts, match.start()) - 1
        last = bisect_right(starts, match.end() - 1) - 1
        loose = any(pieces[i].kind == "prose" and re.search(r"\d", match_part(match, starts[i], pieces[i].text))
                    for i in range(first, last + 1))  # fmt: skip
        if loose and not BEFORE.search(text[max(match.start() - 20, 0) : match.start()]):
            yield f"a number that stands in no value and no table, '{match[0]}', in {around(text, match)}"


def match_part(match: re.Match[str], start: int, piece: str) -> str:
    """The part of a match that lies in the piece that begins at ``start``."""
    return piece[max(match.start() - start, 0) : max(match.end() - start, 0)]


def _values(page: Page, shown: Shown) -> Iterable[str]:
    texts: list[tuple[str, str]] = []
    before = None
    for piece in page.pieces:
        if piece.kind == "value":
            if before and before.kind == "value" and before.key == piece.key:
                texts[-1] = (piece.key, texts[-1][1] + piece.text)
            else:
                texts.append((piece.key, piece.text))
        before = piece
    for key, text in texts:
        if key not in shown.values:
            yield f"a value that is not in the record, '{key}', read as '{text}'"
        # The same value twice in a row, with nothing between, reads as one.
        elif squeeze(text) not in shown.values[key] and not _repeated(squeeze(text), shown.values[key]):
            known = " or ".join(f"'{one}'" for one in sorted(shown.values[key]))
            yield f"the value '{key}' reads '{text}', but the record says {known}"


def _repeated(text: str, texts: set[str]) -> bool:
    return any(one and text == one * 2 for one in texts)


def _cells(page: Page, shown: Shown) -> Iterable[str]:
    for number, table in enumerate(page.tables, 1):
        own = shown.cells_of.get(table.name)
        names = {squeeze(name) for name in shown.names}
        if squeeze(table.notes) and not shown.are_notes(table.notes, table.name):
            yield f"notes below table {number} of the page that are not the table's own, '{table.notes.strip()}'"
        line: list[str] = []
        for cell in table.cells:
            text, read = " ".join(cell.text.split()), squeeze(cell.text)
            line = [text] if cell.first_column else [*line, text]
            where = f"in table {number} of the page, row '{' | '.join(line)}'"
            if not read and not (cell.first_column and not cell.first_row):
                # A blank first cell repeats the one above.
                yield f"an empty cell without a reason, {where}"
            elif text == MISSING and f"{MISSING}:" not in table.notes:
                yield f"a cell '{MISSING}' whose reason does not stand below the table, {where}"
            elif read.lower() in NOTHING and read not in names:
                yield f"a cell '{text}' that says nothing, {where}; a missing value is '{MISSING}' with its reason"
            elif own is not None and read not in own:
                yield f"a cell that does not stand in the table '{table.name}' of the record, '{text}', {where}"
            elif read not in shown.cells and NUMBER.search(cell.typed):
                yield f"a cell that stands in no table of the record, '{text}', {where}"


def _pictures(page: Page, shown: Shown) -> Iterable[str]:
    for text in page.pictures:
        if not text.strip():
            yield "a picture without alternative text"
        elif re.search(r"\d", text) and squeeze(text) not in shown.pictures:
            yield f"an alternative text that is not the figure's own, '{text[:60]}…'"


def in_pdf(pages: Sequence[str], page: Page, shown: Shown) -> list[str]:
    """Findings of a PDF's text beside the page made from the same source: numbers that the page does not have.

    A number split over lines is known by what stands before it.
    """
    seen = page.text()
    known = {match[0].rstrip("%").lstrip("-−") for match in NUMBER.finditer(seen)} | shown.drawn
    run = squeeze(page.text("prose", "value", "cell", "notes", "own", "math", "code"))
    found = []
    for number, text in enumerate(pages, 1):
        for match in WHOLE.finditer(text):
            word = match[0]
            near = squeeze(text[max(match.start() - 40, 0) : match.start()])[-NEAR:]
            if word in known or near + word in run or word == str(number):
                continue
            led = LEADER.search(text, 0, match.start()) or PAGES.search(text, 0, match.start())
            if led and word.isdigit() and int(word) <= len(pages):
                continue
            found.append(
                f"page {number}: a number that the page in HTML does not have, '{word}', in {around(text, match)}"
            )
    return found


def around(text: str, match: re.Match[str]) -> str:
    """The words around a match, in quotes."""
    return f"'…{' '.join(text[max(match.start() - 40, 0) : match.end() + 40].split())}…'"
