"""Each rule that reads the tree fires where it should and is silent where it should be."""

from __future__ import annotations

from pathlib import Path

import pytest

from paper.lint import exempt
from paper.lint.check import check
from paper.lint.manuscript import parse
from paper.lint.text import Finding

VALUES = {"data.flows": {"value": 5}, "seeds.best": {"value": None, "reason": "not run"}}


def findings(text: str, rule: str = "", **document: object) -> list[Finding]:
    parsed = parse(text, Path("paper.qmd"))
    for name, value in document.items():
        setattr(parsed, name, value)
    return [found for found in check(parsed, exempt.read()) if not rule or found.rule == rule]


DIGITS = {
    "prose": "An F1 of 0.97 here.",
    "percent": "It finds 97% of them.",
    "heading": "# Ten of 15 {#sec-a}",
    "caption": "![Of 15 classes.](figures/a.svg){#fig-a}",
    "table caption": '::: {#tbl-a from="t"}\nOf 15 classes.\n:::',
    "alternative text": '![A.](figures/a.svg){#fig-a fig-alt="It has 15 bars."}',
    "alternative text inline": "See ![15 bars](figures/a.svg).",
    "title": '---\ntitle: "A study of 15 types"\n---\n',
    "subtitle": "---\nsubtitle: 15 types\n---\n",
    "keyword": "---\nkeywords: [flows, 15 types]\n---\n",
    "abstract": "---\nabstract: |\n  All flows.\n\n  Of 15 types.\n---\n",
    "cell": "| a | b |\n|---|---|\n| x | 15 |\n",
    "definition": "Term\n:   Of 15.\n",
    "term": "Term 15\n:   Of it.\n",
    "list": "- it\n- has 15\n",
    "list that starts elsewhere": "13. attacks\n",
    "quotation": "> has 15\n",
    "footnote": "Text.^[Of 15.]",
    "emphasis": "Of *15*.",
    "link": "[15 of them](https://example.org)",
    "conditional": '[Of 15.]{when="data.synthetic"}',
    "claim": '[Of 15.]{claim="a"}',
    "callout": "::: {.callout-note}\n## All 15\nText.\n:::",
    "citation": "[15 flows, @doe2019]",
    "fraction": "About ½ of them.",
    "superscript": "10^6^ flows",
    "other script": "Of ١٥ flows.",
    "entity": "Of &#49;&#53; flows.",
    "html": "Of <b>15</b> flows.",
    "html block": "<table><tr><td>15</td></tr></table>",
    "code": "An F1 of `0.97`.",
    "mathematics": "An F1 of $0.97$.",
    "mathematics with a name": "Here $F_1 = 0.97$.",
    "glued to a name": "CICIDS2018 and F2",
    "glued to a word": "v15x",
}  # fmt: skip


@pytest.mark.parametrize("case", DIGITS)
def test_a_typed_digit_is_found(case: str) -> None:
    assert findings(DIGITS[case], "digit")


NO_DIGITS = {
    "value": "An F1 of `binary.top10.f1`{.val form=percent0}.",
    "heading": "# Flows: `data.flows2`{.val} {#sec-top-10}",
    "citation": "[@doe2019; @noe2001, p. 7, 2017] and @doe2019 [pp. 3-5]",
    "reference": "See @fig-a1, [-@eq-f1] and @tbl-2.",
    "mathematics": "With $y = 1$ and $F_1 = 2TP/(2TP+FP)$.\n\n$$ x^2 $$ {#eq-f1}",
    "code": "Call `scipy.stats.ks_2samp`.\n\n```\nseed 15\n```",
    "names": "CICIDS2017, CSE-CIC-IDS2018, IPv4, IPv6, SHA-256, F1, Python 3.11, UTF-8 and the F1's.",
    "address": "[the page](https://example.org/2017) <https://example.org/2018>",
    "date": '---\ndate: 2026-01-31\ndate-format: "D M 2026"\ntoc-depth: 2\n---\nText.',
    "attributes": '::: {#tbl-a15 from="t15" columns="f1"}\nText.\n:::',
    "comment": "Text.\n\n<!-- of 15 -->\n\nOther <!-- 16 --> text.",
    "list": "1. it\n2. has\n",
}


@pytest.mark.parametrize("case", NO_DIGITS)
def test_what_is_not_typed_is_left_alone(case: str) -> None:
    assert not findings(NO_DIGITS[case])


WORDS = {
    "thirteen percent": "About thirteen percent of them.",
    "thirteen attacks": "There are thirteen attacks.",
    "twice": "It is twice the rate.",
    "a half": "A half of them, or half the flows.",
    "three of the ten": "It is three of the ten.",
    "two thirds": "Nearly two thirds.",
    "a fifth of": "Over a fifth of the traces.",
    "a third.": "They are a third.",
    "twenty-five": "Some twenty-five flows.",
    "a hundred and thirty": "A hundred and thirty flows.",
    "thousands": "Thousands of flows.",
    "one in ten": "One in ten flows.",
    "one percent": "Below one percent.",
    "percent": "Some percent of them.",
    "tenfold": "A tenfold rise.",
    "doubled": "The errors doubled.",
    "zero errors": "It makes zero errors.",
    "recall of zero": "It has a recall of zero.",
    "ten-feature": "the ten-feature model",
    "dozens": "dozens of types",
    "three of the ten flows": "It is three of\nthe ten.",
}


@pytest.mark.parametrize("words", WORDS)
def test_a_number_word_is_found_and_named(words: str) -> None:
    (found,) = findings(WORDS[words], "number-word")[:1]
    assert words.split()[0].lower() in found.text.lower()


@pytest.mark.parametrize(
    "text",
    [
        "One laboratory, on the one hand; the one flow.",
        "First, the second and the third are seconds long. A third model.",
        "`a.b`{.val form=word} models and `a.b`{.val form=percent} percent.",
        "The two classes, in a two-sample test; three reasons.",
        "The tenth percentile and the lower quartile, someone often weights it.",
        "An attack scores higher, ties counting half.",
    ],
)
def test_words_that_count_nothing_are_left_alone(text: str) -> None:
    assert not findings(text, "number-word")


COMPARED = ["highest", "more", "most", "fewer", "none", "largest", "better", "wins", "sharpest", "exceeds", "worse"]
PHRASES = [
    "no feature",
    "no web attack",
    "all of them",
    "nearly every type",
    "as large as",
    "all but AdaBoost",
    "steadier than",
    "noisier than",
]


@pytest.mark.parametrize("words", COMPARED + PHRASES)
@pytest.mark.parametrize("frame", ["Here {} it is.", "# Here {} {{#sec-a}}", "---\nabstract: Here {} it is.\n---\n"])
def test_a_comparison_asks_for_a_claim(words: str, frame: str) -> None:
    assert findings(frame.format(words), "claim-needed")


@pytest.mark.parametrize("words", COMPARED + PHRASES)
@pytest.mark.parametrize("frame", ['Here [{} it]{{claim="a"}} is.', '::: {{claim="a"}}\nHere {} it is.\n:::',
                                   "# Methods {{#sec-methods}}\n\n## Sub\n\nHere {} it is."])  # fmt: skip
def test_within_a_claim_or_the_methods_it_does_not(words: str, frame: str) -> None:
    assert not findings(frame.format(words), "claim-needed")


@pytest.mark.parametrize("text", ["A random forest, a test of interest, at least `a.b`{.val}.", "as well as it says",
                                  "rather than it",
                                  "Most", "# Results {#sec-results}\n\nThe forest is modest."])  # fmt: skip
def test_other_words_compare_nothing(text: str) -> None:
    assert bool(findings(text, "claim-needed")) == (text == "Most")


def test_a_section_ends_what_was_set_aside_for_the_one_before() -> None:
    text = "# Methods {#sec-methods}\n\nThe best.\n\n# Results {#sec-results}\n\nThe best.\n"
    assert [found.line for found in findings(text, "claim-needed")] == [7]


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ('![A.](a.svg){#fig-a fig-alt="Of `data.flows`{.val}"}', True),
        ("# Of `seeds.best`{.val}", True),
        ("![Of `seeds.best`{.val}.](a.svg){#fig-a}", True),
        ("# Of `data.flows`", True),
        ("# Of `data.flows`{.val}", False),
        ("In prose `seeds.best`{.val} and `data.flows`.", False),
        ("# On `numpy.quantile`", False),
    ],
)
def test_a_value_that_does_not_render(text: str, fires: bool) -> None:
    assert bool(findings(text, "value-not-rendered", values=VALUES)) == fires


def test_a_key_recorded_twice_and_a_value_never_shown() -> None:
    text = '`data.flows`{.val}\n\n[x]{when="not a.b"}'
    record = {"data.flows": {"value": 5}, "a.b": {"value": True}, "a.c": {"value": 1}}
    found = findings(text, values=record, repeated_keys=("a.b",))
    assert [(one.rule, one.line, one.text.split("'")[1]) for one in found] == [
        ("unused-value", 1, "a.c"),
        ("duplicate-key", 3, "a.b"),
    ]
    assert not findings(text, values={"data.flows": {"value": 5}, "a.b": {"value": True}})
    assert not findings(text)


OK = 'lint-ok="number-word: the source says so"'
ASIDES = {
    f"[Ten flows]{{{OK}}}": "",
    f"::: {{{OK}}}\nTen flows.\n:::": "",
    "[Ten flows]{lint-ok=number-word}": "gives no reason",
    '[Ten flows]{lint-ok="number-word: so"}': "gives no reason",
    '[Ten flows]{lint-ok="numbers: the source says so"}': "names no rule",
    '[Ten flows]{lint-ok="unknown-key: the source says so"}': "names no rule",
    f"[Some flows]{{{OK}}}": "sets nothing aside",
    f"# Results {{#sec-results}}\n\n## Sub\n\n[Ten flows]{{{OK}}}": "stands in sec-results",
    f"# Conclusion {{#sec-conclusion}}\n\n[Ten flows]{{{OK}}}": "stands in sec-conclusion",
    f"---\nabstract: |\n  [Ten flows]{{{OK}}}\n---\n": "stands in abstract",
    "\n\n".join([f"[Ten flows]{{{OK}}}"] * 11): "is number 11",
}


@pytest.mark.parametrize("text", ASIDES)
def test_what_is_set_aside_in_place(text: str) -> None:
    said = [f"{found}" for found in findings(text)]
    assert len(said) == bool(ASIDES[text]) or "gives no reason" in ASIDES[text] or "names no rule" in ASIDES[text]
    assert any(ASIDES[text] in line and "set-aside" in line for line in said) == bool(ASIDES[text])


def test_ten_in_place_are_not_too_many_and_other_rules_still_hold() -> None:
    assert not findings("\n\n".join([f"[Ten flows]{{{OK}}}"] * 10))
    assert [found.rule for found in findings(f"[Ten of 15 flows]{{{OK}}}")] == ["digit"]
