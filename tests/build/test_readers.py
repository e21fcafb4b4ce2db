"""People with a finished build, on a phone and on a desktop: who cites, who doubts, and who cannot see or point."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.citing.sentence import sentence
from tests.paper import axe
from tests.paper.chromium import Chromium, needed
from tests.paper.shifts import READ, shifts

SCREENS = pytest.mark.parametrize(("width", "dark"), [(390, True), (1200, False)], ids=["phone", "desktop"])
PRESS = "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '/', bubbles: true }))"
TYPE = """(() => { const field = document.activeElement; field.value = %s; field.dispatchEvent(new Event("input"));
  return [...document.querySelectorAll("dialog.search li button")].map(one => one.textContent); })()"""
ENTER = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))"
COPY = """(async () => {
  [...document.querySelectorAll("#card button")].find(one => one.textContent === "Copy citation").click();
  await new Promise(done => setTimeout(done, 300));
  const box = document.querySelector("#card textarea");
  return box ? box.value : navigator.clipboard.readText(); })()"""
FOLLOW = "new Promise(done => { addEventListener('hashchange', () => setTimeout(done, 50)); %s.click(); })"
LARGEST = 4_000_000
"""Bytes of the paper's page."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("chromium")) as started:
        yield started


@needed()
@SCREENS
def test_a_student_cites_the_forest_s_f1_with_its_interval(
    browser: Chromium, results: Path, width: int, dark: bool
) -> None:
    """Search, Enter, and a button."""
    key = "binary.random_forest.f1"
    record = json.loads((results / "values.json").read_text(encoding="utf-8"))
    browser.open(results / "paper.html", width, dark=dark)
    browser.value(PRESS)
    (hit,) = [one for one in browser.value(TYPE % json.dumps(key)) if one.startswith(f"value {key} =")]
    browser.value(ENTER)
    assert browser.value("document.querySelector('a.val[aria-expanded]').dataset.key") == key
    value = record["values"][key]
    assert hit.startswith(f"value {key} = {value['text']}")
    assert hit.endswith(value["definition"])
    cited = " ".join(browser.value(COPY).split())
    build = json.loads((results / "build.json").read_text(encoding="utf-8"))
    assert cited == " ".join(sentence(key, record, build["build"], build["id"]).split())
    for part in (value["text"], f"{value['low']:.3f} to {value['high']:.3f}", build["id"], key):
        assert part in cited
    assert browser.messages == []


@needed()
@SCREENS
def test_a_referee_finds_whether_repeats_explain_the_result_and_the_file_that_leaves_them_out(
    browser: Chromium, results: Path, width: int, dark: bool
) -> None:
    browser.open(results / "audit.html", width, dark=dark)
    answer = "document.getElementById('ask-duplicates').closest('tr').innerText"
    assert re.search(r"The score falls in \d of \d comparisons", browser.value(answer))
    browser.value(FOLLOW % "document.getElementById('ask-duplicates')")
    assert browser.value("location.hash") == "#pitfall-data_snooping"
    assert browser.value("document.querySelector('#pitfall-data_snooping #switch-without-repeats') !== null")
    browser.value("document.querySelector('#switch-without-repeats summary').click()")
    assert browser.value("document.getElementById('switch-without-repeats').open")
    shown = browser.value("document.getElementById('switch-without-repeats').innerText")
    assert "duplicates: drop" in shown
    assert "CONFIG=without-repeats.yaml" in shown
    assert browser.messages == []


@needed()
def test_the_file_that_a_referee_copies_builds_the_paper_without_repeats(browser: Chromium, trial, twin: Path) -> None:
    browser.open(twin / "audit.html", 1200)
    file = "document.querySelector('#switch-without-repeats pre').textContent"
    (trial.folder / "without-repeats.yaml").write_text(browser.value(file), encoding="utf-8")
    check = [sys.executable, "-m", "analysis.settings_file", "without-repeats.yaml"]
    done = subprocess.run(check, cwd=trial.folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    given = ("--configfile", "without-repeats.yaml", "--config", "build=without-repeats", "twin={rows: 2000}")
    assert {"clean", "fit", "render", "audit"} <= trial.planned(*given).keys()
    # Flows without repeats are written; the rest follows from them, as in any build.
    trial.run(*given, "--until", "clean")
    left, before = (json.loads((trial.folder / f"build/{name}/values/clean.json").read_text("utf-8"))
                    for name in ("without-repeats", "twin"))  # fmt: skip
    assert left["clean.flows"]["value"] < before["clean.flows"]["value"]


@needed()
def test_the_page_is_small_enough_and_nothing_of_it_moves(browser: Chromium, results: Path) -> None:
    assert (results / "paper.html").stat().st_size < LARGEST
    browser.open(results / "paper.html", 390)
    assert browser.value(READ) > 20_000
    assert shifts(browser) == []
    browser.open(results / "audit.html", 1200)
    assert shifts(browser) == []


@axe.needed()
@pytest.mark.parametrize("name", ["paper.html", "audit.html"])
def test_nothing_shuts_readers_out(browser: Chromium, twin: Path, name: str) -> None:
    browser.open(twin / name, 390, dark=True)
    assert axe.found(browser) == []
