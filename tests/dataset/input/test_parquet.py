"""Parquet files of flows: the same flows as of a CSV file, and what is wrong with them as one message."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest

from analysis.dataset.input import inspect as step
from analysis.dataset.input import slices
from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.inspection import inspect
from analysis.dataset.input.reading import read
from analysis.dataset.input.source import flow_files
from analysis.dataset.release import load
from analysis.errors import UserError, run
from tests.dataset.input.conftest import parsed

RELEASE = load("original")
FLOWS = FlowFile("flows.parquet", Path("flows.parquet"), kind="parquet")


def read_csv_as_parquet(content: bytes) -> pl.DataFrame:
    return pl.read_csv(content, encoding="latin-1").rename(str.strip)


def as_parquet(flows: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    flows.write_parquet(buffer)
    return buffer.getvalue()


def test_parquet_is_read_like_csv(content, flow_file):
    table = parsed(content, flow_file).flows
    buffer = io.BytesIO()
    table.select(*RELEASE.features, "Label").write_parquet(buffer)
    again = parsed(buffer.getvalue(), FlowFile("flows.parquet", Path("flows.parquet"), kind="parquet"))
    assert again.flows.drop("source_file").equals(table.drop("source_file"))
    with pytest.raises(UserError, match="not readable as Parquet"):
        parsed(buffer.getvalue()[:-9], FlowFile("flows.parquet", Path("flows.parquet"), kind="parquet"))


def test_a_reader_that_panics_or_aborts_is_one_message(monkeypatch, tmp_path, content):
    path = tmp_path / "flows.parquet"
    path.write_bytes(as_parquet(read_csv_as_parquet(content)))
    flow_file = FlowFile(path.name, path, kind="parquet")
    assert read(flow_file).flows.height == 60
    script = tmp_path / "reader.py"
    monkeypatch.setattr(slices, "__file__", str(script))
    for code, reason in (
        ("print('assertion failed'); raise SystemExit(3)", "assertion failed"),
        ("import os; os.abort()", "it ends the program that reads it: SIGABRT"),
        ("raise SystemExit(7)", "it ends the program that reads it: exit code 7"),
    ):
        script.write_text(code, encoding="utf-8")
        with pytest.raises(UserError, match=rf"not readable as Parquet \({reason}\); fetch it again"):
            read(flow_file)


@pytest.mark.parametrize("kind", [pl.Boolean, pl.Datetime("us"), pl.Duration("us"), pl.Date])
def test_a_parquet_column_of_another_kind_than_numbers_is_refused(content, flow_file, kind):
    flows = read_csv_as_parquet(content)
    column = flows["Flow Duration"]
    odd = (column > 500).alias("Flow Duration") if kind == pl.Boolean else column.cast(pl.Int32).cast(kind)
    with pytest.raises(UserError, match=r"column Flow Duration: its cells are .* not numbers or text; convert them"):
        parsed(as_parquet(flows.with_columns(odd)), FlowFile("flows.parquet", Path("flows.parquet"), kind="parquet"))


def test_a_name_of_a_column_with_a_line_break_does_not_reach_the_terminal(content):
    flows = read_csv_as_parquet(content).rename({"Flow Duration": "Flow\n\x1b[2JDuration"})
    with pytest.raises(UserError, match=r"the column name 'Flow\\n\\x1b\[2JDuration' holds what cannot be shown"):
        parsed(as_parquet(flows), FlowFile("flows.parquet", Path("flows.parquet"), kind="parquet"))


def test_a_file_is_read_and_not_a_pattern(content, tmp_path):
    flows = read_csv_as_parquet(content)
    folder = tmp_path / "[cic] data"
    folder.mkdir()
    for name, rows in (("flows[1].parquet", 10), ("flows1.parquet", 3), ("flows*.parquet", 5)):
        flows.head(rows).write_parquet(folder / name)
        assert inspect(flow_files(folder / name))["rows"] == rows


@pytest.mark.parametrize("kind", [pl.Categorical, pl.Enum])
def test_cells_that_are_text_are_read_as_in_csv(content, kind):
    plain = read_csv_as_parquet(content).with_columns(pl.col("Flow Duration", "Flow Bytes/s").cast(pl.String))
    plain = plain.with_columns(pl.when(pl.int_range(60) == 7).then(pl.lit(" ")).otherwise(pl.col("Flow Duration") + " ")
                               .alias("Flow Duration"))  # fmt: skip
    dtype = pl.Enum(plain["Flow Bytes/s"].unique()) if kind is pl.Enum else kind()
    part = parsed(as_parquet(plain.with_columns(pl.col("Flow Bytes/s").cast(dtype))), FLOWS)
    whole = parsed(content, FlowFile("flows.csv", Path("flows.csv")))
    assert part.flows["Flow Bytes/s"].equals(whole.flows["Flow Bytes/s"])
    assert part.flows["Flow Duration"].is_nan().arg_true().to_list() == [7]
    with pytest.raises(UserError, match="row 3, column Flow Duration: 'x' is not a number"):
        parsed(as_parquet(plain.with_columns(pl.when(pl.int_range(60) == 2).then(pl.lit("x"))
                                             .otherwise("Flow Duration").alias("Flow Duration"))), FLOWS)  # fmt: skip


def test_damage_prints_nothing_beside_the_message(content, tmp_path, capfd):
    """The reading library writes panics to standard error, past Python; here, only the message is seen there."""
    table = bytearray(as_parquet(read_csv_as_parquet(content)))
    path = tmp_path / "flows.parquet"
    refused = 0
    for at in range(60, len(table) - 60, len(table) // 12):
        path.write_bytes(table[:at] + bytes(40) + table[at + 40 :])
        code = 0
        try:
            run(lambda: step.step(str(path)))
        except SystemExit as end:
            code = end.code
        assert code in (0, 2)
        refused += code == 2
        said = capfd.readouterr().err
        assert len(said.splitlines()) == (code == 2), said
    assert refused > 3
