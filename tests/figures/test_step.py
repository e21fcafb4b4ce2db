"""The step draws all figures in one process, and again only those of which something has changed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis.record import Table, write_json
from figures.__main__ import SUFFIXES, step

from .test_figures import correlations, inventory

FIGURES: dict[str, Any] = {
    "class_inventory": ["class_inventory"], "top_ten_correlations": ["top_ten_correlations", "ranking"],
}  # fmt: skip
ORIGIN = {
    "data.synthetic": {"value": True}, "data.origin": {"text": "1,000 generated flows"},
    "data.checksum": {"value": "0123456789abcdef" * 4},
}  # fmt: skip


@pytest.fixture
def drawn(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Runs the step, whose outputs the workflow has removed before; says what its log says."""
    monkeypatch.chdir(root)

    def run(tables: dict[str, Table], figures: dict[str, Any] = FIGURES) -> str:
        for name, table in tables.items():
            write_json(tmp_path / "tables" / f"{name}.json", table.to_json())
        write_json(tmp_path / "values.json", ORIGIN)
        paths = sorted({tmp_path / "tables" / f"{table}.json" for own in figures.values() for table in own})
        files = [tmp_path / "figures" / f"{name}{suffix}" for name in figures for suffix in SUFFIXES]
        for file in files:
            file.unlink(missing_ok=True)
        step(paths, [tmp_path / "values.json"], figures=figures, store=tmp_path / "store", files=files)
        assert all(file.is_file() for file in files)
        return capsys.readouterr().out.strip()

    return run


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def test_the_change_of_a_table_draws_its_figures_and_no_others(drawn: Callable[..., str], tmp_path: Path) -> None:
    tables = {"class_inventory": inventory({"BENIGN": 900, "DDoS": 100}), **correlations(0.97)}
    assert drawn(tables) == "2 drawn, 0 kept; drawn: class_inventory, top_ten_correlations"
    before = bytes_of(tmp_path / "figures")
    assert drawn(tables) == "0 drawn, 2 kept; drawn: none"
    assert bytes_of(tmp_path / "figures") == before
    assert drawn(tables | correlations(0.31)) == "1 drawn, 1 kept; drawn: top_ten_correlations"
    after = bytes_of(tmp_path / "figures")
    assert {name.partition(".")[0] for name in before if after[name] != before[name]} == {"top_ten_correlations"}


def test_a_figure_alone_is_the_same_as_among_others(drawn: Callable[..., str], tmp_path: Path) -> None:
    tables = {"class_inventory": inventory({"BENIGN": 900, "DDoS": 100}), **correlations(0.97)}
    drawn(tables)
    before = bytes_of(tmp_path / "figures")
    other = {"top_ten_correlations": FIGURES["top_ten_correlations"]}
    assert drawn(tables, other) == "0 drawn, 1 kept; drawn: none"
    assert not (tmp_path / "store/class_inventory").exists(), "what is asked for no more is forgotten"
    (tmp_path / "store/top_ten_correlations/key").unlink()
    assert drawn(tables, other) == "1 drawn, 0 kept; drawn: top_ten_correlations"
    assert bytes_of(tmp_path / "figures") == before


@pytest.mark.parametrize("harm", ["key", "top_ten_correlations.svg", "top_ten_correlations.json"])
def test_what_is_damaged_in_the_store_is_drawn_anew(drawn: Callable[..., str], tmp_path: Path, harm: str) -> None:
    figures = {"top_ten_correlations": FIGURES["top_ten_correlations"]}
    drawn(correlations(0.97), figures)
    before = bytes_of(tmp_path / "figures")
    (tmp_path / "store/top_ten_correlations" / harm).write_text('{"key": "x"}', encoding="utf-8")
    assert drawn(correlations(0.97), figures).startswith("1 drawn")
    assert bytes_of(tmp_path / "figures") == before


def test_where_nothing_is_drawn_nothing_that_draws_is_loaded(root: Path) -> None:
    code = "import sys, figures.__main__; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
