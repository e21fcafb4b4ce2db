"""Labels and file names come from files and are not to be trusted: they appear as text, and do nothing."""

from __future__ import annotations

import csv
import html
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from pypdf import PdfReader

from analysis.dataset.release import load
from tests.build.conftest import QUICK, Project

HOSTILE = {
    "DoS Hulk": "<script>alert(1)</script>",
    "PortScan": "{{< include x.md >}}",
    "DDoS": "#show: it",
    "FTP-Patator": "=HYPERLINK(0)",
    "SSH-Patator": "`x`{.val} $y$ @z *b* [l](u)",
    "Bot": "-2+3|cell",
    "DoS GoldenEye": "?? {x} nan None np.x 0.97",
}
FILE = "=cmd <b>&amp; #it {{< x >}}.csv"


@pytest.fixture(scope="module")
def hostile(copy_project: Callable[[], Project]) -> Path:
    """A build on flows whose labels, and the release that knows them, mean harm; in a copy of its own."""
    project = copy_project()
    original = load("original")
    description = yaml.safe_load((project.folder / "analysis/dataset/releases/original.yaml").read_text("utf-8"))
    description |= {"name": "hostile", "files": [], "families": {}}
    description["columns"][0]["header"] = "Harbour"  # or it could not be told from the original
    description["labels"] = {HOSTILE.get(k, k): [HOSTILE.get(k, k)] for k in description["labels"]}
    path = project.folder / "analysis/dataset/releases/hostile.yaml"
    path.write_text(yaml.safe_dump(description, allow_unicode=True, sort_keys=False), encoding="utf-8")

    command = [sys.executable, "-m", "analysis.twin", "--rows", "2000", "--seed", "1", "--flows", "source"]
    subprocess.run(command, cwd=project.folder, check=True, capture_output=True)
    parts = [file.read_text("latin-1").splitlines() for file in sorted((project.folder / "source").iterdir())
             if file.suffix == ".csv"]  # fmt: skip
    lines = [parts[0][0].replace(" Destination Port", "Harbour"), *(line for part in parts for line in part[1:])]
    spelled = {spelling: label for label, all_ in original.labels.items() for spelling in all_}
    for i, line in enumerate(lines[1:], start=1):
        cells, _, label = line.rpartition(",")
        lines[i] = f"{cells},{HOSTILE.get(spelled[label], spelled[label])}"
    folder = project.folder / "hostile flows"
    folder.mkdir()
    (folder / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    project.snakemake(
        "--cores", "2", *QUICK, "--config", f"data={folder}", "build=hostile", "study=source", "files_apart=0"
    )
    return project.folder / "results/hostile"


def squeezed(text: str) -> str:
    """Without white space, soft hyphens and word joiners; a PDF has a minus sign before a digit."""
    return re.sub(r"[\s\xad\u200b\u2060]+", "", text).replace("\N{MINUS SIGN}", "-")


def test_the_page_shows_them_as_text(hostile):
    page = (hostile / "paper.html").read_text(encoding="utf-8")
    # The page's description for machines, and its own script.
    assert re.findall(r"<script\b[^>]*>", page) == ['<script type="application/ld+json">', "<script>"]
    assert "<b>&amp;amp;" not in page
    shown = squeezed(html.unescape(re.sub(r"<[^>]+>", "", page)))
    for text in (*HOSTILE.values(), FILE):
        assert squeezed(text) in shown, text


def test_the_pdf_shows_them_as_text(hostile):
    shown = squeezed("".join(page.extract_text() for page in PdfReader(hostile / "paper.pdf").pages))
    for text in (*HOSTILE.values(), FILE):
        assert squeezed(text) in shown, text


def test_the_page_for_referees_shows_them_as_text(hostile):
    page = (hostile / "audit.html").read_text(encoding="utf-8")
    assert re.findall(r"<script\b[^>]*>", page) == ["<script>"]
    assert "<b>&amp;amp;" not in page
    shown = squeezed(html.unescape(re.sub(r"<[^>]+>", "", page)))
    for text in (*HOSTILE.values(), FILE):
        assert squeezed(text) in shown, text


def test_no_cell_of_a_csv_starts_a_formula(hostile):
    cells = {}
    for path in (hostile / "tables").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                for cell in row:
                    cells.setdefault(cell, path.name)
    formulas = {cell: name for cell, name in cells.items() if cell[:1] in "=+-@" and not _is_number(cell) and cell}
    assert not formulas
    for text in HOSTILE.values():
        assert text in cells or f"'{text}" in cells, text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
