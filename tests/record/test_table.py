from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.record import Column, Record, Table, read_json, write_atomically, write_json

COLUMNS = [Column("model", "Model", align="left"), Column("f1", "F1 & more_", "fixed:3")]


def table(*rows, **rest):
    return Table.of("t", "A table", COLUMNS, rows, data="synthetic twin", **rest)


def test_all_forms_come_from_the_same_object():
    made = table({"model": "forest", "f1": 0.91891})
    assert made.to_csv() == "model,f1,data\nforest,0.91891,synthetic twin\n"
    assert "| forest | 0.919 |" in made.to_markdown()
    assert r"forest & 0.919 \\" in made.to_latex()
    assert r"F1 \& more\_" in made.to_latex()


def test_it_survives_json():
    made = table({"model": "a", "f1": Table.cell(None, "fixed:3", reason="nothing called an attack")})
    assert Table.from_json(json.loads(json.dumps(made.to_json()))) == made
    assert (made.notes, made.gaps) == ((), ("–: nothing called an attack.",))
    assert "–: nothing called an attack." in made.to_markdown()


def test_an_empty_cell_needs_a_reason():
    with pytest.raises(ValueError, match="row a, column f1: empty cell"):
        table({"model": "a", "f1": None})


@given(st.text(min_size=1).filter(lambda text: not set(text) & {"\r", "\n", "\x00"}))
def test_text_cells_reach_the_csv_and_never_start_a_formula(text):
    rows = list(csv.reader(io.StringIO(table({"model": text, "f1": 1.0}).to_csv())))
    assert rows[1][0].removeprefix("'") == text.removeprefix("'") or rows[1][0] == text
    assert rows[1][0][:1] not in {"=", "+", "-", "@", "\t"}


def test_a_step_must_make_the_tables_its_rule_names(tmp_path):
    record = Record("step", "synthetic twin")
    record.value("a.b", 1, "integer", "one")
    record.table("t", "T", COLUMNS, [{"model": "a", "f1": 0.5}])
    with pytest.raises(ValueError, match="its rule expects"):
        record.write(tmp_path / "values.json", [tmp_path / "other.json"])
    record.write(tmp_path / "values.json", [tmp_path / "t.json"])
    assert read_json(tmp_path / "values.json")["a.b"]["origin"] == {"step": "step"}


def test_a_key_is_recorded_once():
    record = Record("step", "x")
    record.value("a.b", 1, "integer", "one")
    with pytest.raises(ValueError, match="twice"):
        record.value("a.b", 2, "integer", "two")


def test_a_write_that_fails_leaves_the_earlier_file(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="Out of range"):
        write_json(path, {"a": float("nan")})
    with pytest.raises(RuntimeError), write_atomically(path) as temporary:  # noqa: PT012
        temporary.write_text("half")
        raise RuntimeError
    assert read_json(path) == {"a": 1}
    assert {p.name for p in tmp_path.iterdir()} == {"a.json", ".checksums"}


@pytest.mark.parametrize(
    ("numbers", "least", "strong"),
    [
        ([0.9, 0.8, 0.91], False, [False, False, True]),
        ([0.0102, 0.02, 0.0101], True, [True, False, True]),  # the first and the last read 0.010
        ([0.9996, 0.9998, 1.0], False, [False, False, True]),  # what is below one does not read as one
        ([0.9001, 0.9002], False, [False, False]),
        ([None, 0.5, 0.4], False, [False, True, False]),
        ([None, None], False, [False, False]),
    ],
)
def test_the_best_is_marked_with_all_that_read_the_same_or_nothing_is(numbers, least, strong):
    cells = [Table.cell(number, "fixed:3", reason=None if number else "none") for number in numbers]
    assert [cell.strong for cell in Table.marked(cells, least=least)] == strong


def test_notes_and_reasons_have_the_quotation_marks_of_print():
    made = Table.of(
        "t", "The source's F1", COLUMNS, [{"model": "a", "f1": Table.cell(None, "fixed:3", reason="it's 'none'")}],
        data="x", notes=["'n of m' (\"n\") in Wilson's interval"],
    )  # fmt: skip
    assert (made.title, *made.notes, *made.gaps) == (
        "The source’s F1", "‘n of m’ (“n”) in Wilson’s interval", "–: it’s ‘none’.",
    )  # fmt: skip


@pytest.mark.parametrize(("whole", "text"), [(2, "1 of 2"), (9, "1 of 9"), (10, "0.100"), (11, "0.091")])
def test_a_share_of_few_flows_reads_as_two_counts(whole, text):
    cell = Table.counted(Table.cell(1 / whole, "fixed:3"), 1, whole, 10)
    assert (cell.value, cell.text) == (1 / whole, text)


def test_a_share_of_no_flow_keeps_its_reason():
    cell = Table.cell(None, "fixed:3", reason="no flow")
    assert Table.counted(cell, 0, 0, 10) == cell
