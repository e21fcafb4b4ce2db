"""Checks of findings set aside in place: each needs a span and a reason, and must be needed; none among results."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from paper.lint.text import Document, Lines

MOST = 10
NEVER = {"abstract", "sec-results", "sec-conclusion", "front matter", "claims"}


def misused(document: Document, settable: Collection[str]) -> Iterator[Lines]:
    """Needs to run after the rules whose findings are set aside, because they mark what was needed.

    ``settable`` are the rules that may be set aside. Places are counted, not spans: a span may hold many.
    """
    for wrong in document.misplaced:
        if wrong.attribute == "lint-ok":
            yield Lines(wrong.line, wrong.why)
    places = 0
    for aside in document.set_asides:
        what = f'lint-ok="{aside.rule}: {aside.reason}"'
        if aside.rule not in settable:
            yield Lines(aside.line, f"{what} names no rule that can be set aside ({', '.join(sorted(settable))})")
        elif len(aside.reason.split()) < 2:
            yield Lines(aside.line, f'{what} gives no reason: write lint-ok="{aside.rule}: why it is right here"')
        elif place := NEVER.intersection(aside.sections):
            yield Lines(aside.line, f"{what} stands in {place.pop()}, where nothing is set aside in place")
        elif not aside.used:
            yield Lines(aside.line, f"{what} sets nothing aside: take it out")
        places += aside.used
        if aside.used and places > MOST:
            yield Lines(aside.line, f"{what} sets aside place {places}; the whole paper may have {MOST}")
