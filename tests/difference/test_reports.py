"""Both reports: whole, self-contained, safe with whatever a build says, and short enough to be a comment."""

from __future__ import annotations

import html
import json
import re
import subprocess
from html.parser import HTMLParser

import pytest

from analysis.difference.markdown import LONGEST, markdown
from analysis.difference.page import page
from analysis.difference.read import read_both
from analysis.difference.report import Report, compared
from analysis.difference.weight import RULE
from paper import pandoc

from .builds import HOSTILE, claim, interval, make, pitfall, value, verdict

KNOWN = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "article"),
    *("h1", "h2", "h3", "p", "b", "i", "code", "mark", "ul", "li", "dl", "dt", "dd", "details", "summary"),
    *("div", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {
    "lang",
    "charset",
    "name",
    "content",
    "id",
    "class",
    "scope",
    "tabindex",
    "role",
    "aria-label",
    "data-label",
}


class Tags(HTMLParser):
    """Elements, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.seen = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.seen += data


def report(tmp_path, first=None, second=None) -> Report:
    return compared(*read_both(str(make(tmp_path / "a", **(first or {}))), str(make(tmp_path / "b", **(second or {})))))


def hostile(tmp_path) -> Report:
    """Builds in which every text that a report takes over is hostile, each its own."""

    def build(turn: int) -> dict:
        texts = [*HOSTILE[turn:], *HOSTILE[:turn]]
        shown = html.escape(texts[3])
        values = {f"new.key{i}": value(text, f"{texts[i - 1]} as defined", unit="") for i, text in enumerate(texts)}
        judged = verdict(HOSTILE[1], ("reproduced", "inconclusive")[turn], texts[2])
        return {
            "values": values | {"binary.order": value(texts[:3], "models", ""), HOSTILE[7]: value(turn)},
            "claims.json": {
                HOSTILE[0]: claim(turn > 0, texts[1], **{HOSTILE[5]: texts[2]}),
                "forest-leads": claim(turn > 0, "a ` <img src=x> ` b"),
            },
            "ledger.json": {"schema": "l", "claims": [judged | {"short": texts[3], "sentence": texts[4]}]},
            "pitfalls.json": {"schema": "p", "pitfalls": [pitfall(HOSTILE[2], texts[5]) | {"name": texts[6]}]},
            "tables/ranking.csv": 'rank,feature\n1,"' + texts[0].replace('"', '""') + '"\n2,A\n',
            "more": f'<p>{shown} Then <span class="val" data-key="new.key1">{shown}</span> says so.</p>',
            "build": {
                "settings": {texts[0]: texts[1]},
                "input": [{"name": texts[2]}],
                "version": texts[3],
                "identity": texts[4],
                "versions": {texts[5]: texts[6]},
                "id": texts[7],
                "sources": {texts[6]: texts[0]},
            },
        }

    return report(tmp_path, build(0), build(1))


def test_a_page_with_hostile_texts_has_no_element_of_theirs_and_says_them(tmp_path):
    found = Tags(page(hostile(tmp_path)))
    assert found.tags <= KNOWN
    assert found.attributes <= ATTRIBUTES
    for text in HOSTILE[:6]:
        assert text in found.seen, text
    assert "\u202e" not in found.seen
    assert "\\u202eevil\\x07" in found.seen


def rendered(text: str) -> dict:
    """The Markdown as Pandoc reads that of a host."""
    command = [str(pandoc.executable()), "--from=gfm", "--to=json"]
    return json.loads(subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout)


def elements(node, kind: str) -> list:
    if isinstance(node, list):
        return [found for one in node for found in elements(one, kind)]
    if not isinstance(node, dict):
        return []
    return [node.get("c")] * (node.get("t") == kind) + elements(node.get("c"), kind)


@pytest.mark.skipif(pandoc.executable() is None, reason="no Pandoc: the Markdown cannot be read")
def test_markdown_with_hostile_texts_has_no_element_of_theirs(tmp_path):
    text = markdown(hostile(tmp_path))
    read = rendered(text)["blocks"]
    assert elements(read, "Link") == elements(read, "Image") == []
    raw = {text.strip() for kind in ("RawInline", "RawBlock") for _, text in elements(read, kind)}
    tags = {tag for one in raw for tag in re.findall(r"</?\w+", one)}
    assert tags <= {"<details", "</details", "<summary", "</summary", "<b", "</b"}
    assert [word for word in elements(read, "Str") if re.search(r"@\w|\bwww\.|://", word)] == [], "as a host links them"
    titles = elements(read, "Header")
    assert [level for level, *_ in titles] == [3]
    assert text.count("<details>") == text.count("\n</details>\n")


def test_the_page_loads_nothing(tmp_path):
    text = page(report(tmp_path, None, {"holds": False}))
    assert not re.search(r"src=|href=|url\(|@import|<script|<link", text)
    assert "prefers-color-scheme: dark" in text


def test_flips_come_first_and_each_with_its_sentences(tmp_path):
    share = {"clean.share": value(0.5, "share of attacks")}
    found = report(tmp_path, None, {"holds": False, "f1": interval(0.95, 0.94, 0.96), "values": share})
    expected = (
        "does not hold",
        "On 900 flows the forest leads with 0.910 [0.900, 0.920].",
        "with 0.950 [0.940, 0.960].",
        "The share is 0.250, i.e. small.",
        "The share is 0.500, i.e. small.",
    )
    for text in (page(found), markdown(found)):
        assert RULE in text
        plain = re.sub(r"</?(?:mark|b)>|\\", "", text)
        places = [plain.index(one) for one in expected]
        assert places == sorted(places)
        assert "0.910 [0.900, 0.920] → 0.950 [0.940, 0.960] (+0.040, intervals apart)" in plain
    assert "<mark>0.250</mark>" in page(found)
    assert "The share is <b>0.250</b>, i.e. small." in markdown(found)


def test_another_definition_is_said(tmp_path):
    a, b = (interval(0.9, 0.8, 1.0, f"F1 of {model}") for model in ("the forest", "boosting"))
    found = report(tmp_path, {"f1": a}, {"f1": b})
    said = "defined otherwise (another quantity, so no difference is given): a: F1 of the forest; b: F1 of boosting"
    assert said in page(found)
    assert said in markdown(found)


def test_a_comment_stays_short_enough_for_its_host_and_counts_what_it_leaves_out(tmp_path):
    def build(holds: bool) -> dict:
        values = {f"many.key{i}": value(float(i + holds), "a definition " * 20, "s") for i in range(300)}
        spans = [f'<p>Sentence {i}: <span class="val" data-key="many.key{i}">{i}</span>.</p>' for i in range(300)]
        claims = {f"claim-{i}": claim(holds, "a > b " * 60) for i in range(300)}
        return {"values": values, "claims.json": claims, "more": "".join(spans)}

    found = report(tmp_path, build(True), build(False))
    text = markdown(found)
    assert len(text) <= LONGEST
    assert re.search(r"\n\d+ more parts of this report stand in diff\.html\.\n", text)
    assert text.count("<details>") == text.count("</details>")
    assert page(found).count("<article>") >= 600


def test_nothing_changed(tmp_path):
    found = report(tmp_path, {"build": {"id": "c0ffee"}}, {"build": {"id": "c0ffee"}})
    said = "Nothing changed: no claim, verdict, pitfall, ranking, number or word."
    assert markdown(found) == (
        f"**From a to b**: {said} a: id c0ffee; b: id c0ffee. Both have this id, which stands for the same data, "
        "settings, locked versions and code.\n"
    )
    shown = page(found)
    assert said in shown
    assert "Both have this id" in shown
    assert "How this is sorted" not in shown
    assert "cannot be paired" not in shown


def test_nothing_changed_although_the_code_did(tmp_path):
    found = report(tmp_path, {"build": {"id": "c0ffee"}}, {"build": {"id": "decade", "code": "2"}})
    text = markdown(found)
    assert "Nothing changed" in text
    assert "| Code: code | none | 2 |" in text
    assert "Both have" not in text
    assert "Sorted by" not in text


def test_one_id_and_other_numbers_is_told(tmp_path):
    found = report(tmp_path, {"build": {"id": "c0ffee"}}, {"build": {"id": "c0ffee"}, "f1": interval(0.5, 0.4, 0.6)})
    for text in (page(found), markdown(found)):
        assert "what differs comes from the machine or from what set the paper" in text
