"""Finds what would make the page wider than a phone, so that readers would have to scroll sideways.

Only tables and pictures scroll, each in its own box. All else has to fit: words break anywhere, pictures outside a box
shrink, and these are rules of the style sheet, which are checked. A formula cannot break, so its width is estimated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

# A line of a definition on a screen 390 pixels wide, in widths of the letter m.
LINE = 19.5
# What the style sheet must say, and never otherwise: the end of a selector, a property, its value, and what for.
RULES = (
    ("body", "overflow-wrap", "anywhere", "long words break"),
    ("img", "max-width", "100%", "pictures shrink"),
    (".table-box", "overflow-x", "auto", "tables scroll"),
    (".figure-box", "overflow-x", "auto", "pictures scroll"),
    ("pre", "overflow-x", "auto", "code scrolls"),
    ('math[display="block"]', "overflow-x", "auto", "displayed formulas scroll"),
)
# Blocks of the sheet that are not for phones: each holds rules in braces.
NOT_FOR_PHONES = re.compile(r"@(?:page|media\s+(?:print|\(min-width))[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
WIDTH = re.compile(r"(?:^|[;\s])(?:min-)?width:\s*([\d.]+)(px|pt|r?em|in|cm|mm)\b")
# Of a CSS unit, in widths of m on that screen.
UNITS = {"px": 1 / 17, "pt": 1 / 12.75, "em": 1.0, "rem": 1.0, "in": 5.65, "cm": 2.22, "mm": 0.222}
# Mean widths of the characters of a formula, and what a capital adds.
CHARACTER = {"mi": 0.53, "mn": 0.5, "mtext": 0.5}
CAPITAL = 0.2
NARROW, WITHOUT_SPACE = 0.4, set("()[]{}|.,/!′̄¯")
SCRIPT = 0.72


def check(html: str) -> list[str]:
    """What in the page ``html`` may be wider than a phone, one line each; empty where nothing is."""
    return [*_styles(html), *_formulas(html), *_fixed(html)]


def _formulas(html: str) -> Iterator[str]:
    for match in re.finditer(r"<math\b.*?</math>", html, re.DOTALL):
        formula = ElementTree.fromstring(re.sub(r"&(?!amp;|lt;|gt;|quot;|#)", "&amp;", match[0]))
        wide = em(formula)
        # One that is displayed scrolls.
        if formula.get("display") != "block" and wide > LINE:
            source = " ".join((next((e.text for e in formula.iter() if _name(e) == "annotation"), "") or "").split())
            yield (
                f"a formula wider than a phone, about {wide:.0f} em where {LINE} fit: '{source}'; "
                "write it as a fraction, in parts, or displayed ($$)"
            )


def em(element: ElementTree.Element, size: float = 1.0) -> float:
    """Estimated width of a MathML element, in widths of m."""
    name, inner = _name(element), list(element)
    text = "".join((element.text or "").split())
    if name in CHARACTER:
        return size * (CHARACTER[name] * len(text) + CAPITAL * sum(map(str.isupper, text)))
    if name == "mo":
        return size * (NARROW * len(text) if set(text) <= WITHOUT_SPACE else 0.55 * len(text) + 0.5)
    if name == "mspace":
        return size * float((re.match(r"[\d.]+", element.get("width", "0")) or ["0"])[0])
    if name in {"annotation", "mphantom"}:
        return 0.0
    if name == "mfrac":
        display = any(e.get("displaystyle") == "true" for e in element.iter())
        return max(em(part, size if display else size * SCRIPT) for part in inner) + 0.2
    if name in {"munder", "mover", "munderover"}:
        return max([em(inner[0], size), *(em(part, size * SCRIPT) for part in inner[1:])])
    if name in {"msub", "msup", "msubsup"}:
        return em(inner[0], size) + max(em(part, size * SCRIPT) for part in inner[1:])
    return sum(em(part, size) for part in inner) + (0.9 * size if name in {"msqrt", "mroot"} else 0.0)


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _styles(html: str) -> Iterator[str]:
    sheet = " ".join(re.findall(r"<style\b[^>]*>(.*?)</style>", html, re.DOTALL))
    sheet = NOT_FOR_PHONES.sub("", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))
    rules = [(selector.strip(), _declared(body)) for selector, body in re.findall(r"([^{};]+)\{([^{}]*)\}", sheet)]
    for end, name, value, purpose in RULES:
        said = {body[name] for selector, body in rules if selector.endswith(end) and name in body}
        if said != {value}:
            told = " and ".join(sorted(said)) or "nothing"
            yield f"the style sheet says {told} where {purpose}: '{end} {{ {name}: {value} }}' is needed"
    for selector, body in rules:
        if "table" not in selector and ".figure-box" not in selector:
            yield from _too_wide(
                "; ".join(f"{name}: {value}" for name, value in body.items()), f"a rule for '{selector}'"
            )


def _declared(body: str) -> dict[str, str]:
    parts = (part.partition(":") for part in body.split(";") if ":" in part)
    return {name.strip(): value.strip() for name, _, value in parts}


def _fixed(html: str) -> Iterator[str]:
    body = re.sub(r"<(style|script|math)\b.*?</\1>", "", html, flags=re.DOTALL)
    for tag, style in re.findall(r"<(\w+)\b[^>]*?\sstyle=\"([^\"]*)\"", body):
        # A picture shrinks, and what is in a table scrolls with it.
        if tag not in {"img", "table", "col", "th", "td"}:
            yield from _too_wide(style, f"<{tag}>")


def _too_wide(style: str, where: str) -> Iterator[str]:
    for number, unit in WIDTH.findall(style):
        if float(number) * UNITS[unit] > LINE:
            yield f"a width of {number}{unit} in {where} is more than a phone has"
