"""Numbers that were typed: digits, and words that count."""

from __future__ import annotations

import re
from collections.abc import Iterator

from paper.lint import code_and_math
from paper.lint.text import Document, Hit, Passage

# A run of anything numeric: superscripts, fractions and digits of other scripts too.
NUMERIC = r"\d½⅓⅔¼¾⅐-↉²³¹⁰-⁹₀-₉①-⓿❶-➓㈠-㈩㊀-㊉"
DIGITS = re.compile(rf"[{NUMERIC}]+(?:[.,:/][{NUMERIC}]+)*")

UNITS = "two three four five six seven eight nine ten eleven twelve"
TEENS = "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
LARGE = "dozen hundred thousand million billion trillion"
CARDINAL = "|".join([*UNITS.split(), *TEENS.split(), *TENS.split(), *(f"{word}s?" for word in LARGE.split()), "tens"])
ARTICLE = rf"(?:(?:one|an?)[\s-]+(?=(?:{'|'.join(LARGE.split())})\b))?"
ORDINAL = """third quarter fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
 fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth fortieth fiftieth sixtieth seventieth
 eightieth ninetieth hundredth thousandth millionth"""
ORDINALS = "|".join(ORDINAL.split())
PARTS = rf"hal(?:f|ves)|(?:{ORDINALS})s?"
SIMPLE = rf"hal(?:f|ves)|(?:{ORDINALS})s"
COUNTED = "flows?|attacks?|features?|models?|types?|classes|errors?|alarms?"
MEASURE = "F1|accuracy|precision|recall|rate|prevalence|share|AUC|distance|correlation|probability"
PERCENT = r"percent|per\s+cent|percentage\s+points?|per\s+mille"
NUMBER = rf"(?:{CARDINAL})"
WORDS = re.compile(
    r"\b(?:"
    + "|".join(
        (
            # A third of them, but not a third model.
            rf"(?:an?|one|{NUMBER})\s+(?:{PARTS})(?=\s+(?:of|as|more|less|the)\b|[.;])",
            rf"(?:one|{NUMBER})[\s-]+(?:{PARTS})",
            rf"(?:one|{NUMBER})\s+(?:(?:out\s+)?of(?:\s+(?:the|those|all))?|in(?:\s+every)?)\s+{NUMBER}",
            rf"(?:zero|one|half\s+an?)\s+(?:{PERCENT})",
            rf"{ARTICLE}{NUMBER}(?:(?:[\s-]+and)?[\s-]+{NUMBER})*(?:-?fold|[\s-]+(?:{PERCENT}|{COUNTED}))?",
            rf"zero\s+(?:{COUNTED})",
            rf"(?:{MEASURE})(?:\s+(?:is|was|of|at|near|then|reaches|equals)){{1,2}}\s+(?:zero|one)",
            r"twice|thrice|twofold|threefold|tenfold|hundredfold",
            r"doubl(?:e|es|ed|ing)|tripl(?:e|es|ed|ing)|quadrupl(?:e|es|ed|ing)|halv(?:e|es|ed|ing)",
            rf"(?<!\ufffc\s)(?:{PERCENT})",  # after a value it is a unit
            SIMPLE,
            rf"every\s+(?:second|{ORDINALS})",
            r"nought|naught|nil|zilch|nothing\s+but\s+zeros?",
            r"trebl(?:e|es|ed|ing)|quintupl(?:e|es|ed|ing)|sextupl(?:e|es|ed|ing)",
            r"orders?\s+of\s+magnitude",
        )
    )
    + r")\b",
    re.IGNORECASE,
)


def digits(document: Document) -> Iterator[Hit]:
    """Digits in running text; and numbers in code or mathematics."""
    for passage in document.passages:
        for match in DIGITS.finditer(passage.text):
            yield Hit(passage, match.start(), match.end())
        yield from _in_code_and_math(passage)


def _in_code_and_math(passage: Passage) -> Iterator[Hit]:
    for start, atom in passage.wrapped():
        if code_and_math.is_number(atom):
            what = "mathematics" if atom.kind == "math" else "code"
            yield Hit(passage, start, start + 1, f"{atom.text.strip()} as {what}")


def words(document: Document) -> Iterator[Hit]:
    """Number words that count: cardinals from two on, fractions, percentages, multiples."""
    for passage in document.passages:
        for match in WORDS.finditer(passage.text):
            yield Hit(passage, match.start(), match.end())
        for start, atom in passage.wrapped():
            for match in WORDS.finditer(code_and_math.words(atom)):
                yield Hit(passage, start, start + 1, match[0])
