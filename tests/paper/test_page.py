"""The page in HTML, beyond its text: its policy and description, its links, its tables, and its width on a phone."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pypdf import PdfReader

from paper import pandoc, width
from paper.chapters import assemble
from paper.page import Page
from tests.conftest import ROOT
from tests.paper.chromium import Chromium, needed

PHONE = 390


@pytest.fixture(scope="module")
def html(rendered: Path) -> str:
    return (rendered / "paper.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def described(html: str) -> dict[str, list[str]]:
    """Contents of the page's meta elements by name."""
    found: dict[str, list[str]] = {}
    for name, content in re.findall(r'<meta (?:name|http-equiv)="([^"]+)"\s+content="([^"]*)"', html):
        found.setdefault(name, []).append(" ".join(content.split()).replace("&#39;", "'"))
    return found


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("chromium")) as started:
        yield started


def test_the_policy_allows_the_page_its_own_script_and_nothing_from_elsewhere(
    html: str, described: dict[str, list[str]]
) -> None:
    (policy,) = described["Content-Security-Policy"]
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert not re.search(r"https?:|\*", policy)
    assert html.index("Content-Security-Policy") < html.index("<style")
    assert re.findall(r"<script\b([^>]*)>", html) == [' type="application/ld+json"', ""]


def test_search_engines_and_reference_managers_are_told_what_it_is(html: str, described: dict[str, list[str]]) -> None:
    title = "Detecting attacks in 56,615 invented flows"
    assert described["citation_title"] == [title]
    assert described["citation_author"] == ["A. Author", "B. Author"]
    assert described["citation_publication_date"] == ["2026/01/31"]
    assert described["citation_pdf_url"] == ["paper.pdf"]
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    entry = json.loads(data)
    assert (entry["@type"], entry["headline"], entry["datePublished"]) == ("ScholarlyArticle", title, "2026-01-31")
    assert [author["name"] for author in entry["author"]] == ["A. Author", "B. Author"]
    assert entry["isBasedOn"]["isBasedOn"]["name"] == "CICIDS2017"
    # Paragraphs of the abstract are told apart.
    assert "several lines. The data are synthetic" in entry["abstract"]


def test_a_link_leads_to_the_pdf_beside_the_page(html: str, rendered: Path) -> None:
    assert '<a href="paper.pdf" type="application/pdf">PDF</a>' in html
    assert (rendered / "paper.pdf").is_file()


def test_every_figure_and_table_has_a_link_to_itself(html: str) -> None:
    ids = re.findall(r'<figure[^>]* ?id="([^"]+)"', html)
    assert len(ids) == 6
    for name in ids:
        what = "figure" if name.startswith("fig") else "table"
        caption = html.split(f'id="{name}"')[1].split("<figcaption")[1].split("</figcaption>")[0]
        assert re.search(rf'<a\s+href="#{name}"\s+class="anchor"\s+aria-label="Link to this {what}">', caption), name


def test_every_head_of_a_table_says_what_it_is_the_head_of(html: str) -> None:
    for table in re.findall(r"<table.*?</table>", html, re.DOTALL):
        head, body = table.split("<tbody>")
        assert set(re.findall(r"<(t[hd])\b[^>]*?(?:scope=\"(\w+)\")?>", head)) == {("th", "col")}
        rows = [re.findall(r"<(t[hd])\b[^>]*?(?:scope=\"(\w+)\")?>", row) for row in body.split("</tr>")[:-1]]
        assert all(row[0] == ("th", "row") and set(row[1:]) == {("td", "")} for row in rows)


def test_the_head_of_a_row_is_a_cell_that_the_gate_reads() -> None:
    body = '<tbody><tr><th scope="row">forest</th><td>0.9</td></tr></tbody>'
    head = '<thead><tr><th scope="col">Model</th></tr></thead>'
    page = Page(f'<div class="table-box"><table>{head}{body}</table></div>')
    assert [(cell.text, cell.first_column) for cell in page.tables[0].cells] == [("forest", True), ("0.9", False)]


FITTING = """<style>body { overflow-wrap: anywhere } figure img { max-width: 100% } .table-box { overflow-x: auto }
.figure-box { overflow-x: auto } .figure-box img { min-width: 42rem }
pre { overflow-x: auto } math[display="block"] { overflow-x: auto } .phrases table { min-width: 38rem }
@media print { .table-box { overflow-x: visible } } @page { size: 210mm; @bottom-center { width: 90mm } }
@media (min-width: 80em) { nav { width: 60rem } }</style>"""
LONG = "<math><mrow>" + "<mi>T</mi><mi>P</mi><mo>+</mo>" * 8 + "</mrow></math>"


def test_a_page_that_fits_passes() -> None:
    assert (
        width.check(FITTING + "<p><math><mi>x</mi></math></p>" + LONG.replace("<math", '<math display="block"')) == []
    )


@pytest.mark.parametrize(
    ("page", "found"),
    [
        (FITTING + LONG, "a formula wider than a phone"),
        (FITTING.replace("anywhere", "normal"), "says normal where long words break"),
        (FITTING.replace("pre {", "post {"), "says nothing where code scrolls"),
        (FITTING.replace(".figure-box {", ".box {"), "says nothing where pictures scroll"),
        (FITTING.replace(".figure-box img {", "figure img {"), "a width of 42rem in a rule for 'figure img'"),
        (FITTING + "<style>figure img { max-width: none; }</style>", "says 100% and none where pictures shrink"),
        (FITTING + "<style>.equation { min-width: 40em; }</style>", "a width of 40em in a rule for '.equation'"),
        (FITTING + '<div class="x" style="width: 900px">x</div>', "a width of 900px in <div>"),
        ("<style>@media print { body { overflow-wrap: anywhere } }</style>", "says nothing where long words break"),
    ],
)  # fmt: skip
def test_what_is_wider_than_a_phone_is_found(page: str, found: str) -> None:
    assert found in "\n".join(width.check(page))


@needed()
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_is_no_wider_than_a_phone(browser: Chromium, rendered: Path, dark: bool) -> None:
    browser.open(rendered / "paper.html", PHONE, dark=dark)
    assert browser.value("document.scrollingElement.scrollWidth") == PHONE
    assert browser.messages == []
    # Nothing but tables and pictures scrolls, and formulas that are displayed.
    scrolling = """[...document.querySelectorAll("body *")].filter(e => e.scrollWidth > e.clientWidth + 1
      && ["auto", "scroll"].includes(getComputedStyle(e).overflowX)).map(e => e.className || e.localName)"""
    assert {name.split()[0] for name in browser.value(scrolling)} <= {"table-box", "figure-box", "math", "equation"}
    # Letters of a picture that is drawn for a page stay readable.
    assert min(browser.value('[...document.querySelectorAll("figure img")].map(e => e.clientWidth)')) >= 42 * 16


@needed()
def test_the_first_column_of_a_wide_table_stays(browser: Chromium, rendered: Path) -> None:
    browser.open(rendered / "paper.html", PHONE)
    place = """(() => { const box = document.querySelector("#tbl-wide .table-box"); box.scrollLeft = 200;
      return [box.scrollLeft, box.querySelector("tbody th").getBoundingClientRect().left
        - box.getBoundingClientRect().left]; })()"""
    assert browser.value(place) == [200, 0]


@needed()
def test_the_chapter_that_is_read_is_marked_in_the_contents(browser: Chromium, rendered: Path) -> None:
    browser.open(rendered / "paper.html", 1400)
    marked = """new Promise(done => { document.getElementById("sec-heading").scrollIntoView();
      setTimeout(() => done([...document.querySelectorAll("#TOC [aria-current], #TOC .current > a")]
        .map(e => e.hash)), 300); })"""
    assert browser.value(marked) == ["#sec-introduction", "#sec-heading"]


@needed()
def test_printed_pages_are_numbered(browser: Chromium, rendered: Path) -> None:
    if browser.version() < 131:
        pytest.skip("this Chromium prints no margin boxes")
    browser.open(rendered / "paper.html", 1400)
    pages = PdfReader(io.BytesIO(browser.printed())).pages
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in pages} == {(595, 842)}
    assert [str(n) in page.extract_text().split() for n, page in enumerate(pages, 1)] == [True] * len(pages)


@needed()
def test_an_estimate_of_a_formula_is_near_what_it_takes(browser: Chromium, tmp_path: Path) -> None:
    manuscript = assemble(ROOT / "paper" / "paper.qmd").text
    sources = re.findall(r"(?<!\$)\$[^$]+\$(?!\$)", manuscript)
    command = [str(pandoc.executable()), "--from=markdown", "--to=html5", "--mathml"]
    html = subprocess.run(command, input="\n\n".join(sources), capture_output=True, text=True, check=True).stdout
    (tmp_path / "page.html").write_text(f"<!DOCTYPE html><meta charset=utf-8>{html}", encoding="utf-8")
    browser.open(tmp_path / "page.html", 1400)
    real = browser.value("""[...document.querySelectorAll("math")].map(e =>
      e.getBoundingClientRect().width / parseFloat(getComputedStyle(e).fontSize))""")
    estimates = [width.em(ElementTree.fromstring(one)) for one in re.findall(r"<math\b.*?</math>", html, re.DOTALL)]
    assert len(real) > 20
    assert estimates == pytest.approx(real, rel=0.25, abs=2)
