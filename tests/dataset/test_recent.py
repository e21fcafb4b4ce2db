"""Parts of the same flows read columns once, and what is read is what stands in the file now."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analysis.dataset import recent
from analysis.dataset.parts import Part
from analysis.record import write_atomically


def put(path: Path, first: float) -> pl.DataFrame:
    table = pl.DataFrame({f"c{i}": np.arange(6.0) + first + 10 * i for i in range(20)}
                         | {"is_attack": [True, False] * 3, "attempted": [False, True, None] * 2,
                            "Label": ["Bot", "BENIGN"] * 3})  # fmt: skip
    with write_atomically(path) as temporary:
        table.write_parquet(temporary)
    return table


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The columns of each reading of a file."""
    found: list[list[str]] = []
    own = pl.read_parquet

    def read(path: Path, columns: list[str]) -> pl.DataFrame:
        found.append(columns)
        return own(path, columns=columns)

    monkeypatch.setattr(pl, "read_parquet", read)
    return found


def test_a_column_is_read_once_while_it_is_asked_for(tmp_path: Path, reads: list[list[str]]) -> None:
    table = put(tmp_path / "flows.parquet", 0)
    for names in (["c1", "c2"], ["c2", "c1", "c2"], ["c3", "c1"]):
        found = recent.columns(tmp_path / "flows.parquet", names)
        assert all(column.equals(table[name]) for column, name in zip(found, names, strict=True))
    assert reads == [["c1", "c2"], ["c3"]]


def test_few_columns_are_kept_and_those_asked_for_last(tmp_path: Path, reads: list[list[str]]) -> None:
    path = tmp_path / "flows.parquet"
    table = put(path, 0)
    for i in range(recent.KEPT):
        recent.columns(path, [f"c{i}"])
    recent.columns(path, ["c0"])
    recent.columns(path, ["c19"])
    assert len(recent._kept) == recent.KEPT
    reads.clear()
    recent.columns(path, ["c0", "c19"])
    assert reads == []
    recent.columns(path, ["c1"])
    assert reads == [["c1"]]
    everything = table.columns
    assert [column.name for column in recent.columns(path, everything)] == everything
    assert len(recent._kept) == recent.KEPT, "who reads all keeps none of it"


def test_another_file_under_the_same_name_is_read(tmp_path: Path) -> None:
    for first in (0, 1, 2):
        table = put(tmp_path / "flows.parquet", first)
        assert recent.columns(tmp_path / "flows.parquet", ["c4"])[0].equals(table["c4"])


def test_several_parts_read_together_are_what_each_reads(tmp_path: Path) -> None:
    path = tmp_path / "missing.parquet"
    put(tmp_path / "flows.parquet", 0).with_columns(c1=pl.Series([1.0, None, 3, None, 5, 6])).write_parquet(path)
    rows = np.array([True, False, True, True, False, False])
    parts = [Part(path, rows, {"c1": 7.0}), Part(path, ~rows, {"c1": 8.0}), Part(path, ~rows, {"c1": 9.0}, tried=True)]
    names = ["c0", "c1", "is_attack", "Label"]
    together = Part.read_each(parts, *names)
    assert all(one.equals(part.read(*names)) for one, part in zip(together, parts, strict=True))
    assert together[1]["c1"].to_list() == [8.0, 5.0, 6.0]
    assert together[1]["Label"].to_list() != together[2]["Label"].to_list()
    assert Part.read_each([]) == []
