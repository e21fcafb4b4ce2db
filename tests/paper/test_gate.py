"""The gate sees what no reader should see, and lets pass what is meant."""

from __future__ import annotations

import html
import re
import shutil
import time
from pathlib import Path

import pytest

from analysis.errors import UserError
from analysis.record import Column, Record, Table, read_json, write_json
from paper import gate
from paper.page import Page
from paper.render import render
from paper.shown import Shown, squeeze
from tests.paper.conftest import HERE, make_build

SEEN = (
    "See ?@fig-x.", "Table ??", "?var:x", "text {.val}", "{{< var x >}}", "(<strong>doe2019?</strong>)", "mean nan",
    "mean NAN", "mean −nan", "-nan", "an F1 of inf", "-inf to x", "NaT", "on {} flows", "on { flows } here",
    "value None", "np.float64(0.9)", "<td>NaN</td>", '<script src="https://example.org/a.js"></script>',
    '<link rel="stylesheet" href="//example.org/a.css">', '<img src="http://example.org/a.png" alt="x">',
    "<style>@import 'https://example.org/a.css'</style>", '<p style="background: url(https://example.org/a.png)">x</p>',
    "an F1 of {f1}", "{#tbl-x}", "{count:d} flows", "<code>{{< var x >}}</code>", '<img src="data:," alt="">',
)  # fmt: skip
PASSED = (
    "Who asked this? Nobody (really).", '<a href="https://example.org">link</a>', "<code>max_depth=None</code>",
    "None of these", "a finance word", "<code>np.nan</code>", '<img src="data:image/svg+xml;base64,AAA?" alt="x">',
    "<style>a { background: url(data:image/png;base64,AA) }</style>", "nan-free", "banana", "the set { }",
    "inf-luence", "Infiltration", "infinite", "a-nan", "none of them",
    "<code>inf {}</code>",
)  # fmt: skip
# What is a number typed by hand, and what is not.
TYPED = ("an F1 of 0.97", "13 attacks", "95% of them", "a drop of −3", "twice .5", "2x as fast", "in 2017",
         "<h2>The 10 features</h2>", "F1 of <em>0.9</em>", "<figcaption>All 15 types.</figcaption>",
         '<span class="val" data-key="data.flows">56,615</span>, not 57,000')  # fmt: skip
NAMED = ("CICIDS2017", "F1 and IPv4", "SHA-256", "CSE-CIC-IDS2018", "<code>0.97</code>",
         '<span class="citation">(Doe 2019)</span>', '<a href="#sec-x">Section 2.1</a>', "<math><mn>2</mn></math>",
         '<div id="refs">Doe (2019), pp. 12–19.</div>', '<span class="header-section-number">2.1</span> Data',
         '<p class="date">22 November 2026</p>', "Table 3. Caption", '<span class="equation-number">(1)</span>',
         '<span class="val" data-key="data.flows">56,615</span>',
         '<a href="https://example.org/2">link</a>', "ISO 8601",
         '<span class="set-aside">a fifth or 20%</span>')  # fmt: skip


@pytest.fixture
def shown() -> Shown:
    return Shown(values={"data.flows": {"56,615"}, "label": {"PortScan2"}}, cells={"0.919", "DoSHulk", "–", ""},
                 notes={"–:notcomputed.n=12."}, pictures={"Heatmapof15cells."})  # fmt: skip


def problems(text: str, shown: Shown) -> list[str]:
    return gate.check_page(Page(text), shown)


@pytest.mark.parametrize("text", SEEN)
def test_seen(text: str, shown: Shown) -> None:
    assert problems(f"<p>{text}</p>", shown)


@pytest.mark.parametrize("text", PASSED)
def test_passed(text: str, shown: Shown) -> None:
    assert problems(f"<p>{text}</p>", shown) == []


@pytest.mark.parametrize("text", TYPED)
def test_a_typed_number_is_seen(text: str, shown: Shown) -> None:
    (line,) = problems(f"<p>words before {text} words after</p>", shown)
    assert "a number that stands in no value and no table" in line
    assert "words before" in line


@pytest.mark.parametrize("text", NAMED)
def test_a_number_that_is_accounted_for_passes(text: str, shown: Shown) -> None:
    assert problems(f"<p>words before {text} words after</p>", shown) == []


def test_a_problem_is_shown_with_what_stands_around_it(shown: Shown) -> None:
    (line,) = problems("<p>The figure</p><p>is ?@fig-x in the text</p>", shown)
    assert line == "an unresolved reference, '?@fig-x', in '…The figure is ?@fig-x in the text…'"


def test_a_value_must_read_as_recorded(shown: Shown) -> None:
    (line,) = problems('<p><span class="val" data-key="data.flows">56,616</span></p>', shown)
    assert line == "the value 'data.flows' reads '56,616', but the record says '56,615'"
    (line,) = problems('<p><span class="val" data-key="data.flow">56,615</span></p>', shown)
    assert "not in the record, 'data.flow'" in line
    # A word joiner, which does not show, and a line break are no difference.
    assert problems('<p><span class="val" data-key="label">Port\u2060\nScan2</span></p>', shown) == []


def table(*cells: str, notes: str = "–: not computed. n = 12.") -> str:
    row = "".join(f"<td>{cell}</td>" for cell in cells)
    head = "<thead><tr><th>F1</th></tr></thead>"
    return (f'<div class="table-box"><table>{head}<tbody><tr>{row}</tr></tbody></table></div>'
            f'<div class="table-notes"><p>{notes}</p></div>')  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "notes", "found"),
    [
        (("DoS Hulk", "0.919", "–"), "–: not computed. n = 12.", None),
        (("DoS Hulk", "0.920"), "–: not computed. n = 12.", "a cell that stands in no table of the record, '0.920'"),
        (("DoS Hulk", ""), "–: not computed. n = 12.", "an empty cell without a reason"),
        (("", "0.919"), "–: not computed. n = 12.", "an empty cell without a reason"),
        (("DoS Hulk", "-"), "–: not computed. n = 12.", "a cell '-' that says nothing"),
        (("DoS Hulk", "—"), "–: not computed. n = 12.", "a cell '—' that says nothing"),
        (("DoS Hulk", "N/A"), "–: not computed. n = 12.", "a cell 'N/A' that says nothing"),
        (("DoS Hulk", " ? "), "–: not computed. n = 12.", "a cell '?' that says nothing"),
        (("DoS Hulk", "\u200b"), "–: not computed. n = 12.", "an empty cell without a reason"),
        (("DoS Hulk", "–"), "", "a cell '–' whose reason does not stand below"),
        (("DoS Hulk", "0.919"), "–: not computed. n = 13.", "notes below table 1 of the page that are not"),
    ],
)
def test_cells(cells: tuple[str, ...], notes: str, found: str | None, shown: Shown) -> None:
    lines = problems(table(*cells, notes=notes), shown)
    assert (found is None and not lines) or (found and [line for line in lines if found in line])


@pytest.mark.parametrize(
    ("name", "cell", "notes", "found"),
    [
        ("one", "0.919", "", None),
        ("one", "0.5", "n = 2.", None),
        ("two", "0.8", "n = 3.", None),
        ("one", "0.8", "", "a cell that does not stand in the table 'one' of the record, '0.8', in table 1"),
        ("one", "yes", "", "a cell that does not stand in the table 'one' of the record, 'yes'"),
        ("one", "0.5", "n = 3.", "notes below table 1 of the page that are not the table's own"),
        ("", "0.8", "n = 3.", None),
        ("", "0.7", "", "a cell that stands in no table of the record, '0.7'"),
    ],
)
def test_cells_and_notes_are_those_of_the_same_table(name: str, cell: str, notes: str, found: str | None) -> None:
    shown = Shown()
    for title, cells, note in (("one", ("0.919", "0.5"), "n = 2."), ("two", ("0.8", "yes"), "n = 3.")):
        rows = [{"cells": [{"text": text, "value": text}]} for text in cells]
        shown._add_table({"name": title, "columns": [{"key": "f1"}], "rows": rows, "notes": [note]})
    html = table(cell, notes=notes).replace('"table-box"', f'"table-box" data-from="{name}"')
    lines = problems(html, shown)
    assert (found is None and not lines) or (found and lines[0].startswith(found))


def test_a_label_that_looks_like_nothing_is_a_name(shown: Shown) -> None:
    shown.names.add("?")
    assert problems(table("?", "0.919"), shown) == []


def test_a_page_tells_which_table_of_the_record_it_shows(rendered: Path) -> None:
    page = Page((rendered / "paper.html").read_text(encoding="utf-8"))
    assert [table.name for table in page.tables if table.name]
    assert {table.name for table in page.tables} - {""} <= Shown.load(rendered).cells_of.keys()


def test_a_blank_first_cell_repeats_the_one_above(shown: Shown) -> None:
    rows = "<tr><td>DoS Hulk</td><td>0.919</td></tr><tr><td></td><td>0.919</td></tr>"
    assert problems(f'<div class="table-box"><table><tbody>{rows}</tbody></table></div>', shown) == []


def test_alternative_texts_are_the_figures_own(shown: Shown) -> None:
    assert problems('<img src="data:," alt="Heatmap of 15 cells.">', shown) == []
    assert len(problems('<img src="data:," alt="Heatmap of 16 cells.">', shown)) == 1


def test_names_in_users_data_may_look_like_anything() -> None:
    record = Record("x", "d")
    name = "{x} ?? nan {.val}"
    columns = [Column("label", "Type"), Column("mean", "Mean")]
    made = record.table("t", "T", columns, [{"label": name, "mean": Table.cell(1.5, "fixed:1")}])
    shown = Shown()
    shown._add_table(made.to_json())
    page = table(name, "1.5", notes="") + f"<p>{name} is a label</p>"
    assert problems(page, shown) == []
    assert len(problems(page + "<p>a mean of nan</p>", shown)) == 1
    assert gate.check_pages([f"{{x}} ??\nnan {{.val}} is a label, {name}"], Page(page), shown) == []


@pytest.mark.parametrize("column", ["study", "place", "reference"])
def test_what_a_study_is_called_and_where_its_claims_stand_may_look_like_anything(column: str) -> None:
    name = "Smith {{x}} nan {.val}"
    made = Record("x", "d").table("studies", "T", [Column(column, "Study")], [{column: name}])
    shown = Shown()
    shown._add_table(made.to_json())
    assert problems(f"<p>{name} is a study</p>", shown) == []
    assert len(problems("<p>Jones {{x}} is none</p>", shown)) == 1


def test_a_title_may_hold_braces(tmp_path: Path) -> None:
    record = Record("gather", "d")
    record.value("paper.title", "Flows {z}", "text", "title of the paper")
    record.value("paper.authors", ["A. {One}", "Nan"], "list", "authors of the paper")
    entries = {key: one.to_json() for key, one in record.values.items()}
    write_json(tmp_path / "record" / "values.json", {"values": entries})
    shown = Shown.load(tmp_path)
    assert gate.check_page(Page("<p>Flows {z}, by A. {One}</p>"), shown) == []
    assert "'{y}'" in gate.check_page(Page("<p>Flows {y}</p>"), shown)[0]


def test_unused_columns_may_look_like_anything(rendered: Path, tmp_path: Path) -> None:
    """Their names stand within sentences of two tables; a bare word of them is found everywhere else."""
    staged = tmp_path / "staged"
    shutil.copytree(rendered / "record", staged / "record")
    names = ["nan", "None", "Unnamed: 0", "{{< x >}}", "[k]{.val}"]
    record = Record("x", "d")
    record.value("defects.unused_columns", names, "list", "columns that are not used")
    values = read_json(staged / "record" / "values.json")
    values["values"]["defects.unused_columns"] = record.values["defects.unused_columns"].to_json()
    write_json(staged / "record" / "values.json", values)
    sentence = f"columns that are not used: {', '.join(names)}"
    notes = record.table("input_notes", "T", [Column("note", "Remark")], [{"note": f"one.csv: {sentence}"}])
    write_json(staged / "record" / "tables" / "input_notes.json", notes.to_json())
    quirks = record.table("file_quirks", "T", [Column("name", "File"), Column("quirks", "What")],
                          [{"name": "one.csv", "quirks": sentence}])  # fmt: skip
    write_json(staged / "record" / "tables" / "file_quirks.json", quirks.to_json())
    shown = Shown.load(staged)
    page = "".join(table(html.escape(cell), notes="") for cell in (f"one.csv: {sentence}", sentence))
    assert problems(page, shown) == []
    assert len(problems(page + "<p>a mean of nan</p>", shown)) == 1
    assert gate.check_pages([f"one.csv: columns that are not-\nused: {', '.join(names)}"], Page(page), shown) == []


def test_pdf_beside_the_page(shown: Shown) -> None:
    page = Page('<p>On <span class="val">56,615</span> flows, doi:10.1145/319709.319710 and n = 0.05</p>')
    fine = "1 On 56,615 flows, doi:10.1145/319709.\n319710 and n = 0.05\n1CICIDS2017, rebuilt"
    assert gate.check_pages([fine], page, shown) == []
    (line,) = gate.check_pages(["On 56,615 flows", "of which 0.97 are attacks"], page, shown)
    assert line.startswith("page 2: a number that the page in HTML does not have, '0.97', in '…of which 0.97 are")
    for raw in ("nan", "NAN", "−nan", "inf", "NaT", "None", "np.float64", "{}", "{ x }"):
        (line,) = gate.check_pages([f"a mean of\n{raw} here"], page, shown)
        assert line.startswith("page 1: ")
        assert raw in line
    # Code looks like all else, and words that break at the end of a line go on.
    code = Page("<p><code>max_depth None</code></p>")
    fine = "max_depth None and inf\ufffeluence, fi\ufffenan\ufffeces, None of them, Infiltration, none"
    assert gate.check_pages([fine], code, shown) == []
    (line,) = gate.check_pages(["see ?@fig-x"], page, shown)
    assert line.startswith("page 1: an unresolved reference")


def test_page_numbers_of_printed_contents_are_no_results(shown: Shown) -> None:
    rest = [""] * 17
    contents = "1 Introduction . . . . . . . . 3\n2 Methods . . . . . . . . . . . . . 18"
    page = Page("<h1>1 Introduction</h1><h1>2 Methods</h1>")
    assert not [line for line in gate.check_pages([contents, *rest], page, shown) if "'3'" in line or "'18'" in line]
    assert [line for line in gate.check_pages([f"{contents[:-2]}19", *rest], page, shown) if "'19'" in line]
    assert [line for line in gate.check_pages(["an F1 of... 18", *rest], page, shown) if "'18'" in line]


def test_a_number_typed_into_the_manuscript_is_found_in_both_papers(build: Path, demo: Path) -> None:
    text = demo.read_text(encoding="utf-8")
    demo.write_text(f"{text}\n\n# Last\n\nThe forest has an F1 of 0.973 here.\n", encoding="utf-8")
    with pytest.raises(UserError) as error:
        render(build, "pandoc", demo, HERE / "demo.bib")
    lines = str(error.value).splitlines()
    assert any("paper.html: a number that stands in no value and no table, '0.973'" in line for line in lines)
    assert not (build / "paper" / "paper.html").exists()


def test_a_record_that_changed_after_rendering_is_found(rendered: Path, tmp_path: Path) -> None:
    staged = make_build(tmp_path / "other")
    for name in ("values.json", "tables"):
        (staged / "record").mkdir(exist_ok=True)
        (staged / name).rename(staged / "record" / name)
    entry = (staged / "record/values.json").read_text(encoding="utf-8")
    (staged / "record/values.json").write_text(entry.replace("0.919", "0.929"), encoding="utf-8")
    found = gate.check(rendered / "paper.html", rendered / "paper.pdf", staged)
    assert any(re.search(r"the value 'binary\.random_forest\.f1' reads '0\.919'", line) for line in found)


def test_it_is_quick(rendered: Path) -> None:
    start = time.process_time()
    assert gate.check(rendered / "paper.html", rendered / "paper.pdf", rendered) == []
    assert time.process_time() - start < 2


def test_squeeze() -> None:
    assert squeeze("a \u2060b\u202fc\xadd\u200be\n") == "abcde"


def test_the_record_is_read_whole(rendered: Path) -> None:
    shown = Shown.load(rendered)
    assert "56,615" in shown.values["data.flows"]
    assert "0.919" in shown.cells
    assert shown.pictures == {"Heatmapof15by15cells."}
