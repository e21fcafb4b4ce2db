"""References as text: APA (7th edition), IEEE and Chicago (18th, author-date), BibTeX and CSL-JSON.

Of two kinds only, the paper of a build and a publication in proceedings. Titles keep the case in which they are given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Literal

from analysis.citing.references import Name, Reference

Style = Literal["apa", "ieee", "chicago", "bibtex", "csl-json"]
LATEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", **{letter: f"\\{letter}" for letter in "%&#$_"},
}  # fmt: skip


def apa(one: Reference) -> str:
    """As the American Psychological Association sets it, 7th edition."""
    names = [f"{name.family}, {_initials(name, ' ')}" if name.given else name.family for name in one.authors]
    where = f" In {one.container} (pp. {_span(one)})." if one.container else ""
    title = f"{one.title} ({one.version})" if one.version else one.title
    return f"{_stop(_listed(names, ', & ', ', & '))} ({one.year}). {_stop(title)}{where}{_link(one, '')}"


def ieee(one: Reference) -> str:
    """As the Institute of Electrical and Electronics Engineers sets it."""
    names = [f"{_initials(name, ' ')} {name.family}".strip() for name in one.authors]
    where = f"in {one.container}, {one.year}, pp. {_span(one)}" if one.container else f"{one.version}, {one.year}"
    link = f", doi: {one.doi}." if one.doi else f". [Online]. Available: {one.url}" if one.url else "."
    return f"{_listed(names, ' and ', ', and ')}, “{one.title},” {where}{link}"


def chicago(one: Reference) -> str:
    """As the Chicago Manual of Style sets it in its 18th edition, by author and date.

    A paper in proceedings is a chapter of a book ('In', and of the book no year again). Of several authors the first
    alone is inverted; particles and the names of groups keep their case.
    """
    first, *others = one.authors
    names = [f"{first.family}, {first.given}" if first.given else first.family]
    names += [f"{name.given} {name.family}".strip() for name in others]
    authors = _listed(names, ", and ", ", and ")
    if one.container:
        where = f"“{_stop(one.title)}” In {one.container}, {_shortened(one)}."
    else:
        where = f"{_stop(one.title)} {_stop(one.version[:1].upper() + one.version[1:])}"
    return f"{_stop(authors)} {one.year}. {where}{_link(one, '.')}"


def bibtex(one: Reference) -> str:
    """An entry for BibTeX; what LaTeX would take for markup is escaped."""
    fields = {
        "author": " and ".join(", ".join(map(_whole, (name.family, name.given))) if name.given
                               else f"{{{_latex(name.family)}}}" for name in one.authors),
        "title": f"{{{_latex(one.title)}}}",
        "booktitle": f"{{{_latex(one.container)}}}" if one.container else "",
        "howpublished": _latex(one.version),
        "year": str(one.year),
        "pages": f"{one.pages[0]}--{one.pages[1]}" if one.pages else "",
        "doi": one.doi,
        "url": _address(one),
        "note": _latex(one.note),
    }  # fmt: skip
    lines = [f"  {field:<12} = {{{text}}}" for field, text in fields.items() if text]
    return f"@{'inproceedings' if one.container else 'misc'}{{{one.id},\n" + ",\n".join(lines) + "\n}"


def csl(one: Reference) -> dict[str, Any]:
    """An item of CSL-JSON; what a processor would take for a tag is kept apart by a joiner, which does not show."""
    fields = {
        "id": one.id,
        "type": "paper-conference" if one.container else "report",
        "author": [{"family": _untagged(name.family), "given": _untagged(name.given)} if name.given
                   else {"literal": _untagged(name.family)} for name in one.authors],
        "issued": {"date-parts": [[one.year]]},
        "title": _untagged(one.title),
        "container-title": _untagged(one.container),
        "genre": _untagged(one.version),
        "page": f"{one.pages[0]}-{one.pages[1]}" if one.pages else "",
        "DOI": one.doi,
        "URL": _address(one),
        "note": _untagged(one.note),
    }  # fmt: skip
    return {field: found for field, found in fields.items() if found}


TEXTS: dict[str, Callable[[Reference], str]] = {"apa": apa, "ieee": ieee, "chicago": chicago}


def styled(references: Sequence[Reference], style: Style) -> str:
    """All references in one style, in text a paragraph each; of BibTeX and CSL-JSON a whole file."""
    if style == "csl-json":
        return json.dumps([csl(one) for one in references], indent=2, ensure_ascii=False)
    return "\n\n".join((bibtex if style == "bibtex" else TEXTS[style])(one) for one in references)


def _initials(name: Name, between: str) -> str:
    words = re.split(r"[\s.]+", name.given)
    return between.join("-".join(f"{part[0]}." for part in word.split("-") if part) for word in words if word)


def _listed(names: Sequence[str], two: str, more: str) -> str:
    """Several names as a list; ``two`` stands between two, ``more`` before the last of more."""
    return (two if len(names) == 2 else more).join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _span(one: Reference) -> str:
    return f"{one.pages[0]}–{one.pages[1]}" if one.pages else ""


def _shortened(one: Reference) -> str:
    """Pages by Chicago's rule: of the last only what changes, two digits of it at least after 110, 210 and so on."""
    if not one.pages:
        return ""
    first, last = map(str, one.pages)
    if len(first) != len(last) or one.pages[0] < 100 or one.pages[0] % 100 == 0:
        return f"{first}–{last}"
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=True)) if a != b), len(first) - 1)
    return f"{first}–{last[same if one.pages[0] % 100 < 10 else min(same, len(last) - 2) :]}"


def _address(one: Reference) -> str:
    return f"https://doi.org/{one.doi}" if one.doi else one.url


def _link(one: Reference, end: str) -> str:
    return f" {_address(one)}{end}" if _address(one) else ""


def _stop(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _latex(text: str) -> str:
    return "".join(LATEX.get(letter, letter) for letter in text)


def _whole(name: str) -> str:
    """A part of a name, in braces where BibTeX would take it for several names."""
    return f"{{{_latex(name)}}}" if re.search(r"\band\b|,", name) else _latex(name)


def _untagged(text: str) -> str:
    return re.sub(r"<(?=[A-Za-z/])", "<\u2060", text)
