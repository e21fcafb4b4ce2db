"""What the page answers: by values of the build, compared by their intervals."""

from __future__ import annotations

import re

import pytest

from paper.audit.answers import Question, answer, compared, load, place, sheet, verdict
from paper.audit.markup import el, written


def value(estimate: float | None, low: float | None = None, high: float | None = None) -> dict:
    return {"value": estimate, "text": "no times" if estimate is None else str(estimate), "definition": "F1",
            "forms": {}, "low": low, "high": high}  # fmt: skip


VALUES = {
    "f.all": value(0.90, 0.88, 0.92), "f.less": value(0.80, 0.78, 0.82), "f.more": value(0.95, 0.93, 0.97),
    "f.near": value(0.87, 0.85, 0.88), "f.none": value(None), "f.bare": value(0.5),
}  # fmt: skip


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ("f.less", "lower"),
        ("f.more", "higher"),
        ("f.near", "no difference shown"),
        ("f.none", "not comparable: no times"),
        ("f.bare", "not comparable: no interval"),
        ("f.nowhere", "not comparable: not computed by this build"),
    ],
)
def test_two_scores_differ_where_their_intervals_are_apart(other, said):
    assert compared("f.all", other, VALUES) == said


@pytest.mark.parametrize(
    ("without", "said"),
    [
        (("f.less", "f.more", "f.none"), "The score falls in 1 of 2 comparisons and rises in 1."),
        (("f.near",), "The score falls in 0 of 1 comparison."),
        (("f.none", "f.nowhere"), "No two scores that this build can compare."),
    ],
)
def test_the_verdict_counts_the_comparisons_that_could_be_made(without, said):
    assert verdict(Question(id="a", question="Q?", base="f.all", without=without, at=()), VALUES) == said


def test_a_score_that_is_not_there_gives_its_reason_once():
    question = Question(id="a", question="Q?", base="f.all", without=("f.none", "f.less"), at=())
    said = "".join(el("div", answer(question, VALUES)).itertext())
    assert "F1: no times (not comparable) f.none" in said
    assert "F1: 0.8 (lower) f.less" in said


def test_the_first_place_that_the_paper_has_is_linked():
    question = Question(id="a", question="Q?", at=("sec-gone", "sec-here", "sec-later"))
    assert 'href="paper.html#sec-here"' in (
        link := written(place(question, {"sec-later": "Later", "sec-here": "The splits"}))
    )
    assert ">The splits<" in link
    assert place(question, {}) == "this paper does not say"


def test_every_question_stands_in_the_sheet_and_links_to_a_pitfall_that_there_is(root):
    from analysis.audit.pitfalls import load as pitfalls

    questions = load()
    assert questions[0].id == "duplicates"
    page = written(sheet(questions, {}, {}))
    assert re.findall(r'id="ask-(\w+)"', page) == [one.id for one in questions]
    known = {one.id for one in pitfalls(root / "config/pitfalls.yaml")}
    assert {one.pitfall for one in questions} - {None} <= known


def test_every_place_is_one_of_the_manuscript(root):
    text = "".join(path.read_text("utf-8") for path in (root / "paper").glob("**/*.qmd"))
    there = set(re.findall(r"#((?:sec|tbl|fig)-[\w-]+)", text))
    assert {at for one in load() for at in one.at} - there == set()
