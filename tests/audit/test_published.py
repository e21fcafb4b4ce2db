"""Published numbers stand beside the number of ours that they name, or say that there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.audit.published import ABSENT, Published, load, report_published
from analysis.record import Column, Record, write_json
from analysis.record.address import ADDRESS, Tables

VALUE = {"value": 0.9, "text": "0.900", "reason": None, "low": 0.8, "high": 0.95, "interval": "Wilson"}


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    record = Record("robustness", "test")
    columns = [Column("id", "Row"), Column("f1", "F1", "fixed:3", low="low", high="high", interval="Wilson"),
               Column("low", "low", "fixed:3"), Column("high", "high", "fixed:3")]  # fmt: skip
    table = record.table("conditions", "C", columns, [{"id": "friday.forest", "f1": 0.5, "low": 0.4, "high": 0.6}])
    write_json(tmp_path / "conditions.json", table.to_json())
    return Tables(tmp_path)


def row(tables: Tables, ours: str | None, **values: object) -> dict[str, object]:
    one = Published(setting="a", study="b", measure="F1", printed=0.92, decimals=2, ours=ours)
    record = report_published([one], values, tables, "test")
    (found,) = record.tables["published"].records()
    assert record.values["published.beside"].value == (found["ours"] is not None)
    return found


def test_ours_is_a_value_or_a_cell_with_its_interval(tables: Tables) -> None:
    found = row(tables, "a.b", **{"a.b": VALUE})
    assert (found["printed"], found["ours"], found["low"], found["high"]) == (0.92, 0.9, 0.8, 0.95)
    found = row(tables, "conditions[id=friday.forest].f1")
    assert (found["ours"], found["low"], found["high"]) == (0.5, 0.4, 0.6)


@pytest.mark.parametrize("ours", [None, "a.c", "conditions[id=monday.forest].f1", "days[id=friday.forest].f1"])
def test_where_there_is_none_the_row_says_so(ours: str | None, tables: Tables) -> None:
    found = row(tables, ours, **{"a.b": VALUE})
    assert found["ours"] is None
    assert found["away"] == "there is none"
    one = Published(setting="a", study="b", measure="F1", printed=0.5, decimals=1, ours=ours)
    (made,) = report_published([one], {}, tables, "test").tables["published"].rows
    assert {cell.reason for cell in made.cells if cell.value is None} == {ABSENT}


def test_a_value_that_is_not_available_gives_its_own_reason(tables: Tables) -> None:
    one = Published(setting="a", study="b", measure="F1", printed=0.92, decimals=2, ours="a.b")
    values = {"a.b": {"value": None, "reason": "the flows have no times"}}
    (made,) = report_published([one], values, tables, "test").tables["published"].rows
    assert {cell.reason for cell in made.cells if cell.value is None} == {"the flows have no times"}


def test_the_file_of_the_project_is_sound(root: Path) -> None:
    numbers = load(root / "config/published.yaml")
    assert len(numbers) >= 12
    for one in numbers:
        assert 0 < one.printed < 1
        assert round(one.printed, one.decimals) == one.printed
        assert one.ours is None or "[" not in one.ours or ADDRESS.fullmatch(one.ours)
