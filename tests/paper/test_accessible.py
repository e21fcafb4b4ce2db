"""axe-core finds nothing on the page, in whatever state a reader brings it, nor on the page of differences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.difference.page import page
from analysis.difference.read import read_both
from analysis.difference.report import compared
from tests.difference.builds import claim, make, pitfall, value, verdict
from tests.paper import axe
from tests.paper.chromium import Chromium
from tests.paper.test_explorer import Explored

pytestmark = axe.needed()

CARD = "document.getElementById('at-binary.random_forest.f1').click()"
SEARCH = """document.querySelector('.search-open').click(); document.getElementById('search-words').value = 'f1';
  document.getElementById('search-words').dispatchEvent(new Event('input'))"""
PREVIEW = """document.querySelector('main a[href="#tbl-models"]').focus();
  new Promise(done => setTimeout(done, 400))"""
# What brings the page into a state, and what is then to be seen: else the state would not be the one that is checked.
STATES = {
    "at rest": ("0", "document.querySelector('main')"),
    "card open": (CARD, "document.querySelector('#card:popover-open dl')"),
    "card of a table open": (
        "document.querySelector('#tbl-models a.source').click()",
        "document.querySelector('#card:popover-open dl')",
    ),
    "search open": (SEARCH, "document.querySelector('dialog.search[open] li button')"),
    "figure enlarged": (
        "document.querySelector('#fig-heatmap .tools button').click()",
        "document.querySelector('dialog.large[open] img')",
    ),
    "table sorted": (
        "document.querySelectorAll('#tbl-long .sorts')[2].click()",
        "document.querySelector('#tbl-long [aria-sort=ascending]')",
    ),
    "preview shown": (PREVIEW, "document.querySelector('.preview:popover-open table')"),
    "tools shown": (
        "document.querySelector('#tbl-models .tools button').focus()",
        "document.querySelector('#tbl-models .tools :focus')",
    ),
}
# Moves the threshold and the share of attacks, and waits for what is then said.
EXPLORE = """(() => { for (const [name, value] of [["threshold", 3], ["prevalence", 2]]) {
  const slider = document.getElementById(`explore-${name}`); slider.value = value;
  slider.dispatchEvent(new Event("input")); slider.dispatchEvent(new Event("change")); }
  return new Promise(done => setTimeout(done, 700)); })()"""
# What axe must find: the rule, and what breaks it.
SPOILT = {
    "button-name": "document.querySelector('#fig-heatmap .tools button').replaceWith(document.createElement('button'))",
    "image-alt": "document.querySelector('#fig-heatmap img').replaceWith(new Image(9, 9))",
    "color-contrast": "document.documentElement.style.setProperty('--soft', '#aaa')",
    "scrollable-region-focusable": "document.querySelector('#fig-heatmap .figure-box').removeAttribute('tabindex')",
    "landmark-unique": "for (const box of document.querySelectorAll('.table-box')) box.setAttribute('aria-label', 'x')",
}
# Of the sixty rows of a long table, which are alike in all but their words: axe would take most of its time for them.
SHORTER = "[...document.querySelectorAll('#tbl-long tbody tr')].slice(6).forEach(row => row.remove())"
SCREENS = pytest.mark.parametrize(("width", "dark"), [(1200, False), (1200, True), (390, False), (390, True)])


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("chromium")) as started:
        yield started


def show(browser: Chromium, paper: Path, width: int, *, dark: bool = False) -> None:
    """Open the page, with some rows of its long table."""
    browser.open(paper, width, dark=dark)
    assert browser.value("document.querySelectorAll('#tbl-long tbody tr').length") == 60
    browser.value(SHORTER)


@SCREENS
@pytest.mark.parametrize("state", STATES)
def test_nothing_is_found_on_the_page(browser: Chromium, rendered: Path, state: str, width: int, dark: bool) -> None:
    act, seen = STATES[state]
    show(browser, rendered / "paper.html", width, dark=dark)
    browser.value(act)
    assert browser.value(f"{seen} !== null")
    assert axe.found(browser) == []


@SCREENS
def test_nothing_is_found_on_an_explorer_in_use(browser: Chromium, explored: Explored, width: int, dark: bool) -> None:
    browser.open(explored.page, width, dark=dark)
    browser.value(EXPLORE)
    assert browser.value("document.querySelector('#explore [aria-live]').textContent").startswith("Precision")
    # What the page of the test lacks, since it holds the explorer alone.
    assert [one for one in axe.found(browser) if not one.startswith("page-has-heading-one")] == []


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Explored:
    return Explored(tmp_path_factory.mktemp("explorer"))


@pytest.fixture(scope="module")
def differences(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of two builds that differ in data, settings, code, a claim, a verdict, a pitfall, rankings, values."""
    folder = tmp_path_factory.mktemp("differences")
    other = {
        "values": {"binary.order": value(["boosting", "forest", "ada"], "models by F1", ""), "b.new": value(3)},
        "claims.json": {"forest-leads": claim(False)},
        "ledger.json": {"schema": "flowpaper/ledger/2", "claims": [verdict("many", "inconclusive")]},
        "pitfalls.json": {"schema": "flowpaper/pitfalls/1", "pitfalls": [pitfall("snooping", "absent")]},
        "tables/ranking.csv": "rank,feature,r\n1,B,0.5\n2,A,0.4\n3,C,0.3\n",
        "build": {"settings": {"seed": 2}, "input": [{"name": "x.csv"}], "version": "0.2.0", "identity": "0" * 64},
    }
    report = compared(*read_both(str(make(folder / "a")), str(make(folder / "b", **other))))
    (folder / "diff.html").write_text(page(report), encoding="utf-8")
    return folder / "diff.html"


@SCREENS
def test_nothing_is_found_on_a_page_of_differences(
    browser: Chromium, differences: Path, width: int, dark: bool
) -> None:
    browser.open(differences, width, dark=dark)
    browser.value("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert browser.value("document.querySelectorAll('table').length") > 3
    assert axe.found(browser) == []


@pytest.mark.parametrize("rule", SPOILT)
def test_what_shuts_readers_out_is_found(browser: Chromium, rendered: Path, rule: str) -> None:
    show(browser, rendered / "paper.html", 390)
    browser.value(SPOILT[rule])
    assert rule in {one.partition(":")[0] for one in axe.found(browser)}
