"""Which release a header line belongs to, and what each of its columns is called there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from analysis.dataset.input.member import Member
from analysis.dataset.release import Release, load, names
from analysis.errors import UserError

LABEL = "Label"
LEAST_LIKENESS = 0.5
"""A file that shares less than this with every release is not one of theirs."""


@dataclass(frozen=True)
class Layout:
    """The columns of one file as a release describes them.

    ``columns`` has for each column of the file its canonical name (a feature, a role such as Timestamp, or Label), or
    None where it is not used. ``found`` of the release's ``expected`` columns are there; optional ones are expected
    where they are there.
    """

    release: Release
    columns: tuple[str | None, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    found: int
    expected: int
    spaces: int

    @property
    def likeness(self) -> float:
        """Columns that the file and the release share, divided by those that either has."""
        return self.found / max(self.expected + len(self.unknown), 1)

    @property
    def features(self) -> tuple[str, ...]:
        """The features that the file has, in the order of the release."""
        present = set(self.columns)
        return tuple(name for name in self.release.features if name in present)

    @property
    def roles(self) -> tuple[str, ...]:
        """The columns beside features and label that the file has."""
        present = set(self.columns)
        return tuple(role for role in self.release.identity if role in present)


def recognise(cells: Sequence[str], member: Member) -> Layout:
    """The layout of the release that the ``cells`` of a header are most like; UserError where they are like none.

    A column that is missing and one that is nearly called like it are taken for damage, not for a poorer copy.
    """
    best = max((_layout(cells, load(name)) for name in names()), key=lambda layout: layout.likeness)
    if best.likeness < LEAST_LIKENESS:
        raise UserError(_unrecognised(cells, best, member))
    if LABEL not in best.columns:
        raise UserError(
            f"{member}: there is no column {best.release.label_column}; its columns are those of the "
            f"{best.release.title}, but without labels nothing can be learned or tested"
        )
    for name in best.missing:
        near = get_close_matches(name.casefold(), [spelling.casefold() for spelling in best.unknown], n=1, cutoff=0.85)
        if near:
            spelling = next(unknown for unknown in best.unknown if unknown.casefold() == near[0])
            raise UserError(f"{member}: the column {spelling!r} is not known; is it {name}? Correct the header line")
    twice = next((c for i, c in enumerate(best.columns) if c is not None and c in best.columns[:i]), None)
    if twice:
        raise UserError(f"{member}: the column {twice} stands in the header twice; remove one of them")
    return best


def _layout(cells: Sequence[str], release: Release) -> Layout:
    known = {spelling.casefold(): name for name, spelling in _spellings(release)}
    trimmed = [cell.strip() for cell in cells]
    columns: list[str | None] = []
    for cell in trimmed:
        name = known.get(cell.casefold())
        # Two columns of the original release share a name; the second is the one that pandas calls '.1'.
        columns.append(f"{name}.1" if name in columns and f"{name}.1" in release.features else name)
    unused = {spelling.casefold() for spelling in release.ignored}
    found = {name for name in columns if name is not None}
    wanted = {c.name for c in release.columns if not c.optional or c.name in found} | {LABEL} | set(release.identity)
    ignored = [cell for cell in trimmed if cell.casefold() in unused]
    unknown = [cell for cell, name in zip(trimmed, columns, strict=True) if name is None and cell not in ignored]
    return Layout(
        release,
        tuple(columns),
        tuple(name for name in release.features if name in wanted - found),
        tuple(unknown),
        len(found & wanted) + len(ignored),
        len(wanted) + len(unused),
        sum(cell.startswith(" ") for cell in cells),
    )


def _spellings(release: Release) -> list[tuple[str, str]]:
    """(canonical name, spelling) of every column that is used."""
    pairs = [(c.name, spelling.strip()) for c in release.columns for spelling in (c.header, *c.also)]
    pairs += [(role, spelling) for role, spellings in release.identity.items() for spelling in spellings]
    return pairs + [(LABEL, spelling) for spelling in (release.label_column, *release.label_column_aliases)]


def _unrecognised(cells: Sequence[str], best: Layout, member: Member) -> str:
    shown = ", ".join(cell.strip() for cell in cells[:4]) + (", ..." if len(cells) > 4 else "")
    nearest = f"; nearest is the {best.release.title}, with {best.found} of them" if best.found else ""
    return (
        f"{member}: its {len(cells)} columns ({shown}) belong to no known release{nearest}. Give the file the column "
        "names of its release, or describe the release (docs/releases.md)"
    )
