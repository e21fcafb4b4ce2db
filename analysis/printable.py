"""Text of files, servers and file names as it may stand in a message, on a terminal or in a table."""

from __future__ import annotations


def printable(text: object, keep: str = "") -> str:
    r"""``text`` with every character that does not show, or that moves others about, escaped as in Python: ``\x1b``.

    Those are control characters, marks of direction and width, line separators, private and unassigned ones; those in
    ``keep`` stay as they are.
    """
    whole = str(text)
    if whole.isprintable():
        return whole
    return "".join(letter if letter.isprintable() or letter in keep else _escaped(letter) for letter in whole)


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
