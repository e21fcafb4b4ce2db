"""Tables of the record as the filter sets them: notes, and the reasons of empty cells."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from paper import pandoc
from paper.chapters import assemble
from paper.gate import check_page
from paper.page import Page
from paper.shown import Shown
from paper.stage import stage

from .conftest import HERE, make_build, own_values


@pytest.mark.parametrize(("columns", "explained"), [("model f1", False), ("model f1 mcc", True), ("", True)])
def test_a_note_explains_a_dash_only_where_one_is_shown(tmp_path: Path, columns: str, explained: bool) -> None:
    build = make_build(tmp_path)
    manuscript = build / "tables.qmd"
    shown = f'columns="{columns}"' if columns else ""
    head = "---\ntitle: Tables\nauthor: [{name: A}]\ndate: 2026-01-31\n---\n"
    manuscript.write_text(f'{head}\n::: {{#tbl-x from="binary_models" {shown}}}\nModels.\n:::\n', encoding="utf-8")
    staged = stage(build, build / "paper", assemble(manuscript), HERE / "demo.bib", own_values(None))
    command = [str(pandoc.executable()), staged.name, "--from=markdown", "--to=html"]
    filters = ["--lua-filter=filters/flowpaper.lua", "--lua-filter=filters/crossref.lua"]
    done = subprocess.run([*command, *filters], cwd=staged.parent, check=True, capture_output=True, encoding="utf-8")
    assert ("–: not computed in this demonstration." in done.stdout) == explained
    assert ("–" in done.stdout) == explained
    assert check_page(Page(done.stdout), Shown.load(staged.parent)) == []
