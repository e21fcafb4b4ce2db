"""The lint as it is called: with and without a record, its message, its pages and its exemptions."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from analysis.errors import UserError
from paper.chapters import assemble
from paper.lint import exempt
from paper.lint.check import check, demand_known, demand_sound, errors, lint
from paper.lint.early import demand_claims, unknown_tables
from paper.lint.manuscript import parse
from paper.lint.rules import RULES
from tests.conftest import ROOT
from tests.paper.conftest import HERE, make_build

BIBLIOGRAPHY = HERE / "demo.bib"


def write(folder: Path, body: str) -> Path:
    """A manuscript with this body, from line 5."""
    path = folder / "paper.qmd"
    path.write_text(f"---\ndate: 2026-01-31\nbibliography: demo.bib\n---\n{body}\n", encoding="utf-8")
    return path


# What is found before anything is computed, each with a mistake and with the same without it.
EARLY = {
    "unknown-key": ("`binary f1`{.val}", "`binary.nobody.f1`{.val}"),
    "unresolved-reference": ("See @sec-b.\n\n# A {#sec-a}", "See @sec-a and @eq-x.\n\n# A {#sec-a}\n\n$$x$$ {#eq-x}"),
    "unresolved-citation": ("[@doe2018]", "[@doe2019]"),
    "duplicate-id": ("# A {#sec-a}\n\n# B {#sec-a}", '::: {when="a.b"}\n# A {#sec-a}\n:::\n\n# B {#sec-a}'),
    "missing-picture": ("![x](figures/none.svg){#fig-a}", "![x](figures/roc_pr.svg){#fig-a}"),
    "claim": ('[x]{claim="no-such"}', '[x]{claim="known"}'),
}


@pytest.mark.parametrize("rule", EARLY)
@pytest.mark.parametrize("wrong", [True, False])
def test_what_needs_no_values_is_found_without_a_record(tmp_path: Path, rule: str, wrong: bool) -> None:
    (tmp_path / "paper.claims.yaml").write_text("known:\n  holds: a.b > 1\n  note: n\n")
    path = write(tmp_path, EARLY[rule][not wrong])
    found = errors(lint(path, None, BIBLIOGRAPHY))
    assert {one.rule for one in found} == ({rule} if wrong else set())
    if wrong:
        assert str(found[0]).startswith(f"{path.as_posix()}:{7 if rule == 'duplicate-id' else 5}: {rule}: ")


def test_a_table_that_no_step_makes_is_found_without_a_record(tmp_path: Path) -> None:
    path = write(tmp_path, '::: {when="a.b"}\n::: {#tbl-a from="cleanin"}\nC.\n:::\n:::')
    (found,) = unknown_tables(assemble(path), {"cleaning", "split"})
    assert (found.line, found.rule) == (6, "unknown-table")
    assert "no step makes a table 'cleanin'; nearest: cleaning" in str(found)
    assert unknown_tables(assemble(path), {"cleanin"}) == []


def test_a_passage_whose_condition_can_be_no_key_is_found_without_a_record(tmp_path: Path) -> None:
    (found,) = errors(lint(write(tmp_path, '[x]{when="not datasynthetic"}'), None, BIBLIOGRAPHY))
    assert (found.line, found.rule) == (5, "unknown-key")


@pytest.mark.parametrize(
    ("body", "said"),
    [("`binary.adaboost.f2`{.val}", "unknown value 'binary.adaboost.f2'; nearest: "),
     ('[x]{when="data.synthetik"}', "unknown value 'data.synthetik'"),
     ('::: {#tbl-a from="wide" columns="feature men"}\nC.\n:::', "table 'wide' has no column 'men'"),
     ("`binary.adaboost.f1`{.val}", None)],
)  # fmt: skip
def test_what_the_record_of_before_does_not_have_is_found_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, said: str | None
) -> None:
    build, code = make_build(tmp_path / "build"), tmp_path / "code.py"
    write(tmp_path, body)
    (tmp_path / "references.bib").write_text(BIBLIOGRAPHY.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr("paper.lint.check.HERE", tmp_path)
    code.touch()
    os.utime(code, (0, 0))
    with pytest.raises(UserError, match=said) if said else nullcontext():
        demand_known(assemble(tmp_path / "paper.qmd"), {"wide"}, build, [code])
    later = (build / "values.json").stat().st_mtime + 10
    os.utime(code, (later, later))
    demand_known(assemble(tmp_path / "paper.qmd"), {"wide"}, build, [code])  # the code may make other values now
    (build / "values.json").unlink()
    demand_known(assemble(tmp_path / "paper.qmd"), {"wide"}, build, [code])


def test_a_condition_that_is_none_is_found_without_a_record(tmp_path: Path) -> None:
    (tmp_path / "paper.claims.yaml").write_text("known:\n  holds: a.b >\n  note: n\n")
    with pytest.raises(UserError, match=r"paper\.claims\.yaml: claim 'known': the condition 'a\.b >' "):
        demand_claims(assemble(write(tmp_path, "Text.")))


def test_the_paper_is_ready_for_a_build(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    demand_sound()


# What the filters find, each rule with a mistake and with the same without it.
FILTERED = {
    "unknown-key": ("`binary.forest.f1`{.val}", "`binary.random_forest.f1`{.val}"),
    "unknown-table": ('::: {#tbl-a from="binary_model"}\nx\n:::', '::: {#tbl-a from="binary_models"}\nx\n:::'),
    "unresolved-reference": ("See @sec-b.\n\n# A {#sec-a}", "See @sec-a.\n\n# A {#sec-a}"),
    "unresolved-citation": ("[@doe2018]", "[@doe2019]"),
    "duplicate-id": ("# A {#sec-a}\n\n# B {#sec-a}", "# A {#sec-a}\n\n# B {#sec-b}"),
    "missing-picture": ("![x](figures/none.svg){#fig-a}", "![x](figures/heatmap.svg){#fig-a}"),
    "no-alt-text": ("![x](figures/bare.svg){#fig-a}", '![x](figures/bare.svg){#fig-a fig-alt="Bars."}'),
    "no-caption": ('::: {#tbl-a from="long"}\n:::', '::: {#tbl-a from="long"}\nx\n:::'),
    "not-understood": ("`data.flows` {.val}", "`data.flows`{.val}"),
    "claim": ('[x]{claim="no-such"}', "x"),
    "manuscript": (
        "\n\n".join(f"# A {{#sec-{c} .appendix}}" for c in "abcdefghijklmnopqrstuvwxyzä"),
        "# A {#sec-a .appendix}",
    ),
}


@pytest.mark.parametrize("rule", FILTERED)
@pytest.mark.parametrize("wrong", [True, False])
def test_what_the_filters_find_is_a_finding_of_its_rule(build: Path, tmp_path: Path, rule: str, wrong: bool) -> None:
    (build / "figures" / "bare.svg").write_text("<svg/>")
    path = write(tmp_path, FILTERED[rule][not wrong])
    found = errors(lint(path, build, BIBLIOGRAPHY))
    assert {one.rule for one in found} == ({rule} if wrong else set())
    if wrong and rule != "manuscript":
        assert str(found[0]).startswith(f"{path.as_posix()}:5: {rule}: {RULES[rule].message}: ")


def test_a_claim_that_nobody_makes_is_found_where_it_stands(build: Path, tmp_path: Path) -> None:
    claims = {"wins": {"holds": True, "place": "a/b.claims.yaml:4"}, "loses": {"holds": True}}
    (build / "claims.json").write_text(json.dumps(claims))
    (found,) = errors(lint(write(tmp_path, '[x]{claim="loses"}'), build, BIBLIOGRAPHY))
    assert (found.path, found.line, found.rule) == ("a/b.claims.yaml", 4, "claim")
    assert "no sentence makes the claim 'wins'" in found.text


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_alternative_text_is_none(build: Path, tmp_path: Path, text: str) -> None:
    (build / "figures" / "heatmap.json").write_text(f'{{"alt": "{text}"}}')
    found = errors(lint(write(tmp_path, "![x](figures/heatmap.svg){#fig-a}"), build, BIBLIOGRAPHY))
    assert [one.rule for one in found] == ["no-alt-text"]


def test_what_is_not_in_this_builds_paper_is_not_asked_for(build: Path, tmp_path: Path) -> None:
    text = '[`seeds.margin`{.val}]{when="not data.synthetic"} [of 15]{when="not data.synthetic"}'
    assert [one.rule for one in errors(lint(write(tmp_path, text), build, BIBLIOGRAPHY))] == ["digit"]


def test_a_key_twice_in_the_record(build: Path, tmp_path: Path) -> None:
    values = build / "values.json"
    values.write_text(re.sub(r'"data.flows": (\{.*?\n  \})', r'"data.flows": \1, "data.flows": \1',
                             values.read_text(), count=1, flags=re.DOTALL))  # fmt: skip
    found = errors(lint(write(tmp_path, "`data.flows`{.val}"), build, BIBLIOGRAPHY))
    assert [one.rule for one in found] == ["duplicate-key"]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "paper.lint", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_the_command_lists_unused_values_and_succeeds(build: Path, tmp_path: Path) -> None:
    path = write(tmp_path, "`data.flows`{.val}")
    done = run(path, "--record", build, "--bibliography", BIBLIOGRAPHY, "--unused", tmp_path / "unused.txt")
    assert done.returncode == 0, done.stderr
    unused = (tmp_path / "unused.txt").read_text().splitlines()
    assert "data.prevalence" in unused
    assert "data.flows" not in unused
    assert f"{len(unused)} values of the record are never shown" in done.stdout


def test_the_command_fails_with_all_findings_in_one_message(tmp_path: Path) -> None:
    path = write(tmp_path, "An F1 of 0.97.\n\nThirteen percent, the highest.")
    done = run(path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("flowpaper: the lint of the manuscript found 3 errors")
    assert f"{path.as_posix()}:5: digit: a typed number; show a value: '0.97' in 'An F1 of 0.97.'" in done.stderr
    assert f"{path.as_posix()}:7: number-word: " in done.stderr
    assert f"{path.as_posix()}:7: claim-needed: " in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.qmd"], "there is no nowhere.qmd: name the manuscript"),
        (["paper/paper.qmd", "--record", "docs"], "docs holds no values.json: name the folder of a build"),
    ],
)
def test_a_wrong_call_is_one_message(arguments: list[str], message: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert message in done.stderr


def test_a_manuscript_that_pandoc_cannot_read(tmp_path: Path) -> None:
    path = tmp_path / "paper.qmd"
    path.write_text("---\ntitle: [a\n---\nText.\n")
    with pytest.raises(UserError, match=r"(?s)paper\.qmd: Pandoc failed: .*line 2"):
        lint(path, None, BIBLIOGRAPHY)
    path.write_bytes(b"caf\xe9")
    with pytest.raises(UserError, match="byte 3 is not UTF-8"):
        lint(path, None, BIBLIOGRAPHY)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_its_page(rule: str) -> None:
    text = (ROOT / RULES[rule].page).read_text(encoding="utf-8")
    assert text.startswith(f"# {rule}\n\n{RULES[rule].severity.capitalize()}. ")
    assert f"[{rule}]({rule}.md)" in (ROOT / "docs/lint/README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", [rule.id for rule in RULES.values() if rule.check])
def test_the_example_of_a_page_fires_and_its_counterpart_does_not(rule: str, tmp_path: Path) -> None:
    fences = re.findall(r"```markdown\n(.*?)\n```", (ROOT / RULES[rule].page).read_text(encoding="utf-8"), re.DOTALL)
    if not fences:
        pytest.skip("a rule of the record, without an example")
    said = []
    for text in fences:
        path = tmp_path / "example.qmd"
        path.write_text(text, encoding="utf-8")
        said.append(rule in {found.rule for found in check(parse(assemble(path)), exempt.read())})
    assert said == [True, False]


MISTAKES = {
    "[{name: a, rules: [digit]}]": "entry 1: needs name, rules, reason and patterns",
    "[{name: a, rules: [digit], reason: b, patterns: []}]": "would set everything aside",
    "[{name: a, rules: [digits], reason: b, patterns: [c]}]": "digits cannot be set aside",
    "[{name: a, rules: [unknown-key], reason: b, patterns: [c]}]": "unknown-key cannot be set aside",
    "[{name: a, rules: [digit], reason: b, pattern: [c]}]": "entry 1: needs",
    "[{name: a, rules: [digit], reason: b, patterns: ['(']}]": "not a regular expression",
    "[{name: a, rules: [claim-needed], reason: b, sections: [sec-methods]}]": "entry 1: needs",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_among_the_named_rules_is_one_message(tmp_path: Path, text: str) -> None:
    (tmp_path / "exempt.yaml").write_text(text)
    with pytest.raises(UserError, match=re.escape(MISTAKES[text])):
        exempt.read(tmp_path / "exempt.yaml")


def test_the_papers_own_set_asides_are_few_and_names_are_given_once() -> None:
    paper = parse(assemble(ROOT / "paper" / "paper.qmd"))
    assert len(paper.set_asides) <= 10
    # Ids by which the lint knows where nothing is set aside.
    assert {"abstract", "sec-results", "sec-conclusion"} <= {name for one in paper.passages for name in one.sections}
    names = [one.name for one in exempt.read()]
    assert len(set(names)) == len(names)


def test_the_paper_types_no_number() -> None:
    found = check(parse(assemble(ROOT / "paper" / "paper.qmd")), exempt.read())
    assert not [str(one) for one in found if one.rule != "claim-needed"]
