"""diff.md: a short summary, what flipped, and the rest folded, as a review comment of a code host."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from analysis.difference.changes import Flip
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
from analysis.printable import printable

LONGEST = 60_000
"""Characters of the comment; hosts refuse one of more than 65,536."""
SPARE = 200
"""Of these, for the line that counts what was left out."""
OF_NUMBERS = 25_000
"""Characters of sentences with numbers; who reads more of them reads the page."""
SHOWN = 400
"""Characters of a text that comes from a build."""
NAMED = 40
"""Keys that are named of those that only one build has."""
SIGNS = re.compile(r"([\\`*_{}\[\]<>#|$~^&])")
LINKS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE)
BREAK = "\N{ZERO WIDTH SPACE}"


def escaped(text: str) -> str:
    """A text of a build as it is, not as Markdown, HTML, address or name of a user, and in one line."""
    line = printable(" ".join(text.split()))
    line = line if len(line) <= SHOWN else f"{line[:SHOWN]} …"
    # A host takes '@name' for a user and 'www.' for a link even where they are escaped.
    return LINKS.sub(BREAK, SIGNS.sub(r"\\\1", line).replace("\\<", "&lt;").replace("\\&", "&amp;"))


def markdown(report: Report) -> str:
    """The report as Markdown, never longer than :data:`LONGEST`; what it leaves out is counted.

    One line where nothing changed and both builds rest on the same.
    """
    if report.unchanged and not any(report.foundations.values()):
        return " ".join(filter(None, (f"**{escaped(report.title)}**: {report.summary}", escaped(report.ids) + ".",
                                      report.hint))) + "\n"  # fmt: skip
    head = [f"### {escaped(report.title)}", "", report.summary, "", " ".join(filter(None, (
            escaped(report.ids) + ".", report.hint))), ""]  # fmt: skip
    if report.warning:
        head += [f"**{escaped(report.warning)}**", ""]
    foot = [] if report.unchanged else ["", f"*Sorted by a rule: {RULE} {ON_INTERVALS}*", ""]
    kept, left = list(head), 0
    for part in _parts(report):
        if _length([*kept, *part, *foot]) > LONGEST - SPARE:
            left += 1
        else:
            kept += part
    note = [f"{left} more parts of this report stand in diff.html."] if left else []
    return "\n".join([*kept, *note, *foot])


def _length(lines: Iterable[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _parts(report: Report) -> Iterator[list[str]]:
    """What may be left out where there is too much, each part whole."""
    yield _rests_on(report)
    if report.use and not report.unchanged:
        yield [f"**{TITLES[report.use]}**", "", *(f"- {escaped(line)}" for line in report.what_changes), ""]
        rows = [(row.definition, f"`{_code(row.key)}`", *row.texts, row.said, INTERVALS.get(row.intervals, "")) for row
                in report.side_by_side]  # fmt: skip
        table = _table(["what", "key", *report.names, "difference", ""], rows, plain=1)
        yield _folded(f"Side by side ({len(rows)})", table)
    for kind, title in KINDS.items():
        found = [flip for flip in report.flips if flip.kind == kind]
        if found:
            yield [f"**{title}: {len(found)} flipped**", ""]
            yield from ([*_flip(flip, report)] for flip in found)
    if report.rankings:
        yield _folded(f"Rankings ({len(report.rankings)})", list(_rankings(report)))
    if report.in_text:
        n = sum(len(changes) for _, changes in report.in_text)
        yield _folded(f"Numbers and words of the text ({n})", list(_numbers(report)))
    if lines := list(_rest(report)):
        yield _folded("What stands in no sentence, or cannot be paired", [f"- {line}" for line in lines])


def _numbers(report: Report) -> Iterator[str]:
    """Sentences with their numbers, as many as a comment bears."""
    length = 0
    for i, ((first, second), changes) in enumerate(report.in_text):
        items = [f"- `{_code(one.key)}` {escaped(told(one))}: {escaped(meaning(one, report.names))}" for one in changes]
        keys = frozenset(change.key for change in changes)
        lines = [*_sentences(report, [first], [second], keys=keys), "", *items, ""]
        length += _length(lines)
        if length > OF_NUMBERS:
            yield f"{len(report.in_text) - i} more sentences stand in diff.html."
            return
        yield from lines


def _rests_on(report: Report) -> list[str]:
    same = [group.lower() for group, rows in report.foundations.items() if not rows]
    lines = [f"The same in both: {', '.join(same)}.", ""] if same else []
    rows = [(f"{group}: {what}", a, b) for group, found in report.foundations.items() for what, a, b in found]
    return [*lines, *(_table(["", *report.names], rows) if rows else []), ""]


def _flip(flip: Flip, report: Report) -> Iterator[str]:
    a, b = flip.states
    claim = flip.kind == "claim"
    name = f"`{_code(flip.name)}`" if claim else escaped(flip.name)
    yield f"- `{_code(flip.id)}` **{escaped(a)} → {escaped(b)}**: {name}"
    for name, words in zip(report.names, flip.words, strict=True):
        yield f"  - {escaped(name)}: {f'`{_code(words)}`' if claim and words else escaped(words)}"
    if flip.note:
        yield f"  - {escaped(flip.note)}"
    if claim:
        yield ""
        yield from (f"  {line}" for line in _sentences(report, *flip.sentences, keys=frozenset(), claim=flip.id))
    yield ""


def _sentences(report: Report, *both: Iterable[Sentence | None], keys: frozenset[str], claim: str = "") -> list[str]:
    lines = []
    for name, found in zip(report.names, both, strict=True):
        texts = [_marked(sentence, keys, claim) for sentence in found if sentence] or [f"*{ABSENT}*"]
        lines += [f"> {escaped(name)}: {' '.join(texts)}", ">"]
    return lines[:-1]


def _marked(sentence: Sentence, keys: frozenset[str], claim: str) -> str:
    found = ""
    for piece in sentence.pieces:
        text = escaped(piece.text)
        blank = " " * piece.text.startswith(" "), " " * piece.text.endswith(" ")
        strong = (piece.key in keys or claim in piece.claims) and text
        found += f"{blank[0]}<b>{text}</b>{blank[1]}" if strong else f"{blank[0]}{text}{blank[1]}" if text else " "
    return found.replace("</b> <b>", " ").replace("</b><b>", "").rstrip()


def _rankings(report: Report) -> Iterator[str]:
    for ranking in report.rankings:
        yield f"{ranking.title}. {agreement(ranking)}"
        yield ""
        rows = [(name, place(a), place(b)) for name, a, b in ranking.moves]
        yield from [*(_table(["", *report.names], rows) if rows else []), ""]


def _rest(report: Report) -> Iterator[str]:
    if n := len(report.recorded):
        yield f"{n:,} numbers and words that stand in no sentence changed too; diff.html lists them."
    for name, keys in zip(report.names, report.only, strict=True):
        if keys:
            named = ", ".join(f"`{_code(key)}`" for key in keys[:NAMED]) + (" …" if len(keys) > NAMED else "")
            yield f"{len(keys):,} keys only in {escaped(name)}: {named}"
    if report.redefined:
        yield f"{len(report.redefined):,} keys are defined otherwise; each says so where it stands."
    yield from (escaped(line) for line in report.unpaired)


def _folded(title: str, lines: Sequence[str]) -> list[str]:
    return [f"<details><summary>{title}</summary>", "", *lines, "", "</details>", ""]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], plain: int = -1) -> list[str]:
    """A pipe table; the column ``plain`` is Markdown already."""
    lines = ["| " + " | ".join(map(escaped, heads)) + " |", "|" + " --- |" * len(heads)]
    for row in rows:
        lines.append("| " + " | ".join(cell if i == plain else escaped(cell) for i, cell in enumerate(row)) + " |")
    return lines


def _code(key: str) -> str:
    """A key or id within the marks of code, where only these marks and lines need care."""
    return printable(" ".join(key.split())).replace("`", "'").replace("|", "/")
