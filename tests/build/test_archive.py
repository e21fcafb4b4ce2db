"""A real build as one file and as a Word document: both say what was published."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.paper.word import Document, Seen


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)


def test_a_crate_of_the_twin_holds_what_was_published(project, twin, tmp_path):
    pytest.importorskip("rocrate", reason="rocrate is not installed: 'make test' installs it")
    crate = tmp_path / "twin.crate.zip"
    done = run(project.folder, "analysis.archive.crate", "twin", "--out", str(crate))
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(crate) as archive:
        names = set(archive.namelist())
        for path in twin.rglob("*"):
            if path.is_file():
                assert archive.read(f"results/twin/{path.relative_to(twin).as_posix()}") == path.read_bytes()
    assert {
        "Snakefile",
        "requirements.txt",
        "settings.yaml",
        "paper/paper.qmd",
        "analysis/twin/parameters.npz",
    } <= names
    assert not any(name.startswith(("build/", "data/", "tests/")) or name.endswith(".parquet") for name in names)
    done = run(project.folder, "analysis.archive.verify", "--crate", str(crate))
    assert done.returncode == 0, done.stderr
    assert "all files of build twin are as its metadata and build.json say" in done.stdout


def test_the_word_document_of_the_twin_says_what_its_page_says(project, twin, tmp_path):
    done = run(project.folder, "paper.docx", "twin", "--out", str(tmp_path / "twin.docx"))
    assert done.returncode == 0, done.stderr
    document, page = Document(tmp_path / "twin.docx"), Seen((twin / "paper.html").read_text(encoding="utf-8"))
    assert len(page.values) > 200
    assert [value for value in page.values if value not in document.text] == []
    ours, theirs = ([re.sub(r"^[\d.]+|#$", "", one) for one in seen.headings] for seen in (document, page))
    left = iter(theirs)
    assert [heading for heading in ours if heading not in left] == [], "in the order of the page"
    assert len(ours) > 40
    captioned = [n for n in range(1, document.tables + 1) if f"Table{n}." in document.text]
    assert captioned == [*range(1, document.tables)], "the list of values has no caption"
    assert len(captioned) > 15
    assert document.pictures == page.alts
