"""Names of cells that a build may not have: then the name is there all the same, with the reason."""

from __future__ import annotations

from typing import Any

from analysis.record import Record


def name_or_reason(
    record: Record, key: str, table: str, row: str | None, column: str, reason: str, **rest: Any
) -> None:  # fmt: skip
    """Call a cell of a table ``key``, as :meth:`Record.name` does; without a ``row`` it is not available, and why."""
    if row is not None:
        record.name(key, table, row, column, **rest)
        return
    of = next(one for one in record.tables[table].columns if one.key == column)
    record.value(key, None, rest.get("display", of.display), rest.get("definition", of.definition), unit=of.unit,
                 reason=reason)  # fmt: skip
