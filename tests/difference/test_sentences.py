"""Sentences of a page with their values and claims."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.difference.sentences import Paper


def texts(page: str) -> list[str]:
    return [sentence.text for sentence in Paper(page).sentences]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p>One is 0.5. Two is 1.5!  Three?</p>", ["One is 0.5.", "Two is 1.5!", "Three?"]),
        ("<p>As Smith et al. 2020 say. It is so.</p>", ["As Smith et al. 2020 say.", "It is so."]),
        ("<p>By I. Sharafaldin, e.g. Here.</p>", ["By I. Sharafaldin, e.g. Here."]),
        ("<p>See Fig. 3 (ends so). “Next” one.</p>", ["See Fig. 3 (ends so).", "“Next” one."]),
        ("<p>a\n b</p><p>c</p>", ["a b", "c"]),
        ("<ul><li>One</li><li><p>Two</p></li></ul>", ["One", "Two"]),
        ("<h1>Not this</h1><p>But <em>this</em>.</p><nav><p>Nor</p></nav>", ["But this."]),
        ("<p>x <math><mi>r</mi><annotation>ignored</annotation></math> = 1.</p>", ["x r = 1."]),
        ("<p>wo\u2060rd\u00ad break</p>", ["word break"]),
        ("<table><tr><td>1</td></tr></table><p>a<br>b</p>", ["a b"]),
        ('<dl class="value-list"><dd>a value</dd></dl><div id="refs"><p>X</p></div><p>y</p>', ["y"]),
        ("<script>var x = '<p>no</p>';</script><style>p{}</style><p>&lt;b&gt; &amp;</p>", ["<b> &"]),
        ('<figcaption>Bars. <a class="source" href="#s">Source</a></figcaption>', ["Bars."]),
        ("", []),
    ],
)
def test_what_is_a_sentence(page, expected):
    assert texts(page) == expected


def test_where_values_and_claims_stand():
    paper = Paper(
        '<div class="abstract"><p>It is <span class="val" data-key="a.b">0.5</span> here. '
        '<span data-claim="leads">It leads by <a class="val" data-key="c.d">2</a></span> now.</p></div>'
        '<p>Again <span class="val" data-key="a.b">0.5</span>.</p>'
        '<table><tr><td><span class="val" data-key="t.u">9</span></td></tr></table>'
        '<div data-claim="block"><p>One. Two.</p></div>'
    )
    assert [one.text for one in paper.showing("a.b")] == ["It is 0.5 here.", "Again 0.5."]
    assert [one.abstract for one in paper.showing("a.b")] == [True, False]
    assert paper.of_the_abstract == ["a.b", "c.d"]
    (leads,) = paper.making("leads")
    assert [(p.text, p.key) for p in leads.pieces if "leads" in p.claims] == [("It leads by ", ""), ("2", "c.d")]
    assert [one.text for one in paper.making("block")] == ["One.", "Two."]
    assert paper.showing("t.u") == paper.showing("nowhere") == []
    assert paper.claims == ["leads", "block"]


WORDS = st.lists(st.text(st.sampled_from("abAB01.!?’,é<&"), min_size=1), min_size=1)


@given(st.lists(WORDS, max_size=5))
def test_no_word_is_lost_and_none_is_made(paragraphs):
    page = "".join(f"<p>{html.escape(' '.join(words))}</p>" for words in paragraphs)
    expected = [word for words in paragraphs for word in words]
    assert " ".join(texts(page)).split() == expected
