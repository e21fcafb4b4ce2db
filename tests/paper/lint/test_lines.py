"""Findings name the right line, in the real manuscript, wherever in it something is typed."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from analysis.errors import UserError
from analysis.yaml_loader import SAFE
from paper.chapters import assemble, plain
from paper.lint import exempt
from paper.lint.check import check
from paper.lint.manuscript import parse
from tests.conftest import ROOT

PAPER = ROOT / "paper" / "paper.qmd"
LINES = assemble(PAPER).text.split("\n")
FOUND = [Phase.generate]
"""No smaller failure is looked for: it would take minutes, and the message names its lines."""
MARKUP = re.compile(r"lint-ok|\$|^:::|^#|^!|^---|^\s*[\w-]+:|^\s*$|`sklearn|\{[^}]*$|^[^{]*\}|^:  |^[^`]*`[^`]*$")


def prose() -> list[int]:
    """Numbers of lines in which a word may be put anywhere outside braces, backticks and brackets."""
    front = LINES.index("---", 1)
    first = next(n for n, line in enumerate(LINES) if line.startswith("abstract:")) + 1
    last = next(n for n, line in enumerate(LINES) if line.startswith("keywords:"))
    places = [*range(first, last), *range(front + 1, len(LINES))]
    return [n for n in places if not MARKUP.search(LINES[n].strip())]


def found_in(lines: list[str], rule: str) -> list[tuple[int, str]]:
    document = parse(plain("\n".join(lines), PAPER))
    return [(found.line, found.text) for found in check(document, exempt.read()) if found.rule == rule]


def spoilt(words: dict[int, tuple[float, str]]) -> list[str]:
    """The manuscript with a word put after a space of each of these lines."""
    lines = [*LINES]
    for number, (place, word) in words.items():
        line = LINES[number]
        indent = len(line) - len(line.lstrip())
        outside = re.sub(r"`[^`]*`(\{[^}]*\})?|\[@[^\]]*\]|\{[^}]*\}", lambda m: "x" * len(m[0]), line)
        spaces = [m.end() for m in re.finditer(r"(?<=[a-z,.]) (?=[a-z])", outside)] or [indent]
        at = spaces[int(place * len(spaces))]
        lines[number] = f"{line[:at]}{word} {line[at:]}"
    return lines


def typed_in(words: st.SearchStrategy[str]) -> st.SearchStrategy[dict[int, tuple[float, str]]]:
    """Several lines at a time, because reading the manuscript takes a second."""
    one = st.tuples(st.floats(0, 0.999), words)
    return st.dictionaries(st.sampled_from(prose()), one, min_size=4, max_size=4)


@cache
def typed() -> list[tuple[int, str]]:
    """Digits of the manuscript as it is."""
    return found_in(LINES, "digit")


@settings(max_examples=3, phases=FOUND)
@given(typed_in(st.from_regex(r"[1-9][0-9]{0,3}(\.[0-9]{1,3})?", fullmatch=True)))
def test_any_digit_typed_anywhere_is_found_with_its_line(words: dict[int, tuple[float, str]]) -> None:
    lines = spoilt({number: (place, f"{digits}x") for number, (place, digits) in words.items()})
    found = [one for one in found_in(lines, "digit") if one not in typed()]
    assert [line for line, _ in found] == [number + 1 for number in sorted(words)]
    for (_, text), number in zip(found, sorted(words), strict=True):
        assert f"'{words[number][1]}'" in text


@settings(max_examples=2, phases=FOUND)
@given(typed_in(st.sampled_from(["thirteen", "ninety", "thrice"])))
def test_any_number_word_is_found_with_its_line(words: dict[int, tuple[float, str]]) -> None:
    found = found_in(spoilt(words), "number-word")
    for number, (_, word) in words.items():
        assert number + 1 in [line for line, text in found if word in text]


def test_a_typed_result_is_found_in_both_forms() -> None:
    number = next(n for n in prose() if n > LINES.index("# Results {#sec-results}"))
    lines = [*LINES]
    lines[number] += " The F1 is 0.97, over thirteen percent."
    assert [line for line, _ in found_in(lines, "digit")] == [number + 1]
    assert [line for line, text in found_in(lines, "number-word") if "thirteen percent" in text] == [number + 1]


def test_repeated_text_is_told_apart() -> None:
    body = "Of 15 flows.\n\n" * 3 + "> Of 15 flows.\n\nTerm\n:   Of 15 flows.\n\n![Of 15 flows.](a.svg){#fig-a15}\n"
    assert [line for line, _ in found_in(body.split("\n"), "digit")] == [1, 3, 5, 7, 10, 12]


def test_a_number_in_a_code_block_has_its_own_line() -> None:
    text = "Text.\n\n```\na = b\nF1 = 97\n```\n\nOf 15.\n"
    assert [line for line, _ in found_in(text.split("\n"), "digit")] == [5, 8]


def test_characters_without_width_do_not_move_the_lines() -> None:
    text = "Of thir\u200bteen.\n\nA wo\u00adrd.\n\nOf thir\u2060teen.\n"
    assert [line for line, _ in found_in(text.split("\n"), "number-word")] == [1, 5]


def test_lines_in_the_front_matter_do_not_depend_on_its_order() -> None:
    text = "---\ntitle: Of 15\nkeywords: [a, 16]\nabstract: |\n  A.\n\n  Of 17\n  and 18.\n---\nOf 19.\n"
    assert [line for line, _ in found_in(text.split("\n"), "digit")] == [2, 3, 7, 8, 10]


def test_markup_spelled_otherwise_does_not_move_the_lines() -> None:
    text = "A&nbsp;word -- and... &#57; it's\n\n[^n]: Of 15.\n\nText[^n].\n\n![A](x.svg){#b .c fig-alt='d'}\n\nOf 16.\n"
    lines = {found.split("'")[1]: line for line, found in found_in(text.split("\n"), "digit")}
    assert (lines["9"], lines["16"]) == (1, 9)


@pytest.mark.parametrize("text", ["[" * 3000 + "]" * 3000, "a: " + "{a: " * 3000 + "}" * 3000])
@pytest.mark.parametrize("loader", [SAFE, yaml.SafeLoader], ids=["as it is", "without libyaml"])
def test_brackets_without_end_are_one_message(
    tmp_path: Path, text: str, loader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    manuscript = tmp_path / "paper.qmd"
    manuscript.write_text("Text.")
    (tmp_path / "paper.claims.yaml").write_text(text)
    monkeypatch.setattr("paper.lint.manuscript.SAFE", loader)
    with pytest.raises(UserError, match=r"paper.claims.yaml: cannot be read: its brackets are nested too deeply"):
        parse(assemble(manuscript))


def test_the_sentences_of_claims_are_linted_with_their_own_lines(tmp_path: Path) -> None:
    manuscript, claims = tmp_path / "paper.qmd", tmp_path / "paper.claims.yaml"
    manuscript.write_text("Text.\n\nText.\n")
    claims.write_text("best:\n  condition: a > b\n  otherwise: >-\n    The highest F1\n    is 0.97 of `a.b`{.val}.\n")
    document = parse(assemble(manuscript))
    (found,) = check(document, exempt.read())
    assert (Path(found.path), found.line, found.rule) == (claims, 5, "digit")
    assert [(key, document.manuscript.place(line)) for key, line in document.keys] == [("a.b", (claims, 5))]
    claims.write_text('best:\n  otherwise: >-\n    Of\n    [them]{lint-ok="digit: as it must be"}.\n')
    (found,) = check(parse(assemble(manuscript)), exempt.read())
    assert (Path(found.path), found.line, found.rule) == (claims, 4, "set-aside")
