"""The rule that sorts, and that it is the one that is stated."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analysis.difference.changes import ABSTRACT, APART, OVERLAP, RECORD, TEXT, UNKNOWN, Change
from analysis.difference.sentences import Piece, Sentence
from analysis.difference.weight import RULE, by_sentence, by_weight


def change(key: str, place: int = TEXT, intervals: str = UNKNOWN, size: float = 0.5, sentence: str = "") -> Change:
    one = Sentence((Piece(sentence),)) if sentence else None
    return Change(key, ("", ""), ("1", "2"), 1.0, "+1", intervals, "same", place, size, (one, one), 0)


IN_ORDER = [
    change("a.small", ABSTRACT, APART, 0.1),
    change("a.unknown", ABSTRACT, UNKNOWN, 1.0),
    change("a.overlap", ABSTRACT, OVERLAP, 0.9),
    change("t.large", TEXT, APART, 0.4),
    change("t.less", TEXT, APART, 0.3),
    change("t.less.too", TEXT, APART, 0.3),
    change("r.largest", RECORD, APART, 2.0),
    change("r.overlap", RECORD, OVERLAP, 3.0),
]


@given(st.permutations(IN_ORDER))
def test_the_order_is_that_of_the_rule_whatever_came_first(changes):
    assert by_weight(changes) == IN_ORDER


def test_a_sentence_comes_once_where_its_first_number_does():
    changes = [change("x.minor", size=0.1, sentence="A."), change("y.major", size=0.9, sentence="B."),
               change("z.top", ABSTRACT, sentence="A.")]  # fmt: skip
    assert [(s[0].text, [one.key for one in group]) for s, group in by_sentence(changes)] == [
        ("A.", ["z.top", "x.minor"]), ("B.", ["y.major"]),
    ]  # fmt: skip


def test_the_rule_stands_in_the_docs(root):
    assert RULE in " ".join((root / "docs/differences.md").read_text(encoding="utf-8").split())
