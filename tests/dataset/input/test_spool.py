"""Flows that lie in pieces on disk become the table that they would be if all were in memory at once."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analysis.dataset.input import flow_file
from analysis.dataset.input.inspection import inspect
from analysis.dataset.input.reading import read
from analysis.dataset.input.source import flow_files
from analysis.dataset.input.spool import Spool
from analysis.twin.write import write as write_twin


@pytest.fixture(scope="module", params=["original", "corrected"])
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(request.param)
    write_twin(folder / "flows", rows=1500, floor=20, seed=5, into=request.param)
    return folder / "flows"


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes come in smaller chunks than the pieces, as they do of files of millions of flows."""
    monkeypatch.setattr(flow_file, "CHUNK", 4096)


@pytest.mark.parametrize(("size", "threads"), [(10_000, 3), (100_000, 1), (None, 2)])
def test_pieces_of_any_size_make_the_same_table(source: Path, tmp_path: Path, size: int | None, threads: int) -> None:
    files = flow_files(source)
    spool = Spool(tmp_path, files, size)
    found = inspect(files, examine=spool.examine, threads=threads)
    if size == 10_000:
        assert len(list(tmp_path.iterdir())) > 2 * len(files)
    spool.write(tmp_path / "flows.parquet")
    expected = pl.concat((read(file).flows for file in files), how="diagonal_relaxed")
    flows = pl.read_parquet(tmp_path / "flows.parquet")
    assert flows.schema == expected.schema
    assert flows.equals(expected)
    assert found == inspect(files, threads=1)
    assert [path.name for path in tmp_path.iterdir()] == ["flows.parquet"]


def test_a_column_is_floating_point_where_one_piece_of_it_has_to_be(tmp_path: Path) -> None:
    source = tmp_path / "source"
    write_twin(source, rows=1500, floor=20, seed=5)
    *_, last = sorted(source.glob("*.csv"))
    lines = last.read_bytes().split(b"\n")
    at = [cell.strip() for cell in lines[0].split(b",")].index(b"Total Fwd Packets")
    cells = lines[-2].split(b",")
    lines[-2] = b",".join([*cells[:at], b"", *cells[at + 1 :]])
    last.write_bytes(b"\n".join(lines))
    (tmp_path / "pieces").mkdir()
    files = flow_files(source)
    spool = Spool(tmp_path / "pieces", files, 10_000)
    inspect(files, examine=spool.examine)
    spool.write(tmp_path / "flows.parquet")
    column = pl.read_parquet(tmp_path / "flows.parquet")["Total Fwd Packets"]
    assert column.dtype == pl.Float64
    assert column.is_nan().to_list() == [False] * (len(column) - 1) + [True]
    assert pl.read_parquet_schema(tmp_path / "flows.parquet")["Total Backward Packets"] == pl.Int64
