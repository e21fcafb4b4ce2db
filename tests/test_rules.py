"""A rule, its step's module, its log and its benchmark have one name, and the rule says in a line what it does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from analysis.command import command

ROOT = Path(__file__).resolve().parents[1]
NO_STEPS = {"all", "first_look"}
"""Rules that run no step: what is asked for, and what stands before a dry run that makes nothing."""


@dataclass(frozen=True)
class Rule:
    """A rule as it is written."""

    name: str
    file: Path
    text: str


def rules() -> list[Rule]:
    """All rules of the workflow, also those that only some data or settings need."""
    rooms = (path for room in ("analysis", "figures", "paper") for path in sorted(ROOT.glob(f"{room}/**/*.smk")))
    found = []
    for file in (ROOT / "Snakefile", *rooms):
        parts = re.split(r"^ *rule (\w+):\n", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        found += [Rule(name, file, text) for name, text in zip(parts[1::2], parts[2::2], strict=True)]
    return found


RULES = rules()
WITH_STEP = [rule for rule in RULES if rule.name not in NO_STEPS]
STEPS = {rule.name: re.findall(r'code=sources\(\s*"([\w.]+)"', rule.text)[0] for rule in WITH_STEP}
"""The module of each step."""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_says_in_one_line_what_it_does(rule: Rule) -> None:
    first = rule.text.splitlines()[0]
    assert re.fullmatch(r' +"""[A-Z].*\."""', first), first


@pytest.mark.parametrize("rule", WITH_STEP, ids=lambda rule: rule.name)
def test_a_rule_its_module_its_log_and_its_benchmark_have_one_name(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (module,) = re.findall(r'command\(\s*"([\w.]+)"', rule.text)
    assert module.rpartition(".")[2] == rule.name
    assert STEPS[rule.name].removesuffix(".__main__") == module
    for kind, suffix in (("logs", "log"), ("benchmarks", "tsv")):
        (file,) = re.findall(rf'\{{BUILD\}}/{kind}/(.*)\.{suffix}"', rule.text)
        assert re.sub(r"_?\{\{.*", "", file) == rule.name
    given = set(re.findall(r"\{\w+\.(\w+):q\}", command(module)))
    assert all(re.search(rf"\b{name}\s*=|\*\*", rule.text) for name in given)


def test_the_head_of_a_rooms_file_lists_its_inputs_and_outputs() -> None:
    for file in {rule.file for rule in RULES if rule.file.suffix == ".smk"}:
        head = file.read_text(encoding="utf-8").split("\n\n")[0]
        assert re.match(r"# In:  .*\n(#      .*\n)*# Out: ", head), file
