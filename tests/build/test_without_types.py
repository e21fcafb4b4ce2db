"""A study without types of attack, on packed flows with other column names in a file with a name in five scripts."""

from __future__ import annotations

import html
import json
import re

from pypdf import PdfReader

from tests.build.conftest import FILE

IN_PDF = r"flows\u6d41\u91cfпоток\u062a\u062f\u0641\u0642\U0001f600.csv"


def squeezed(text: str) -> str:
    return re.sub(r"[\s\xad\u200b\u2060\ufffe]+", "", text)


def test_the_chapter_on_types_says_that_it_is_not_available(untyped):
    page = html.unescape(re.sub(r"<[^>]+>", " ", (untyped / "paper.html").read_text(encoding="utf-8")))
    assert page.count("Not available: the labels do not tell types apart.") == 2
    assert "web attacks in the test part" not in page
    assert "Attack-type forest" not in page
    for told in ("traffic type", "type of an attack", "Macro F1", "evaluable", "single type"):
        assert told not in " ".join(page.split()), told
    values = json.loads((untyped / "values.json").read_text(encoding="utf-8"))["values"]
    assert values["release.typed"]["value"] is False
    assert values["release.is_original"]["value"] is True
    assert values["data.attacks"]["value"] > 0


def test_no_forest_of_types_is_fitted(untyped):
    build = untyped.parents[1] / "build" / untyped.name
    assert not [
        path
        for path in build.rglob("*types*")
        if "retraining_types" not in path.name and "explanation_types" not in path.name
    ]
    assert not list((untyped / "figures").glob("types*"))


def test_claims_about_types_are_not_comparable(untyped):
    ledger = json.loads((untyped / "ledger.json").read_text(encoding="utf-8"))
    text = json.dumps(ledger)
    assert "the labels do not tell types apart" in text.lower()
    assert "groups of types" not in text


def test_a_name_in_any_script_stands_in_both_papers(untyped):
    assert FILE in html.unescape((untyped / "paper.html").read_text(encoding="utf-8")).replace("\u2060", "")
    shown = squeezed("".join(page.extract_text() for page in PdfReader(untyped / "paper.pdf").pages))
    assert IN_PDF in shown
