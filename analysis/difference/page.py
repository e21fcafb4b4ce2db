"""diff.html: one page that loads nothing, in the style of the paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from analysis.difference.changes import Change, Flip
from analysis.difference.markup import Inside, Markup, el, joined
from analysis.difference.report import (
    ABSENT,
    INTERVALS,
    KINDS,
    ON_INTERVALS,
    TITLES,
    Report,
    agreement,
    meaning,
    place,
    told,
)
from analysis.difference.sentences import Sentence
from analysis.difference.weight import RULE

STYLES = (Path(__file__).parents[2] / "paper" / "web" / "page.css", Path(__file__).with_name("diff.css"))


def page(report: Report) -> str:
    """The report as a page."""
    style = "\n".join(path.read_text(encoding="utf-8") for path in STYLES)
    head = joined(
        Markup('<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'),
        Markup('<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'),
        el("title", report.title),
        Markup(f"\n<style>\n{style}</style>\n"),
    )
    block = el(
        "header",
        el("h1", report.title, class_="title"),
        el("p", report.summary, class_="subtitle"),
        el("p", report.ids, class_="date"),
        el("p", report.hint) if report.hint else None,
        el("p", report.warning, class_="notice") if report.warning else None,
        id="title-block-header",
    )
    rule = el("footer", el("h2", "How this is sorted"), el("p", RULE), el("p", ON_INTERVALS), class_="rule")
    body = el("body", block, el("main", *_sections(report)), None if report.unchanged else rule)
    return f'<!DOCTYPE html>\n<html lang="en-GB">\n{el("head", head)}\n{body}\n</html>\n'


def _sections(report: Report) -> Iterable[Inside]:
    yield el("section", el("h2", "What they rest on"), *_rests_on(report))
    if report.use and not report.unchanged:
        said = el("ul", *(el("li", line) for line in report.what_changes)) if report.what_changes else None
        yield el("section", el("h2", TITLES[report.use]), said, _side_by_side(report))
    for kind, title in KINDS.items():
        flips = [flip for flip in report.flips if flip.kind == kind]
        if flips:
            yield el("section", el("h2", f"{title}: {len(flips)} flipped"), *(_flip(flip, report) for flip in flips))
    if report.rankings:
        yield el("section", el("h2", "Rankings"), *_rankings(report))
    if report.in_text:
        groups = (_group(sentences, changes, report) for sentences, changes in report.in_text)
        yield el("section", el("h2", "Numbers and words of the text"), *groups)
    if rest := list(_rest(report)):
        yield el("section", el("h2", "What stands in no sentence, or cannot be paired"), *rest)


def _rests_on(report: Report) -> Iterable[Inside]:
    for group, rows in report.foundations.items():
        if rows:
            yield el("h3", group)
            yield _table(f"{group} that differ", ["", *report.names], rows)
        else:
            yield el("p", el("b", group), ": the same in both.")


def _side_by_side(report: Report) -> Markup:
    rows = [(joined(row.definition, " ", el("code", row.key)), *row.texts, row.said, INTERVALS.get(row.intervals, ""))
            for row in report.side_by_side]  # fmt: skip
    return _table("Side by side", ["", *report.names, "difference", "intervals"], rows, "table-box stacked")


def _flip(flip: Flip, report: Report) -> Markup:
    state = el("p", el("code", flip.id), " ", el("b", f"{flip.states[0]} → {flip.states[1]}"), class_="what")
    asked = el("p", el("code", flip.name) if flip.kind == "claim" else flip.name, class_="why")
    shown = _sentences(report, *flip.sentences, keys=frozenset(), claim=flip.id) if flip.kind == "claim" else None
    reasons = el("dl", *_pairs(report, *(el("dd", words) for words in flip.words)), class_="reasons")
    note = el("p", flip.note, class_="why") if flip.note else None
    return el("article", state, shown, asked, reasons, note)


def _group(sentences: Sequence[Sentence | None], changes: Sequence[Change], report: Report) -> Markup:
    keys = frozenset(change.key for change in changes)
    first, second = sentences
    return el("article", _sentences(report, [first], [second], keys=keys), _listed(changes, report))


def _listed(changes: Iterable[Change], report: Report) -> Markup:
    items = []
    for change in changes:
        more = f" Stands in {change.more} more." if change.more else ""
        said = joined(el("b", told(change)), " ", meaning(change, report.names), ".", more, " ", el("code", change.key))
        items.append(el("li", said))
    return el("ul", *items, class_="changes")


def _sentences(report: Report, *both: Iterable[Sentence | None], keys: frozenset[str], claim: str = "") -> Markup:
    shown = []
    for found in both:
        texts = [joined(_marked(sentence, keys, claim), " ") for sentence in found if sentence]
        shown.append(el("dd", *texts) if texts else el("dd", el("i", ABSENT)))
    return el("dl", *_pairs(report, *shown), class_="sentences")


def _pairs(report: Report, *entries: Markup) -> Iterable[Markup]:
    for name, entry in zip(report.names, entries, strict=True):
        yield joined(el("dt", name), entry)


def _marked(sentence: Sentence, keys: frozenset[str], claim: str) -> Markup:
    pieces = ((piece.text, piece.key in keys or claim in piece.claims) for piece in sentence.pieces)
    return joined(*(el("mark", text) if marked else text for text, marked in pieces))


def _rankings(report: Report) -> Iterable[Inside]:
    for ranking in report.rankings:
        yield el("h3", ranking.title)
        yield el("p", agreement(ranking))
        moves = [(name, place(a), place(b)) for name, a, b in ranking.moves]
        if moves:
            yield _table(f"Ranking: {ranking.title}", ["", *report.names], moves)


def _rest(report: Report) -> Iterable[Inside]:
    if report.recorded:
        yield _folded(f"{len(report.recorded):,} that only values.json holds", _listed(report.recorded, report))
    for name, keys in zip(report.names, report.only, strict=True):
        if keys:
            yield _folded(f"{len(keys):,} keys only in {name}", el("p", ", ".join(keys)))
    if report.redefined:
        items = (el("li", el("code", one.key), " ", meaning(one, report.names)) for one in report.redefined)
        yield _folded(f"{len(report.redefined):,} keys that are defined otherwise", el("ul", *items))
    yield from (el("p", line) for line in report.unpaired)


def _folded(title: str, inside: Markup) -> Markup:
    return el("details", el("summary", title), inside)


def _table(name: str, heads: Sequence[str], rows: Iterable[Sequence[Inside]], kind: str = "table-box") -> Markup:
    """A table in a box that scrolls, called by a ``name`` that no other of the page has.

    One that is ``stacked`` has on a phone its cells below one another, labelled.
    """
    # The corner above the names of rows is the head of nothing.
    head = el("thead", el("tr", *(el("th", text, scope="col") if text else el("td") for text in heads)))
    lines = []
    for row in rows:
        cells = [el("td", cell, data_label=name) for name, cell in zip(heads[1:], row[1:], strict=True)]
        lines.append(el("tr", el("th", row[0], scope="row"), *cells))
    table = el("table", head, el("tbody", *lines))
    return el("div", table, class_=kind, tabindex="0", role="region", aria_label=name)
