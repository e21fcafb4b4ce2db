"""Claims: their file, their evaluation, and that each one of the paper can hold and can fail."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from analysis.audit.claims import Claim, evaluate, load
from analysis.errors import UserError

from .claim_cases import CASES, entries

PAPER = load(Path(__file__).parents[2] / "paper" / "claims.yaml")
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
def test_a_claim_of_the_paper_holds_and_fails(name: str) -> None:
    holding, change = CASES[name]
    claims = {name: PAPER[name]}
    assert evaluate(claims, entries(holding), "")[name]["holds"] is True
    failed = evaluate(claims, entries(holding | change), "")[name]
    assert failed["holds"] is False
    assert failed["otherwise"] == PAPER[name].otherwise
    changed = set(change) & set(failed["values"])
    assert changed, "the value that was changed is among those reported"


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
    "data.synthetic and data.flows": "joins 'data.flows', which is neither true nor false",
    "1 < 2": "is constant",
    "True": "is constant",
    "binary.best.f1 > 0.5 or True": "is constant where it says 'True'",
    "binary.best.f1 == binary.best.f1": "is constant where it says 'binary.best.f1 == binary.best.f1'",
    "a.none > 1": "needs the value 'a.none', which is missing in this build (not in these data)",
    "data.flows > 'many'": "cannot be evaluated: '>' not supported",
    "data.flows / 0 > 1": "cannot be evaluated: division by zero",
    "binary.best.f1.__class__ == 1": "names the value 'binary.best.f1.__class__', which",
    "().__class__.__bases__ == data.flows": "uses Attribute",
    "[x for x in data.flows]": "uses ListComp",
    "(lambda: data.flows)()": "calls lambda",
    "f'{data.flows}' == 'x'": "uses JoinedStr",
    "(data.flows := 1) > 1": "is not an expression over value keys",
    "data.flows << 99 > 1": "uses LShift",
    "'a' * 10000000 > 'b' * data.flows": "cannot be evaluated",
    "rank.1.r > 0": "is not an expression over value keys",
    "data.flows >": "is not an expression over value keys",
    "(" * 300 + "data.flows" + ")" * 300: "is longer than 500 characters",
    "not " * 120 + "data.synthetic": None,
    "-" * 480 + "data.flows > 1": None,
    "available(1)": "calls available with something else than one key",
    "max(data.flows, key=abs) > 1": "calls max",
    "open('x') == data.flows": "calls open",
    "abs == data.flows": "names the value 'abs'",
    "": None,
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_bad_condition_is_one_message_with_file_id_and_condition(tmp_path: Path, condition: str) -> None:
    message = said(tmp_path, claim(condition))
    expected = CONDITIONS[condition]
    if expected is None:  # harmless or not, but never a traceback
        assert message == "" or message.count("some-id") == 1
        return
    assert message.startswith("claims.yaml: claim 'some-id': the condition '" + condition[:200])
    assert expected in message
    assert "\n" not in message


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
    claims = {name: Claim(holds=f"{name}.x > 1", note="x") for name in ("one", "two")}
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
