"""The gate sees links that lead nowhere, and captions and notes that a page break parts from what they are of."""

from __future__ import annotations

from pathlib import Path

import pytest
import typst

from analysis.audit.pdf import pages
from paper.layout import Links, dead_links, torn

NOTE = "Shares of the flows of the test part that lie at the minimum of each feature, by class."
HEAD = '#set page(paper: "a4", margin: (top: 28mm), header: [Running title], footer: context here().page())\n'
PICTURE = "#rect(width: 100%, height: 60mm)"
CAPTIONS = ["Figure\u00a01. Flows of each type. Synthetic twin.", "Table\u00a01. Models. Synthetic twin."]
FINE = {
    "a figure with its caption": f"Text.\n#pagebreak()\n{PICTURE}\nFigure~1. Flows of each type. Synthetic twin.",
    "a table below its caption": f"Text.\n#pagebreak()\nTable~1. Models. Synthetic twin.\n\nModel\n\n{NOTE}",
    "words like a note's": "Text.\n#pagebreak()\nShares of the flows of the test part are words.",
    "another caption with the same end": f"{PICTURE}\n\nFigure~1. All. Synthetic twin.\n#pagebreak()\nText.",
}  # fmt: skip
TORN = {
    "a note": (f"Model\n#pagebreak()\n{NOTE}\n\nText.", "page 2: begins with a note below a table, 'Shares of the"),
    "a figure's caption": (f"{PICTURE}\n#pagebreak()\nFigure~1. Flows of each type.", "page 2: begins with the"),
    "a table's caption": ("Text.\n\nTable~1. Models. Synthetic twin.\n#pagebreak()\nModel", "page 1: ends with the"),
}  # fmt: skip


def found(folder: Path, body: str) -> list[str]:
    source, pdf = folder / "a.typ", folder / "a.pdf"
    source.write_text(HEAD + body, encoding="utf-8")
    typst.compile(source, output=pdf, ignore_system_fonts=True)
    return torn(pdf, pages(pdf), {NOTE.replace(" ", "")}, CAPTIONS)


@pytest.mark.parametrize("name", FINE)
def test_what_stands_together_passes(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, FINE[name]) == []


@pytest.mark.parametrize("name", TORN)
def test_what_is_torn_is_found(tmp_path: Path, name: str) -> None:
    body, expected = TORN[name]
    (line,) = found(tmp_path, body)
    assert line.startswith(expected)


def test_a_link_to_a_missing_id_is_found_once() -> None:
    page = '<a href="#a">x</a><a href="#b">y</a><a href="#b">z</a><p id="a"></p><a href="https://example.org/#c">w</a>'
    assert dead_links(Links(page)) == ["a link to a missing id, '#b'"]


def test_captions_are_read_whole() -> None:
    page = "<figure><figcaption><strong>Table 1.</strong> <em>All</em> models.</figcaption><p>Text</p></figure>"
    assert Links(page).captions == ["Table 1. All models."]
