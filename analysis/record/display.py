"""Display rules: how a typed value becomes the text a reader sees.

A rule is a name, optionally with a number of digits after a colon: ``integer``, ``fixed:3``, ``percent:1``,
``significant:3``, ``scientific:2``, ``p``, ``text``, ``list``. Values are stored as fractions; only the rule turns
them into percentages.

Rounding never says more than the number does: with ``fixed`` and ``percent`` what is above 0 is not shown as 0, and
what is below 1 is not shown as 1, but as a bound (`< 0.1%`, `> 0.999`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

MISSING = "–"
MINUS = "\N{MINUS SIGN}"
NEAR = "\N{NARROW NO-BREAK SPACE}"
EXACT = 1e-12
"""A number no further from 0 or 1 is taken to be it: what is left is the rounding of a sum."""
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def show(value: Any, rule: str) -> str:
    """Text of ``value`` under the display rule ``rule``; a missing value (None) shows as an en dash.

    Raises ValueError for an unknown rule, and for a number that is not finite: a result that is not available is
    None with a reason, never NaN.
    """
    if value is None:
        return MISSING
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"value {value!r} is not finite: record None with a reason instead")
    name, _, digits = rule.partition(":")
    if name not in _RULES:
        raise ValueError(f"unknown display rule {rule!r}; known: {', '.join(_RULES)}")
    return _RULES[name](value, int(digits) if digits else None)


def _signed(text: str) -> str:
    if text.startswith("-"):
        body = text[1:]
        # A negative number that rounds to zero is shown without its sign.
        return body if not body.strip("0.,%") else MINUS + body
    return text


def spoken(text: str) -> str:
    """A shown number as it stands in a sentence: '< 0.1%' reads 'less than 0.1%'."""
    return text.replace(f"<{NEAR}", "less than ").replace(f">{NEAR}", "more than ")


def typographic(text: str) -> str:
    """A sentence with the quotation marks and apostrophes of print in place of a keyboard's."""
    text = re.sub(r"(?<![^\s(\[{‘“/–—])['\"](?=\S)", lambda mark: "‘" if mark[0] == "'" else "“", text)
    return text.replace("'", "’").replace('"', "”")


def _fixed(value: float, digits: int | None) -> str:
    return _rounded(value, 1, 3 if digits is None else digits, "")


def _rounded(value: float, scale: int, digits: int, unit: str) -> str:
    """``value`` times ``scale``, rounded; a bound where rounding would turn it into 0 or, from below, into 1."""
    text = _signed(f"{scale * value:,.{digits}f}{unit}")
    size, step = abs(value), 10.0**-digits
    one, bare = f"{scale:,.{digits}f}{unit}", text.removeprefix(MINUS)
    if bare == f"{0:.{digits}f}{unit}" and size > EXACT:
        bound = _signed(f"{math.copysign(step, value):,.{digits}f}{unit}")
        return f"{'<' if value > 0 else '>'}{NEAR}{bound}"
    if bare == one and size < 1 - EXACT:
        bound = _signed(f"{math.copysign(scale - step, value):,.{digits}f}{unit}")
        return f"{'>' if value > 0 else '<'}{NEAR}{bound}"
    return text


def _integer(value: float, _: int | None) -> str:
    return _signed(f"{round(value):,}")


def _percent(value: float, digits: int | None) -> str:
    return _rounded(value, 100, 1 if digits is None else digits, "%")


def _significant(value: float, digits: int | None) -> str:
    """Rounded to significant digits; powers of ten where the plain number would be long."""
    digits = 3 if digits is None else digits
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(float(f"{value:.{digits - 1}e}"))))
    if exponent >= 6 or exponent < -4:
        return _scientific(value, digits - 1)
    return _signed(f"{value:,.{max(digits - 1 - exponent, 0)}f}")


def _scientific(value: float, digits: int | None) -> str:
    if value == 0:
        return "0"
    mantissa, _, exponent = f"{value:.{2 if digits is None else digits}e}".partition("e")
    return f"{_signed(mantissa)}\N{MULTIPLICATION SIGN}10{str(int(exponent)).translate(SUPERSCRIPTS)}"


def _p_value(value: float, _: int | None) -> str:
    """A p-value as readers may use it: a bound where it is tiny, never 0 (floating point cannot tell)."""
    for bound in (-300, -100, -50, -20, -10, -6, -3):
        if value < 10.0**bound:
            return f"<\N{NARROW NO-BREAK SPACE}10{str(bound).translate(SUPERSCRIPTS)}"
    return f"{value:.3f}"


def _text(value: Any, _: int | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _list(value: Any, _: int | None) -> str:
    items = [str(item) for item in value]
    if not items:
        return "none"
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


_RULES: dict[str, Callable[[Any, int | None], str]] = {
    "integer": _integer,
    "fixed": _fixed,
    "percent": _percent,
    "significant": _significant,
    "scientific": _scientific,
    "p": _p_value,
    "text": _text,
    "list": _list,
}
