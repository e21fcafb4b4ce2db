"""Confirmatory or exploratory: it turns with the release, the settings and the conditions, and with nothing else."""

from __future__ import annotations

import dataclasses
import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from analysis.errors import UserError
from analysis.findings import frozen
from analysis.record import Record, read_json, write_json
from analysis.settings import Study, load

DAY = datetime.date(2020, 2, 29)


def recorded(mine: str, complete: bool = True, synthetic: bool = False) -> dict[str, Any]:
    record = Record("frozen", "original release (real)")
    told = frozen.Frozen(date=DAY, sha256=frozen.checksum(Study()))
    frozen.record_frozen(record, told, mine, complete, synthetic)
    return {key: value.value for key, value in record.values.items()}


def test_the_frozen_settings_on_a_complete_release_confirm():
    values = recorded(frozen.checksum(Study()))
    assert values == {"frozen.date": "2020-02-29", "frozen.confirmatory": True, "frozen.why": None}


@pytest.mark.parametrize(("given", "why"), [
    ({"complete": False}, "the flows are no complete release"),
    ({"synthetic": True}, "the flows are synthetic"),
    ({"mine": "0" * 64}, "settings or conditions are not the frozen ones"),
    ({"mine": "0" * 64, "complete": False},
     "the flows are no complete release; settings or conditions are not the frozen ones"),
])  # fmt: skip
def test_anything_else_explores_and_says_why(given: dict[str, Any], why: str):
    values = recorded(**({"mine": frozen.checksum(Study())} | given))
    assert (values["frozen.confirmatory"], values["frozen.why"]) == (False, why)


@pytest.mark.parametrize("changed", [
    {"findings": {"train_rows": 9_999}}, {"findings": {"resamples": 100}}, {"ledger": {"margin": 0.02}}, {"seed": 1},
    {"split": {"test_fraction": 0.3}}, {"models": {"random_forest": {"n_estimators": 99}}}, {"seeds": 3},
    {"models": {"logistic_regression": {"C": 2.0}}}, {"cleaning": {"duplicates": "drop"}}, {"features": {"count": 9}},
])  # fmt: skip
def test_each_deciding_setting_changes_the_checksum(changed: dict[str, Any]):
    assert frozen.checksum(load(changed)) != frozen.checksum(Study())


@pytest.mark.parametrize("changed", [
    {"paper": {"title": "Another"}}, {"build": "other"}, {"threads": 2}, {"ledger": {"trees": 100}}, {"seeds": 5},
    {"conditions": [{"split": "by_file"}]}, {"data": "flows.csv"},
])  # fmt: skip
def test_what_decides_nothing_there_does_not(changed: dict[str, Any]):
    assert frozen.checksum(load(changed)) == frozen.checksum(Study())


def test_conditions_are_frozen_and_their_words_are_not(monkeypatch: pytest.MonkeyPatch):
    before, (first, *others) = frozen.checksum(Study()), frozen.ROWS
    monkeypatch.setattr(frozen, "ROWS", (dataclasses.replace(first, words="said otherwise"), *others))
    assert frozen.checksum(Study()) == before
    for rows in (others, [first, dataclasses.replace(others[0], condition=first.condition), *others[1:]]):
        monkeypatch.setattr(frozen, "ROWS", tuple(rows))
        assert frozen.checksum(Study()) != before


@pytest.mark.parametrize(("file", "before", "after"), [
    ("findings/operating.py", "TIMES = 2", "TIMES = 3"), ("findings/by_part.py", "CAUGHT = 0.5", "CAUGHT = 0.4"),
    ("conditions/threshold.py", "RATES = (0.01,", "RATES = (0.02,"),
    ("findings/measured.py", "RATE = RATES[0]", "RATE = RATES[1]"),
    ("conditions/unseen.py", '"FTP-Patator", ', ""),
])  # fmt: skip
def test_constants_of_the_code_are_frozen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, before: str, after: str
):
    known = frozen.checksum(Study())
    for path in frozen.CONSTANTS:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text((frozen.ANALYSIS / path).read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(frozen, "ANALYSIS", tmp_path)
    assert frozen.checksum(Study()) == known
    text = (tmp_path / file).read_text(encoding="utf-8")
    assert text.count(before) == 1
    (tmp_path / file).write_text(text.replace(before, after), encoding="utf-8")
    assert frozen.checksum(Study()) != known


def test_the_defaults_are_the_frozen_ones(root: Path):
    told = frozen.load(root / "config/frozen.yaml")
    assert told.sha256 == frozen.checksum(Study()), "what decides the second part changed: `make freeze`"


@pytest.mark.parametrize("text", ["", "date: 2020-02-30\n", "date: 2020-02-28\nsha256: 12\n", "a: [", "- 1\n"])
def test_a_file_that_freezes_nothing_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "frozen.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"frozen\.yaml: .*make freeze"):
        frozen.load(path)


@pytest.mark.parametrize("complete", [True, False])
def test_the_step_asks_the_counts_of_the_release(tmp_path: Path, root: Path, complete: bool):
    write_json(tmp_path / "defects.json", {"defects.complete": {"value": complete}})
    write_json(tmp_path / "metadata.json", {"data": "original release (real)", "synthetic": False})
    frozen.step(tmp_path / "defects.json", tmp_path / "metadata.json", root / "config/frozen.yaml",
                frozen.checksum(Study()), tmp_path / "values.json")  # fmt: skip
    assert read_json(tmp_path / "values.json")["frozen.confirmatory"]["value"] is complete


def test_what_is_frozen_is_plain():
    assert json.loads(json.dumps(frozen.deciding(Study())))["ledger"] == {"margin": Study().ledger.margin}
