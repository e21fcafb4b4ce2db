"""Claims where nothing evaluates them, or round more than one statement."""

from __future__ import annotations

from collections.abc import Iterator

from paper.lint.text import Document, Lines


def misplaced(document: Document) -> Iterator[Lines]:
    """A claim that is neither a span nor a div of one paragraph."""
    for wrong in document.misplaced:
        if wrong.attribute == "claim":
            yield Lines(wrong.line, wrong.why)
