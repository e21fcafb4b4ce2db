"""Numbers that a program writes as words: infinite or missing, in CSV and in Parquet alike."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.dataset.input import csv_text
from analysis.dataset.input.cells import INFINITE, MISSING, marks, no_number, numbers
from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.inspection import inspect
from analysis.dataset.input.source import flow_files
from analysis.errors import UserError
from tests.dataset.input.conftest import parsed

WRITTEN = [
    "NA",
    "NULL",
    "None",
    "<NA>",
    "#N/A",
    "#N/A N/A",
    "n/a",
    "null",
    "NaT",
    "-1.#IND",
    "1.#QNAN",
    "#DIV/0!",
    "\\N",
    "-nan(ind)",
    "#NAME?",
]


def with_cells(lines: list[str], *cells: str) -> bytes:
    """Flow Bytes/s, the fifteenth column, of the first rows."""
    changed = [",".join([*line.split(",")[:14], cell, *line.split(",")[15:]])
               for line, cell in zip(lines[1:], cells, strict=False)]  # fmt: skip
    return "\n".join([lines[0], *changed, *lines[1 + len(cells) :]]).encode("latin-1")


@pytest.mark.parametrize("mark", WRITTEN)
@pytest.mark.parametrize("form", ["{}", '"{}"', " {} ", "{} "])
def test_marks_of_missing_numbers_are_missing_cells(mark, form, lines, write):
    found = inspect(flow_files(write(with_cells(lines, form.format(mark), "5", form.format(mark)))))
    (file,) = found["files"]
    assert file["missing_marks"] == {mark: 2}
    assert found["warnings"] == [f"flows.csv: cells that say in words that they are missing: 2 times {mark!r}; read as "
                                 "missing numbers"]  # fmt: skip


@pytest.mark.parametrize("size", [None, 3000])
def test_they_are_read_as_an_empty_cell_is(size, lines, flow_file):
    marked = parsed(with_cells(lines, *WRITTEN, "1.#INF", "-1.#INF"), flow_file, size)
    empty = parsed(with_cells(lines, *[""] * len(WRITTEN), "inf", "-inf"), flow_file, size)
    assert marked.flows.equals(empty.flows)
    assert sum(marked.facts["missing_marks"].values()) == len(WRITTEN)
    assert empty.facts["missing_marks"] == {}


def test_parquet_is_read_alike(lines, flow_file):
    content = with_cells(lines, "NA", "1.#INF", "7.5")
    table = pl.read_csv(io.BytesIO(content), encoding="latin-1", infer_schema=False).rename(str.strip)
    made = io.BytesIO()
    table.write_parquet(made)
    part = parsed(made.getvalue(), FlowFile("flows.parquet", Path("flows.parquet"), kind="parquet"))
    assert part.flows.drop("source_file").equals(parsed(content, flow_file).flows.drop("source_file"))
    assert part.facts["missing_marks"] == {"NA": 1}


@pytest.mark.parametrize("cell", ["nought", "?", "-", "12px", "0x1F", "NAN5", "missing"])
def test_other_words_are_refused_with_their_place(cell, lines, flow_file):
    with pytest.raises(UserError, match=r"row 2, column Flow Bytes/s: .* is not a number; mend or remove it"):
        parsed(with_cells(lines, "NA", cell), flow_file)


@given(st.lists(st.floats(allow_nan=False) | st.sampled_from([*MISSING, *INFINITE]) | st.none(), max_size=20))
def test_cells_are_numbers_as_python_reads_them(cells):
    text = pl.Series([None if cell is None else str(cell) for cell in cells], dtype=pl.String)
    expected = [None if cell is None or cell in MISSING else float(INFINITE.get(str(cell), cell)) for cell in cells]
    assert numbers(text).to_list() == expected
    assert not no_number(text).any()
    assert marks(text).total() == sum(cell in MISSING for cell in cells if isinstance(cell, str))
    assert all(number is None or math.isinf(number) or np.isfinite(number) for number in expected)


def test_a_line_that_is_too_long_is_refused(lines, flow_file, monkeypatch):
    monkeypatch.setattr(csv_text, "LONGEST_LINE", 5000)
    text = "\n".join([*lines[:5], '"' + "x" * 20_000])
    with pytest.raises(UserError, match=r"flows\.csv, row 5: the line has over 5,000 bytes"):
        parsed(text.encode("latin-1"), flow_file)
    with pytest.raises(UserError, match=r"flows\.csv, row 5: the line has over 5,000 bytes"):
        parsed(text.encode("latin-1"), flow_file, 7000)


def test_a_header_line_that_is_too_long_is_refused(flow_file):
    for cell in (b"x,", b"x" * 200_000 + b",a,b,"):
        with pytest.raises(UserError, match="its header line has over 100,000 bytes"):
            parsed(cell * 60_000 if len(cell) < 9 else cell + b"\n1,2,3\n", flow_file)


def test_scaled_features_are_told(lines, write):
    rows = [line.rpartition(",") for line in lines[1:]]
    values = np.array([[float(cell) for cell in cells.split(",")] for cells, _, _ in rows])
    standard = (values - values.mean(axis=0)) / values.std(axis=0)
    unit = (values - values.min(axis=0)) / np.ptp(values, axis=0)
    part_of_another = (values - 500) / (3 * values.std(axis=0))
    for scaled, word in (
        (standard, "standardised"), (unit, "scaled to 0..1"), (np.log1p(values), "scaled"), (part_of_another, "scaled"),
    ):  # fmt: skip
        text = [",".join([*map(repr, map(float, row)), label]) for row, (_, _, label) in zip(scaled, rows, strict=True)]
        found = inspect(flow_files(write("\n".join([lines[0], *text]).encode("latin-1"))))
        assert found["confidence"] == "possible"
        assert f"the cells look {word}, which the release is not" in found["why"]
        assert f"flows.csv: its cells look {word}; all that is said of them" in found["warnings"][0]
    whole = inspect(flow_files(write("\n".join(lines).encode("latin-1"))))
    assert (whole["confidence"], whole["files"][0]["scaled"]) == ("certain", "")
