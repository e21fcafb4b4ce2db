"""Cells of text as numbers: how programs write that a number is infinite or missing."""

from __future__ import annotations

from collections import Counter

import polars as pl

MISSING = (
    *("na", "n/a", "#n/a", "#n/a n/a", "#na", "<na>", "null", "none", "nat", "\\n"),  # pandas, R, databases
    *("1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "1.#snan"),  # C on Windows
    *("nan(ind)", "-nan(ind)", "nan(snan)", "-nan(snan)"),  # its newer form
    *("#div/0!", "#num!", "#null!", "#value!", "#ref!", "#name?"),  # spreadsheets
)
"""Marks of a missing number, in lower case; 'nan' is read as it stands."""
INFINITE = {"1.#inf": "inf", "+1.#inf": "inf", "-1.#inf": "-inf", "\N{INFINITY}": "inf", "-\N{INFINITY}": "-inf"}


def numbers(text: pl.Series) -> pl.Series:
    """The cells as Float64; null where one is empty, marked as missing, or no number (:func:`no_number`)."""
    plain = _plain(text)
    return plain.replace(INFINITE).replace(dict.fromkeys(MISSING)).cast(pl.Float64, strict=False)


def no_number(text: pl.Series) -> pl.Series:
    """Which cells hold something that is neither a number nor a mark of a missing one."""
    plain = _plain(text)
    return plain.is_not_null() & (plain != "") & ~plain.is_in(MISSING) & numbers(text).is_null()


def marks(text: pl.Series) -> Counter[str]:
    """How often each mark of a missing number stands there, as it is written."""
    found = text.filter(_plain(text).is_in(MISSING).fill_null(False)).str.strip_chars()
    return Counter(dict(found.value_counts().iter_rows()))


def _plain(text: pl.Series) -> pl.Series:
    return text.str.strip_chars().str.to_lowercase()
