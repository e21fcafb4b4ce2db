"""What stands behind a number: its entry in the appendix of values, and the card that the page makes of it."""

from __future__ import annotations

import html as markup
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from analysis.citing.sentence import sentence
from paper.cards import cards, exact
from paper.render import render
from tests.paper.chromium import Chromium, needed
from tests.paper.conftest import HERE, make_build

ENTRY = re.compile(r'<div id="v-([^"]+)" data-key="([^"]+)">(.*?)</div>', re.DOTALL)


@pytest.fixture(scope="module")
def html(rendered: Path) -> str:
    return (rendered / "paper.html").read_text(encoding="utf-8")


def test_every_value_of_the_text_leads_to_its_entry_and_the_entry_back(html: str, rendered: Path) -> None:
    links = re.findall(r'<a\s+href="#v-([^"]+)"\s+id="([^"]+)"\s+class="val"\s+data-key="([^"]+)">', html)
    entries = {name: markup.unescape(key) for name, key, _ in ENTRY.findall(html)}
    assert {(name, markup.unescape(key)) for name, _, key in links} == set(entries.items())
    places = [place for _, place, _ in links]
    assert len(set(places)) == len(places) > 10
    assert set(re.findall(r'href="#(at-[^"]+)"', html)) == set(places)
    values = json.loads((rendered / "record" / "values.json").read_text(encoding="utf-8"))["values"]
    for _, key, text in ENTRY.findall(html):
        value = values[markup.unescape(key)]
        (shown,) = re.findall(r'<span data-f="exact">(.*?)</span>', text) or [""]
        assert markup.unescape(shown) == exact(value)
        assert markup.escape(value["definition"]) in text.replace("&#x27;", "'")


def test_a_cell_that_the_text_names_leads_to_the_same_entry(html: str) -> None:
    table = html.split('<figure id="tbl-wide"')[1].split("</figure>")[0]
    (name,) = re.findall(r'<a\s+href="#v-([^"]+)"', table)
    assert name == "wide-feature-bwd-packet-length-mean-.mean"
    assert f'<div id="v-{name}"' in html


def test_the_pdf_lists_the_values_with_their_pages(rendered: Path) -> None:
    reader = PdfReader(rendered / "paper.pdf")
    texts = [re.sub(r"\s+", " ", page.extract_text().replace("\u200b", "")) for page in reader.pages]
    (entry,) = re.findall(r"data\.prevalence: share of attacks; 0\.197\. p\. ([\d, ]+)", " ".join(texts))
    on = [number for number, text in enumerate(texts, 1) if "of which 19.7% are attacks" in text]
    assert [int(page) for page in entry.split(",")] == on
    targets = [str(link.get_object().get("/Dest") or link.get_object().get("/A")) for page in reader.pages
               for link in page.get("/Annots") or []]  # fmt: skip
    assert len(targets) > 20
    assert "tables/binary_models.csv" in " ".join(texts)


def test_a_paper_without_the_list_has_no_links_to_it(tmp_path: Path) -> None:
    text = (HERE / "demo.qmd").read_text(encoding="utf-8").replace("::: {#values-of-the-text}\n:::\n", "")
    (tmp_path / "paper.qmd").write_text(text, encoding="utf-8")
    page, _ = render(make_build(tmp_path / "build"), "pandoc", tmp_path / "paper.qmd", HERE / "demo.bib")
    assert "#v-" not in page.read_text(encoding="utf-8")


def test_words_of_users_are_text_wherever_they_stand(tmp_path: Path) -> None:
    build = make_build(tmp_path / "build")
    path = build / "values.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    hostile = '</span><script>alert(1)</script> "#panic()" & `code` \\ $x'
    values["values"]["data.flows"]["definition"] = hostile
    path.write_text(json.dumps(values), encoding="utf-8")
    page, pdf = render(build, "pandoc", HERE / "demo.qmd", HERE / "demo.bib")
    text = page.read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert '"#panic()"' in " ".join(one.extract_text() for one in PdfReader(pdf).pages)


@given(st.lists(st.text(st.sampled_from("ab.[]= '_"), min_size=1, max_size=6), unique=True, min_size=1))
def test_ids_are_unique_and_fit_for_links(keys: list[str]) -> None:
    entry = {"value": 1, "text": "1", "definition": "d", "unit": "1", "n": None, "origin": {}}
    values = {"values": dict.fromkeys(keys, entry), "steps": {}}
    told = cards(" ".join(f"`{key}`{{.val}}" for key in keys), values, Path("nowhere"), Path("nowhere"))["values"]
    ids = [card["id"] for card in told.values()]
    assert sorted(told) == sorted(keys)
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9_.-]*", name) for name in ids)


def test_an_id_does_not_depend_on_how_many_other_keys_there_are() -> None:
    entry = {"value": 1, "text": "1", "definition": "d", "unit": "1", "n": None, "origin": {}}
    ids = []
    for others in ([], ["a.first", "a.second"]):
        keys = [*others, "t[x=a b].c", "t[x=a-b].c"]
        text = " ".join(f"`{key}`{{.val}}" for key in keys)
        told = cards(text, {"values": dict.fromkeys(keys, entry)}, Path("nowhere"), Path("nowhere"))["values"]
        ids.append([told[key]["id"] for key in keys[-2:]])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(1, "flows", "flow"), (2, "flows", "flows"), (1, "queries", "query"), (1.0, "seconds", "seconds"), (1, "1", ""),
     (None, "flows", "")],
)  # fmt: skip
def test_one_flow_is_no_flows(value: float | None, unit: str, said: str) -> None:
    entry = {"value": value, "text": "x", "definition": "d", "unit": unit, "n": None, "origin": {}, "reason": None}
    told = cards("`a`{.val}", {"values": {"a": entry}}, Path("nowhere"), Path("nowhere"))["values"]
    assert told["a"]["unit"] == said


def test_the_citation_of_a_card_is_the_sentence_of_the_command() -> None:
    origin = {"origin": {"step": "binary_report"}, "unit": "fraction", "n": 398, "reason": None, "definition": "F1"}
    entry = origin | {"value": 0.5, "text": "0.500", "display": "fixed:3"}
    words = {key: {"text": key, "value": key} for key in ("data.origin", "versions.flowpaper", "build.name", "build.id",
             "release.typed", "settings.split.ratio", "settings.seed")}  # fmt: skip
    record = {"synthetic": False, "values": {"binary.f1": entry} | words}
    told = cards("`binary.f1`{.val}", record, Path("nowhere"), Path("nowhere"))["values"]["binary.f1"]
    assert told["cite"] == sentence("binary.f1", record, "build.name", "build.id")
    assert "0.500; computed from n = 398 on one random split" in told["cite"]
    assert told["condition"].startswith("one random split settings.split.ratio within each ")
    assert (told["data"], told["level"]) == ("", "")
    record["values"]["source.f1"] = entry | {"origin": {"step": "source_study"}}
    told = cards("`source.f1`{.val}", record, Path("nowhere"), Path("nowhere"))["values"]["source.f1"]
    assert (told["condition"], told["data"]) == ("", "printed by the source study, not measured here")
    record["values"]["binary.f1"] = entry | {"low": 0.4, "high": 0.6, "interval": "Wilson"}
    told = cards("`binary.f1`{.val}", record, Path("nowhere"), Path("nowhere"))["values"]["binary.f1"]
    assert told["level"] == "95%"
    assert "95% interval 0.400 to 0.600" in told["cite"]
    record["values"]["binary.f1"] = entry | {"value": None, "text": "no flows", "reason": "no flows"}
    told = cards("`binary.f1`{.val}", record, Path("nowhere"), Path("nowhere"))["values"]["binary.f1"]
    assert (told["exact"], told["unit"]) == ("", "")


def test_a_table_and_a_figure_are_told_and_cited(tmp_path: Path) -> None:
    build = make_build(tmp_path)
    words = {
        key: {"text": key, "value": key} for key in ("data.origin", "versions.flowpaper", "build.name", "build.id")
    }
    record = {"synthetic": True, "values": words, "steps": {"tests.demo": "tests/demo.py"}}
    named = '::: {#tbl-x from="long"}\n:::\n![](figures/heatmap.svg)'
    told = cards(named, record, build / "tables", build / "figures")
    assert told["tables"]["long"]["rows"] == "60"
    assert told["tables"]["long"]["cite"] == (
        "Synthetic flows, which measure no network: Long; data: data.origin; flowpaper versions.flowpaper, build "
        "build.name, id build.id, table long."
    )
    assert told["figures"]["heatmap"]["title"] == "Heatmap of 15 by 15 cells."
    assert told["figures"]["heatmap"]["cite"].endswith("id build.id, figure heatmap.")


def test_exact_values_end_where_sums_of_floats_begin() -> None:
    for value, text in ((0.1 + 0.2, "0.3"), (12, "12"), (True, "yes"), (["a", 0.5], "a, 0.5"), (None, "")):
        assert exact({"value": value, "text": "as shown"}) == text


def test_what_is_a_key_in_the_record_is_a_name_in_the_card() -> None:
    assert exact({"value": "gradient_boosting", "text": "gradient boosting"}) == "gradient boosting"


def test_a_cell_of_several_names_leads_to_the_one_that_says_its_row(tmp_path: Path) -> None:
    build = make_build(tmp_path / "build")
    path = build / "values.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    forest = values["values"]["binary.random_forest.f1"]
    forest["origin"] |= {"table": "binary_models", "row": "random_forest", "column": "f1"}
    values["values"]["binary.a.f1"] = forest
    path.write_text(json.dumps(values), encoding="utf-8")
    text = (HERE / "demo.qmd").read_text(encoding="utf-8") + "\nThe best F1 is `binary.a.f1`{.val}.\n"
    (tmp_path / "paper.qmd").write_text(text, encoding="utf-8")
    page, _ = render(build, "pandoc", tmp_path / "paper.qmd", HERE / "demo.bib")
    body = (
        page.read_text(encoding="utf-8").split('<figure id="tbl-models"')[1].split("<tbody>")[1].split("</figure>")[0]
    )
    assert re.findall('href="#(v-[^"]+)"', body)[0] == "v-binary.random_forest.f1"


# ----------------------------------------------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("chromium")) as started:
        yield started


OPEN = "document.getElementById('card').matches(':popover-open')"
LINK = "document.getElementById('at-binary.random_forest.f1')"


@needed()
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1200])
def test_a_card_opens_and_gives_the_focus_back(browser: Chromium, rendered: Path, width: int, dark: bool) -> None:
    browser.open(rendered / "paper.html", width, dark=dark)
    assert browser.value(f"{LINK}.focus(), {LINK}.click(), {OPEN}")
    text = browser.value("document.getElementById('card').innerText")
    assert "F1 of random_forest on the ten features" in text
    assert re.search(r"Exact value\s+0\.919 fraction", text)
    assert "binary.random_forest.f1" in text
    assert browser.value("document.activeElement.getAttribute('aria-label')") == "Close"
    # Within the window, and nothing of the page has moved or become wider.
    box = "document.getElementById('card').getBoundingClientRect()"
    assert browser.value(f"(r => r.left >= 0 && r.right <= innerWidth && r.bottom <= innerHeight + 1)({box})")
    assert browser.value("document.scrollingElement.scrollWidth") == width
    assert browser.value(f"document.activeElement.click(), {OPEN}") is False
    assert (
        browser.value("new Promise(done => setTimeout(() => done(document.activeElement.id), 50))")
        == "at-binary.random_forest.f1"
    )
    assert browser.messages == []


@needed()
@pytest.mark.parametrize("block", ["start", "center", "end"])
def test_a_card_is_within_a_low_window_wherever_its_number_stands(
    browser: Chromium, rendered: Path, block: str
) -> None:
    browser.open(rendered / "paper.html", 1200, height=420)
    browser.value(f"{LINK}.scrollIntoView({{ block: '{block}' }}), {LINK}.click()")
    box, number = (f"(r => [r.top, r.bottom])({one}.getBoundingClientRect())"
                   for one in ("document.getElementById('card')", LINK))  # fmt: skip
    (top, bottom), (above, below) = browser.value(box), browser.value(number)
    assert 0 <= top < bottom <= 421
    assert bottom <= above or top >= below, "the number can be read beside it"
    assert browser.value("document.querySelector('#card button:not(.card-close)').getBoundingClientRect().top") < bottom


@needed()
def test_a_table_says_where_its_numbers_are_computed(browser: Chromium, rendered: Path) -> None:
    browser.open(rendered / "paper.html", 1200)
    assert browser.value(f"document.querySelector('#tbl-models a.source').click(), {OPEN}")
    text = browser.value("document.getElementById('card').innerText")
    assert "tables/binary_models.csv" in text
    assert re.search(r"Rows\s+4", text)
    assert browser.value(f"document.querySelector('#fig-heatmap a.source').click(), {OPEN}")
    assert "Heatmap of 15 by 15 cells." in browser.value("document.getElementById('card').innerText")
    assert browser.messages == []


@needed()
def test_who_leaves_a_card_by_tab_goes_on_where_its_number_stands(browser: Chromium, rendered: Path) -> None:
    browser.open(rendered / "paper.html", 1200)
    assert browser.value(f"{LINK}.focus(), {LINK}.click(), {OPEN}")
    browser.value("[...document.querySelectorAll('#card a[href], #card button')].at(-1).focus()")
    browser.press("Tab")
    assert not browser.value(OPEN)
    follows = f"{LINK}.compareDocumentPosition(document.activeElement) & Node.DOCUMENT_POSITION_FOLLOWING"
    assert browser.value(f"document.activeElement !== document.body && !!({follows})")
    assert browser.value("document.activeElement.closest('#card') === null")
    browser.value(f"{LINK}.focus(), {LINK}.click()")
    browser.press("Tab", shift=True)
    assert not browser.value(OPEN)
    assert browser.value(f"document.activeElement === {LINK}")


@needed()
def test_an_interval_is_told_with_what_it_is_for(browser: Chromium, rendered: Path) -> None:
    browser.open(rendered / "paper.html", 1200)
    browser.value("""document.querySelector('#v-data\\\\.prevalence dd').insertAdjacentHTML('beforeend',
      '<span data-f="interval">0.1 to 0.3</span><span data-f="level" hidden>95%</span>')""")
    browser.value("document.querySelector('a.val[data-key=\"data.prevalence\"]').click()")
    told = browser.value("[...document.querySelectorAll('#card dl > div')].map(one => one.textContent)")
    assert "95% interval0.1 to 0.3" in told


@needed()
def test_the_cell_of_a_number_leads_to_its_table(browser: Chromium, rendered: Path) -> None:
    browser.open(rendered / "paper.html", 1200)
    browser.value("document.querySelector('#tbl-wide a.val').click()")
    assert browser.value("document.querySelector('#card dd a[href=\"#tbl-wide\"]').textContent") == "wide"


@needed()
def test_in_print_the_list_is_small_and_tables_go_over_pages(browser: Chromium, rendered: Path) -> None:
    browser.open(rendered / "paper.html", 1200, media="print")
    style = "getComputedStyle(document.querySelector('%s')).%s"
    assert browser.value(style % (".value-list", "columnCount")) == "2"
    assert browser.value(style % ("#tbl-long", "breakInside")) == "auto"
    assert browser.value(style % ("#fig-heatmap", "breakInside")) == "avoid"
    # Between an exact value without a unit and what follows stands a sign.
    after = "getComputedStyle(document.querySelector('[data-f=exact]:not(:has(+ [data-f=unit]))'), '::after').content"
    assert browser.value(after) == '";"'
