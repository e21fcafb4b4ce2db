from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.record import Cell, Column, Record, Table, read_json, repeated, write_json
from analysis.record.address import Address, AddressError, Tables, named_in, resolve

names = st.from_regex(r"[a-z][a-z0-9_]*", fullmatch=True)
values = st.text(st.characters(exclude_characters="`", exclude_categories=["Cs", "Cc", "Zl", "Zp"]))


def record() -> Record:
    """A table in the form of ``scores``: one row a condition."""
    made = Record("scores", "synthetic twin")
    keys = [Column(key, key.title(), align="left") for key in ("split", "model")]
    f1 = Column("f1", "F1", "fixed:3", unit="fraction", definition="F1 of the attacks", low="f1_low", high="f1_high",
                interval="bootstrap of flows", n="n")  # fmt: skip
    rest = [Column("f1_low", "From", "fixed:3"), Column("f1_high", "To", "fixed:3"), Column("n", "Flows", "integer")]
    rows = [
        {"split": split, "model": model, "f1": f, "f1_low": f - 0.02, "f1_high": f + 0.01, "n": 5}
        for split, model, f in (("random", "forest", 0.9), ("random", "Web Attack, XSS", 0.8), ("file", "forest", 0.1))
    ]
    made.table("scores", "Scores", [*keys, f1, *rest], rows, id=("split", "model"))
    return made


@pytest.fixture
def tables(tmp_path) -> Tables:
    write_json(tmp_path / "scores.json", record().tables["scores"].to_json())
    return Tables(tmp_path)


@given(names, st.lists(st.tuples(names, values), max_size=4), names)
def test_what_is_printed_is_read_again(table, where, column):
    address = Address(table, tuple(where), column)
    assert Address.parse(str(address)) == address
    assert named_in(f"So `{address}`{{.val}} and not [x](y.z).") == [str(address)]


def test_a_cell_is_a_value_with_interval_unit_n_definition_and_origin(tables):
    entry = Address.parse("scores[split=random,model='Web Attack, XSS'].f1").entry(tables)
    assert entry["forms"] == {"percent": "80.0%", "percent0": "80%", "interval": "0.800 [0.780, 0.810]"}
    assert {key: entry[key] for key in ("value", "low", "high", "n", "unit", "definition", "origin")} == {
        "value": 0.8, "low": 0.78, "high": 0.81, "n": 5, "unit": "fraction",
        "definition": "F1 of the attacks; Split random, Model Web Attack, XSS",
        "origin": {"step": "scores", "table": "scores", "row": "random.Web Attack, XSS", "column": "f1"},
    }  # fmt: skip


def test_a_definition_says_the_row_in_the_words_that_the_table_shows(tmp_path):
    made = Record("repeats", "x")
    columns = [
        Column("level", "Identical in", align="left"),
        Column("n", "n", "integer", definition="flows"),
    ]
    rows = [{"level": Cell("all_but_port", "all but the port"), "n": 3}, {"level": repeated("selected", False), "n": 4}]
    made.table("repeats", "Repeats", columns, rows)
    write_json(tmp_path / "repeats.json", made.tables["repeats"].to_json())
    told = {level: Address.parse(f"repeats[level={level}].n").entry(Tables(tmp_path))["definition"]
            for level in ("all_but_port", "selected")}  # fmt: skip
    assert told == {
        "all_but_port": "flows; Identical in all but the port",
        "selected": "flows; Identical in selected",
    }


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("score[split=random].f1", "there is no table 'score'; nearest: scores"),
        ("scores[spit=random].f1", "no column 'spit'; nearest: split"),
        ("scores[split=random,model=florest].f1", "no such row with model 'florest'; nearest: forest"),
        ("scores[split=file,model=forest].f_1", "no column 'f_1'; nearest: f1"),
        ("scores[split=random].f1", "selects 2 rows of table 'scores', and must select one"),
        ("scores[split=random", "is no address"),
    ],
)
def test_a_wrong_address_is_told_with_the_nearest(tables, address, message):
    with pytest.raises(AddressError) as said:
        Address.parse(address).entry(tables)
    assert message in str(said.value)


def test_an_address_of_several_rows_is_a_list_also_of_one_and_with_a_gap_its_reason(tmp_path, tables):
    def asked(address):
        return Address.parse(address).entry(tables, several=True)

    assert asked("scores[split=random].f1") == {"value": [0.9, 0.8], "text": "0.900, 0.800", "reason": None}
    assert asked("scores[split=file].f1")["value"] == [0.1], "one row, and the model is not said"
    assert asked("scores[split=file,model=forest].f1")["value"] == 0.1, "the cell, where all keys are said"
    columns = [Column("a", "A"), Column("b", "B", "integer")]
    rows = [{"a": "x", "b": 1}, {"a": "y", "b": Table.cell(None, "integer", reason="no attacks")}]
    for name, some in (("gaps", rows), ("none", [])):
        write_json(tmp_path / f"{name}.json", Table.of(name, "T", columns, some, data="test").to_json())
    gap = "row y: no attacks"
    assert asked("gaps[].b") == {"value": None, "text": gap, "reason": gap}
    with pytest.raises(AddressError, match="table 'none' has no rows"):
        asked("none[].b")


def test_what_a_text_names_is_found_or_said_to_be_missing(tables):
    cells, wrong = resolve("a `scores[id=file.forest].n`{.val} b `scores[split=files].n`{.val} c `a.b`{.val}", tables)
    assert cells["scores[id=file.forest].n"]["text"] == "5"
    assert "nearest: file" in wrong["scores[split=files].n"]


def test_a_name_is_the_cell_and_holds_nothing_of_its_own(tmp_path):
    made = record()
    made.name("binary.forest.f1", "scores", "random.forest", "f1", definition="F1 of the forest", display="percent:1")
    named = made.values["binary.forest.f1"]
    assert (named.value, named.low, named.n, named.text) == (0.9, 0.88, 5, "90.0%")
    for wrong, said in (({"reason": "x"}, "reason comes from the cell"), ({}, "has 0 rows")):
        with pytest.raises(ValueError, match=said):
            made.name("a.b", "scores", "random", "f1", **wrong)
    with pytest.raises(ValueError, match="n is 3, and the table says 5"):
        made.name("a.b", "scores", "random.forest", "f1", n=3)
    made.write(tmp_path / "values.json", [tmp_path / "scores.json"])
    assert read_json(tmp_path / "values.json")["binary.forest.f1"]["origin"]["row"] == "random.forest"


def test_a_column_names_columns_that_there_are():
    with pytest.raises(ValueError, match="column f1: names the column low, which there is not"):
        Table.of("t", "T", [Column("f1", "F1", low="low")], [], data="test")
