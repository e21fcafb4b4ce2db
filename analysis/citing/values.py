"""List the values of a published build: ``python -m analysis.citing.values [--find f1]``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.citing.builds import find as find_build
from analysis.command import run
from analysis.errors import UserError
from analysis.printable import printable


def lines(values: Mapping[str, Mapping[str, Any]], words: str = "") -> Iterator[str]:
    """A line a value: key, text with its interval, definition; those whose line holds all ``words``, in any case."""
    wanted = words.lower().split()
    for key, entry in values.items():
        text = entry["forms"].get("interval", entry["text"])
        line = printable(f"{key}\t{text}\t{entry['definition']}", keep="\t\u202f")
        if all(word in line.lower() for word in wanted):
            yield line


def step(*, find: str = "", build: str | None = None) -> None:
    """List the values of a build under results/; FIND keeps those that hold its words in key, text or definition."""
    one = find_build(build)
    found = list(lines(one.record["values"], find))
    if not found:
        raise UserError(f"FIND: no value of build {one.folder.name} holds {find!r}; make values lists all")
    print("\n".join(found))


if __name__ == "__main__":
    run(step)
