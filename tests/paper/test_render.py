"""The demonstration manuscript, rendered by Pandoc and Typst, holds what a reader expects of it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from pypdf import PdfReader

from analysis.errors import UserError
from analysis.record import read_json
from paper import gate, pandoc, quarto
from paper.front_matter import document_date
from paper.page import Page
from paper.render import render

from .conftest import HERE, make_build


@pytest.fixture(scope="module")
def html(rendered: Path) -> str:
    return re.sub(r"[ \n]+", " ", (rendered / "paper.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pdf(rendered: Path) -> PdfReader:
    return PdfReader(rendered / "paper.pdf")


@pytest.fixture(scope="module")
def pdf_text(pdf: PdfReader) -> str:
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pdf.pages))


def test_values_stand_in_title_heading_caption_cell_note_and_abstract(html: str, pdf_text: str) -> None:
    value = r'<span class="val" data-key="data.flows">56,615</span>'
    link = r'<a\s+href="#v-data.flows"\s+id="at-data.flows[-\d]*"\s+class="val"\s+data-key="data.flows">56,615</a>'
    for pattern in (rf'<h1 class="title">[^/]*{value}', rf"<h2[^>]*>.*{value}", rf"<td[^>]*>{link}</td>"):
        assert re.search(pattern, html), pattern
    assert "reaches an F1 of 0.919, or 91.9%" in pdf_text
    assert "Detecting attacks in 56,615 invented flows" in pdf_text
    assert "56,615 flows in fifteen" in pdf_text


def test_conditional_passages(html: str, pdf_text: str) -> None:
    for text in (html, pdf_text):
        assert "because the data are synthetic" in text
        assert "must never be seen" not in text
        assert "no.such.value" not in text


def test_a_table_is_data_escaped_with_its_best_cell_bold_and_its_reason_below(html: str) -> None:
    table = html.split('<figure id="tbl-models" class="table">')[1].split("</figure>")[0]
    assert "<figcaption>" in table.split("<table")[0]
    assert "Table\u00a01." in table
    assert re.search(r'<td style="text-align: right;"><strong>(<a [^>]*>)?0.919(</a>)?</strong></td>', table)
    assert 'aria-label="Table 1: Models &lt;b&gt;"' in table
    assert "–: not computed in this demonstration." in table
    assert table.count("<tr") == 1 + 4


def test_a_table_takes_columns_and_rows_in_the_order_asked(html: str) -> None:
    table = html.split('<figure id="tbl-subset"')[1].split("</figure>")[0]
    assert re.findall(r'<th[^>]*scope="col"[^>]*>([^<]+)</th>', table) == ["Model", "F1", "RECALL"]
    assert re.findall(r'<th[^>]*left[^>]*scope="row"[^>]*>([^<]+)</th>', table) == ["random_forest", "adaboost"]


def test_references_are_numbered_and_lead_to_their_targets(html: str, pdf_text: str) -> None:
    targets = {
        "tbl-models": "Table\u00a01", "tbl-wide": "Table\u00a04", "tbl-long": "Table\u00a05",
        "fig-heatmap": "Figure\u00a01",
        "eq-f1": "Equation\u00a0(1)", "sec-methods": "Section\u00a02", "sec-definitions": "Appendix\u00a0A",
        "sec-more": "Appendix\u00a0A.1",
    }  # fmt: skip
    for target, text in targets.items():
        assert f'<a href="#{target}">{text}</a>' in html, target
        assert re.search(rf'<(?:figure|section|span|div)[^>]* ?id="{target}"', html), target
        assert text.replace("\u00a0", " ") in pdf_text.replace("\u00a0", " ")
    assert len(set(re.findall(r' id="([^"]+)"', html))) == len(re.findall(r' id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(re.findall(r' id="([^"]+)"', html))


def test_captions_say_that_the_data_are_synthetic(html: str, tmp_path: Path) -> None:
    captions = re.findall(r"<figcaption[^>]*>(.*?)</figcaption>", html, re.DOTALL)
    assert len(captions) == 6
    assert all(
        re.sub("<[^>]+>", "", caption).strip().removesuffix(" Source").endswith("Synthetic twin.")
        for caption in captions
    )
    real, _ = render(make_build(tmp_path, synthetic=False), "pandoc", HERE / "demo.qmd", HERE / "demo.bib")
    assert "Synthetic twin" not in real.read_text(encoding="utf-8")


def test_a_quoted_title_may_end_in_a_digit(html: str, pdf_text: str) -> None:
    for text in (html, pdf_text):
        assert re.search("‘On the measurement of imaginary flows in 2018’", text, re.IGNORECASE)


def test_alternative_text_is_computed_in_both(html: str, pdf: PdfReader) -> None:
    assert re.search(r'<img[^>]*alt="Heatmap of 15 by 15 cells."', html)
    assert b"Heatmap of 15 by 15 cells." in b"".join(alternatives(pdf))


def alternatives(pdf: PdfReader) -> list[bytes]:
    """The /Alt entries of the PDF's structure tree."""
    found = []
    for number in range(1, len(pdf.xref_objStm) + len(pdf.xref.get(0, {})) + 1):
        item = pdf.get_object(number)
        if isinstance(item, dict) and "/Alt" in item:
            found.append(str(item["/Alt"]).encode())
    return found


def test_the_pdf_is_a4_tagged_and_described(pdf: PdfReader) -> None:
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in pdf.pages} == {(595, 842)}
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Detecting attacks in 56,615 invented flows"
    assert pdf.metadata.author == "A. Author, B. Author"
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"] is True or pdf.trailer["/Root"]["/MarkInfo"]["/Marked"].value
    assert pdf.trailer["/Root"]["/Lang"] == "en-GB"
    assert pdf.metadata.creation_date is not None
    assert pdf.metadata.creation_date.date().isoformat() == "2026-01-31"


def test_no_word_of_the_pdf_leaves_the_page(pdf: PdfReader) -> None:
    right = 595 - 20
    for page in pdf.pages:

        def visit(text: str, _cm: list, tm: list, _font: object, size: float) -> None:
            assert not text.strip() or tm[4] < right, text

        page.extract_text(visitor_text=visit)


def test_the_page_is_complete_in_itself(html: str) -> None:
    assert Page(html).fetched == []
    assert '<html lang="en-GB">' in html
    assert '<meta name="description" content="The best model reaches an F1 of 0.919' in html
    assert 'class="skip" href="#main"' in html
    assert "<math" in html


def test_both_pass_the_gate(rendered: Path) -> None:
    assert gate.check(rendered / "paper.html", rendered / "paper.pdf", rendered) == []


def test_the_colophon_names_the_renderer(html: str, rendered: Path) -> None:
    values = read_json(rendered / "record" / "values.json")["values"]
    assert re.fullmatch(r"Pandoc 3\.\S+ with Typst \S+", values["build.renderer"]["text"])
    assert values["build.renderer"]["text"] in re.sub("<[^>]+>", "", html)
    assert values["build.quarto"]["value"] is None


def test_two_renders_in_two_folders_are_identical(rendered: Path, build: Path) -> None:
    again = render(build, "pandoc", HERE / "demo.qmd", HERE / "demo.bib")
    assert [path.read_bytes() for path in again] == [(rendered / p.name).read_bytes() for p in again]


def test_a_failure_leaves_earlier_outputs_and_no_others(build: Path, demo: Path) -> None:
    folder = build / "paper"
    folder.mkdir()
    (folder / "paper.html").write_text("earlier")
    demo.write_text(demo.read_text().replace("`data.flows`{.val} flows, of which", "`data.flow`{.val} flows, of which"))
    with pytest.raises(UserError, match=r"paper\.qmd:\d+: unknown value 'data\.flow'"):
        render(build, "pandoc", demo, HERE / "demo.bib")
    assert (folder / "paper.html").read_text() == "earlier"
    assert not list(folder.glob("*.pdf"))
    assert not list(folder.glob(".new*"))


def test_an_output_that_does_not_pass_the_gate_is_not_published(build: Path, demo: Path) -> None:
    demo.write_text(demo.read_text() + "\nThe mean is nan, says np.mean.\n")
    with pytest.raises(UserError, match="nan") as error:
        render(build, "pandoc", demo, HERE / "demo.bib")
    assert "np.mean" in str(error.value)
    assert not (build / "paper" / "paper.html").exists()


def test_pages_that_do_not_settle_are_no_paper(build: Path, demo: Path) -> None:
    """Each pass of this makes one more mark than there was, so that no pass is the last."""
    endless = "\n```{=typst}\n#context for i in range(query(<mark>).len() + 1) [#metadata(i) <mark>]\n```\n"
    demo.write_text(demo.read_text() + endless)
    with pytest.raises(UserError, match=r"paper\.qmd: the pages of the PDF do not settle"):
        render(build, "pandoc", demo, HERE / "demo.bib")
    assert not (build / "paper" / "paper.pdf").exists()


def test_quarto_asked_for_and_absent(build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarto, "find", lambda: None)
    with pytest.raises(UserError, match="no working Quarto"):
        render(build, "quarto", HERE / "demo.qmd", HERE / "demo.bib")


@pytest.mark.parametrize(
    ("version", "asked"),
    [("1.8.27", ""), ("1.9.2", " --metadata pdf-standard:ua-1"), ("1.10.18", " --metadata pdf-standard:ua-1")],
)
def test_a_quarto_that_works_renders_in_one_call_and_both_outputs_are_taken(
    build: Path, tmp_path: Path, version: str, asked: str
) -> None:
    stub = tmp_path / "quarto"
    stub.write_text('#!/bin/sh\necho "$SOURCE_DATE_EPOCH $*" > paper.html; cat _quarto.yml > paper.pdf\n')
    stub.chmod(0o755)
    staged = build / "paper" / "paper.qmd"
    staged.parent.mkdir()
    shutil.copy(HERE / "demo.qmd", staged)
    (staged.parent / "_quarto.yml").write_text("project:")
    quarto.render(stub, version, staged, tmp_path / "a.html", tmp_path / "a.pdf", 86400)
    assert (tmp_path / "a.html").read_text() == f"86400 render paper.qmd --to html,typst{asked}\n"
    assert (tmp_path / "a.pdf").read_text() == "project:"
    assert sorted(path.name for path in staged.parent.iterdir()) == ["_quarto.yml", "paper.qmd"]


def test_a_date_that_moves_is_refused() -> None:
    with pytest.raises(UserError, match="a fixed day"):
        document_date("---\ntitle: x\ndate: today\n---\n", "paper.qmd")


def test_a_build_without_values_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no values\.json"):
        render(tmp_path, "pandoc", HERE / "demo.qmd", HERE / "demo.bib")


def test_only_the_bundled_pandoc_is_told_how_to_use_memory(tmp_path):
    assert pandoc.runtime(pandoc.demand())
    assert pandoc.runtime(tmp_path / "pandoc") == ()


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("kill -9 $$", r"Pandoc was killed \(SIGKILL\), most likely .* memory ran out"),
        ("echo 'hPutBuf: resource exhausted (No space left on device)' >&2; exit 1", "Pandoc found no room left"),
    ],
)
def test_a_renderer_that_the_system_stops_is_named(script, message, tmp_path, monkeypatch):
    program = tmp_path / "pandoc"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr("paper.pandoc.executable", lambda: program)
    with pytest.raises(UserError, match=message):
        pandoc._run(tmp_path / "paper.qmd", (), tmp_path / "paper.html")
