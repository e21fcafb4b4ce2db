"""What Quarto is handed: nothing that it would set in its own way, and rules of its own that spoil nothing.

Quarto itself need not be there. Pandoc runs the filters as Quarto does, and Typst sets the result under the rules that
Quarto's template brings.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import typst

from paper import gate, pandoc
from paper.chapters import assemble
from paper.layout import Links
from paper.stage import stage

from .conftest import HERE, make_build, own_values

STAND_IN = HERE / "quarto"
Box = tuple[float, float, float, float]  # left, bottom, right, top, in points


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    build = make_build(tmp_path_factory.mktemp("quarto"))
    folder = stage(build, build / "paper", assemble(HERE / "demo.qmd"), HERE / "demo.bib", own_values("1.10.18")).parent
    for name in ("stand-in.lua", "base.typ", "floats.typ"):
        shutil.copy(STAND_IN / name, folder / name)
    return folder


def run(folder: Path, to: str, *options: str) -> str:
    command = [str(pandoc.executable()), "paper.qmd", "--from=markdown", f"--to={to}", "--lua-filter=stand-in.lua"]
    done = subprocess.run([*command, *options], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


REST = ("--standalone", "--citeproc", "--metadata=link-citations", "--number-sections")


@pytest.fixture(scope="module")
def html(staged: Path) -> str:
    page = ("--template=template.html", "--css=style.css", "--embed-resources", "--mathml", "--section-divs", "--toc")
    return run(staged, "html5", *REST, *page, "--toc-depth=2", "--syntax-highlighting=none")


@pytest.fixture(scope="module")
def pdf(staged: Path) -> Path:
    (staged / "paper.typ").write_text(run(staged, "typst", *REST, "--wrap=none", "--template=base.typ"))
    return typeset(staged / "paper.typ")


def typeset(source: Path, standard: str = "ua-1") -> Path:
    pdf = source.with_suffix(".pdf")
    typst.compile(source, output=pdf, root=source.parent, ignore_system_fonts=True, pdf_standards=standard)
    return pdf


def elements(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        if "t" in tree:
            yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for part in tree:
            yield from elements(part)


@pytest.mark.parametrize("to", ["html5", "typst"])
def test_nothing_is_left_that_quarto_would_set_in_its_own_way(staged: Path, to: str) -> None:
    # The tree itself is asked for, made for the format that is named.
    (staged / "tree.lua").write_text(
        "function Writer(doc, options) return pandoc.write(doc, 'json') end\nTemplate = ''\n"
    )
    shim = staged / f"{to}.lua"
    shim.write_text(f"FORMAT = '{to}'\n" + (staged / "stand-in.lua").read_text())
    command = [str(pandoc.executable()), "paper.qmd", "--from=markdown", "--to=tree.lua", f"--lua-filter={shim.name}"]
    done = subprocess.run(command, cwd=staged, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = list(elements(json.loads(done.stdout)["blocks"]))
    assert any(e["t"] == "Link" for e in found)
    for element in found:
        if element["t"] == "Cite":
            assert not any(re.match("(fig|tbl|eq|sec)-", cited["citationId"]) for cited in element["c"][0])
        if element["t"] in {"Div", "Figure", "Table"}:
            identifier, classes, _ = element["c"][0]
            assert not re.match("(fig|tbl)-", identifier)
            assert not any(name.startswith("callout") for name in classes)
        if element["t"] == "Str":
            assert "{#eq-" not in element["c"]


def test_the_page_is_the_same_as_pandocs(html: str, rendered: Path) -> None:
    def bare(text: str) -> str:
        text = re.sub(r'(?: data-fig-alt| fig-alt)="[^"]*"|<style.*?</style>', "", text, flags=re.DOTALL)
        text = re.sub(r'<meta name="(?:author|dcterms.date)"[^>]*>|<p class="date">.*?</p>', "", text)
        text = re.sub(r'<div id="v-build\..*?</div>', "", text, flags=re.DOTALL)
        return re.sub(r"\s+", " ", re.sub(r'data-key="build\.\w+">[^<]*', "", text))

    assert bare(html) == bare((rendered / "paper.html").read_text(encoding="utf-8"))


def test_the_notice_is_a_named_box_on_the_page(html: str) -> None:
    match = re.search(r'<div class="notice" role="note" aria-labelledby="([^"]+)">', html)
    assert match
    assert re.search(rf'<div id="{match[1]}" class="notice-title">\s*How to read this number\s*</div>', html)
    links = Links(html)
    assert set(links.targets) <= links.ids


def test_quartos_own_classes_outrank_no_rule_of_the_sheet() -> None:
    """Quarto's page brings a hanging indent for the references; the sheet's rule has to win wherever it stands."""
    sheet = (HERE.parents[1] / "paper" / "web" / "page.css").read_text(encoding="utf-8")
    (selector,) = re.findall(r"^([^{}/*]*\.csl-entry[^{},]*)\{", sheet, re.MULTILINE)

    def weight(text: str) -> tuple[int, int, int]:
        return (
            len(re.findall(r"#[\w-]+", text)),
            len(re.findall(r"\.[\w-]+", text)),
            len(re.findall(r"(?<![.#\w-])[a-z]+", text)),
        )

    assert weight(selector) > weight(".hanging-indent div.csl-entry")
    assert "margin:" in sheet.split(selector)[1].split("}")[0]


def boxes(pdf: Path, text: str) -> list[tuple[int, Box]]:
    """The pages on which a text stands, with the box of its first letter."""
    found = []
    with pypdfium2.PdfDocument(pdf) as document:
        for number, page in enumerate(document, 1):
            letters = page.get_textpage()
            search = letters.search(text, match_case=True)
            while place := search.get_next():
                found.append((number, letters.get_charbox(place[0])))
    return found


def test_terms_do_not_overlap_what_they_mean(pdf: Path) -> None:
    (page, term), *_ = boxes(pdf, "Glossary")
    (other, meaning), *_ = boxes(pdf, "A list of terms")
    assert page == other
    assert meaning[3] < term[1]
    assert meaning[0] > term[0] + 5


def test_notes_are_set_left_and_close_below_the_table(pdf: Path) -> None:
    (page, note), *_ = boxes(pdf, "–: not computed in this demonstration")
    (other, row), *_ = boxes(pdf, "logistic_regression")
    assert page == other
    assert 0 < row[1] - note[3] < 15
    assert note[0] < row[0] + 5


def test_references_hang_and_captions_are_labelled(pdf: Path) -> None:
    with pypdfium2.PdfDocument(pdf) as document:
        text = "\n".join(page.get_textpage().get_text_range() for page in document)
    text = text.replace("\u00a0", " ")
    assert "Figure 1. Row-normalised" in text
    assert "Table 1. Four models" in text
    assert text.count("Figure 1. ") == 1
    lines = text.split("References")[-1].splitlines()
    start, second = next((a, b) for a, b in pairwise(lines) if re.match(r"\w+, ", a))
    assert boxes(pdf, second.strip()[:20])[-1][1][0] > boxes(pdf, start.strip()[:12])[-1][1][0] + 5


def test_it_passes_the_gate(html: str, pdf: Path, staged: Path) -> None:
    (staged / "paper.html").write_text(html, encoding="utf-8")
    assert gate.check(staged / "paper.html", pdf, staged) == []


def test_floats_of_quartos_own_kinds_stay_whole(staged: Path) -> None:
    """A document in which Quarto does number and caption: the template knows its kinds."""
    base = (staged / "base.typ").read_text(encoding="utf-8").split("$typst-template")[0]
    template = (staged / "typst-template.typ").read_text(encoding="utf-8")
    source = staged / "own.typ"
    body = (staged / "floats.typ").read_text(encoding="utf-8")
    source.write_text(f"{base}\n{template}\n#show: doc => article(title: [Floats], doc)\n{body}", encoding="utf-8")
    pdf = typeset(source)
    (page, caption), *_ = boxes(pdf, "Figure 1. Fifteen classes.")
    (other, drawn), *_ = boxes(pdf, "class 14")
    assert page == other
    assert caption[3] < drawn[1]
    (page, caption), *_ = boxes(pdf, "Table 1. Fourteen models.")
    assert page == boxes(pdf, "model 0")[0][0] == boxes(pdf, "model 13")[0][0]
    assert caption[1] > boxes(pdf, "model 0")[0][1][3]
    with pypdfium2.PdfDocument(pdf) as document:
        letters = next(page.get_textpage() for page in document if "Skewness" in page.get_textpage().get_text_range())
        start, end = (letters.search(text).get_next()[0] for text in ("Skewness", "with its words"))
        formula = [letters.get_charbox(i) for i in range(start + len("Skewness"), end)]
        term = letters.get_charbox(start)
    # A line break has a place but no width.
    assert max(top for left, _, right, top in formula if right > left) < term[1]
