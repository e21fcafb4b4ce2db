"""A study without types of attack, on packed flows with other column names in a file with a name in five scripts."""

from __future__ import annotations

import html
import json
import lzma
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.build.conftest import QUICK, Project

FILE = "flows 流量 поток تدفق 😀.csv"
IN_PDF = r"flows\u6d41\u91cfпоток\u062a\u062f\u0641\u0642\U0001f600.csv"


@pytest.fixture(scope="module")
def untyped(copy_project: Callable[[], Project]) -> Path:
    """Published results of the quick study; the columns are in snake_case, the labels 0 and 1."""
    project = copy_project()
    command = [sys.executable, "-m", "analysis.twin", "--rows", "2000", "--seed", "1", "--flows", "source"]
    subprocess.run(command, cwd=project.folder, check=True, capture_output=True)
    parts = [path.read_text("latin-1").splitlines() for path in sorted((project.folder / "source").glob("*.csv"))]
    header = ",".join(re.sub(r"\W+", "_", name.strip().lower()) for name in parts[0][0].split(","))
    rows = [line.rpartition(",") for part in parts for line in part[1:]]
    text = [header, *(f"{cells},{int(label != 'BENIGN')}" for cells, _, label in rows)]
    folder = project.folder / "flows"
    folder.mkdir()
    (folder / f"{FILE}.gz").write_bytes(lzma.compress("\n".join(text).encode()))  # packed otherwise than its name says
    project.snakemake("--cores", "2", *QUICK, "--config", f"data={folder}", "build=untyped")
    return project.folder / "results/untyped"


def squeezed(text: str) -> str:
    return re.sub(r"[\s\xad\u200b\u2060\ufffe]+", "", text)


def test_the_chapter_on_types_says_that_it_is_not_available(untyped):
    page = html.unescape(re.sub(r"<[^>]+>", " ", (untyped / "paper.html").read_text(encoding="utf-8")))
    assert page.count("Not available: the labels do not tell types apart.") == 2
    assert "web attacks in the test part" not in page
    assert "Attack-type forest" not in page
    for told in ("traffic type", "type of an attack", "Macro F1", "evaluable", "single type"):
        assert told not in " ".join(page.split()), told
    values = json.loads((untyped / "values.json").read_text(encoding="utf-8"))["values"]
    assert values["release.typed"]["value"] is False
    assert values["release.is_original"]["value"] is True
    assert values["data.attacks"]["value"] > 0


def test_no_forest_of_types_is_fitted(untyped):
    build = untyped.parents[1] / "build" / untyped.name
    assert not [path for path in build.rglob("*") if "types" in path.name]
    assert not list((untyped / "figures").glob("types*"))


def test_claims_about_types_are_not_comparable(untyped):
    ledger = json.loads((untyped / "ledger.json").read_text(encoding="utf-8"))
    text = json.dumps(ledger)
    assert "the labels do not tell types apart" in text.lower()
    assert "groups of types" not in text


def test_a_name_in_any_script_stands_in_both_papers(untyped):
    assert FILE in html.unescape((untyped / "paper.html").read_text(encoding="utf-8")).replace("\u2060", "")
    shown = squeezed("".join(page.extract_text() for page in PdfReader(untyped / "paper.pdf").pages))
    assert IN_PDF in shown
