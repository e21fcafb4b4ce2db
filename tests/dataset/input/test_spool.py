"""Flows that lie in pieces on disk become the table that they would be if all were in memory at once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from analysis.dataset.blocks import write
from analysis.dataset.ingest import gathered
from analysis.dataset.input import flow_file
from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.inspection import inspect
from analysis.dataset.input.layout import Layout, recognise
from analysis.dataset.input.reading import read
from analysis.dataset.input.source import flow_files
from analysis.dataset.input.spool import Spool
from analysis.dataset.read_file import step as read_file
from analysis.dataset.release import load
from analysis.errors import UserError
from analysis.record import write_json
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
    write(spool.table(), tmp_path / "flows.parquet")
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
    write(spool.table(), tmp_path / "flows.parquet")
    column = pl.read_parquet(tmp_path / "flows.parquet")["Total Fwd Packets"]
    assert column.dtype == pl.Float64
    assert column.is_nan().to_list() == [False] * (len(column) - 1) + [True]
    assert pl.read_parquet_schema(tmp_path / "flows.parquet")["Total Backward Packets"] == pl.Int64


@pytest.fixture
def seen(source: Path, tmp_path: Path) -> tuple[Path, Path]:
    """What the first look leaves: the checksums of the files, and what is known of the release."""
    found = inspect(flow_files(source))
    seen, metadata = tmp_path / "source.json", tmp_path / "metadata.json"
    write_json(seen, {"files": {file["name"]: file["sha256"] for file in found["files"]}})
    write_json(metadata, {"release": found["release"]})
    return seen, metadata


def test_files_that_jobs_read_make_the_same_table(source: Path, tmp_path: Path, seen: tuple[Path, Path]) -> None:
    files = flow_files(source)
    found = inspect(files)
    read = []
    for number in range(len(files)):
        read.append(tmp_path / f"{number}.json")
        read_file(source, str(number), *seen, read[-1].with_suffix(".arrow"), read[-1])
    spool = Spool(tmp_path, files)
    assert inspect(files, examine=gathered(spool, read), release=load(found["release"])) == found
    here = Spool(tmp_path, files)
    inspect(files, examine=here.examine)
    assert spool.table().collect().equals(here.table().collect())
    with pytest.raises(UserError, match=rf"{files[-1].name} is not among the files that were read; build again"):
        inspect(files, examine=gathered(spool, read[:-1]), release=load(found["release"]))


@pytest.mark.parametrize("change", ["added", "removed", "altered"])
def test_a_job_leaves_nothing_of_other_files_than_were_seen(
    source: Path, tmp_path: Path, seen: tuple[Path, Path], change: str
) -> None:
    files, now = flow_files(source), tmp_path / "now"
    shutil.copytree(source, now)
    path = now / files[-1].name
    if change == "added":
        shutil.copy2(path, now / "0.csv")
    elif change == "removed":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes().replace(b"BENIGN", b"Benign", 1))
    left = tmp_path / "left"
    with pytest.raises(UserError, match="changed while the study was made; build again when it is complete"):
        read_file(now, str(len(files) - 1), *seen, left / "7.arrow", left / "7.json")
    assert not [path for path in left.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ["original", "corrected"])
def test_a_layout_is_the_same_when_it_was_written_and_read(name: str) -> None:
    first, *headers = (column.header for column in load(name).columns)
    found = recognise([first.replace(" ", "_"), *headers, "Label", "of nobody"], FlowFile("x.csv", Path("x.csv")))
    assert found.respelled
    assert found.unknown
    assert Layout.of_entry(json.loads(json.dumps(found.entry()))) == found
