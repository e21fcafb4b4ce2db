"""The page for referees of a finished build: its links lead somewhere, its values are the record's, and it fits."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from paper.audit import answers
from paper.page import Page
from tests.paper.chromium import Chromium, needed


def page(results: Path) -> str:
    return (results / "audit.html").read_text(encoding="utf-8")


def test_every_link_leads_to_an_id_that_there_is(results):
    own, paper = page(results), (results / "paper.html").read_text(encoding="utf-8")
    ids = re.findall(r'\bid="([^"]*)"', own)
    assert len(ids) == len(set(ids))
    links = {html.unescape(link) for link in re.findall(r'href="([^"]*)"', own)}
    assert {link for link in links if link.startswith("#")} - {f"#{one}" for one in ids} == set()
    out = {link.partition("#")[2] for link in links if link.startswith("paper.html#")}
    assert len(out) > 8
    assert out - set(re.findall(r'\bid="([^"]*)"', paper)) == set()
    elsewhere = {link for link in links if not link.startswith(("#", "data:text/plain"))}
    assert elsewhere == {
        "paper.html",
        *(f"paper.html#{one}" for one in out),
    }


def test_it_loads_nothing_and_holds_every_value(results):
    values = json.loads((results / "values.json").read_text(encoding="utf-8"))["values"]
    text = page(results)
    assert Page(text).fetched == []
    rows = set(re.findall(r'<tr id="value-([^"]+)"', text))
    assert {key for key in values if not key.startswith("build.") and "[" not in key} - rows == set()


def test_questions_ask_values_that_there_are(results):
    """A misspelt key would be called not computed for ever."""
    values = json.loads((results / "values.json").read_text(encoding="utf-8"))["values"]
    assert {key for one in answers.load() for key in one.keys} - values.keys() == set()


def test_a_referee_finds_whether_repeats_explain_the_result_and_the_switch(results):
    values = json.loads((results / "values.json").read_text(encoding="utf-8"))["values"]
    (row,) = re.findall(r'<tr>(?:(?!</tr>).)*id="ask-duplicates".*?</tr>', page(results), re.DOTALL)
    for key in ("findings.random.f1", "findings.duplicates_drop.f1", "findings.duplicates_together.f1"):
        assert html.unescape(values[key]["forms"]["interval"]) in html.unescape(row)
    (switch,) = re.findall(r'<details id="switch-without-repeats">.*?</details>', page(results), re.DOTALL)
    assert "duplicates: drop" in switch
    assert "CONFIG=without-repeats.yaml" in switch


def test_it_judges_other_studies_too_and_the_paper_leads_to_it(results):
    text = html.unescape(re.sub(r"<[^>]+>", " ", page(results)))
    tables = [json.loads((results.parents[1] / "build" / results.name / f"tables/{name}.json").read_text("utf-8"))
              for name in ("studies", "studies_cannot")]  # fmt: skip
    assert all(len(table["rows"]) > 5 for table in tables)
    for table in tables:
        keys = [column["key"] for column in table["columns"]]
        for row in table["rows"]:
            assert row["cells"][keys.index("claim")]["text"] in text
    assert 'href="audit.html"' in (results / "paper.html").read_text(encoding="utf-8")


@needed()
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_is_no_wider_than_a_phone_and_its_search_finds(results, tmp_path, dark):
    with Chromium(tmp_path) as browser:
        browser.open(results / "audit.html", width=390, dark=dark)
        assert browser.messages == []
        browser.value("document.querySelectorAll('details').forEach((one) => one.open = true)")
        assert browser.value("document.documentElement.scrollWidth") == 390
        typed = "i.value = 'binary.random_forest.f1 wilson'; i.dispatchEvent(new Event('input'));"
        browser.value(f"(() => {{ const i = document.querySelector('#values input'); {typed} }})()")
        browser.value("new Promise((done) => setTimeout(done, 500))")
        shown = browser.value("[...document.querySelectorAll('#values tbody tr:not([hidden])')].map((row) => row.id)")
        assert "value-binary.random_forest.f1" in shown
        assert len(shown) < 10
