"""Claims in the manuscript: shown, replaced or refused, by the filter that both renderers run."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from paper import pandoc
from paper.chapters import assemble
from tests.conftest import paper_claims

from .test_checks import filtered as said_by_filter
from .test_checks import staged

ROOT = Path(__file__).parents[2]
PAPER = paper_claims()
__all__ = ["staged"]


def filtered(folder: Path, body: str, **rest: str) -> str:
    """As in the checks, on one line."""
    return " ".join(said_by_filter(folder, body, **rest).split())


def entry(holds: bool | None, otherwise: str | None = None, **values: str) -> dict[str, Any]:
    told = {"holds": holds, "condition": "a.b > 1", "values": values, "otherwise": otherwise}
    return told | {"place": "x.claims.yaml:7"}


def write(folder: Path, **claims: dict[str, Any]) -> None:
    record = {name.replace("_", "-"): claim for name, claim in claims.items()}
    (folder / "record" / "claims.json").write_text(json.dumps(record), encoding="utf-8")


def test_a_claim_that_holds_is_shown(staged: Path) -> None:
    write(staged, wins=entry(True, "No."))
    said = filtered(staged, 'So [the forest, `data.flows`{.val}, wins]{claim="wins"}.')
    assert re.search(
        r'So <span data-claim="wins">the forest, <span class="val"[^>]*>56,615</span>, wins</span>\.', said
    )


@pytest.mark.parametrize("holds", [True, False])
def test_a_paragraph_after_a_claim_stands_in_the_pdf_as_after_any_other(staged: Path, holds: bool) -> None:
    """A block of its own would take the indent from it."""
    write(staged, wins=entry(holds, "It loses."))
    said = filtered(staged, 'Before.\n\n::: {claim="wins"}\nIt wins.\n:::\n\nAfter.', to="typst")
    assert f"Before. It {'wins' if holds else 'loses'}. After." in said


def test_otherwise_is_markdown_with_values_citations_references_and_conditions(staged: Path) -> None:
    otherwise = ("it *lost* by `data.flows`{.val form=word} [@doe2019], see @sec-a"
                 '[, on a twin]{when="data.synthetic"}[, really]{when="not data.synthetic"}')  # fmt: skip
    write(staged, wins=entry(False, otherwise))
    said = filtered(staged, '# A {#sec-a}\n\nSo [the forest wins]{claim="wins"}.')
    assert said.startswith("fine")
    for part in ("So <span", "it <em>lost</em> by <span", "56,615", 'data-cites="doe2019"', "sec-a", ", on a twin"):
        assert part in said
    assert "really" not in said
    assert "wins</span>" not in said


def test_a_claim_that_fails_without_otherwise_stops_with_sentence_condition_and_values(staged: Path) -> None:
    write(staged, wins=entry(False, **{"a.b": "0.5", "a.c": "forest"}))
    said = filtered(staged, 'x\n\n[The forest\nwins with `data.flows`{.val}]{claim="wins"}')
    assert "paper.qmd:8: claim 'wins' does not hold: 'The forest wins with 56,615' needs a.b > 1, but " in said
    assert "but a.b = 0.5, a.c = forest." in said


def test_a_claim_in_the_abstract_in_a_caption_and_around_blocks(staged: Path) -> None:
    write(staged, in_abstract=entry(False, "lost"), in_caption=entry(False, "`data.flows`{.val} rows"),
          of_blocks=entry(False, "One.\n\nTwo."))  # fmt: skip
    front = 'bibliography: demo.bib\nabstract: |\n  It [won]{claim="in-abstract"}.'
    body = ('::: {#tbl-a from="long"}\nA [few rows]{claim="in-caption"}.\n:::\n\n'
            '::: {claim="of-blocks"}\nOld.\n:::')  # fmt: skip
    said = filtered(staged, body, front=front)
    assert said.startswith("fine")
    assert "56,615</span> rows" in said
    assert "<p>One.</p> <p>Two.</p>" in said
    assert "Old" not in said
    assert "few" not in said
    (staged / "record" / "claims.json").write_text(json.dumps({"in-abstract": entry(False)}))
    assert "paper.qmd:5: claim 'in-abstract' does not hold: 'won'" in filtered(staged, "x", front=front)


MISTAKES = {
    "unknown": ('[x]{claim="winz"} [y]{claim="wins"}', "paper.qmd:5: unknown claim 'winz'; define it in its"),
    "unused": ("x", "x.claims.yaml:7: no sentence makes the claim 'wins'; mark it"),
    "unknown in a passage that is left out": ('[[x]{claim="winz"}]{when="not data.synthetic"}', "unknown claim 'winz'"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named(staged: Path, mistake: str) -> None:
    write(staged, wins=entry(True))
    body, expected = MISTAKES[mistake]
    assert expected in filtered(staged, body)


def test_a_passage_in_a_passage_that_is_left_out_is_not_checked(staged: Path) -> None:
    write(staged, wins=entry(False), open_one=entry(None))
    said = filtered(staged, ':::: {when="data.synthetic"}\n::: {when="not data.synthetic"}\n[x]{claim="wins"} '
                    '[y]{claim="open-one"}\n:::\n\nz\n::::')  # fmt: skip
    assert said.startswith("fine")
    assert "<p>z</p>" in said


def test_code_in_a_claim_is_quoted_as_it_stands(staged: Path) -> None:
    write(staged, open_one=entry(None))
    said = filtered(staged, '[y `tables/a.csv`]{claim="open-one"}')
    assert "is about values that this build does not have: y tables/a.csv" in said


def test_a_claim_in_a_passage_that_is_left_out_counts_as_made_and_is_not_checked(staged: Path) -> None:
    write(staged, wins=entry(False), open_one=entry(None))
    said = filtered(staged, '[[x]{claim="wins"} [y]{claim="open-one"}]{when="not data.synthetic"} z')
    assert said.startswith("fine")


def test_a_claim_about_what_the_build_lacks_cannot_stand(staged: Path) -> None:
    write(staged, wins=entry(None, "no"))
    assert "claim 'wins' is about values that this build does not have: x" in filtered(staged, '[x]{claim="wins"}')


def test_what_an_outer_claim_replaces_is_not_checked(staged: Path) -> None:
    write(staged, outer=entry(False, "nothing"), inner=entry(False))
    body = '[many, of which [most win]{claim="inner"}]{claim="outer"}'
    assert filtered(staged, body).startswith("fine")
    write(staged, outer=entry(True), inner=entry(False, "few lose"))
    assert "of which <span" in filtered(staged, body)
    assert "few lose" in filtered(staged, body)


@pytest.mark.parametrize(
    ("otherwise", "expected"),
    [
        ("One.\n\nTwo.", "must be one paragraph"),
        ("- a list", "must be one paragraph"),
        ('[x]{claim="wins"}', "makes a claim itself"),
        ("`a.b`{.val}", "unknown value 'a.b'"),
        ("[@nobody2000]", "citation 'nobody2000' is not in the bibliography"),
    ],
)
def test_a_mistake_in_otherwise(staged: Path, otherwise: str, expected: str) -> None:
    write(staged, wins=entry(False, otherwise))
    assert expected in filtered(staged, 'A [x]{claim="wins"}')


def test_labels_of_the_data_are_text_and_only_ours_is_markup(staged: Path) -> None:
    write(staged, wins=entry(False, **{"a.b": "{{< include x >}}"}))
    said = filtered(staged, '[x]{claim="wins"}')
    assert "a.b = {{< include x >}}" in said


def claims_of_the_paper(folder: Path, holds: dict[str, bool]) -> tuple[str, str]:
    """HTML and messages of the paper reduced to its claims, with values that read as their keys."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "record").mkdir(parents=True)
    manuscript = assemble(ROOT / "paper" / "paper.qmd").text
    text = manuscript
    text += "".join(claim.otherwise or "" for claim in PAPER.values())
    forms = {form: f"{form} of it" for form in ("percent", "percent0", "word", "counted", "interval")}
    values = {key: {"value": 1, "text": f"value of {key}", "forms": forms, "definition": None}
              for key in re.findall(r"`([\w.]+)`\{\.val", text)}  # fmt: skip
    values |= {key: {"value": True, "text": "yes", "definition": None}
               for key in re.findall(r'when="(?:not )?([\w.]+)"', text) if key not in values}  # fmt: skip
    record = {name: entry(holds[name], claim.otherwise, **{"a.b": "0.5"}) for name, claim in PAPER.items()}
    (folder / "record" / "values.json").write_text(json.dumps({"values": values}))
    (folder / "record" / "claims.json").write_text(json.dumps(record))
    (folder / "paper.qmd").write_text(manuscript, encoding="utf-8")
    shutil.copyfile(ROOT / "paper" / "references.bib", folder / "references.bib")
    filters = [ROOT / "tests" / "paper" / "claims_only.lua", ROOT / "paper" / "filters" / "flowpaper.lua"]
    command = [pandoc.executable(), "paper.qmd", "--from=markdown", "--to=html", "--wrap=none"]
    command += [f"--lua-filter={path}" for path in filters]
    done = subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, text=True)
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, str]:
    """The paper's claims where all hold, and where all fail that may."""
    folder = tmp_path_factory.mktemp("claims")
    outcomes = {}
    for truth in (True, False):
        html, messages = claims_of_the_paper(folder, {n: truth or not c.otherwise for n, c in PAPER.items()})
        assert html, messages
        outcomes[truth] = html
    return outcomes


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is said where every claim fails."""
    html, messages = claims_of_the_paper(tmp_path_factory.mktemp("claims"), dict.fromkeys(PAPER, False))
    assert not html
    return messages


def passage(html: str, name: str) -> str:
    found = re.search(rf'<div id="c-{name}-1">(.*?)</div>', html, re.DOTALL)
    assert found, f"the paper has no sentence for {name}"
    return re.sub(r"<[^>]+>", "", found[1]).strip()


SPECIAL = re.compile(r"`[^`]+`(?:\{[^}]*\})?|\[?@[\w-]+\]?|\$[^$]+\$|\0")
"""Values, citations and references, formulas, and what was taken out."""


def unconditional(otherwise: str) -> str:
    """The sentence where every condition is true, with a mark at each passage that then does not stand."""
    text, before = re.sub(r"\[(@[\w-]+)\]", r"\1", otherwise), ""
    while text != before:
        before = text
        text = re.sub(r'\[[^\[\]]*\]\{when="not [^"]+"\}', "\0", text)
        text = re.sub(r'\[([^\[\]]*)\]\{when="(?!not )[^"]+"\}', "\0\\1\0", text)
    return text


@pytest.mark.parametrize("name", [name for name, claim in PAPER.items() if claim.otherwise])
def test_a_claim_of_the_paper_gives_way_to_its_other_sentence(name: str, shown: dict[bool, str]) -> None:
    holding, failing = (passage(shown[truth], name) for truth in (True, False))
    assert holding != failing
    literal = max(SPECIAL.split(unconditional(PAPER[name].otherwise or "")), key=len)
    plain = " ".join(literal.split())
    assert plain.replace("'", "’") in failing


@pytest.mark.parametrize("name", [name for name, claim in PAPER.items() if not claim.otherwise])
def test_a_claim_of_the_paper_without_another_sentence_stops_the_build(
    name: str, refused: str, shown: dict[bool, str]
) -> None:
    assert re.search(rf"paper\.qmd:\d+[^:]*: claim '{name}' does not hold: '.{{10,}}' needs a\.b > 1, but", refused)
    assert passage(shown[True], name)
