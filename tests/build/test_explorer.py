"""The explorer of a real build: what the page was given, and that it opens with what the paper prints."""

from __future__ import annotations

import json
import re
from pathlib import Path

from analysis.findings.prevalence import precision
from paper.stage import HERE
from tests.paper.chromium import Chromium, needed

ROOM = 300_000


def given(results: Path) -> str:
    """The data of the explorer, as the page holds them."""
    (text,) = re.findall(
        r'<script type="application/json" id="explore-data">(.*?)</script>',
        (results / "paper.html").read_text(encoding="utf-8"),
        re.DOTALL,
    )
    return str(text)


def test_data_shell_and_script_fit_their_room(results: Path) -> None:
    own = sum(len((HERE / "web" / f"explorer.{suffix}").read_bytes()) for suffix in ("html", "js", "css"))
    assert 10_000 < len(given(results).encode()) + own < ROOM


def test_it_opens_with_what_the_paper_prints(results: Path) -> None:
    entry = json.loads(given(results))
    start, values = entry["start"], json.loads((results / "values.json").read_text(encoding="utf-8"))["values"]
    (one,) = [c for c in entry["curves"] if all(c[key] == start[key] for key in ("condition", "features", "model"))]
    assert one["tp"][one["own"]] == values["binary.best.tp"]["value"]
    assert one["fp"][one["own"]] == values["binary.best.fp"]["value"]
    table = (results / "tables" / "explorer.csv").read_text(encoding="utf-8")
    if "recall" not in one:
        recall, fpr = one["tp"][one["own"]] / one["attacks"], one["fp"][one["own"]] / one["benign"]
        assert str(precision(recall, fpr, start["prevalence"])) in table
    words = entry["words"]
    assert all(c[key] in words[key] for c in entry["curves"] for key in words)


@needed()
def test_it_works_under_the_policy_of_the_page(twin: Path, tmp_path: Path) -> None:
    with Chromium(tmp_path) as browser:
        browser.open(twin / "paper.html", 390)
        shown = browser.value("[...document.querySelectorAll('#explore data')].map(one => one.textContent)")
        assert len(shown) == 8
        assert all(shown)
        assert "synthetic" in browser.value("document.getElementById('explore-title').textContent")
        assert browser.messages == []
