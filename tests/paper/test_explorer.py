"""The explorer in a browser: its numbers are Python's, its state is an address, every part has a name."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.findings.explorer import curve
from analysis.findings.intervals import share
from analysis.findings.prevalence import Rates, precision_at
from paper.stage import HERE, WEB
from tests.paper.chromium import Chromium, needed

FLOWS = 1_000_000
STOPS = [1e-05, 0.001, 0.02, 0.5]
HOSTILE = '</script><img src=x onerror=alert(1)> & "quotes" {{< x >}}'

pytestmark = needed()


class Explored:
    """A page with two curves, one of them weighted, and the flows behind them."""

    def __init__(self, folder: Path) -> None:
        generator = np.random.default_rng(7)
        self.label = np.arange(900) % 6 == 0
        self.score = np.round(generator.normal(0, 1, 900) + 2 * self.label, 2)
        self.weights = {"source": np.ones(900), "random": np.where(np.arange(900) % 4, 1.0, 7.0)}
        curves = []
        for condition, weight in self.weights.items():
            key = {"condition": condition, "features": "all", "model": "adaboost"}
            curves.append(key | (curve(self.label, self.score, self.score > 1, weight) or {}))
        curves.append(curves[0] | {"features": "port", "model": "logistic_regression"})
        self.curves = {one["condition"]: one for one in curves[:2]}
        words: dict[str, Any] = {"condition": {"source": "as the source", "random": HOSTILE},
                                 "features": {"all": "all", "port": "port"},
                                 "model": {"adaboost": "AdaBoost", "logistic_regression": "Logistic"}}  # fmt: skip
        start = {"condition": "source", "features": "all", "model": "adaboost", "prevalence": 0.001}
        entry = {"data": "invented flows", "start": start, "flows": FLOWS, "stops": STOPS, "words": words,
                 "curves": curves}  # fmt: skip
        text = json.dumps(entry).replace("<", "\\u003c")
        script, style = ("\n".join((HERE / "web" / part).read_text("utf-8") for part in WEB[name])
                         for name in ("page.js", "style.css"))  # fmt: skip
        shell = (HERE / "web" / "explorer.html").read_text(encoding="utf-8")
        self.page = folder / "page.html"
        self.page.write_text(
            f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>Explorer</title><style>{style}</style><script>{script}</script><body><main>"
            f'<div class="explorer"><figure>first state</figure>{shell}'
            f'<script type="application/json" id="explore-data">{text}</script></div></main>',
            encoding="utf-8",
        )

    def expected(self, condition: str, t: float, prevalence: float) -> dict[str, Any]:
        """What Python makes of the flows themselves."""
        called, weight, label = self.score >= t, self.weights[condition], self.label
        rates = Rates(share(called[label], weight[label]), share(called[~label], weight[~label]))
        return {"recall": rates.recall, "fpr": rates.fpr, "precision": precision_at(rates, prevalence),
                "alarms": tuple(FLOWS * (1 - prevalence) * end for end in rates.fpr)}  # fmt: skip


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Explored:
    return Explored(tmp_path_factory.mktemp("explorer"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("chromium")) as started:
        yield started


SHOWN = """Object.fromEntries(["recall", "fpr", "precision", "alarms"].map(name => [name,
  [document.querySelector(`#explore [data-of="${name}"]`).value,
   ...document.querySelector(`#explore [data-of="${name}-interval"]`).dataset.ends.split(" ")].map(Number)]))"""
SLIDE = """(([name, value]) => { const s = document.getElementById(`explore-${name}`); s.value = value;
  s.dispatchEvent(new Event("input")); s.dispatchEvent(new Event("change")); })(%s)"""
CHOOSE = """(([name, value]) => { const s = document.getElementById(`explore-${name}`); s.value = value;
  s.dispatchEvent(new Event("change")); })(%s)"""
LEAD = """new Promise(done => { addEventListener("hashchange", () => setTimeout(done)); location.hash = %s; })"""
TOLD = """new Promise(done => setTimeout(() =>
  done(document.querySelector('#explore [aria-live]').textContent), 700))"""
SAID = "document.querySelector('#explore .explore-note').textContent"


@pytest.mark.parametrize("condition", ["source", "random"])
def test_its_numbers_are_those_of_python(browser: Chromium, explored: Explored, condition: str) -> None:
    browser.open(explored.page, 1200)
    browser.value(CHOOSE % json.dumps(["condition", condition]))
    thresholds = explored.curves[condition]["t"]
    assert len(thresholds) > 40
    for i, j in itertools.product(range(0, len(thresholds), 5), range(len(STOPS))):
        browser.value(SLIDE % json.dumps(["threshold", len(thresholds) - 1 - i]))
        browser.value(SLIDE % json.dumps(["prevalence", j]))
        expected = explored.expected(condition, thresholds[i], STOPS[j])
        for name, ends in browser.value(SHOWN).items():
            assert ends == pytest.approx(expected[name], rel=1e-6, abs=1e-12), (name, thresholds[i], STOPS[j])
    assert ("weighted" in browser.value(SAID)) == (condition == "random")


def test_a_state_is_an_address_that_leads_back_to_it(browser: Chromium, explored: Explored) -> None:
    browser.open(explored.page, 1200)
    assert browser.value("location.hash") == ""
    browser.value(CHOOSE % json.dumps(["condition", "random"]))
    browser.value(SLIDE % json.dumps(["threshold", 3]))
    browser.value(SLIDE % json.dumps(["prevalence", 2]))
    address, shown = browser.value("location.hash"), browser.value(SHOWN)
    t = explored.curves["random"]["t"][-4]
    asked = f"#explore?condition=random&features=all&model=adaboost&threshold={t}&prevalence=0.02"
    assert address == asked
    browser.open(explored.page, 1200)
    assert browser.value(SHOWN) != shown
    browser.value(LEAD % json.dumps(address))
    assert browser.value(SHOWN) == shown
    assert browser.value("document.getElementById('explore').getBoundingClientRect().top") < 844
    browser.value(LEAD % '"#explore?condition=none&threshold=x"')
    assert "no such state" in browser.value(SAID)
    assert browser.value("document.getElementById('explore-condition').value") == "source"


def test_only_what_was_computed_can_be_chosen(browser: Chromium, explored: Explored) -> None:
    browser.open(explored.page, 1200)
    models = "[...document.getElementById('explore-model').options].map(o => o.value)"
    assert browser.value(models) == ["adaboost"]
    browser.value(CHOOSE % json.dumps(["features", "port"]))
    assert browser.value(models) == ["logistic_regression"]
    browser.value(CHOOSE % json.dumps(["condition", "random"]))
    assert browser.value("document.getElementById('explore-features').value") == "all"
    # A label of users' data is text.
    words = "document.querySelector('#explore-condition option:checked').textContent"
    assert browser.value(words) == HOSTILE
    assert browser.value("document.querySelectorAll('#explore img').length") == 0


def test_keyboard_and_screen_reader(browser: Chromium, explored: Explored) -> None:
    browser.open(explored.page, 390, dark=True)
    named = """[...document.querySelectorAll('#explore :is(select, input, button)')].every(one =>
      (one.labels && one.labels.length === 1) || one.textContent.trim())"""
    assert browser.value(named)
    assert browser.value("[...document.querySelectorAll('#explore [tabindex]')].length") == 0, "order as it stands"
    assert browser.value("document.getElementById('explore-prevalence').getAttribute('aria-valuetext')") == "0.1%"
    browser.value(SLIDE % json.dumps(["prevalence", 3]))
    assert browser.value("document.getElementById('explore-prevalence').getAttribute('aria-valuetext')") == "50%"
    assert browser.value(TOLD).startswith("Precision 0.")
    assert browser.value("document.scrollingElement.scrollWidth") == 390
    assert browser.messages == []


def test_without_scripts_and_in_print_the_first_state_is_a_table(browser: Chromium, explored: Explored) -> None:
    seen = "[...document.querySelectorAll('.explorer > figure, #explore')].map(e => e.checkVisibility())"
    browser.open(explored.page, 1200)
    assert browser.value(seen) == [False, True]
    browser.open(explored.page, 1200, media="print")
    assert browser.value(seen) == [True, False]
    browser.open(explored.page, 1200)
    browser.value("document.documentElement.classList.remove('scripted')")
    assert browser.value(seen) == [True, False]
