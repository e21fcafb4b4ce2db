"""Finds the source line of every atom, because Pandoc's tree has none.

The words of the tree stand in the source in the same order, between words of markup that the tree keeps too. So the two
sequences are all but equal, and a comparison of sequences pairs them; repeated text is no difficulty.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from paper.lint.text import Atom

WORD = re.compile(r"[^\W_]+")


def words_of(lines: Sequence[str], first: int = 1) -> list[tuple[str, int]]:
    """All words of the source ``lines`` with their line; ``first`` is the number of the first line."""
    return [(word, number) for number, line in enumerate(lines, first) for word in WORD.findall(line)]


def locate(atoms: Sequence[Atom], words: Sequence[tuple[str, int]], first: int = 1) -> None:
    """Set the line of each atom to that of its first word; without one, to that of the word before it.

    ``words`` are those of the source, ``first`` is the line of what stands before all of them.
    """
    wanted = [(word, number) for number, atom in enumerate(atoms) for word in WORD.findall(atom.text)]
    lines: list[int | None] = [None] * len(atoms)
    i = j = 0
    pairs = SequenceMatcher(None, [word for word, _ in wanted], [word for word, _ in words]).get_matching_blocks()
    for pair in pairs:
        # What the source spells otherwise (&#57;) stands where the two part.
        between = words[min(j, len(words) - 1)][1] if words else first
        for _, number in wanted[i : pair.a]:
            lines[number] = lines[number] or between
        for (_, number), (_, line) in zip(
            wanted[pair.a : pair.a + pair.size], words[pair.b : pair.b + pair.size], strict=True
        ):
            lines[number] = lines[number] or line
        i, j = pair.a + pair.size, pair.b + pair.size
    line = first
    for atom, own in zip(atoms, lines, strict=True):
        line = atom.line = own or line
