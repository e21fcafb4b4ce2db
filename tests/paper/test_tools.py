"""What the page does with tables, figures and references in a browser, and that nothing of it moves the text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis.record import Table
from tests.paper.chromium import Chromium, needed

pytestmark = needed()

# The files that the page makes are caught where they would be saved.
CATCH = """window.saved = []; window.making = [];
  URL.createObjectURL = blob => { making.push(blob.arrayBuffer().then(b => new TextDecoder().decode(b))); return "#"; };
  HTMLAnchorElement.prototype.click = function () { saved.push(this.download); };"""
SAVED = "Promise.all(making).then(texts => texts.map((text, i) => [saved[i], text]))"
COLUMN = """[...document.querySelectorAll('#tbl-long tbody tr')].map(row => row.cells[%d].textContent).slice(0, 3)"""
LATER = "new Promise(done => setTimeout(done, %d))"
REACHED = "document.querySelectorAll('.preview :is([id], [tabindex], [href], button)').length"
# Where everything stands, with what the scripts add and without it.
MOVED = """(() => {
  const places = () => [...document.querySelectorAll('main :is(p, figure, h1, h2, td, th), nav#TOC a')]
    .map(one => one.getBoundingClientRect()).map(box => [box.x, box.y, box.width, box.height].join());
  const before = places();
  document.querySelectorAll('.tools, .search-open').forEach(one => one.remove());
  document.querySelectorAll('.sorts').forEach(one => one.replaceWith(...one.childNodes));
  return places().filter((place, i) => place !== before[i]).length; })()"""


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def browser(started: Chromium, rendered: Path) -> Chromium:
    started.open(rendered / "paper.html", 1200)
    return started


def test_a_table_sorts_by_number_and_back(browser: Chromium) -> None:
    click = "document.querySelectorAll('#tbl-long .sorts')[2].click()"
    sort = "document.querySelectorAll('#tbl-long th')[2].getAttribute('aria-sort')"
    before = browser.value(COLUMN % 2)
    found = []
    for _ in range(3):
        browser.value(click)
        found.append((browser.value(sort), browser.value(COLUMN % 2)))
    assert before == ["0", "1,000", "2,000"]
    assert found == [("ascending", before), ("descending", ["59,000", "58,000", "57,000"]), (None, before)]
    # As text, with the numbers in it as numbers; one column at a time is sorted by.
    for _ in range(2):
        browser.value("document.querySelectorAll('#tbl-long .sorts')[0].click()")
    assert browser.value(COLUMN % 0) == ["metric_59", "metric_58", "metric_57"]
    assert browser.value("document.querySelectorAll('#tbl-long [aria-sort]').length") == 1


def test_signs_exponents_and_empty_cells_sort_as_numbers(browser: Chromium) -> None:
    shown = ["–", "1.5×10⁻⁵", "−2", "<\u202f0.001", "12.5%", "0.9 [0.8, 0.95]", "1,024"]
    rows = "".join(f"<tr><th>{i}</th><td>{text}</td></tr>" for i, text in enumerate(shown))
    browser.value(f"document.querySelector('#tbl-models tbody').innerHTML = {json.dumps(rows)}")
    order = "[...document.querySelectorAll('#tbl-models tbody th')].map(one => Number(one.textContent))"
    click = "document.querySelectorAll('#tbl-models .sorts')[1].click()"
    browser.value(click)
    assert browser.value(order) == [2, 1, 3, 5, 4, 6, 0]
    browser.value(click)
    assert browser.value(order) == [6, 4, 5, 3, 1, 2, 0]


def test_a_table_is_saved_as_it_is_shown(browser: Chromium, rendered: Path) -> None:
    browser.value(CATCH)
    for place in range(3):
        browser.value(f"document.querySelectorAll('#tbl-models .tools button')[{place}].click()")
    files: dict[str, str] = dict(browser.value(SAVED))
    assert list(files) == ["models.csv", "models.tex", "models.md"]
    table = Table.from_json(json.loads((rendered / "record" / "tables" / "binary_models.json").read_text("utf-8")))
    cells = [[" ".join(cell.text.split()) for cell in row.cells] for row in table.rows]
    read = list(csv.reader(io.StringIO(files["models.csv"])))
    assert read[0] == [*(column.title for column in table.columns), "Data"]
    assert [row[:-1] for row in read[1:]] == cells
    assert {row[-1] for row in read[1:]} == {"Synthetic twin."}
    # The rows read as in the files of the build.
    best = table.rows[0]
    tex = next(line for line in files["models.tex"].splitlines() if "textbf" in line)
    assert (
        tex
        == " & ".join(f"\\textbf{{{c.text}}}" if c.strong else c.text.replace("_", r"\_") for c in best.cells) + r" \\"
    )
    assert files["models.tex"].splitlines()[2] == r"\begin{tabular}{lrrrr}"
    assert "% –: not computed in this demonstration." in files["models.tex"]
    lines = files["models.md"].splitlines()
    assert lines[1] == "|:--|--:|--:|--:|--:|"
    assert lines[2].startswith(r"| random\_forest | **0.919** |")
    assert "Synthetic twin." in lines[-2]


def test_a_figure_opens_large_and_is_saved_to_the_byte(browser: Chromium, rendered: Path) -> None:
    browser.value("document.querySelector('#fig-heatmap .tools button').focus()")
    browser.value("document.querySelector('#fig-heatmap .tools button').click()")
    assert browser.value("document.querySelector('dialog.large').open")
    named = "document.querySelector('dialog.large img').getAttribute('aria-label')"
    assert browser.value(named) == "Heatmap of 15 by 15 cells."
    browser.value("document.querySelector('dialog.large button').click()")
    # The place in the text is kept.
    assert browser.value("document.activeElement.textContent") == "Enlarge"
    browser.value(CATCH)
    browser.value("document.querySelectorAll('#fig-heatmap .tools button')[1].click()")
    ((name, text),) = browser.value(SAVED)
    assert (name, text) == ("heatmap.svg", (rendered / "figures" / "heatmap.svg").read_text("utf-8"))
    assert (
        browser.value("document.querySelector('#fig-heatmap .tools a').getAttribute('href')") == "figures/heatmap.png"
    )


def test_the_search_finds_headings_captions_and_keys(browser: Chromium) -> None:
    press = "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '/', bubbles: true }))"
    browser.value(press)
    assert browser.value("document.activeElement.id") == "search-words"

    def found(words: str) -> list[str]:
        look = f"field.value = {json.dumps(words)}; field.dispatchEvent(new Event('input'))"
        browser.value(f"(() => {{ const field = document.getElementById('search-words'); {look}; }})()")
        hits: list[str] = browser.value(
            "[...document.querySelectorAll('dialog.search li')].map(one => one.textContent)"
        )
        assert browser.value("document.querySelector('.search-status').textContent").startswith(f"{len(hits)} found")
        return hits

    assert any(hit.startswith("section") and "Methods" in hit for hit in found("methods"))
    assert any(hit.startswith("figure") and "Row-normalised" in hit for hit in found("confusion fifteen"))
    assert not any(hit.endswith("Source") for hit in found("four models ten features"))
    assert found("no such words") == []
    # A value with what it is, once, wherever it is shown first; headings come before, and captions after it.
    (key,) = found("data.prevalence")
    assert key == "value data.prevalence = 19.7%share of attacks"
    assert found("share of attacks") == [key]
    kinds = [hit.split()[0] for hit in found("f1")]
    assert kinds[0] == "value"
    assert "table" in kinds
    assert found("forest f1")[0].startswith("value binary.random_forest.f1 = 0.919")
    found("heatmap wide")
    found("methods")
    browser.value("document.querySelector('dialog.search li button').click()")
    assert not browser.value("document.querySelector('dialog.search').open")
    assert "Methods" in browser.value("document.activeElement.textContent")


@pytest.mark.parametrize(("width", "height"), [(390, 480), (1200, 844)])
def test_a_value_that_was_searched_opens_its_card_and_the_focus_returns_to_it(
    started: Chromium, rendered: Path, width: int, height: int
) -> None:
    browser = started
    browser.open(rendered / "paper.html", width, height=height)
    browser.value("document.querySelector('.search-open').click()")
    browser.value("""(() => { const field = document.getElementById('search-words'); field.value = 'data.prevalence';
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' })); })()""")
    assert browser.value("document.querySelector('#card:popover-open h2').textContent") == "19.7%"
    number, card = (
        browser.value(f"(box => [box.top, box.bottom])(document.querySelector('{one}').getBoundingClientRect())")
        for one in ("a.val[aria-expanded]", "#card")
    )
    assert number[0] >= 0
    assert number[1] <= card[0] or card[1] <= number[0]
    browser.value("document.getElementById('card').hidePopover()")
    browser.value(LATER % 100)
    assert browser.value("document.activeElement.dataset.key") == "data.prevalence"


def test_a_reference_shows_what_it_leads_to_and_goes_with_escape(browser: Chromium) -> None:
    open_box = "document.querySelector('.preview').matches(':popover-open')"
    point = """document.querySelector('main a[href="#%s"]').dispatchEvent(
      new PointerEvent('pointerenter', { pointerType: '%s' }))"""
    browser.value(point % ("tbl-models", "touch"))
    browser.value(LATER % 400)
    assert not browser.value(open_box)
    for target, text in (
        ("tbl-models", "Four models"),
        ("sec-methods", "harmonic mean"),
        ("ref-doe2019", "Doe"),
        ("eq-f1", "(1)"),
    ):
        browser.value(point % (target, "mouse"))
        browser.value(LATER % 400)
        assert browser.value(open_box), target
        assert text in browser.value("document.querySelector('.preview').textContent")
        assert browser.value(REACHED) == 0
        browser.value("document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))")
        assert not browser.value(open_box)


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_of_it_moves_the_text_or_is_wider_than_the_screen(
    started: Chromium, rendered: Path, width: int, dark: bool
) -> None:
    started.open(rendered / "paper.html", width, dark=dark)
    assert started.value("document.scrollingElement.scrollWidth") == width
    for opener in ("#fig-heatmap .tools button", ".search-open"):
        started.value(f"document.querySelector({json.dumps(opener)}).click()")
        assert started.value("document.querySelector('dialog[open]').getBoundingClientRect().right") <= width
        started.value("document.querySelector('dialog[open]').close()")
    assert started.messages == []
    assert started.value(MOVED) == 0


def test_every_button_has_a_name_of_its_own(browser: Chromium) -> None:
    names: list[str] = browser.value(
        "[...document.querySelectorAll('.tools > *')].map(one => one.getAttribute('aria-label'))"
    )
    assert len(names) > 15
    assert len(set(names)) == len(names)
    assert all(name.startswith(("Save ", "Enlarge ")) for name in names)


def test_print_has_none_of_it(started: Chromium, rendered: Path) -> None:
    started.open(rendered / "paper.html", 1200, media="print")
    seen: list[Any] = started.value(
        "[...document.querySelectorAll('.tools, .search-open, dialog')].map(one => one.checkVisibility())"
    )
    assert seen
    assert not any(seen)
