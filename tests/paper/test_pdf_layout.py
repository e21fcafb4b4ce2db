"""How the PDF breaks into pages, wherever a table or figure happens to stand."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import typst

from analysis.audit.pdf import pages
from analysis.record import Column, Record, Table
from paper import layout, pandoc
from paper.chapters import assemble
from paper.pandoc import COMMON, TYPST
from paper.stage import stage

from .conftest import HERE, make_build, own_values

BODY = """
# Main {#sec-main}

Text before.

```{=typst}
#v(3 * PLACE)
```

::: {#tbl-short from="short"}
A short table.
:::

![Fifteen classes.](figures/heatmap.svg){#fig-heatmap}

```{=typst}
#lorem(700)
```

# References {.unnumbered}

# Appendix {.appendix}

```{=typst}
#v(PLACE)
```

::: {#tbl-few from="few"}
A table of ten rows.
:::

::: {#tbl-many from="many" compact=true}
A long table.
:::
"""
REASON = "not computed, for a reason that takes some words to tell, so that it stands below as a note"


FIGURE = """
# Main {#sec-main}

```{=typst}
#lorem(PLACE)
```

![Fifteen classes.](figures/heatmap.svg){#fig-heatmap}

## Next

```{=typst}
#lorem(300)
```

# Last

```{=typst}
#lorem(300)
```
"""


def written(build: Path, body: str) -> Path:
    """A manuscript with this body, with tables of both lengths in its record, as Typst gets it."""
    make_build(build, synthetic=False)
    record = Record("tests.layout", "flows")
    columns = [Column("name", "Name", align="left"), Column("n", "N", "integer")]
    for name, rows in (("short", 12), ("few", 10), ("many", 44)):
        entries = [{"name": f"{name} {i}", "n": Table.cell(None, "integer", reason=REASON)} for i in range(rows)]
        record.table(name, name, columns, entries)
    made = [build / "tables" / f"{name}.json" for name in record.tables]
    record.write(build / "unused.json", made)
    manuscript = build / "layout.qmd"
    manuscript.write_text(f"---\ntitle: Layout\nauthor: [{{name: A}}]\ndate: 2026-01-31\n---\n{body}", encoding="utf-8")
    staged = stage(build, build / "paper", assemble(manuscript), HERE / "demo.bib", own_values(None))
    command = [str(pandoc.executable()), staged.name, *COMMON, *TYPST, "--output=layout.typ"]
    subprocess.run(command, cwd=staged.parent, check=True)
    return staged.with_name("layout.typ")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PLACE stands for how far down tables begin."""
    return written(tmp_path_factory.mktemp("layout"), BODY)


@pytest.fixture(scope="module")
def with_figure(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PLACE stands for the number of words before a figure at the end of a section."""
    return written(tmp_path_factory.mktemp("figure"), FIGURE)


def typeset(source: Path, place: str) -> Path:
    here, pdf = source.with_name("here.typ"), source.with_name("here.pdf")
    here.write_text(source.read_text(encoding="utf-8").replace("PLACE", place), encoding="utf-8")
    _, warnings = typst.compile_with_warnings(here, output=pdf, ignore_system_fonts=True, pdf_standards="ua-1")
    assert [one.message for one in warnings if "converge" in one.message or "stabilize" in one.message] == []
    return pdf


@pytest.fixture(scope="module")
def with_figures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PLACE stands for the number of words before two figures, which wait for their pages where a chapter ends."""
    picture = "![Fifteen classes.](figures/heatmap.svg){#fig-heatmap}\n"
    both = picture + "\n" + picture.replace("#fig-heatmap", "#fig-again")
    return written(tmp_path_factory.mktemp("figures"), FIGURE.replace(picture, both).replace("## Next", "# Next"))


@pytest.mark.parametrize("words", range(200, 620, 20))
def test_the_pages_settle_wherever_a_chapter_ends(with_figures: Path, words: int) -> None:
    """Whether what waits is placed before a heading moves the heading, which may not change the answer."""
    text = " ".join("\n".join(pages(typeset(with_figures, str(words)))).split())
    assert text.index("Figure 1. Fifteen") < text.index("Figure 2. Fifteen")


@pytest.mark.parametrize("place", range(0, 68, 4))
def test_wherever_a_table_stands_nothing_of_it_is_alone(source: Path, place: int) -> None:
    pdf = typeset(source, f"{place}mm")
    texts = pages(pdf)
    captions = ["Table 1. A short table.", "Table 2. A table of ten rows.", "Table 3. A long table."]
    assert layout.torn(pdf, texts, {f"–:{REASON}."}, captions) == []
    for name, n, whole in (("short", 12, True), ("few", 10, True), ("many", 44, False)):
        rows = [len(re.findall(rf"^{name} \d+", text, re.MULTILINE)) for text in texts]
        assert sum(rows) == n
        assert sum(count > 0 for count in rows) == 1 if whole else all(count == 0 or count >= 3 for count in rows)
        assert REASON[:30] in " ".join(texts[max(n for n, count in enumerate(rows) if count)].split())


@pytest.mark.parametrize("words", [*range(200, 600, 80), 500])
def test_a_figure_that_does_not_fit_leaves_no_gap_that_a_heading_could_fill(with_figure: Path, words: int) -> None:
    foot, heading = 26 / 25.4 * 72, 28 / 25.4 * 72
    with pypdfium2.PdfDocument(typeset(with_figure, str(words))) as document:
        for number in range(len(document) - 1):
            letters = document[number].get_textpage()
            bottoms = [letters.get_charbox(i)[1] for i in range(letters.count_chars())]
            assert min(bottom for bottom in bottoms if bottom > foot - 10) < foot + heading


def test_tables_of_the_main_text_are_set_at_eight_and_a_half_points(rendered: Path) -> None:
    """Also one with so many columns that it was set smaller."""
    sizes = {}
    with pypdfium2.PdfDocument(rendered / "paper.pdf") as document:
        for page in document:
            letters = page.get_textpage()
            for text in ("Bwd Packet Length Mean", "gradient_boosting", "–: not computed", "metric_1"):
                # The list of values at the end names them once more.
                if text not in sizes and (place := letters.search(text, match_case=True).get_next()):
                    sizes[text] = round(pdfium.FPDFText_GetFontSize(letters, place[0]), 2)
    assert min(sizes[text] for text in sizes if text != "metric_1") >= 8.5
    assert sizes["metric_1"] == 8  # in an appendix, set compact


def test_the_chapters_are_listed_on_the_first_page(rendered: Path) -> None:
    first = pages(rendered / "paper.pdf")[0]
    listed = " ".join(first.split("Contents")[1].split("Introduction", 2)[1].split())
    assert re.match(r"[. ]*1 2 Methods[. ]*\d 3 Results[. ]*\d References[. ]*\d A Definitions", listed)
