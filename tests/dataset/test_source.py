from __future__ import annotations

import zipfile

import pytest

from analysis.dataset.source import members
from analysis.errors import UserError


def archive(path, **files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name.replace("__", "/"), data)
    return path


def test_a_folder_gives_its_csv_files_sorted(tmp_path):
    for name in ("b.csv", "a.CSV", "notes.txt", ".hidden.csv"):
        (tmp_path / name).write_text("x")
    assert [member.name for member in members(tmp_path)] == ["a.CSV", "b.csv"]


def test_a_zip_is_read_without_unpacking(tmp_path):
    path = archive(tmp_path / "a.zip", **{"day__b.csv": b"bb", "day__a.csv": b"aa", "readme.txt": b"x"})
    assert [(member.name, member.read()) for member in members(path)] == [("day/a.csv", b"aa"), ("day/b.csv", b"bb")]


@pytest.mark.parametrize("name", ["../evil.csv", "/etc/evil.csv", "a/../../evil.csv"])
def test_unsafe_names_in_a_zip_are_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr(name, b"x")
    with pytest.raises(UserError, match="unsafe name"):
        members(tmp_path / "a.zip")


def test_a_zip_bomb_is_refused(tmp_path):
    path = archive(tmp_path / "a.zip", **{"a.csv": b"0" * 5_000_000})
    with pytest.raises(UserError, match="100 times its size"):
        members(path)


def test_a_truncated_zip_is_refused(tmp_path):
    path = archive(tmp_path / "a.zip", **{"a.csv": bytes(range(256)) * 100})
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(UserError, match=r"not a complete zip file.*fetch it again"):
        members(path)


def test_a_zip_with_damaged_contents_is_refused(tmp_path):
    path = archive(tmp_path / "a.zip", **{"a.csv": b"abcdefgh" * 1000 + bytes(range(256))})
    data = bytearray(path.read_bytes())
    data[60:70] = b"\xff" * 10
    path.write_bytes(data)
    (member,) = members(path)
    with pytest.raises(UserError, match="damaged"):
        member.read()


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(UserError, match=r"no file or folder .*nowhere\.csv"):
        members(tmp_path / "nowhere.csv")
    with pytest.raises(UserError, match=r"holds no file that ends in \.csv"):
        members(tmp_path)
    with pytest.raises(UserError, match=r"holds no file that ends in \.csv"):
        members(archive(tmp_path / "a.zip", **{"a.txt": b"x"}))
