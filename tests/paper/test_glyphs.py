"""Names in any script: the PDF shows those that its fonts have and escapes the others; nothing stops the build."""

from __future__ import annotations

import ast
import re
import unicodedata
from pathlib import Path

import pytest
import typst
from pypdf import PdfReader

from analysis.record import display, read_json, write_json
from paper import pandoc
from paper.gate import check
from paper.render import render

from .conftest import HERE

SCRIPTS = {
    "流量.csv": r"\u6d41\u91cf.csv",
    "поток é.csv": "поток é.csv",
    "تدفق nan.csv": r"\u062a\u062f\u0641\u0642 nan.csv",
    "זרם.csv": r"\u05d6\u05e8\u05dd.csv",
    "😀 ?? 7.csv": r"\U0001f600 ?? 7.csv",
    "\N{LATIN SMALL LETTER E}\N{COMBINING ACUTE ACCENT} \u3000\u202e.csv": r"é \u3000\u202e.csv",
}


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build with a table of names, rendered."""
    from .conftest import make_build

    folder = make_build(tmp_path_factory.mktemp("names"))
    path = folder / "tables" / "long.json"
    table = read_json(path)
    table["columns"][0]["key"] = "file"
    for row, name in zip(table["rows"], SCRIPTS, strict=False):
        row["cells"][0] |= {"value": name, "text": name}
    write_json(path, table)
    manuscript = folder / "named.qmd"
    text = (HERE / "demo.qmd").read_text(encoding="utf-8").replace("[name=metric_3]", "[file=metric_20]")
    manuscript.write_text(text, encoding="utf-8")
    return render(folder, "pandoc", manuscript, HERE / "demo.bib")[0].parent


def squeezed(text: str) -> str:
    return unicodedata.normalize("NFC", re.sub(r"[\s\u200b\u2060]+", "", text))


def test_names_in_any_script_are_set(named: Path) -> None:
    shown = squeezed("".join(page.extract_text() for page in PdfReader(named / "paper.pdf").pages))
    page = squeezed((named / "paper.html").read_text(encoding="utf-8"))
    for name, escaped in SCRIPTS.items():
        assert squeezed(escaped) in shown, name
        assert squeezed(name) in page, name
    assert check(named / "paper.html", named / "paper.pdf", named) == []


def ranges() -> list[tuple[int, int]]:
    source = (Path(pandoc.__file__).parent / "filters/glyphs.lua").read_text(encoding="utf-8")
    return [(int(first, 16), int(last, 16)) for first, last in re.findall(r"\{ (0x\w+), (0x\w+) \}", source)]


def test_the_fonts_have_every_character_that_is_not_escaped(tmp_path: Path) -> None:
    letters = [chr(code) for first, last in ranges() for code in range(max(first, 0x20), last + 1) if code != 0x7F]
    source = tmp_path / "all.typ"
    words = " ".join(f"a\\u{{{ord(letter):x}}}" for letter in letters if letter.isprintable())
    source.write_text(f'#set document(title: "x")\n#set text(font: "Libertinus Serif", lang: "en")\n{words}')
    typst.compile(source, output=tmp_path / "all.pdf", ignore_system_fonts=True, pdf_standards="ua-1", timestamp=0)
    assert len(letters) > 2000


def test_what_numbers_are_written_with_is_not_escaped() -> None:
    source = ast.parse(Path(display.__file__).read_text(encoding="utf-8"))
    texts = [node.value for node in ast.walk(source) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    letters = {letter for text in texts for letter in text if not letter.isascii()}
    assert {"\N{NARROW NO-BREAK SPACE}", "\N{SUPERSCRIPT ZERO}", "\N{SUPERSCRIPT MINUS}"} <= letters
    missing = {letter for letter in letters if not any(first <= ord(letter) <= last for first, last in ranges())}
    assert missing == set()
