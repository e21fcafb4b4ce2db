"""HTML made of elements, in which every text is escaped unless it is an element itself."""

from __future__ import annotations

import html

from analysis.printable import printable

BLANKS = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
"""Of what does not show these are the paper's own."""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Inside = str | Markup | None
"""What stands in an element; None is left out."""


def el(tag: str, *inside: Inside, **attributes: str) -> Markup:
    """The element ``tag``; an attribute that Python reserves ends with an underscore (``class_``).

    >>> el("p", "a < b", el("b", "c"), class_="x")
    '<p class="x">a &lt; b<b>c</b></p>'
    """
    given = "".join(f' {name.rstrip("_").replace("_", "-")}="{_escaped(text)}"' for name, text in attributes.items())
    return Markup(f"<{tag}{given}>{joined(*inside)}</{tag}>")


def joined(*inside: Inside) -> Markup:
    """Texts and elements, one behind the other."""
    return Markup("".join(part if isinstance(part, Markup) else _escaped(part) for part in inside if part is not None))


def _escaped(text: str) -> str:
    return html.escape(printable(text, keep=BLANKS), quote=True)
