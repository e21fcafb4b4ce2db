"""Units of columns, by the keys and display rules that tables share; a column of another meaning says its own unit."""

from __future__ import annotations

import re
from dataclasses import replace

from analysis.record.table import Table

OF = {
    "flows": "flows attacks n n_train n_test train test tested support left left_attacks train_rows published attempted"
    " rows tp fp tn fn",
    "place": "rank position repetition",
}
"""A place counts from 1, the first or highest."""
BY_KEY = {key: unit for unit, keys in OF.items() for key in keys.split()}
LAST = re.compile(r"_(n|rank|train|test)$")
PURE = ("percent", "fixed", "p")
"""Display rules of numbers without a unit: shares, measures, correlations, p-values."""


def unit_of(key: str, display: str) -> str:
    """Unit of a column by its ``key`` and display rule; an empty text where these do not say it.

    >>> unit_of("recall", "fixed:3"), unit_of("recall_n", "integer"), unit_of("window", "integer")
    ('fraction', 'flows', '')
    """
    if display.partition(":")[0] in PURE:
        return "fraction"
    last = LAST.search(key)
    return BY_KEY.get(last[1] if last else key, "")


def with_units(table: Table) -> Table:
    """The table with a unit for every column that says none, the ends of an interval having that of their column."""
    units = {one.key: one.unit or unit_of(one.key, one.display) for one in table.columns}
    for one in table.columns:
        for end in (one.low, one.high):
            if end:
                units[end] = units[one.key]
    return replace(table, columns=tuple(replace(one, unit=units[one.key]) for one in table.columns))


def without_units(table: Table) -> list[str]:
    """The columns of numbers that have no unit."""
    return [
        one.key
        for i, one in enumerate(table.columns)
        if not one.unit and any(_is_number(row.cells[i].value) for row in table.rows)
    ]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
