"""Each number of an alternative text comes from the tables that the figure shows: change the table, and it changes."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.record import Cell, Table, read_json
from analysis.record.display import typographic
from figures.catalogue import catalogue
from figures.words import describe

NUMBER = re.compile(r"(?<!\w)−?\d[\d,]*(?:\.\d+)?(?:%|×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")
# Thresholds of the figure's own, which stand in its module.
OWN = {
    "top_ten_correlations": {"0.9"}, "types_confusion": {"95%"}, "types_confusion_selected": {"95%"},
    "staircase": {"1%"}, "precision_prevalence": {"50%", "0.1%", "0.001%"},
    "retraining": {"1%"},
}  # fmt: skip
OF_MANY_PARTS = {"conditions", "evasion", "explanation", "learning_curves", "retraining", "tooling", "week"}
"""Figures of many splits, whose test parts differ, or of flows drawn from one part: they name no number of a part."""
MOST = 600
"""Cells changed in one table: enough for every feature, and quick."""


def tables_of(build: Path, name: str) -> dict[str, Table]:
    return {table: Table.from_json(read_json(build / "tables" / f"{table}.json")) for table in catalogue()[name]}


def other(cell: Cell) -> Iterator[Cell]:
    """The cell with another value: a measure at both ends and between, a count up and down."""
    if isinstance(cell.value, bool):
        yield replace(cell, value=not cell.value)
    elif isinstance(cell.value, int):
        yield from (replace(cell, value=value) for value in (cell.value + 7, 10 * cell.value + 3, 0))
    elif isinstance(cell.value, float):
        yield from (replace(cell, value=value) for value in (0.0, cell.value / 2 + 0.013, 0.999, 3 * cell.value))


def changed(tables: dict[str, Table]) -> Iterator[dict[str, Table]]:
    """The tables with one of them changed: first what moves most numbers at once, last a single cell."""
    by_size = sorted(tables.items(), key=lambda item: len(item[1].rows))
    for ways in (many_cells, rows_left_out, single_cells):
        for name, table in by_size:
            yield from (tables | {name: new} for new in ways(table))


def many_cells(table: Table) -> Iterator[Table]:
    """All cells changed, then those of one column; a smallest count of 0 that several rows have moves only so."""
    for among in (range(len(table.columns)), *([j] for j in range(len(table.columns)))):
        for turn in range(3):
            rows = (replace(row, cells=tuple((*other(cell), *[cell] * 3)[turn] if j in among else cell
                    for j, cell in enumerate(row.cells))) for row in table.rows)  # fmt: skip
            yield replace(table, rows=tuple(rows))


def rows_left_out(table: Table) -> Iterator[Table]:
    """Without one row, one feature, or all of one model, type or condition."""
    records = table.records()
    for left_out in (records[0], records[-1]):
        # All that is about one feature, and what has no feature row by row.
        about = left_out.get("feature", left_out)
        kept = [row for row, record in zip(table.rows, records, strict=True)
                if record.get("feature", record) != about]  # fmt: skip
        yield replace(table, rows=tuple(kept))
    if len(table.rows) == len(table.columns) - 1:
        square = tuple(replace(row, cells=row.cells[:-1]) for row in table.rows[:-1])
        yield replace(table, columns=table.columns[:-1], rows=square)
    for column in (column.key for column in table.columns if column.display == "text"):
        for said in {records[0][column], records[-1][column]}:
            kept = [row for row, record in zip(table.rows, records, strict=True) if record[column] != said]
            yield replace(table, rows=tuple(kept))


def single_cells(table: Table) -> Iterator[Table]:
    """With another number in one cell."""
    for i, row in enumerate(table.rows[:MOST]):
        for j, cell in enumerate(row.cells):
            for new in other(cell):
                cells = (*row.cells[:j], new, *row.cells[j + 1 :])
                yield replace(table, rows=(*table.rows[:i], replace(row, cells=cells), *table.rows[i + 1 :]))


def unmoved(build: Path, name: str) -> list[str]:
    """Numbers of the figure's text that stay whatever number of its tables is changed."""
    module, tables = importlib.import_module(f"figures.{name}"), tables_of(build, name)
    text = describe(module, tables)
    numbers = NUMBER.findall(text)
    assert len(numbers) >= 5, text
    words = re.sub(NUMBER, "#", text)
    waiting = {i for i, number in enumerate(numbers) if number not in OWN.get(name, set())}
    for one in changed(tables):
        if not waiting:
            break
        try:
            new = describe(module, one)
        except (KeyError, IndexError, ValueError):
            continue  # a table from which a row is missing that the figure cannot do without
        found = NUMBER.findall(new)
        # Where the words changed too, numbers can be told apart up to where they did.
        same = len(numbers) if re.sub(NUMBER, "#", new) == words else _alike(words, re.sub(NUMBER, "#", new))
        waiting -= {i for i in range(min(same, len(found))) if numbers[i] != found[i]}
    return [numbers[i] for i in sorted(waiting)]


def _alike(words: str, other_words: str) -> int:
    """How many numbers stand before the place where two texts part."""
    at = next((i for i, (a, b) in enumerate(zip(words, other_words, strict=False)) if a != b), 0)
    return words[:at].count("#")


def built(results: Path, name: str) -> Path:
    """The build of these results; a figure that it has no tables for is passed over."""
    build = results.parents[1] / "build" / results.name
    if not (build / "figures" / f"{name}.json").is_file():
        pytest.skip(f"the flows have no times or other data, which {name} needs")
    return build


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_every_number_of_an_alternative_text_comes_from_the_tables(name, twin):
    assert unmoved(built(twin, name), name) == []


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_alternative_texts_say_how_many_flows_and_whether_they_are_synthetic(name, results):
    build = built(results, name)
    text = read_json(build / "figures" / f"{name}.json")["alt"]
    assert text == typographic(describe(importlib.import_module(f"figures.{name}"), tables_of(build, name)))
    said = re.search(r"Shown are [\d,]+ benign flows and [\d,]+ attacks, (all|the)", text) is not None
    assert said != (name in OF_MANY_PARTS)
    assert ("synthetic" in text) is (results.name == "twin")
