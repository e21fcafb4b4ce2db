"""What is set aside in place: with a reason, seldom, never where results are told, and only where it is needed."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from paper.lint.text import Document, Lines

MOST = 10
NEVER = {"abstract", "sec-results", "sec-conclusion", "title", "subtitle", "keywords", "running-title", "claims"}


def misused(document: Document, settable: Collection[str]) -> Iterator[Lines]:
    """Needs to run after the rules whose findings are set aside, because they mark what was needed.

    ``settable`` are the rules that may be set aside.
    """
    for number, aside in enumerate(document.asides, 1):
        what = f'lint-ok="{aside.rule}: {aside.reason}"'
        if aside.rule not in settable:
            yield Lines(aside.line, f"{what} names no rule that can be set aside ({', '.join(sorted(settable))})")
        elif len(aside.reason.split()) < 2:
            yield Lines(aside.line, f'{what} gives no reason: write lint-ok="{aside.rule}: why it is right here"')
        elif place := NEVER.intersection(aside.sections):
            yield Lines(aside.line, f"{what} stands in {place.pop()}, where nothing is set aside in place")
        elif not aside.used:
            yield Lines(aside.line, f"{what} sets nothing aside: take it out")
        if number > MOST:
            yield Lines(aside.line, f"{what} is number {number}; the whole paper may have {MOST}")
