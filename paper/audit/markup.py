"""Elements of the page: a tree and no text, so that whatever a label or a file name holds is written as text."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from analysis.printable import printable
from analysis.record import Table

Node = ET.Element
Content = Node | str | None
SPACES = "\n\N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}\N{WORD JOINER}\N{SOFT HYPHEN}"
"""What typography needs and does not show; nothing else that does not show reaches the page."""
LONG = 10
"""Rows from which on a table has a search."""
PAPER = "paper.html"
"""Where the paper stands beside the page."""


def el(tag: str, *content: Content | Iterable[Content], **attributes: str | None) -> Node:
    """An element with texts and elements in it; ``cls`` is its class, ``data_x`` is data-x, None leaves one out."""
    given = {name.replace("cls", "class").replace("_", "-"): printable(value)
             for name, value in attributes.items() if value is not None}  # fmt: skip
    node = ET.Element(tag, given)
    for one in content:
        add(node, one)
    return node


def add(node: Node, content: Content | Iterable[Content]) -> None:
    """Put a text, an element or several of either at the end of ``node``."""
    if content is None:
        return
    if isinstance(content, Node):
        node.append(content)
    elif isinstance(content, str):
        text = printable(content, SPACES)
        if len(node):
            node[-1].tail = (node[-1].tail or "") + text
        else:
            node.text = (node.text or "") + text
    else:
        for one in content:
            add(node, one)


def said(value: Any) -> str:
    """A typed value as a referee compares it: unrounded."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(said, value))
    return str(value)


def key(name: str, known: Mapping[str, Any]) -> Node:
    """The key of a value, with a link to its row below where the build has it."""
    code = el("code", name)
    return el("a", code, href=f"#value-{name}") if name in known else code


def reading(name: str, known: Mapping[str, Any]) -> str:
    """A value as a sentence shows it, with its interval where it has one; for one that is not there, that."""
    if name not in known:
        return "not computed by this build"
    return str(known[name].get("forms", {}).get("interval") or known[name]["text"])


def section(name: str, title: str, *content: Content | Iterable[Content]) -> Node:
    """A part of the page with its heading."""
    return el("section", el("h1", title), *content, id=name, aria_label=title)


def folded(title: str, *content: Content | Iterable[Content], name: str | None = None) -> Node:
    """What is long and opens when it is asked for; no paper prints it closed."""
    return el("details", el("summary", title), *content, id=name)


def grid(heads: Sequence[str], rows: Iterable[Sequence[Content | Iterable[Content]] | Node], **attributes: str) -> Node:
    """A table whose rows become blocks on a narrow screen, each cell under its heading."""
    body = el("tbody")
    for row in rows:
        body.append(row if isinstance(row, Node) else cells(row, heads))
    head = el("thead", el("tr", [el("th", one, scope="col") for one in heads]))
    return el("table", head, body, cls="grid", **attributes)


def searched(
    name: str, heads: Sequence[str], rows: Iterable[Sequence[Content | Iterable[Content]] | Node]
) -> list[Node]:
    """A :func:`grid`, and above one that is long the field that searches it.

    The field is part of the page, so that nothing moves when the script begins; without scripts it does not show.
    """
    listed = list(rows)
    table = grid(heads, listed, data_search=name)
    if len(listed) < LONG:
        return [table]
    words = f"Search {len(listed):,} rows: all words, in any order"
    return [el("label", words, el("input", type="search"), el("output"), cls="search"), table]


def cells(row: Sequence[Content | Iterable[Content]], heads: Sequence[str], **attributes: str) -> Node:
    """One row of a :func:`grid`."""
    return el("tr", [el("td", one, data_head=head) for one, head in zip(row, heads, strict=True)], **attributes)


def shown(table: Table, columns: Sequence[str] = (), rows: Iterable[str] | None = None) -> Node:
    """A table of the record as the paper shows it, or some of its ``columns`` and ``rows`` (by id)."""
    chosen = [i for i, one in enumerate(table.columns) if not columns or one.key in columns]
    wanted = None if rows is None else set(rows)
    head = el("tr", [el("th", table.columns[i].title, scope="col", cls=table.columns[i].align) for i in chosen])
    body = el("tbody")
    reasons: dict[str, None] = {}
    for row in table.rows:
        if wanted is None or row.id in wanted:
            body.append(el("tr", [el("td", row.cells[i].text, cls=table.columns[i].align) for i in chosen]))
            reasons |= {cell.reason: None for cell in (row.cells[i] for i in chosen)
                        if cell.value is None and cell.reason and cell.text not in cell.reason}  # fmt: skip
    gaps = [f"Empty: {'; '.join(reasons)}."] if reasons else []
    return el(
        "figure",
        el("div", el("table", el("thead", head), body), cls="table-box", tabindex="0", role="region",
           aria_label=table.title),
        el("div", [el("p", note) for note in (*table.notes, *gaps)], cls="table-notes"),
        cls="table",
    )  # fmt: skip


def written(node: Node) -> str:
    """An element as HTML."""
    return ET.tostring(node, encoding="unicode", method="html")
