"""Packed files and archives, however they are called and however deep: the bytes of the files in them, or a refusal."""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
import tracemalloc
import zipfile

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.dataset.input.inspection import inspect
from analysis.dataset.input.source import flow_files, is_twin, unread
from analysis.errors import UserError
from tests.dataset.input.archives import read, refused, tarred, zip_at, zipped

FLOWS = b"a,b\n1,2\n"
PACKED = {"gz": gzip.compress, "xz": lzma.compress, "bz2": bz2.compress}


@pytest.mark.parametrize("way", list(PACKED))
@pytest.mark.parametrize("name", ["flows.csv", "flows.csv.gz", "flows.zip", "download"])
def test_a_packed_file_is_known_by_its_first_bytes(way, name, tmp_path):
    (tmp_path / name).write_bytes(PACKED[way](FLOWS))
    assert list(read(tmp_path / name).values()) == [FLOWS]
    (tmp_path / name).write_bytes(gzip.compress(PACKED[way](FLOWS)))
    assert list(read(tmp_path / name).values()) == [FLOWS]


@pytest.mark.parametrize("name", ["flows.csv.gz", "flows.zip", "flows.csv.xz"])
def test_a_plain_file_that_is_called_like_a_packed_one_is_read(name, tmp_path):
    (tmp_path / name).write_bytes(FLOWS)
    assert list(read(tmp_path / name).values()) == [FLOWS]


@pytest.mark.parametrize("way", [*PACKED, "plain"])
def test_a_tar_is_read_however_it_is_packed_and_called(way, tmp_path):
    content = PACKED.get(way, bytes)(tarred({"day/a.csv": FLOWS, "b.csv.gz": gzip.compress(b"b"), "c.txt": b"c"}))
    for name in ("flows.tar.gz", "flows.tgz", "flows.csv", "flows"):
        (tmp_path / name).write_bytes(content)
        assert read(tmp_path / name) == {"day/a.csv": FLOWS, "b.csv": b"b"}
        (tmp_path / name).unlink()
    (tmp_path / "flows.tar.gz").write_bytes(content)
    assert list(read(tmp_path)) == ["flows.tar.gz/b.csv", "flows.tar.gz/day/a.csv"]


def test_archives_in_archives_are_read(tmp_path):
    inner = zipped({"a.csv": b"a", "b.csv.gz": gzip.compress(b"b")})
    files = {"days/inner.zip": inner, "more.tar.gz": gzip.compress(tarred({"c.csv": b"c", "d.zip": inner}))}
    zip_at(tmp_path / "all.zip", {**files, "e.csv": inner, "notes.txt": b""})
    inside = {"a.csv": b"a", "b.csv": b"b"}
    expected = {f"days/inner.zip/{name}": content for name, content in inside.items()}
    expected |= {f"more.tar.gz/d.zip/{name}": content for name, content in inside.items()}
    expected |= {f"e.csv/{name}": content for name, content in inside.items()} | {"more.tar.gz/c.csv": b"c"}
    assert read(tmp_path / "all.zip") == expected


def test_the_mark_of_the_twin_and_what_is_passed_over_are_found_in_archives_within_archives(tmp_path):
    inner = zipped({"a.csv": b"a", "twin.json": b"{}", "monday.xlsx": b"x"})
    zip_at(tmp_path / "all.zip", {"inner.zip": inner})
    assert is_twin(tmp_path / "all.zip")
    assert unread(tmp_path / "all.zip") == ["all.zip:inner.zip:monday.xlsx"]


def test_too_many_layers_are_refused(tmp_path):
    content = zipped({"a.csv": b"a"})
    for _ in range(6):
        content = zipped({"inner.zip": content})
    (tmp_path / "a.zip").write_bytes(content)
    refused(tmp_path / "a.zip", "too many archives within archives; unpack it")
    content = FLOWS
    for _ in range(6):
        content = gzip.compress(content)
    (tmp_path / "a.gz").write_bytes(content)
    refused(tmp_path / "a.gz", "packed more than 4 times over; unpack it")


@pytest.mark.parametrize("way", list(PACKED))
@pytest.mark.parametrize("inside", [False, True])
def test_bombs_are_refused_by_what_comes(way, inside, tmp_path):
    content = b"0" * 20_000_000
    content = PACKED[way](tarred({"a.csv": content}) if inside else content)
    (tmp_path / "a").write_bytes(content)
    tracemalloc.start()
    refused(tmp_path / "a", "100 times its size")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12_000_000


def test_a_bomb_in_a_zip_in_a_zip_is_refused(tmp_path):
    inner = zipped({"a.csv": b"0" * 20_000_000})
    zip_at(tmp_path / "a.zip", {"inner.zip": inner, "b.csv": b"b"})
    refused(tmp_path / "a.zip", "100 times its size")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_seldom_ways_of_packing_a_zip_are_read(method, tmp_path):
    zip_at(tmp_path / "a.zip", {"a.csv": FLOWS}, method)
    assert read(tmp_path / "a.zip") == {"a.csv": FLOWS}


@pytest.mark.parametrize("name", ["../evil.csv", "/etc/evil.csv", "a/../../evil.csv", "a\x1b[2J.csv"])
def test_unsafe_names_in_a_tar_are_refused(name, tmp_path):
    (tmp_path / "a.tar").write_bytes(tarred({name: b"x"}))
    refused(tmp_path / "a.tar", "holds the unsafe name .*unpack it yourself")
    (tmp_path / "a.tar").write_bytes(tarred({"b.csv": b"x"}, link="a.csv"))
    refused(tmp_path / "a.tar", r"holds the link 'a\.csv' in place of a file")


@pytest.mark.parametrize("kept", [0.1, 0.3, 0.65])
@pytest.mark.parametrize("way", [*PACKED, "plain"])
def test_a_tar_that_was_cut_off_is_refused(way, kept, tmp_path):
    noise = bytes(range(256)) * 30
    content = PACKED.get(way, bytes)(tarred({f"{i}.csv": noise[i:] + bytes([65 + i]) * 700 for i in range(9)}))
    (tmp_path / "a.tar").write_bytes(content[: int(len(content) * kept)])
    refused(tmp_path / "a.tar", "(damaged|cut off|not a complete).*fetch it again")


def test_zstandard_is_read_or_comes_with_advice(tmp_path):
    (tmp_path / "a.csv.zst").write_bytes(b"\x28\xb5\x2f\xfd\x20\x08\x41\x00\x00a,b\n1,2\n")
    if sys.version_info >= (3, 14):
        assert read(tmp_path / "a.csv.zst") == {"a.csv": FLOWS}
    else:
        refused(tmp_path / "a.csv.zst", r"a\.csv\.zst cannot be read as it is; unpack it \(zstd -d\), or .*3\.14")


def test_a_spreadsheet_under_another_name_is_told(tmp_path):
    zip_at(tmp_path / "a.csv", {"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"})
    refused(tmp_path / "a.csv", r"a\.csv cannot be read as it is; export it as CSV")


@pytest.mark.parametrize("kind", ["parquet", "csv", "csv, written by hand"])
def test_files_parted_by_label_are_read(kind, content, tmp_path):
    whole = pl.read_csv(content, encoding="latin-1").rename(str.strip)
    folder = tmp_path / "flows.parquet"

    def write(flows, path):
        if kind == "parquet":
            flows.write_parquet(path)
        else:
            by_hand = "\n,,\n" if "hand" in kind else ""  # blank rows, which are no flows of the folder's label
            path.with_suffix(".csv").write_text(flows.write_csv() + by_hand.replace(",,", "," * (flows.width - 1)))

    for name, label in (("BENIGN", "BENIGN"), ("DoS%20Hulk", "DoS Hulk")):
        part = folder / f"Label={name}"
        part.mkdir(parents=True)
        whole.filter(pl.col("Label") == label).drop("Label").pipe(write, part / "part-0.snappy.parquet")
    (folder / "_SUCCESS").write_bytes(b"")
    found = inspect(flow_files(folder))
    assert found["counts"] == {"BENIGN": 20, "DoS Hulk": 20}
    assert found["lacks"] == []
    assert found["blank_rows"] == (4 if "hand" in kind else 0)
    parts = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("part-0*")}
    assert inspect(flow_files(zip_at(tmp_path / "flows.zip", parts)))["counts"] == found["counts"]
    whole.filter(pl.col("Label") == "BENIGN").pipe(write, folder / "Label=BENIGN/part-0.snappy.parquet")
    assert inspect(flow_files(folder))["counts"] == found["counts"]


SEEDS = {
    "tar.gz": gzip.compress(tarred({"a.csv": FLOWS * 9, "b.csv.gz": gzip.compress(FLOWS)})),
    "tar": tarred({"a.csv": FLOWS * 9, "b.zip": zipped({"c.csv": FLOWS})}),
    "zip": zipped({"a.zip": zipped({"c.csv": FLOWS, "d.tar.xz": lzma.compress(tarred({"e.csv": FLOWS}))})}),
    "xz": lzma.compress(FLOWS * 9),
    "bz2": bz2.compress(FLOWS * 9),
}


@settings(max_examples=300)
@given(
    st.sampled_from(sorted(SEEDS)),
    st.lists(st.tuples(st.integers(0, 9999), st.binary(min_size=1, max_size=6)), max_size=4),
    st.integers(0, 1000),
    st.sampled_from(["x.zip", "x.csv", "x.tar.gz", "x.parquet", "x"]),
)
def test_no_archive_whatever_raises_anything_but_a_user_error(tmp_path_factory, seed, edits, kept, name):
    data = bytearray(SEEDS[seed])
    for at, patch in edits:
        data[at % len(data) : at % len(data) + len(patch)] = patch
    folder = tmp_path_factory.getbasetemp() / "packed"
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(data if kept > 500 else data[: len(data) * kept // 500])
    message = ""
    try:
        assert all(isinstance(content, bytes) for content in read(path).values())
    except UserError as error:
        message = str(error)
    assert not message or str(path) in message
    assert "\n" not in message
