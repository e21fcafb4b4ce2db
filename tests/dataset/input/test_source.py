from __future__ import annotations

import gzip
import os
import stat
import struct
import tracemalloc
import zipfile
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.dataset.input import packed as reader
from analysis.dataset.input.source import flow_files
from analysis.errors import UserError
from tests.dataset.input.archives import read, refused, zip_at, zipped


def parquet():
    file = BytesIO()
    pl.DataFrame({"a": [1, 2]}).write_parquet(file)
    return file.getvalue()


def test_a_folder_gives_its_files_in_order_and_leaves_out_hidden_ones(tmp_path):
    for name in ("b.csv", "a.CSV", "notes.txt", ".hidden.csv", "sub/c.csv", "__MACOSX/d.csv", ".git/e.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    assert read(tmp_path) == {"a.CSV": b"a.CSV", "b.csv": b"b.csv", "sub/c.csv": b"sub/c.csv"}


def test_every_form_is_read_and_named_alike(tmp_path):
    table = parquet()
    (tmp_path / "a.csv").write_bytes(b"a")
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(b"b"))
    (tmp_path / "c.parquet").write_bytes(table)
    (tmp_path / "d.csv").write_bytes(gzip.compress(b"packed, but not named so"))
    inner = {"day/e.csv": b"e", "f.CSV.GZ": gzip.compress(b"f"), "g.parquet": table, "readme.txt": b"x"}
    zip_at(tmp_path / "z.zip", inner | {"__MACOSX/._e.csv": b"x"})
    expected = {"a.csv": b"a", "b.csv": b"b", "c.parquet": table, "d.csv": b"packed, but not named so"}
    expected |= {"z.zip/day/e.csv": b"e", "z.zip/f.CSV": b"f", "z.zip/g.parquet": table}
    assert read(tmp_path) == expected
    assert {m.name: m.kind for m in flow_files(tmp_path)} == {
        name: "parquet" if name.endswith(".parquet") else "csv" for name in expected
    }
    assert list(read(tmp_path / "z.zip")) == ["day/e.csv", "f.CSV", "g.parquet"]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("flows", b"a,b\n", "csv"),
        ("flows.txt", b"a,b\n", "csv"),
        ("flows.csv.gz", gzip.compress(b"a,b\n"), "csv"),
        ("download", gzip.compress(b"a,b\n"), "csv"),
        ("download", parquet(), "parquet"),
    ],
)
def test_one_file_is_known_by_its_first_bytes(tmp_path, name, content, kind):
    (tmp_path / name).write_bytes(content)
    (flow_file,) = flow_files(tmp_path / name)
    assert (flow_file.name, flow_file.kind) == (name.removesuffix(".gz"), kind)
    assert flow_file.read() == (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)


def test_a_zip_without_its_suffix_is_a_zip(tmp_path):
    zip_at(tmp_path / "download", {"a.csv": b"a"})
    assert read(tmp_path / "download") == {"a.csv": b"a"}


def test_a_gzip_of_several_pieces_is_read_whole(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"a") + gzip.compress(b"b"))
    assert read(tmp_path / "a.csv.gz") == {"a.csv": b"ab"}


def test_links_are_followed_and_loops_end(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.csv").write_bytes(b"a")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "day").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "up").symlink_to(tmp_path / "data")
    assert read(tmp_path / "data") == {"day/a.csv": b"a"}


@pytest.mark.parametrize(
    "name",
    [
        "../evil.csv",
        "/etc/evil.csv",
        "a/../../evil.csv",
        "..\\evil.csv",
        "C:\\evil.csv",
        "C:evil.csv",
        "\\\\host\\evil.csv",
        "../readme.txt",
        "a\x1b[2J.csv",
    ],
)
def test_unsafe_names_in_a_zip_are_refused(tmp_path, name):
    refused(zip_at(tmp_path / "a.zip", {name: b"x"}), r"a\.zip holds the unsafe name .*unpack it yourself")


def test_a_name_with_a_nul_is_refused(tmp_path):
    path = zip_at(tmp_path / "a.zip", {"a.csv_/evil": b"x"})
    path.write_bytes(path.read_bytes().replace(b"a.csv_/evil", b"a.csv\x00/evil"))
    refused(path, "unsafe name")


def test_backslashes_that_only_separate_are_read(tmp_path):
    assert read(zip_at(tmp_path / "a.zip", {"day\\a.csv": b"a"})) == {"day/a.csv": b"a"}


def test_links_in_a_zip_are_refused(tmp_path):
    entry = zipfile.ZipInfo("a.csv")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    refused(zip_at(tmp_path / "a.zip", [(entry, "/etc/passwd")]), r"holds the link 'a\.csv'")


@pytest.mark.parametrize("name", ["a.csv", "day/a.csv.gz"])
def test_a_name_that_stands_twice_in_a_zip_is_refused(tmp_path, name):
    refused(zip_at(tmp_path / "a.zip", [(name, b"1"), (name, b"2")]), r"stands there twice; keep only one")


def test_a_file_and_its_packed_form_are_not_both_read(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"a")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"a"))
    refused(tmp_path, r"a\.csv and .*a\.csv\.gz stand for the same; keep only one")


def test_an_encrypted_zip_is_refused(tmp_path):
    path = zip_at(tmp_path / "a.zip", {"a.csv": b"a"})
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    refused(path, r"encrypted; unpack it with its password")


def test_bombs_are_refused_by_what_they_declare(tmp_path):
    path = zip_at(tmp_path / "a.zip", {"a.csv": b"0" * 5_000_000})
    with pytest.raises(UserError, match="100 times its size"):
        flow_files(path)


@pytest.mark.parametrize("inside", [False, True])
def test_bombs_are_refused_by_what_comes(tmp_path, inside):
    bomb = gzip.compress(b"0" * 50_000_000)
    path = tmp_path / "a.csv.gz"
    path.write_bytes(bomb)
    (flow_file,) = flow_files(zip_at(tmp_path / "a.zip", {"a.csv.gz": bomb}) if inside else path)
    tracemalloc.start()
    with pytest.raises(UserError, match="100 times its size"):
        flow_file.read()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_a_zip_whose_header_lies_about_its_size_is_refused(tmp_path):
    path = zip_at(tmp_path / "a.zip", {"a.csv": b"0" * 5_000_000})
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", 5_000_000), struct.pack("<I", 10)))
    refused(path, "damaged")


def test_small_files_may_be_packed_well(tmp_path):
    content = b"0" * 999_000
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(content))
    assert read(tmp_path / "a.csv.gz") == {"a.csv": content}
    assert read(zip_at(tmp_path / "a.zip", {"a.csv": content})) == {"a.csv": content}


def test_an_entry_without_a_name_is_refused(tmp_path):
    packed = bytearray(zipped({"flows.csv": b"a,b\n"}))
    packed[packed.rindex(b"flows.csv")] = 0
    (tmp_path / "flows.zip").write_bytes(packed)
    refused(tmp_path / "flows.zip", "not a complete zip file")


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_what_was_cut_off_is_refused(tmp_path, kept):
    content = bytes(range(256)) * 100 + os.urandom(5000)
    for name, data in {
        "a.csv.gz": gzip.compress(content),
        "a.zip": zip_at(tmp_path / "whole", {"a.csv": content}).read_bytes(),
        "a.parquet": parquet(),
    }.items():
        path = tmp_path / name
        path.write_bytes(data[: int(len(data) * kept)])
        refused(path, rf"{name}.*(damaged|cut off).*fetch it again")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_with_damaged_contents_is_refused(tmp_path, method):
    path = zip_at(tmp_path / "a.zip", {"a.csv": b"abcdefgh" * 1000 + bytes(range(256))}, method)
    data = bytearray(path.read_bytes())
    data[60:70] = b"\xff" * 10
    path.write_bytes(data)
    refused(path, r"a\.zip:a\.csv: the file is damaged")


def test_a_gzip_with_damaged_contents_is_refused(tmp_path):
    data = bytearray(gzip.compress(b"abcdefgh" * 1000))
    data[-8] ^= 1  # in the checksum
    (tmp_path / "a.csv.gz").write_bytes(data)
    refused(tmp_path / "a.csv.gz", r"a\.csv\.gz: the file is damaged")


def test_what_changed_after_it_was_listed_is_refused(tmp_path):
    (flow_file,) = flow_files(zip_at(tmp_path / "a.zip", {"a.csv": b"a"}))
    zip_at(tmp_path / "a.zip", {"b.csv": b"b"})
    with pytest.raises(UserError, match="damaged"):
        flow_file.read()
    (tmp_path / "a.zip").unlink()
    with pytest.raises(UserError, match=r"a\.zip:a\.csv cannot be read \(No such file"):
        flow_file.read()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xlsx", b"PK\x03\x04", "export it as CSV"),
        ("a.xls", b"", "export it as CSV"),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "export it as CSV"),
        ("a.7z", b"", "unpack it"),
        ("a.rar", b"", "unpack it"),
        ("a", b"Rar!\x1a\x07", "unpack it"),
        ("a.pcap", b"", "CICFlowMeter"),
        ("a.pcap.gz", b"", "CICFlowMeter"),
        ("a", b"\xd4\xc3\xb2\xa1", "CICFlowMeter"),
        ("a.csv.gz", b"a\x00b\n", r"damaged, or no \.gz file in spite of its name"),
        ("a.parquet", b"a,b\n", "no Parquet file"),
        ("a.zip", b"a\x00b\n", r"damaged, or no \.zip file in spite of its name"),
        ("a.zip", b"PK\x03\x04", "not a complete zip file"),
    ],
)
def test_what_is_not_read_comes_with_advice(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, rf"{name}.*{message}")


def test_what_is_not_there_is_said(tmp_path):
    refused(tmp_path / "nowhere.csv", r"no file or folder .*nowhere\.csv")
    refused(tmp_path, r"folder .* holds no file of flows, it is empty; give CSV")
    refused(tmp_path / ("x" * 300), r"cannot be read \(File name too long\)")
    refused(zip_at(tmp_path / "a.zip", {"a.txt": b"x"}), r"a\.zip holds no file of flows, only a\.txt; give CSV")


def test_a_folder_of_other_files_is_listed_with_advice(tmp_path):
    for name in ("b.xlsx", "c.pcap", "d.txt", "e", "f", "g"):
        (tmp_path / name).write_bytes(b"x")
    refused(tmp_path, r"only b\.xlsx, c\.pcap, d\.txt, e, f and 1 more; give .*\.pcap: .*CICFlowMeter.*\.xlsx: export")


def test_what_only_looks_like_a_file_is_refused(tmp_path):
    (tmp_path / "x.csv").mkdir()
    refused(tmp_path / "x.csv", r"x\.csv is a folder, though its name is that of a file")
    refused(tmp_path, r"x\.csv is a folder, though its name is that of a file")
    (tmp_path / "x.csv").rmdir()
    (tmp_path / "y.csv").symlink_to(tmp_path / "gone")
    refused(tmp_path, r"y\.csv is a link to a file that is not there")
    refused(tmp_path / "y.csv", r"y\.csv is a link to a file that is not there")
    (tmp_path / "y.csv").unlink()
    os.mkfifo(tmp_path / "z.csv")
    refused(tmp_path, r"z\.csv is not a regular file")
    refused(tmp_path / "z.csv", r"z\.csv is not a regular file")


def test_a_file_name_that_is_not_utf8_is_refused(tmp_path):
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes only names in UTF-8")
    refused(tmp_path, "not a name in UTF-8; rename")


def test_a_file_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_bytes(b"x")
    listed = flow_files(tmp_path)

    def refuse(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UserError, match=r"a\.csv cannot be read \(Permission denied\); check .* permissions"):
        listed[0].read()
    refused(tmp_path / "a.csv", r"a\.csv cannot be read \(Permission denied\); check .* permissions")
    monkeypatch.setattr(Path, "iterdir", refuse)
    refused(tmp_path, r"cannot be read \(Permission denied\)")


@pytest.mark.parametrize("form", ["plain", "gzip", "zip"])
def test_reading_holds_the_content_once(tmp_path, form):
    content = os.urandom(1_000_000) * 40
    path = tmp_path / "a.csv"
    if form == "zip":
        zip_at(path, {"a.csv": content})
    else:
        path.write_bytes(content if form == "plain" else gzip.compress(content, 1))
    (flow_file,) = flow_files(path)
    tracemalloc.start()
    assert len(flow_file.read()) == len(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.2 * len(content)


SEEDS = [
    zipped({"a.csv": b"a,b\n" * 50, "b/c.csv.gz": gzip.compress(b"c", mtime=0)}),
    gzip.compress(b"a,b\n" * 50, mtime=0),
    parquet(),
    b"a,b\n" * 5,
]


@settings(max_examples=400)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 999), st.binary(min_size=1, max_size=4)), max_size=6),
    st.integers(0, 1000),
    st.sampled_from(["x.zip", "x.csv", "x.csv.gz", "x.parquet", "x"]),
    st.booleans(),
)
def test_no_bytes_whatever_raise_anything_but_a_user_error(tmp_path_factory, seed, edits, kept, name, folder):
    data = bytearray(seed)
    for at, patch in edits:
        at %= len(data)
        data[at : at + len(patch)] = patch
    path = tmp_path_factory.getbasetemp() / "fuzz" / name
    path.parent.mkdir(exist_ok=True)
    for old in path.parent.iterdir():
        old.unlink()
    path.write_bytes(data if kept > 500 else data[: len(data) * kept // 500])
    message = ""
    try:
        assert all(isinstance(content, bytes) for content in read(path.parent if folder else path).values())
    except UserError as error:
        message = str(error)
    assert not message or str(path.parent) in message


def test_every_kind_of_file_that_is_sent_back_has_advice():
    assert {suffix for suffix in reader.SIGNATURES.values() if suffix not in reader.ADVICE} == {
        *reader.PACKINGS,
        ".zip",
        ".parquet",
    }
