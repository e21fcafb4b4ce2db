from __future__ import annotations

import json

import polars as pl
import pytest

from analysis.dataset.ingest import step
from analysis.dataset.input.first_look import refuse_other_flows
from analysis.errors import UserError

SEEN = {"a.csv": "1", "b.csv": "2"}


def files(**sums):
    return {f"{name}.csv": digest for name, digest in sums.items()}


def test_the_files_of_the_first_look_are_read():
    refuse_other_flows(files(a="1", b="2"), SEEN)


@pytest.mark.parametrize("sums", [{"a": "1", "b": "3"}, {"a": "1"}, {"a": "1", "b": "2", "c": "3"}])
def test_files_that_changed_since_the_first_look_are_refused(sums):
    with pytest.raises(UserError, match=r"data: [bc]\.csv changed while the study was made; build again"):
        refuse_other_flows(files(**sums), SEEN)


def test_flows_and_what_is_worth_knowing_of_the_input_reach_the_paper(content, tmp_path, root):
    data = tmp_path / "data"
    data.mkdir()
    (data / "flows.csv").write_bytes(content)
    (data / "Tuesday.xlsx").write_bytes(b"x")
    metadata = tmp_path / "metadata.json"
    metadata.write_text(
        '{"data": "x", "release": "original", "synthetic": false, "sampling": "unknown", "weighted": false}',
        encoding="utf-8",
    )
    tables = [tmp_path / f"{name}.json" for name in ("input_files", "inventory", "input_notes")]
    step(
        data, 0, [], metadata, root / "config/source-study.yaml", tmp_path / "flows.parquet",
        tmp_path / "inspection.json", tmp_path / "values.json", tables, 2,
    )  # fmt: skip
    assert pl.read_parquet(tmp_path / "flows.parquet").height == 60
    notes = [row["id"] for row in json.loads(tables[2].read_text(encoding="utf-8"))["rows"]]
    assert "files that are not read: Tuesday.xlsx" in notes
