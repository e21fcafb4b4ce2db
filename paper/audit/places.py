"""What the places of a paper are called by who refers to them from outside."""

from __future__ import annotations

import re

HEADING = re.compile(r"^#+ (.+?) *\{[^}\n]*#(sec-[\w-]+)[^}\n]*\}$", re.MULTILINE)
ID = re.compile(r"#((?:sec|tbl|fig)-[\w-]+)")
KINDS = {"sec": "Section", "tbl": "Table", "fig": "Figure"}


def titles(text: str) -> dict[str, str]:
    """The sections, tables and figures of a manuscript by id: sections by their heading, others by their name.

    >>> titles("# The data {#sec-data .appendix}\\n::: {#tbl-last-files from=files}")
    {'sec-data': 'The data', 'tbl-last-files': 'Table last files'}
    """
    headings = {name: title for title, name in HEADING.findall(text)}
    others = {name: f"{KINDS[name[:3]]} {name[4:].replace('-', ' ')}" for name in ID.findall(text)}
    return dict(sorted((others | headings).items()))
