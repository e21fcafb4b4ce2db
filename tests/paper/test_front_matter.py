"""Literal lines of the front matter: filled in from the record, each on its line, whatever the texts look like."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from analysis.errors import UserError
from paper import pandoc
from paper.front_matter import document_date, fill

FRONT = "title: x\nkeywords: [CICIDS2017]\npagetitle: y\nauthor: [{name: z}]\ndate: 2020-01-01"
MANUSCRIPT = f"---\n{FRONT}\n---\n\ndate: in the text\n"
LONG = {"title": 'Flows: "1" of *2* [x]{.val}', "authors": ["1. O'Brien <b>", "Ünal $x$"], "affiliation": "Lab #7",
        "date": "2025-02-01"}  # fmt: skip


def values(**entries: object) -> dict[str, dict[str, object]]:
    found = {f"paper.{key}": {"value": value} for key, value in entries.items()}
    return found | {"data.collection": {"text": "CICIDS2017"}} if entries else found


def test_lines_are_filled_in_and_keep_their_places() -> None:
    filled = fill(MANUSCRIPT, values(**LONG))
    assert len(filled.splitlines()) == len(MANUSCRIPT.splitlines())
    front = yaml.safe_load(filled.split("---")[1])
    assert [author["name"] for author in front["author"]] == ["1\\. O'Brien \\<b\\>", "Ünal \\$x\\$"]
    assert document_date(filled, "paper.qmd") == "2025-02-01"
    assert filled.endswith("\n\ndate: in the text\n")


def test_nothing_in_a_name_is_markup(tmp_path: Path) -> None:
    import subprocess

    (tmp_path / "x.md").write_text(fill(MANUSCRIPT, values(**LONG)), encoding="utf-8")
    (tmp_path / "t").write_text("$pagetitle$\n$for(author)$$author.name$ ($author.affiliation$)\n$endfor$\n")
    command = [str(pandoc.executable()), "x.md", "--to=plain", "--template=t", "--wrap=none"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.split("\n")
    assert said[:3] == ['Flows: "1" of *2* [x]{.val}', "1. O’Brien <b> (Lab #7)", "Ünal $x$ (Lab #7)"]


def test_another_data_set_is_among_the_keywords() -> None:
    other = values(**LONG) | {"data.collection": {"text": "CSE-CIC-IDS2018"}}
    assert "keywords: [CSE-CIC-IDS2018, CICIDS2017]\n" in fill(MANUSCRIPT, other)
    assert "keywords: [CICIDS2017]\n" in fill(MANUSCRIPT, values(**LONG))


def test_without_a_title_block_the_manuscript_speaks_for_itself() -> None:
    assert fill(MANUSCRIPT, {}) == MANUSCRIPT


def test_a_line_that_is_missing_is_named() -> None:
    with pytest.raises(UserError, match=r"one line 'pagetitle: \.\.\.'"):
        fill(MANUSCRIPT.replace("pagetitle: y\n", ""), values(**LONG))
