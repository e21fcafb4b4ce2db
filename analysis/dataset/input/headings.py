"""Names of columns however they are written, and which column of a release each stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from analysis.dataset.release import Release, load, names

LABEL = "Label"


@lru_cache(maxsize=10_000)  # each release is held against the same header line
def folded(heading: str) -> str:
    """What spellings of one name have in common: case, spaces, underscores, dots and slashes are set aside.

    R writes ``X.Destination.Port`` for `` Destination Port``, because no name of its begins with a space.
    """
    heading = re.sub(r"^X[._]+(?=\w)", "", heading.strip())
    return re.sub(r"[\W_]+", "", heading).casefold()


@cache
def own(release: Release) -> dict[str, str]:
    """Folded spelling to canonical name (a feature, a role, or Label) of every column that the release describes."""
    return {folded(spelling): name for name, spelling in _spellings(release)}


@cache
def verbatim(release: Release) -> frozenset[str]:
    """The spellings themselves, without spaces around them and without case."""
    return frozenset(spelling.strip().casefold() for _, spelling in _spellings(release))


@cache
def known() -> dict[str, str]:
    """As :func:`own` over all releases; a spelling that means one column here and another there is left out."""
    found: dict[str, set[str]] = {}
    for release in map(load, names()):
        for key, name in own(release).items():
            found.setdefault(key, set()).add(name)
    return {key: next(iter(meanings)) for key, meanings in found.items() if len(meanings) == 1}


def labelled(headings: Iterable[str]) -> bool:
    """Whether there is a column of labels among them, whatever a release calls it."""
    return any(known().get(folded(heading)) == LABEL for heading in headings)


def _spellings(release: Release) -> Iterator[tuple[str, str]]:
    for column in release.columns:
        yield from ((column.name, spelling) for spelling in (column.header, *column.also))
    for role, spellings in release.identifiers.items():
        yield from ((role, spelling) for spelling in spellings)
    yield from ((LABEL, spelling) for spelling in (release.label_column, *release.label_column_aliases))
