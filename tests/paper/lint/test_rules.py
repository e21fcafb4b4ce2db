"""Each rule that reads the tree fires where it should and is silent where it should be."""

from __future__ import annotations

from pathlib import Path

import pytest

from paper.chapters import plain
from paper.lint import exempt
from paper.lint.check import check
from paper.lint.manuscript import parse
from paper.lint.text import Finding

VALUES = {"data.flows": {"value": 5}, "seeds.best": {"value": None, "reason": "not run"}}


def findings(text: str, rule: str = "", **document: object) -> list[Finding]:
    parsed = parse(plain(text, Path("paper.qmd")))
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
    "equals": "Here $F_1 = 97$.",
    "equals one digit": "Here $r = 9$.",
    "displayed": "$$ F_1 = 97 $$",
    "fraction in mathematics": r"Of $\frac{97}{100}$.",
    "fraction without braces": r"Of $\frac97$.",
    "point in braces": "Of $0{.}97$.",
    "point with spaces": r"Of $0\,.\,97$.",
    "digit as text": r"Of $\text{9 of them}$.",
    "code with a name": "Here `F1=0.97`.",
    "code with a word": "Here `97 percent`.",
    "code with a unit": "Here `97 flows`.",
    "code with a sign": "Here `~0.97`.",
    "code with an exponent": "Here `9.7e-1`.",
    "code with an underscore": "Here `0_97`.",
    "code block": "```\nF1 = 97\n```",
    "Roman in one character": "Of Ⅻ types.",
    "title of a link": '[x](https://example.org "Of 15")',
    "title of a picture": '![x](a.svg "Of 15")',
    "aria label": '[x]{aria-label="15 bars"}',
    "title in html": '<b title="97">x</b>',
    "alternative text in html": "Text <img alt='97' src=x>.",
    "year after text": "[@doe2019, F1 2017]",
    "year before a citation": "[F1 2017 @doe2019]",
    "decimal as a locator": "[@doe2019, eq 0.97]",
    "author": "---\nauthor: Team 15\n---\n",
    "affiliation": "---\nauthor:\n  - name: A\n    affiliations:\n      - name: Laboratory 15\n---\n",
    "title of the contents": "---\nformat:\n  html:\n    toc-title: Of 15\n---\n",
    "title of the abstract": "---\nabstract-title: Of 15\n---\n",
    "title of figures": "---\ncrossref:\n  fig-title: Figure 97\n---\n",
    "glued to a name": "CICIDS2018 and F2",
    "glued to a word": "v15x",
}  # fmt: skip


@pytest.mark.parametrize("case", DIGITS)
def test_a_typed_digit_is_found(case: str) -> None:
    assert findings(DIGITS[case], "digit")


NO_DIGITS = {
    "value": "An F1 of `binary.top10.f1`{.val form=percent0}.",
    "heading": "# Flows: `data.flows2`{.val} {#sec-top-10}",
    "citation": "[@doe2019; @noe2001, p. 7, 2017; @roe, p. xii; @poe, 2017] and @doe2019 [pp. 3-5]",
    "reference": "See @fig-a1, [-@eq-f1] and @tbl-2.",
    "mathematics": "With $x > 0$ and $F_1 = 2TP/(2TP+FP)$.\n\n$$ x^2 $$ {#eq-f1}",
    "formulas": r"$\frac1n\sum$, $m_3/m_2^{3/2}$, $\sqrt{-\frac12 \ln\frac{\alpha}{2}}$, $\min\{1, (k - j + 1)\}$.",
    "code": "Call `scipy.stats.ks_2samp` and `rank.top10`.\n\n```\nks_2samp(a, b)\n```",
    "names": "CICIDS2017, CSE-CIC-IDS2018, IPv4, IPv6, SHA-256, F1, Python 3.11, UTF-8 and the F1's.",
    "more names": "HTTP/1.1, CICFlowMeter-V3, L1/L2 and MCC; so do I.",
    "author": "---\nauthor:\n  - name: A\n    orcid: 0000-0002-1825-0097\n---\n",
    "address": "[the page](https://example.org/2017) <https://example.org/2018>",
    "date": '---\ndate: 2026-01-31\ndate-format: "D M 2026"\ntoc-depth: 2\n---\nText.',
    "attributes": '::: {#tbl-a15 from="t15" columns="f1"}\nText.\n:::',
    "comment": 'Text.\n\n<!-- of 15 -->\n\nOther <!-- 16 <b title="17"> --> text.',
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
    "every third": "Every third flow.",
    "one fourth": "One fourth of them.",
    "a twentieth": "A twentieth of them.",
    "nought": "A rate of nought.",
    "nil": "Its recall is nil.",
    "an order": "Orders differ by an order of magnitude.",
    "thirteen in mathematics": r"$\text{thirteen}$ of them.",
    "thirteen as code": "`thirteen` of them.",
    "thirteen with a space of no width": "thir\u200bteen of them",
    "twice with a joiner": "tw\u2060ice as many",
    "thrice with a hyphen": "th&shy;rice as many",
    "twofold with a mark": "two\ufefffold and tw\u200co\u200dfold",
}


@pytest.mark.parametrize("words", WORDS)
def test_a_number_word_is_found_and_named(words: str) -> None:
    (found,) = findings(WORDS[words], "number-word")[:1]
    assert words.split()[0].lower().removeprefix("an") in found.text.lower()


@pytest.mark.parametrize(
    "text",
    [
        "One laboratory, on the one hand; the one flow.",
        "First, the second and the third are seconds long. A third model.",
        "`a.b`{.val form=word} models and `a.b`{.val form=percent} percent.",
        "The two classes, in a two-sample test; three reasons; two-factor.",
        "The tenth percentile and the lower quartile, someone often weights it.",
        "An attack scores higher, ties counting half.",
    ],
)
def test_words_that_count_nothing_are_left_alone(text: str) -> None:
    assert not findings(text, "number-word")


COMPARED = ["highest", "more", "most", "fewer", "none", "largest", "better", "wins", "sharpest", "exceeds", "worse",
            "leads", "leading", "outdoes", "foremost", "utmost", "unmatched", "optimal", "never", "rarely", "neither",
            "significantly", "rises", "drops", "increases", "hi\u200bghest", r"$\text{highest}$"]  # fmt: skip
PHRASES = [
    "no feature",
    "no web attack",
    "all of them",
    "nearly every type",
    "as large as",
    "all but AdaBoost",
    "steadier than",
    "noisier than",
    "ahead of",
    "comes first",
    "is first by F1",
    "the top model",
    "by far",
    "not one of",
    "loses to",
    "improves on",
    "below that of",
    "virtually all",
    "practically all",
    "the bulk of",
    "all features differ",
    "every model errs",
    "all types",
    r"$\text{{highest}}$",
]


@pytest.mark.parametrize("words", COMPARED + PHRASES)
@pytest.mark.parametrize("frame", ["Here {} it is.", "# Here {} {{#sec-a}}", "---\nabstract: Here {} it is.\n---\n",
                                   "# Methods {{#sec-methods}}\n\nHere {} it is."])  # fmt: skip
def test_a_comparison_asks_for_a_claim(words: str, frame: str) -> None:
    assert findings(frame.format(words), "claim-needed")


@pytest.mark.parametrize("words", COMPARED + PHRASES)
@pytest.mark.parametrize("frame", ['Here [{} it]{{claim="a"}} is.', '::: {{claim="a"}}\nHere {} it is.\n:::'])
def test_within_a_claim_it_does_not(words: str, frame: str) -> None:
    assert not findings(frame.format(words), "claim-needed")


@pytest.mark.parametrize("text", ["A random forest, a test of interest, at least `a.b`{.val}.", "as well as it says",
                                  "rather than it", "A nearest neighbour, least squares, lower case, more precisely.",
                                  "A lower bound and an upper bound; a majority vote.", "Trained with all features.",
                                  "This leads to errors that are first counted.",
                                  "Most", "# Results {#sec-results}\n\nThe forest is modest."])  # fmt: skip
def test_other_words_compare_nothing(text: str) -> None:
    assert bool(findings(text, "claim-needed")) == (text == "Most")


@pytest.mark.parametrize("text", ['# The best {claim="a"}', '[The best](b){claim="a"}', '`best`{claim="a"}',
                                  '![The best.](a.svg){#fig-a claim="a"}', '```{claim="a"}\nbest\n```',
                                  '::: {claim="a"}\nThe best.\n\nA.\n:::', '::: {claim="a"}\n# The best\n:::',
                                  '::: {claim="a"}\n- The best.\n- A.\n:::'])  # fmt: skip
def test_a_claim_that_nothing_evaluates_or_round_too_much_is_an_error_and_silences_nothing(text: str) -> None:
    (found,) = findings(text, "claim")
    assert (found.line, 'claim="a" on ' in found.text) == (1, True)
    assert findings(text, "claim-needed")


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
SET_ASIDES = {
    f"[Ten flows]{{{OK}}}": "",
    f"::: {{{OK}}}\nFlows.\n:::": "put it on a span",
    f"# Flows {{{OK}}}": "put it on a span",
    f"[flows](b){{{OK}}}": "put it on a span",
    f"> # A {{#sec-a}}\n\n[Ten flows]{{{OK}}}": "",
    f"# Results {{#sec-results}}\n\n> # A {{#sec-a}}\n>\n> [Ten flows]{{{OK}}}": "stands in sec-results",
    f"---\nauthor: '[Ten flows]{{{OK}}}'\n---\n": "stands in front matter",
    f"[{'ten flows, or ' * 11}]{{{OK}}}": "sets aside place 11",
    "[Ten flows]{lint-ok=number-word}": "gives no reason",
    '[Ten flows]{lint-ok="number-word: so"}': "gives no reason",
    '[Ten flows]{lint-ok="numbers: the source says so"}': "names no rule",
    '[Ten flows]{lint-ok="unknown-key: the source says so"}': "names no rule",
    f"[Some flows]{{{OK}}}": "sets nothing aside",
    f"# Results {{#sec-results}}\n\n## Sub\n\n[Ten flows]{{{OK}}}": "stands in sec-results",
    f"# Conclusion {{#sec-conclusion}}\n\n[Ten flows]{{{OK}}}": "stands in sec-conclusion",
    f"---\nabstract: |\n  [Ten flows]{{{OK}}}\n---\n": "stands in abstract",
    "\n\n".join([f"[Ten flows]{{{OK}}}"] * 11): "sets aside place 11",
}


@pytest.mark.parametrize("text", SET_ASIDES)
def test_what_is_set_aside_in_place(text: str) -> None:
    said = [f"{found}" for found in findings(text)]
    assert (
        len(said) == bool(SET_ASIDES[text])
        or "gives no reason" in SET_ASIDES[text]
        or "names no rule" in SET_ASIDES[text]
    )
    assert any(SET_ASIDES[text] in line and "set-aside" in line for line in said) == bool(SET_ASIDES[text])


def test_a_div_round_the_results_sets_nothing_of_them_aside() -> None:
    text = f"::: {{{OK}}}\n\n# Results {{#sec-results}}\n\nTen flows.\n\n:::\n\n# Discussion {{#sec-discussion}}\n"
    assert [(found.rule, found.line) for found in findings(text)] == [("set-aside", 1), ("number-word", 5)]


def test_ten_in_place_are_not_too_many_and_other_rules_still_hold() -> None:
    assert not findings("\n\n".join([f"[Ten flows]{{{OK}}}"] * 10))
    assert [found.rule for found in findings(f"[Ten of 15 flows]{{{OK}}}")] == ["digit"]
