"""Tables of the record as the filter sets them: notes, and the reasons of empty cells."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from analysis.record import Cell, Column, Record, Table, write_json
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
    said, folder = filtered(build, manuscript, "html")
    assert ("–: not computed in this demonstration." in said) == explained
    assert ("–" in said) == explained
    assert check_page(Page(said), Shown.load(folder)) == []


def filtered(build: Path, manuscript: Path, to: str) -> tuple[str, Path]:
    """What both filters make of a manuscript, and the folder in which it was staged."""
    staged = stage(build, build / "paper", assemble(manuscript), HERE / "demo.bib", own_values(None))
    command = [str(pandoc.executable()), staged.name, "--from=markdown", f"--to={to}", "--wrap=none"]
    filters = ["--lua-filter=filters/flowpaper.lua", "--lua-filter=filters/crossref.lua"]
    done = subprocess.run([*command, *filters], cwd=staged.parent, check=True, capture_output=True, encoding="utf-8")
    return done.stdout.replace("~", "\u00a0").replace("\\[", "[").replace("\\]", "]"), staged.parent


@pytest.mark.parametrize("to", ["html", "typst"])
def test_a_table_without_a_row_is_its_head_and_its_note(tmp_path: Path, to: str) -> None:
    build, record = make_build(tmp_path), Record("x", "synthetic twin")
    columns = [Column("model", "Model", align="left"), Column("recall", "Recall")]
    table = record.table("bare", "Bare", columns, [], notes=["There is no such flow."])
    write_json(build / "tables" / "bare.json", table.to_json())
    manuscript = build / "tables.qmd"
    head = "---\ntitle: Tables\nauthor: [{name: A}]\ndate: 2026-01-31\n---\n"
    manuscript.write_text(f'{head}\n::: {{#tbl-x from="bare"}}\nBare.\n:::\n', encoding="utf-8")
    said, _ = filtered(build, manuscript, to)
    assert "Recall" in said
    assert "There is no such flow." in said


def manuscript(build: Path, record: Record, table: Table, body: str) -> Path:
    """A manuscript of ``body`` beside a build that holds the record's values and one further table."""
    write_json(build / "tables" / f"{table.name}.json", table.to_json())
    values = json.loads((build / "values.json").read_text(encoding="utf-8"))
    values["values"] |= {key: value.to_json() for key, value in record.values.items()}
    write_json(build / "values.json", values)
    path = build / "tables.qmd"
    head = "---\ntitle: Tables\nauthor: [{name: A}]\ndate: 2026-01-31\n---\n"
    path.write_text(f"{head}\n{body}", encoding="utf-8")
    return path


@pytest.mark.parametrize("to", ["html", "typst"])
def test_no_line_breaks_within_an_interval(tmp_path: Path, to: str) -> None:
    build, record = make_build(tmp_path), Record("x", "synthetic twin")
    row = {"model": "of [two] words", "recall": Cell(0.99, "0.99 [0.95, 1.00]")}
    table = record.table("ends", "Ends", [Column("model", "Model", align="left"), Column("recall", "Recall")], [row])
    record.value("a.b", 0.92, "fixed:2", "x", low=0.91, high=0.93, interval="Wilson")
    body = 'It is `a.b`{.val form=interval}.\n\n::: {#tbl-x from="ends"}\nEnds.\n:::\n'
    said, _ = filtered(build, manuscript(build, record, table, body), to)
    assert "0.92\u00a0[0.91,\u00a00.93]" in said
    assert "0.99\u00a0[0.95,\u00a01.00]" in said
    assert "of [two] words" in said


@pytest.mark.parametrize("shown", ["0.92", "0.92 [0.91, 0.93]", "0.92 of 1"])
def test_a_cell_leads_to_its_value_alone_or_with_the_interval(tmp_path: Path, shown: str) -> None:
    build, record = make_build(tmp_path), Record("x", "synthetic twin")
    ends = [Column(key, key, "fixed:2") for key in ("low", "high")]
    best = Column("f1", "F1", "fixed:2", low="low", high="high", interval="Wilson")
    row = {"model": "one", "f1": Cell(0.92, shown), "low": 0.91, "high": 0.93}
    table = record.table("best", "Best", [Column("model", "Model", align="left"), best, *ends], [row])
    record.name("a.b", "best", "one", "f1", words=None)
    body = 'It is `a.b`{.val}.\n\n::: {#tbl-x from="best"}\nBest.\n:::\n\n::: {#values-of-the-text}\n:::\n'
    said, _ = filtered(build, manuscript(build, record, table, body), "html")
    assert said.count('href="#v-a.b"') == (2 if shown != "0.92 of 1" else 1)
