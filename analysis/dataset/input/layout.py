"""Which release a header line belongs to, and what each of its columns is called there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from functools import cached_property
from math import ceil
from typing import Any, Self

from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.headings import LABEL, folded, known, own, verbatim
from analysis.dataset.input.sisters import sister
from analysis.dataset.release import Release, load, names
from analysis.errors import UserError
from analysis.printable import printable

LEAST_LIKENESS = 0.5
"""A file that shares less than this with every release is not one of theirs."""
LIKELY = 0.9
"""With this much in common, a file may well be of the release."""
MOST_COLUMNS = 1000
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""What no name of a column holds."""


@dataclass(frozen=True)
class Layout:
    """The columns of one file as a release describes them.

    ``columns`` has for each column of the file its canonical name (a feature, a role such as Timestamp, or Label), or
    None where it is not used. ``found`` of the release's ``expected`` columns are there; optional ones are expected
    where they are there. ``respelled`` are (spelling, canonical name) of columns that the release writes otherwise.
    """

    release: Release
    columns: tuple[str | None, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    respelled: tuple[tuple[str, str], ...]
    found: int
    expected: int
    spaces: int
    rivals: tuple[Release, ...] = ()
    """Releases that have more of these columns, under other names; the likeliest first."""

    @property
    def likeness(self) -> float:
        """Columns that the file and the release share, divided by those that either has."""
        return self.found / max(self.expected + len(self.unknown), 1)

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The features that the file has, in the order of the release."""
        present = set(self.columns)
        return tuple(name for name in self.release.features if name in present)

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """The columns beside features and label that the file has."""
        present = set(self.columns)
        return tuple(role for role in self.release.identifiers if role in present)

    def entry(self) -> dict[str, Any]:
        """The layout as JSON, releases by name; :meth:`of_entry` reads it."""
        held = {field.name: getattr(self, field.name) for field in fields(self)}
        return held | {"release": self.release.name, "rivals": [rival.name for rival in self.rivals]}

    @classmethod
    def of_entry(cls, entry: Mapping[str, Any]) -> Self:
        """The layout that :meth:`entry` wrote."""
        respelled = tuple((spelling, name) for spelling, name in entry["respelled"])
        rest: dict[str, Any] = {name: tuple(held) if isinstance(held, list) else held for name, held in entry.items()}
        rivals = tuple(map(load, entry["rivals"]))
        return cls(**{**rest, "release": load(entry["release"]), "rivals": rivals, "respelled": respelled})


def recognise(cells: Sequence[str], flow_file: FlowFile, release: Release | None = None) -> Layout:
    """The layout of the release that the ``cells`` of a header are most like; UserError where they are like none.

    The release's own names count first, whatever their case and punctuation; what is then missing may stand under the
    name that another release gives it. Where a column is then left over, a release that has it too comes first. A
    column that is missing and one that is nearly called like it are taken for damage, not for a poorer copy.
    ``release``: take the file for this one.
    """
    if len(cells) > MOST_COLUMNS:
        raise UserError(
            f"{flow_file}: its header line has {len(cells):,} columns, a file of flows about eighty; cut it"
        )
    if other := sister(cells):
        raise UserError(f"{flow_file}: {other}")
    everywhere = sorted((layout(cells, load(name)) for name in names()), key=lambda found: -found.likeness)
    if release:
        best = next(found for found in everywhere if found.release is release)
    else:
        nearest = max((layout(cells, load(name), own(load(name))) for name in names()), key=lambda f: f.likeness)
        named = nearest.likeness >= LEAST_LIKENESS
        best = next(found for found in everywhere if not named or found.release is nearest.release)
        better = (f for f in everywhere if f.likeness > best.likeness and set(f.unknown) < set(best.unknown))
        best = next(better, best)
        if best.unknown and best.likeness < LIKELY:
            # A poor copy of a release that has all its columns, rather than of a smaller one with others beside them.
            best = next((found for found in everywhere if not found.unknown), best)
    rivals = tuple(found.release for found in everywhere if found.likeness > max(best.likeness, LIKELY))
    best = replace(best, rivals=rivals)
    if best.likeness < LEAST_LIKENESS:
        raise UserError(f"{flow_file}: {_unrecognised(cells, best)}")
    if LABEL not in best.columns:
        raise UserError(
            f"{flow_file}: there is no column {best.release.label_column}; its columns are those of the "
            f"{best.release.title} ({fit(best)}), but without labels nothing can be learned or tested"
        )
    _refuse_misspelled(best, flow_file)
    _refuse_twice(cells, best, flow_file)
    return best


def like(cells: Sequence[str]) -> list[Release]:
    """All releases that a file with these columns may well be of, the likeliest first."""
    layouts = [layout(cells, load(name)) for name in names()]
    layouts.sort(key=lambda found: found.likeness, reverse=True)
    return [found.release for found in layouts if found.likeness >= LIKELY and LABEL in found.columns]


def layout(cells: Sequence[str], release: Release, spellings: dict[str, str] | None = None) -> Layout:
    """The columns in view of one release, by folded ``spellings``: its own first, then those of all releases."""
    trimmed = [cell.strip() for cell in cells]
    keys = [folded(cell) for cell in trimmed]
    mine, all_, there = own(release), known() if spellings is None else spellings, verbatim(release)
    features = release.features
    names_here = {*features, *release.identifiers, LABEL}
    unused = {folded(spelling) for spelling in release.ignored}
    free = {*features} - {mine[key] for key in keys if key in mine}
    columns: list[str | None] = []
    for key in keys:
        name = mine.get(key) or (None if key in unused else all_.get(key))
        # Two columns of the original release share a name; the second is the one that pandas calls '.1'.
        name = f"{name}.1" if name in columns and f"{name}.1" in free else name
        columns.append(name if name in names_here else None)
    found = {name for name in columns if name is not None}
    optional = {column.name for column in release.columns if column.optional} | set(release.sometimes)
    wanted = names_here - (optional - found)
    missing = wanted - found
    ignored = [cell for cell, key in zip(trimmed, keys, strict=True) if key in unused]
    pairs = list(zip(trimmed, columns, strict=True))
    return Layout(
        release,
        tuple(columns),
        tuple(name for name in features if name in missing),
        tuple(printable(cell) for cell, name in pairs if name is None and cell not in ignored),
        tuple((printable(cell), name) for cell, name in pairs if name and cell.casefold() not in there),
        len(found & wanted) + len(ignored),
        len(wanted) + len(unused),
        sum(cell.startswith(" ") for cell in cells),
    )


def fit(found: Layout) -> str:
    """How well a file fits a release, in words."""
    there = "is there" if found.found == 1 else "are there"
    return f"{found.found} of its {found.expected} columns {there}, {_foreign(found.unknown)}"


def _foreign(unknown: Sequence[str]) -> str:
    if not unknown:
        return "and no others"
    shown = ", ".join(name[:40] or "one without a name" for name in unknown[:4]) + (", ..." if len(unknown) > 4 else "")
    return f"and {len(unknown)} that it has not ({shown})"


def _refuse_misspelled(best: Layout, flow_file: FlowFile) -> None:
    """UserError that names every column that is nearly called like a missing one."""
    keys = {folded(spelling): spelling for spelling in best.unknown}
    guesses = []
    for name in best.missing:
        if near := get_close_matches(folded(name), list(keys), n=1, cutoff=0.85):
            guesses.append((keys.pop(near[0]), name))
    if guesses:
        told = ", ".join(f"{spelling[:60]!r} (is it {name}?)" for spelling, name in guesses)
        what = "column is" if len(guesses) == 1 else "columns are"
        raise UserError(
            f"{flow_file}: by its columns it is of the {best.release.title}, in which the {what} not known: {told}; "
            "correct the header line"
        )


def _refuse_twice(cells: Sequence[str], best: Layout, flow_file: FlowFile) -> None:
    """UserError where two columns of the file stand for the same."""
    counted = Counter(name for name in best.columns if name is not None)
    for name, n in counted.items():
        if n > 1:
            both = [printable(cell.strip())[:60] for cell, c in zip(cells, best.columns, strict=True) if c == name]
            if len({text.casefold() for text in both}) == 1:
                raise UserError(f"{flow_file}: the column {name} stands in the header twice; remove one of them")
            raise UserError(f"{flow_file}: the columns {' and '.join(both)} both stand for {name}; remove one of them")


def _unrecognised(cells: Sequence[str], best: Layout) -> str:
    shown = ", ".join(printable(cell.strip())[:40] for cell in cells[:4]) + (", ..." if len(cells) > 4 else "")
    here = f"its {len(cells)} columns ({shown})"
    if sum(map(_is_number, cells)) * 2 > len(cells):
        return f"there is no header line: {here} begin with numbers; put the column names of its release before them"
    needed = ceil(LEAST_LIKENESS * (best.expected + len(cells)) / (1 + LEAST_LIKENESS))
    if needed > len(cells):  # where no renaming is enough
        needed = ceil(LEAST_LIKENESS * best.expected)
    nearest = f"; nearest is the {best.release.title}: {fit(best)}; {needed} are needed" if best.found else ""
    label = "there is a column of labels" if LABEL in best.columns else "there is no column of labels either"
    return (
        f"{here} belong to no known release{nearest}; {label}. Give the file the column names of its release, or "
        "describe the release (docs/releases.md)"
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
