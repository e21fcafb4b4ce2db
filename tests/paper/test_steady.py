"""Nothing on the page moves by itself: not as it loads, nor where a card opens, nor as pictures come meanwhile."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.paper.chromium import Chromium, needed
from tests.paper.shifts import READ, shifts
from tests.paper.test_explorer import Explored

pytestmark = needed()

SCREENS = pytest.mark.parametrize(("width", "dark"), [(1200, False), (1200, True), (390, False), (390, True)])
SLIDE = """(() => { const slider = document.getElementById("explore-threshold"); slider.value = %d;
  slider.dispatchEvent(new Event("input")); slider.dispatchEvent(new Event("change")); })()"""
PLACES = """[...document.querySelectorAll("#explore :is(p, select, input, tr, dt, dl > div, button)")]
  .map(one => one.getBoundingClientRect()).map(box => [box.x, box.y, box.width, box.height].map(Math.round).join())"""
FRAME = "new Promise(done => requestAnimationFrame(() => setTimeout(done)))"
READY = """new Promise(done => { const look = () => document.querySelector('img[loading]')
  || [...document.images].some(one => !one.complete) ? setTimeout(look, 20) : done(); look(); })"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("chromium")) as started:
        yield started


@SCREENS
def test_nothing_moves_as_the_page_opens_shows_a_card_and_is_read(
    browser: Chromium, rendered: Path, width: int, dark: bool
) -> None:
    browser.open(rendered / "paper.html", width, dark=dark)
    browser.value(FRAME)
    assert shifts(browser) == []
    for act in (
        "document.getElementById('at-binary.random_forest.f1').click()",
        "document.getElementById('card').hidePopover()",
        "document.querySelector('#tbl-models .tools button').focus()",
    ):
        browser.value(act)
        browser.value(FRAME)
    assert browser.value(READ) > 2000
    assert shifts(browser) == []


@SCREENS
def test_nothing_moves_as_the_explorer_opens_and_is_used(
    browser: Chromium, tmp_path: Path, width: int, dark: bool
) -> None:
    browser.open(Explored(tmp_path).page, width, dark=dark)
    browser.value(FRAME)
    assert shifts(browser) == []
    # Numbers that change may be longer; the rows in which they stand are where they were.
    places = browser.value(PLACES)
    assert len(places) > 20
    for step in range(5):
        browser.value(SLIDE % (9 * step))
        assert browser.value(PLACES) == places


@pytest.mark.parametrize(
    "spoil",
    [
        "document.querySelector('header').append(Object.assign(document.createElement('p'), { textContent: 'late' }))",
        "document.body.style.fontFamily = 'monospace'",
    ],
)
def test_what_comes_late_is_seen(browser: Chromium, rendered: Path, spoil: str) -> None:
    browser.open(rendered / "paper.html", 1200)
    browser.value(FRAME)
    browser.value(spoil)
    browser.value(FRAME)
    assert shifts(browser) != []


def test_a_picture_that_comes_late_has_its_room(browser: Chromium, rendered: Path) -> None:
    browser.open(rendered / "paper.html", 1200)
    box = "(one => [one.clientWidth, one.clientHeight])(document.querySelector('#fig-heatmap img'))"
    browser.value("document.querySelector('#fig-heatmap img').removeAttribute('src')")
    width, height = browser.value(box)
    assert height == pytest.approx(width * 320 / 470, abs=1)


def test_all_pictures_come_without_being_scrolled_to_and_are_printed(browser: Chromium, rendered: Path) -> None:
    browser.open(rendered / "paper.html", 1200)
    browser.value(READY)
    pages = PdfReader(io.BytesIO(browser.printed())).pages
    (page,) = (one for one in pages if "Row-normalised" in one.extract_text())
    # Each of the cells of the heat map is a rectangle of its own.
    assert "class 14" in page.extract_text()
