"""A column of numbers has a unit: its own, that of its key or display rule, or that of the column it is an end of."""

from __future__ import annotations

import pytest

from analysis.record import Column, Record
from analysis.record.units import unit_of, without_units


def made(*columns: Column, **row: object) -> dict[str, str]:
    """The units of a table with one row."""
    record = Record("step", "synthetic twin")
    table = record.table("made", "Made", [Column("name", "Name", align="left"), *columns], [{"name": "a", **row}])
    assert record.tables["made"] is table
    return {column.key: column.unit for column in table.columns}


@pytest.mark.parametrize(
    ("key", "display", "unit"),
    [("f1", "fixed:3", "fraction"), ("share", "percent:1", "fraction"), ("p_holm", "p", "fraction"),
     ("flows", "integer", "flows"), ("random_n", "integer", "flows"), ("r_rank", "integer", "place"),
     ("windows", "integer", ""), ("left", "significant:4", "flows"), ("name", "text", "")],
)  # fmt: skip
def test_keys_and_display_rules_say_units(key: str, display: str, unit: str) -> None:
    assert unit_of(key, display) == unit


def test_the_ends_of_an_interval_have_the_unit_of_their_column() -> None:
    columns = (Column("wait", "Wait", "significant:3", unit="seconds", low="from", high="to", interval="bootstrap"),
               Column("from", "From", "significant:3"), Column("to", "To", "significant:3"))  # fmt: skip
    assert made(*columns, wait=2.0, **{"from": 1.0, "to": 3.0}) == {"name": "", "wait": "seconds", "from": "seconds",
                                                                     "to": "seconds"}  # fmt: skip


def test_numbers_without_a_unit_are_seen() -> None:
    record = Record("step", "synthetic twin")
    columns = [Column("windows", "Windows", "integer"), Column("open", "Open"), Column("flows", "Flows", "integer")]
    table = record.table("made", "Made", columns, [{"windows": 3, "open": True, "flows": 9}])
    assert without_units(table) == ["windows"]
    columns[0] = Column("windows", "Windows", "integer", unit="windows")
    assert without_units(record.table("said", "Said", columns, [{"windows": 3, "open": True, "flows": 9}])) == []
