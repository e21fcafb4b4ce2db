"""Byte by byte: every kind of difference is named, with its place; what tells of a run is passed over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.audit.identical import differences, files_of, place
from analysis.audit.reproduce import copy_project, report_differences


def make(project: Path, files: dict[str, bytes | str]) -> Path:
    for name, content in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return project


SAME: dict[str, bytes | str] = {
    "results/twin/paper.html": "<p>one</p>\n<p>two</p>\n",
    "results/twin/paper.pdf": b"%PDF\xff\x00\x01",
    "results/twin/build.json": json.dumps({"build": "twin", "published": "yesterday"}),
    "build/twin/data/clean.parquet": b"PAR1\x80\x01",
    "build/twin/logs/split.log": "took 3 s",
    "build/twin/benchmarks/split.tsv": "3.1",
    "build/twin/.lock": "",
}


def between(tmp_path: Path, changed: dict[str, bytes | str]) -> list[str]:
    one, other = make(tmp_path / "one", SAME), make(tmp_path / "other folder", SAME | changed)
    return [str(difference) for difference in differences(files_of(one, "twin"), files_of(other, "twin"))]


def test_equal_builds_have_no_differences(tmp_path):
    assert between(tmp_path, {}) == []
    assert set(files_of(tmp_path / "one", "twin")) == {
        "results/twin/paper.html", "results/twin/paper.pdf", "results/twin/build.json", "build/twin/data/clean.parquet",
    }  # fmt: skip


def test_logs_times_and_benchmarks_may_differ(tmp_path):
    manifest = json.dumps({"build": "twin", "published": "today"})
    assert between(tmp_path, {
        "results/twin/build.json": manifest, "build/twin/logs/split.log": "took 4 s",
        "build/twin/benchmarks/split.tsv": "4.0",
    }) == []  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        (
            "results/twin/paper.html",
            "<p>one</p>\n<p>twO</p>\n",
            "byte 16 on (22 and 22 bytes), line 2: '<p>one</p>",
        ),
        ("results/twin/paper.pdf", b"%PDF\xff\x00\x02", "byte 6 on (7 and 7 bytes)"),
        ("results/twin/paper.pdf", b"%PDF\xff\x00\x01\x01", "byte 7 on (7 and 8 bytes)"),
        ("build/twin/data/clean.parquet", b"PAR1\x81\x01", "byte 4 on"),
        ("results/twin/build.json", '{"build": "other", "published": "yesterday"}', "line 2"),
        ("results/twin/more.csv", "a", "only in the second build"),
    ],
)
def test_a_difference_is_named_with_its_place(name, content, found, tmp_path):
    (line,) = between(tmp_path, {name: content})
    assert line.startswith(name)
    assert found in line


def test_the_report_names_all_and_the_place_of_the_first(tmp_path):
    one = make(tmp_path / "one", SAME)
    other = make(tmp_path / "other", {"results/twin/paper.html": "<p>", "results/twin/paper.pdf": b"%PDF\xff"})
    found = differences(files_of(one, "twin"), files_of(other, "twin"))
    text = report_differences(found, 4)
    assert text.startswith(
        "not identical: 4 of 4 files differ\nfirst: build/twin/data/clean.parquet: only in the first"
    )
    assert "  results/twin/paper.html\n  results/twin/paper.pdf" in text
    assert report_differences([], 7) == "identical: all 7 files of both builds are the same, byte by byte"


def test_place_of_text_and_of_bytes():
    assert "line 3: 'a b c' and 'a b d'" in place(b"a\nb\nc", b"a\nb\nd")
    assert "line" not in place(b"\xff\x00", b"\xff\x01")


def test_a_copy_has_the_project_and_nothing_that_was_built(root, tmp_path):
    copy = copy_project(tmp_path / "copy", root)
    assert (copy / "Snakefile").is_file()
    assert (copy / "paper/paper.qmd").read_bytes() == (root / "paper/paper.qmd").read_bytes()
    assert not {"build", "results", ".venv", ".git"} & {path.name for path in copy.iterdir()}


def test_an_archive_without_git_is_copied_too(tmp_path, monkeypatch):
    make(tmp_path / "archive", {"Snakefile": "x", "build/twin/values.json": "{}", ".venv/pyvenv.cfg": "", "a/b.py": ""})
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    copy = copy_project(tmp_path / "copy", tmp_path / "archive")
    assert {p.relative_to(copy).as_posix() for p in copy.rglob("*") if p.is_file()} == {"Snakefile", "a/b.py"}
