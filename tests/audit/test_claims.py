"""Claims: their file, their evaluation, and that each one of the paper can hold and can fail."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis.audit.claims import PaperClaim, evaluate, keys_of, load
from analysis.audit.condition import Condition, ConditionError
from analysis.errors import UserError
from analysis.record import Column, Table, write_json
from analysis.record.address import Tables
from paper.chapters import assemble
from paper.pandoc import executable
from tests.conftest import paper_claims

from .claim_cases import CASES, cells, entries

PAPER = paper_claims()
VALUES = entries({"binary.best.f1": 0.9, "data.flows": 5, "data.synthetic": True, "a.none": None})


def said(tmp_path: Path, text: str, values: dict[str, Any] = VALUES) -> str:
    """What the step says of a claims file with this text; '' where it is content."""
    path = tmp_path / "claims.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        evaluate(load(path), values, path.name)
    except UserError as error:
        return str(error)
    return ""


def test_every_claim_of_the_paper_has_its_case() -> None:
    assert PAPER.keys() == CASES.keys()


@pytest.mark.parametrize("name", PAPER)
def test_a_claim_of_the_paper_holds_and_fails(tmp_path: Path, name: str) -> None:
    holding, change = CASES[name]
    claims = {name: PAPER[name]}
    shown = entries(dict.fromkeys(keys_of(PAPER[name].otherwise or ""), 1))
    held = evaluate(claims, shown | entries(holding), "", cells(holding, tmp_path / "holding"))
    assert held[name]["holds"] is True
    changed = holding | change
    failed = evaluate(claims, shown | entries(changed), "", cells(changed, tmp_path / "changed"))[name]
    assert failed["holds"] is False
    assert failed["otherwise"] == PAPER[name].otherwise
    assert set(change) & set(failed["values"]), "the value that was changed is among those reported"


@pytest.mark.parametrize("name", [name for name, claim in PAPER.items() if claim.when])
def test_a_claim_about_what_a_build_lacks_is_left_open(name: str) -> None:
    assert PAPER[name].when
    result = evaluate({name: PAPER[name]}, entries({str(PAPER[name].when): False}), "")[name]
    assert (result["holds"], result["values"]) == (None, {})


def test_the_result_names_values_and_their_texts(tmp_path: Path) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text("a-b: {holds: binary.best.f1 > 0.5 and data.flows < 9, note: x, otherwise: No.}")
    assert evaluate(load(path), VALUES, "")["a-b"] == {
        "holds": True, "condition": "binary.best.f1 > 0.5 and data.flows < 9", "otherwise": "No.",
        "values": {"binary.best.f1": "0.9", "data.flows": "5"},
    }  # fmt: skip


def claim(condition: str) -> str:
    return json.dumps({"some-id": {"holds": condition, "note": "x"}})


CONDITIONS = {
    "__import__('os').system('true')": "calls __import__('os').system; a condition may call abs, min",
    "__import__('os')": "calls __import__;",
    "10**10**10": "uses Pow",
    "10**10**10 > binary.best.f1": "uses Pow",
    "binary.best.fl > 0.5": "names the value 'binary.best.fl', which this build does not have; nearest: binary.best.f1",
    "binary.best.f1": "gives '0.9', which is neither true nor false",
    "1 < 2": "is constant",
    "True": "is constant",
    "binary.best.f1 > 0.5 or True": "is constant where it says 'True'",
    "binary.best.f1 == binary.best.f1": "is constant where it says 'binary.best.f1 == binary.best.f1'",
    "a.none > 1": "needs the value 'a.none', which is missing in this build (not in these data)",
    "data.flows > 'many'": "'data.flows > 'many'' compares a number with a text",
    "data.flows / 0 > 1": "cannot be evaluated: division by zero",
    "binary.best.f1.__class__ == 1": "names the value 'binary.best.f1.__class__', which",
    "().__class__.__bases__ == data.flows": "uses Attribute",
    "[x for x in data.flows]": "uses ListComp",
    "(lambda: data.flows)()": "calls lambda",
    "f'{data.flows}' == 'x'": "uses JoinedStr",
    "(data.flows := 1) > 1": "is not an expression over value keys",
    "data.flows << 99 > 1": "uses LShift",
    "rank.1.r > 0": "is not an expression over value keys",
    "data.flows >": "is not an expression over value keys",
    "available(1)": "calls available with something else than one key",
    "max(data.flows, key=abs) > 1": "uses keyword",
    "open('x') == data.flows": "calls open",
    "list(data.flows) == [5]": "calls list",
    "data.flows > True": "compares a number with a truth",
    "data.flows == 'a'": "compares a number with a text",
    "data.flows not in ['a']": "compares a number with a list",
    "abs == data.flows": "names the value 'abs'",
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_bad_condition_is_one_message_with_file_id_and_condition(tmp_path: Path, condition: str) -> None:
    message = said(tmp_path, claim(condition))
    assert message.startswith("claims.yaml: claim 'some-id': the condition '" + condition)
    assert CONDITIONS[condition] in message
    assert "\n" not in message


@pytest.mark.parametrize("call", ["list", "tuple", "dict", "set"])
def test_the_white_list_does_not_grow(call: str) -> None:
    Condition("data.flows > 1").holds(VALUES)
    with pytest.raises(ConditionError, match=f"calls {call}; a condition may call abs, min, max, len, all, any, a"):
        Condition(f"{call}([data.flows]) == [5]")


SCORES = Table.of(
    "scores",
    "Scores",
    [
        *(Column(key, key.title()) for key in ("split", "model")),
        Column("f1", "F1", "fixed:3", low="f1_low", high="f1_high", interval="bootstrap"),
        *(Column(key, key, "fixed:3") for key in ("f1_low", "f1_high")),
    ],
    [
        {"split": split, "model": model, "f1": Table.cell(f1, "fixed:3", reason="no attacks"),
         "f1_low": Table.cell(f1 and f1 - 0.01, "fixed:3", reason="no attacks"),
         "f1_high": Table.cell(f1 and f1 + 0.01, "fixed:3", reason="no attacks")}
        for split, model, f1 in (("random", "forest", 0.9), ("random", "Web Attack, 'XSS'", 0.95),
                                 ("day_forward", "forest", 0.5), ("day_forward", "tree", 0.4), ("file", "tree", None))
    ],
    data="test",
    id=("split", "model"),
)  # fmt: skip
CELLS = {
    "max(scores[split=day_forward].f1) < min(scores[split=random].f1)": True,
    "len(scores[split=random].f1) == 2 and scores[split=random,model=forest].f1 < data.flows": True,
    "scores[split=random,model='Web Attack, ''XSS'''].f1 < 0.95": False,
    "available(scores[split=file,model=tree].f1)": False,
    "'forest' in scores[split=random].model": True,
    "max(scores[split=random,model=forest].f1) == min(scores[split=random,model=forest].f1)": True,
    "len(scores[split=random,model=forest].f1) == 1 and len(scores[split=random].f1) == 2": True,
    "max(scores[].f1) > 0": "'scores[].f1', which is missing in this build (row file.tree: no attacks)",
    "available(scores[].f1) and max(scores[].f1) > 0": False,
    "max(scores[split=file,model=tree].f1) > 0": "which is missing in this build (no attacks)",
    "max(scores[model='Web Attack, ''XSS'''].f1) > 0.9": True,
    "scores[split=radnom].f1 > 0": "table 'scores' has no such row with split 'radnom'; nearest: random",
    "scores[spilt=random].f1 > 0": "table 'scores' has no column 'spilt'; nearest: split",
    "scores[split=random].fl > 0": "table 'scores' has no column 'fl'; nearest: f1",
    "score[split=random].f1 > 0": "there is no table 'score'; nearest: scores",
    "scores[split=random].f1 > 0": "compares a list with a number",
    "scores[split=random,model=forest].f1": "gives '0.9', which is neither true nor false",
    "scores[split=file].f1 == scores[split=file].f1": "compares a thing with itself",
}


@pytest.mark.parametrize("condition", CELLS)
def test_a_condition_asks_cells_by_their_address(tmp_path: Path, condition: str) -> None:
    write_json(tmp_path / "scores.json", SCORES.to_json())
    claims, expected = {"a": PaperClaim(holds=condition, note="x")}, CELLS[condition]
    if isinstance(expected, bool):
        assert evaluate(claims, VALUES, "", Tables(tmp_path))["a"]["holds"] is expected
        return
    with pytest.raises(UserError) as said:
        evaluate(claims, VALUES, "claims.yaml", Tables(tmp_path))
    assert expected in str(said.value)
    assert "cell_" not in str(said.value)


def test_a_condition_may_go_over_several_lines(tmp_path: Path) -> None:
    text = "a: {note: x, otherwise: y, holds: %s}"
    assert said(tmp_path, "a:\n  note: x\n  holds: |\n    data.flows > 1\n    and data.flows < 9\n") == ""
    assert "invalid syntax" in said(tmp_path, text % "data.flows > 1 data.synthetic")


def test_a_when_that_is_wrong_is_quoted_itself(tmp_path: Path) -> None:
    message = said(tmp_path, "a: {note: x, holds: data.flows > 1, when: data.sinthetic}")
    assert message.startswith("claims.yaml: claim 'a': the condition of its 'when', 'data.sinthetic' names the value")


@pytest.mark.parametrize(
    ("otherwise", "key"),
    [
        ("So `data.flow`{.val form=word}", "data.flow"),
        ("So [it is]{when='data.synthetic'} `data.flow` {.val}", "data.flow"),
        ('So [it is]{when="not data.real"}', "data.real"),
        ('So `data.flows`{.val} [or `data.real`{.val}]{when="data.synthetic"}', None),
        ("So `build.renderer`{.val} and `code`", None),
    ],
)
def test_values_of_a_sentence_that_is_not_shown_must_exist(tmp_path: Path, otherwise: str, key: str | None) -> None:
    entry = {"holds": "data.flows > 1", "note": "x", "otherwise": otherwise.replace('\\"', '"')}
    message = said(tmp_path, json.dumps({"a": entry}))
    expected = f"claim 'a': its 'otherwise' names the value '{key}', which this build does not have; nearest: data."
    assert expected in message if key else message == ""
    absent = entry | {"when": "not data.synthetic"}
    assert said(tmp_path, json.dumps({"a": absent})) == ""


@pytest.mark.parametrize("text", ["[" * 3000, "a: {holds: " + "{a: " * 3000])
def test_brackets_without_end_are_one_message(tmp_path: Path, text: str) -> None:
    assert "nested too deeply" in said(tmp_path, text) or "is not YAML" in said(tmp_path, text)


@pytest.mark.parametrize(
    "condition",
    [
        "available(a.none) and a.none > 1",
        "not available(a.none)",
        "all([data.flows > 1, data.flows < 9])",
        "any([data.flows > 9, data.synthetic])",
        "max(data.flows, binary.best.f1) - min([data.flows, 2]) == 3",
        "data.flows in [4, 5] and not data.flows not in (5, 6)",
        "0.5 < binary.best.f1 < 1",
    ],
)
def test_a_good_condition_is_evaluated(tmp_path: Path, condition: str) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(claim(condition))
    assert evaluate(load(path), VALUES, "")["some-id"]["holds"] is (condition != "available(a.none) and a.none > 1")


FILES = {
    "a: {holds: data.flows > 1, note: x}\n\na: {holds: data.flows > 2, note: x}":
        "claims.yaml:3: 'a' is given twice, first in line 1",
    "a:\n  holds: data.flows > 1\n  holds: data.flows > 2\n  note: x": "claims.yaml:3: 'holds' is given twice",
    "a: {holds: data.flows > 1, note: x, othrwise: y}": "condition 'data.flows > 1': othrwise: unknown field",
    "a: {note: x}": "claim 'a': holds: Field required",
    "a: {holds: '', note: x}": "claim 'a', condition '': holds: String should have at least 1 character",
    "a: {holds: true, note: x}": "claim 'a', condition 'True': holds: Input should be a valid string",
    "a: {holds: data.flows > 1, note: x, otherwise: ''}": "otherwise: String should have at least 1 character",
    "a: [1]": "claim 'a': entry: Input should be a valid dictionary",
    "A b: {holds: data.flows > 1, note: x}": "claim 'A b': an id is made of lower-case words",
    "a: {holds: [": "is not YAML",
    "- a": "must hold claims",
    "": "must hold claims",
    "a: !!python/object/apply:os.system ['true']": "is not YAML",
}  # fmt: skip


@pytest.mark.parametrize("text", FILES)
def test_a_bad_file_is_one_message(tmp_path: Path, text: str) -> None:
    message = said(tmp_path, text)
    assert message.startswith(str(tmp_path / "claims.yaml"))
    assert FILES[text] in message


def test_all_bad_claims_are_told_at_once() -> None:
    claims = {name: PaperClaim(holds=f"{name}.x > 1", note="x") for name in ("one", "two")}
    with pytest.raises(UserError, match=r"(?s)claim 'one'.*claim 'two'"):
        evaluate(claims, VALUES, "claims.yaml")


def test_the_step_exits_with_an_error_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "values.json").write_text(json.dumps({"values": VALUES}))
    arguments = [f"--{name}={tmp_path / file}" for name, file in
                 (("claims", "claims.yaml"), ("values", "values.json"), ("results", "claims.json"))]  # fmt: skip

    def step() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "analysis.audit.claims", *arguments], capture_output=True, text=True
        )

    missing = step()
    assert missing.returncode == 2
    assert "there is no such file" in missing.stderr
    (tmp_path / "claims.yaml").write_text(claim("__import__('os')"))
    bad = step()
    assert bad.returncode == 2
    assert bad.stderr.startswith("flowpaper: ")
    assert len(bad.stderr.splitlines()) == 1
    assert not (tmp_path / "claims.json").exists()
    (tmp_path / "claims.yaml").write_text(claim("data.flows > 1"))
    assert step().returncode == 0
    assert json.loads((tmp_path / "claims.json").read_text())["some-id"]["holds"] is True


def test_claims_of_several_files_have_their_places(tmp_path: Path) -> None:
    (tmp_path / "values.json").write_text(json.dumps({"values": VALUES}))
    first, second = tmp_path / "a.claims.yaml", tmp_path / "b.claims.yaml"
    first.write_text("one: {holds: data.flows > 1, note: x}\n\ntwo: {holds: data.flows > 1, note: x}\n")
    second.write_text("three: {holds: data.flows > 1, note: x}\n")
    command = [sys.executable, "-m", "analysis.audit.claims", f"--values={tmp_path / 'values.json'}",
               f"--results={tmp_path / 'claims.json'}", "--claims", str(first), str(second)]  # fmt: skip
    subprocess.run(command, check=True)
    results = json.loads((tmp_path / "claims.json").read_text())
    assert {name: result["place"] for name, result in results.items()} == {
        "one": f"{first}:1", "two": f"{first}:3", "three": f"{second}:1"
    }  # fmt: skip
    second.write_text("two: {holds: data.flows > 1, note: x}\n")
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == f"flowpaper: {second}: claim 'two' is given in {first} too; keep one\n"


def guarded(element: Any, guards: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each claim of a manuscript as Pandoc reads it, with the truths that the passages around it ask."""
    if isinstance(element, list):
        for one in element:
            yield from guarded(one, guards)
    elif isinstance(element, dict) and element.get("t") in ("Div", "Span"):
        attributes = dict(element["c"][0][2])
        guards += (attributes["when"],) if "when" in attributes else ()
        if "claim" in attributes:
            yield attributes["claim"], guards
        yield from guarded(element["c"][1], guards)
    elif isinstance(element, dict):
        yield from guarded(element.get("c", []), guards)


def test_a_claim_stands_only_where_the_truth_that_it_asks_is_asked(root: Path) -> None:
    """Elsewhere the build of some data would stop, because the claim is about values that it does not have."""
    manuscript = assemble(root / "paper" / "paper.qmd")
    command = [str(executable()), "--from=markdown", "--to=json"]
    read = subprocess.run(command, input=manuscript.text, capture_output=True, check=True, encoding="utf-8")
    asked = {name: one.when for name, one in PAPER.items() if one.when}
    found = {name: guards for name, guards in guarded(json.loads(read.stdout)["blocks"]) if name in asked}
    assert len(found) > 20
    assert {name: asked[name] for name, guards in found.items() if asked[name] not in guards} == {}
