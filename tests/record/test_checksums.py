from __future__ import annotations

import ast
import os
from pathlib import Path

import polars as pl
import pytest
import xxhash

from analysis.errors import UserError
from analysis.record import checked, checksums, read_json, write_atomically, write_json
from analysis.record.files import copy


def flip(path: Path, at: int = 0) -> None:
    """Change one bit of a file, and neither its size nor the time of its last change."""
    state, content = path.stat(), bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def test_the_checksum_is_that_of_the_library_whatever_the_size(tmp_path):
    for size in (0, 1, checksums.CHUNK, 3 * checksums.CHUNK + 7):
        (tmp_path / "file").write_bytes(content := os.urandom(size))
        assert checksums.checksum(tmp_path / "file") == xxhash.xxh3_128(content).hexdigest()


def test_a_folder_counts_names_and_bytes_but_nothing_hidden(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one/a.csv").write_text("a")
    before = checksums.checksum(tmp_path / "one")
    (tmp_path / "one/.snakemake_timestamp").touch()
    assert checksums.checksum(tmp_path / "one") == before
    (tmp_path / "one/a.csv").rename(tmp_path / "one/b.csv")
    assert checksums.checksum(tmp_path / "one") != before


def test_one_flipped_bit_of_a_table_is_noticed(tmp_path):
    path = tmp_path / "flows.parquet"
    with write_atomically(path) as temporary:
        pl.DataFrame({"a": range(1000)}).write_parquet(temporary)
    assert pl.read_parquet(checked(path)).height == 1000
    for at in range(0, path.stat().st_size, 97):
        flip(path, at)
        with pytest.raises(UserError, match=r"flows\.parquet: not what was written there"):
            checked(path)
        flip(path, at)


def test_an_edited_value_is_noticed_by_reader_and_copy(tmp_path):
    write_json(tmp_path / "rank.json", {"a": 1})
    (tmp_path / "rank.json").write_text('{\n "a": 2\n}\n')
    with pytest.raises(UserError, match=r"rank\.json"):
        read_json(tmp_path / "rank.json")
    with pytest.raises(UserError, match=r"rank\.json"):
        copy(tmp_path / "rank.json", tmp_path / "copy.json")
    assert not (tmp_path / "copy.json").exists()


def test_a_kill_between_note_and_new_name_leaves_a_file_that_differs(tmp_path, monkeypatch):
    write_json(tmp_path / "a.json", 1)
    monkeypatch.setattr(Path, "replace", lambda self, target: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write_json(tmp_path / "a.json", 2)
    with pytest.raises(UserError, match=r"a\.json"):
        read_json(tmp_path / "a.json")


def test_a_file_without_checksum_is_a_users_own(tmp_path):
    (tmp_path / "a.json").write_text("[1]")
    assert read_json(tmp_path / "a.json") == [1]


def test_every_step_compares_the_tables_that_it_reads(root):
    """Flows of the user are judged by their inspection (``input``), the twin's parameters by git."""
    readers = {"read_parquet", "scan_parquet", "read_parquet_schema"}
    found = 0
    for path in sorted((root / "analysis").rglob("*.py")):
        if path.parent.name in ("input", "twin"):
            continue
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in readers:
                assert "checked" in ast.unparse(call.args[0]), f"{path}:{call.lineno} reads without comparing"
                found += 1
    assert found > 10


def test_every_step_writes_through_the_one_writer(root):
    """Else a file would have no checksum, and be removed at the next start."""
    apart = ("settings.py", "publish.py", "checksums.py", "fonts.py")
    writers = {"write_text", "write_bytes", "write_parquet", "sink_parquet"}
    for room in ("analysis", "figures", "paper"):
        for path in sorted((root / room).rglob("*.py")):
            if path.parent.name in ("input", "twin") or path.name in apart:
                continue
            assert ".savefig(" not in path.read_text(encoding="utf-8") or path.name == "draw.py", path
            for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in writers:
                    arguments = ast.unparse(call)
                    assert "temporary" in arguments, f"{path}:{call.lineno} writes beside the one writer: {arguments}"


def test_what_is_no_file_is_not_replaced_by_one(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", tmp_path):
        with pytest.raises(UserError, match="this is no file"), write_atomically(place, noted=False):
            pass
    assert (tmp_path / "pipe").is_fifo()
