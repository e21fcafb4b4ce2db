"""Sums of parts of the data, gathered in a tree: whatever is summed needs one way to merge two of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def gathered(parts: Iterable[T], merge: Callable[[T, T], T]) -> T:
    """The parts merged, each with a neighbour that holds as many; ``merge`` gets the earlier one first.

    Of n parts no more than log2(n) + 1 are held at a time, and each is merged as often at most. The tree depends on the
    number of parts alone, so that rounding does too. ValueError for no part.

    >>> gathered("abcdefg", "({}{})".format)
    '(((ab)(cd))((ef)g))'
    """
    held: list[tuple[int, T]] = []
    for part in parts:
        size = 1
        while held and held[-1][0] == size:
            part, size = merge(held.pop()[1], part), 2 * size
        held.append((size, part))
    if not held:
        raise ValueError("nothing to gather")
    whole = held.pop()[1]
    while held:
        whole = merge(held.pop()[1], whole)
    return whole
