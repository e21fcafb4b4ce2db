"""The Word document says what the page says: values, headings, tables, pictures, citations; hostile text is text."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from analysis.errors import UserError
from analysis.record.files import BUILD
from paper import docx, pandoc

from .word import WORD, Document, Seen, squeeze

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)


def unnumbered(heading: str) -> str:
    """Without the number before it, and without the sign of its link."""
    return re.sub(r"^[\d.]+|#$", "", heading)


def results_of(staged: Path, folder: Path) -> Path:
    """What a build whose paper is ``staged`` publishes, as far as the document asks for it."""
    (folder / "figures").mkdir(parents=True)
    shutil.copy(staged / "record" / "values.json", folder)
    for figure in staged.glob("figures/*.svg"):
        (folder / "figures" / f"{figure.stem}.png").write_bytes(PIXEL)
    files = {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
             for p in folder.rglob("*") if p.is_file()}  # fmt: skip
    manifest = {"schema": BUILD, "identity": "synthetic twin", "settings": {}, "versions": {}, "files": files}
    (folder / "build.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def written(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Document, Seen]:
    top = tmp_path_factory.mktemp("word")
    docx.write(rendered, results_of(rendered, top / "results"), top / "a.docx")
    return Document(top / "a.docx"), Seen((rendered / "paper.html").read_text(encoding="utf-8"))


def test_every_value_stands_in_it(written: tuple[Document, Seen]) -> None:
    document, page = written
    assert len(page.values) > 10
    assert [value for value in page.values if value not in document.text] == []


def test_headings_are_headings_and_in_order(written: tuple[Document, Seen]) -> None:
    document, page = written
    assert page.headings
    assert [unnumbered(heading) for heading in document.headings] == [unnumbered(heading) for heading in page.headings]


def test_tables_are_tables_with_their_captions(written: tuple[Document, Seen]) -> None:
    document, page = written
    assert document.tables == len(page.tables) + 1 > 2, "one more is the list of values, without a caption"
    for number in range(1, document.tables):
        assert f"Table{number}." in document.text


def test_figures_are_pictures_with_their_alternative_texts(written: tuple[Document, Seen]) -> None:
    document, page = written
    assert document.pictures == page.alts
    assert all(document.pictures)
    assert sum(name.endswith(".png") for name in document.files) == 1, "one picture, which stands there twice"
    assert "Figure1." in document.text


def test_citations_and_references_are_resolved(written: tuple[Document, Seen]) -> None:
    document, _ = written
    assert "Doe" in document.text
    assert not re.search(r"@(?:doe|moe|noe|fig-|tbl-|sec-|eq-)", document.text)
    assert "{.val" not in document.text


def test_the_same_paper_gives_the_same_bytes(rendered: Path, tmp_path: Path) -> None:
    results = results_of(rendered, tmp_path / "results")
    for name in ("a", "b"):
        docx.write(rendered, results, tmp_path / f"{name}.docx")
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()


def test_an_altered_figure_or_other_values_are_refused_and_nothing_is_written(rendered: Path, tmp_path: Path) -> None:
    results = results_of(rendered, tmp_path / "results")
    (results / "figures" / "heatmap.png").write_bytes(b"other")
    with pytest.raises(UserError, match=r"heatmap\.png was altered"):
        docx.write(rendered, results, tmp_path / "a.docx")
    shutil.rmtree(results)
    staged = Path(shutil.copytree(rendered, tmp_path / "staged"))
    values = json.loads((staged / "record" / "values.json").read_text(encoding="utf-8"))
    values["values"]["data.flows"]["text"] = "7"
    shutil.rmtree(staged / "record" / ".checksums")
    (staged / "record" / "values.json").write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(UserError, match=r"data\.flows differs"):
        docx.write(staged, results_of(rendered, results), tmp_path / "a.docx")
    assert not (tmp_path / "a.docx").exists()


def test_a_build_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="none: neither a folder of results"):
        docx.step("none")


@pytest.mark.parametrize(
    "text", ["</w:t><w:t>&amp;", "<script>alert(1)</script>", "`x`{=openxml}", "[a](file:///x)", "_x_ $y$ @z"]
)
def test_hostile_names_are_text(tmp_path: Path, text: str) -> None:
    from paper.chapters import assemble
    from paper.stage import stage
    from tests.paper.conftest import HERE, make_build, own_values

    build = make_build(tmp_path)
    values = json.loads((build / "values.json").read_text(encoding="utf-8"))
    values["values"]["data.flows"] |= {"value": text, "text": text, "display": "text"}
    (build / "values.json").write_text(json.dumps(values), encoding="utf-8")
    table = json.loads((build / "tables" / "binary_models.json").read_text(encoding="utf-8"))
    table["rows"][0]["cells"][0] |= {"value": text, "text": text}
    (build / "tables" / "binary_models.json").write_text(json.dumps(table), encoding="utf-8")
    manuscript = tmp_path / "x.qmd"
    head = "---\ntitle: Names\nauthor: [{name: A}]\ndate: 2026-01-31\n---\n"
    body = 'It is `data.flows`{.val}.\n\n::: {#tbl-x from="binary_models"}\nModels.\n:::\n'
    manuscript.write_text(f"{head}\n{body}", encoding="utf-8")
    staged = stage(build, build / "paper", assemble(manuscript), HERE / "demo.bib", own_values(None))
    pandoc.write_word(staged, staged.parent / "x.docx", 0)
    document = Document(staged.parent / "x.docx")
    assert document.text.count(squeeze(text)) == 2
    assert list(document.body.iter(f"{WORD}hyperlink")) == []
    subprocess.run(
        [str(pandoc.executable()), str(staged.parent / "x.docx"), "--to=plain"], check=True, capture_output=True
    )


def test_what_does_not_stand_leaves_no_spaces(tmp_path: Path) -> None:
    from paper.chapters import assemble
    from paper.stage import stage
    from tests.paper.conftest import HERE, make_build, own_values

    build, gone = make_build(tmp_path), '[Not here.]{when="not data.synthetic"}'
    manuscript = tmp_path / "x.qmd"
    head = "---\ntitle: Spaces\nauthor: [{name: A}]\ndate: 2026-01-31\n---\n"
    body = f"{gone} First {gone} *and {gone} second* {gone}\n\n- {gone} [An item {gone}]{{.caveat}} {gone}\n"
    manuscript.write_text(f"{head}\n{body}", encoding="utf-8")
    staged = stage(build, build / "paper", assemble(manuscript), HERE / "demo.bib", own_values(None))
    pandoc.write_word(staged, staged.parent / "x.docx", 0)
    paragraphs = [Document._text(one) for one in Document(staged.parent / "x.docx").body.iter(f"{WORD}p")]
    assert paragraphs[-2:] == ["First and second", "An item"]
