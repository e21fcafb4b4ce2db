from __future__ import annotations

import hashlib
import re
import shutil

import pytest

from analysis.citing.build_id import FILES, FOLDERS, LOCK, PARTS, build_id, code_and_lock, code_files, foundation
from analysis.errors import UserError
from analysis.record import write_json
from tests.test_rules import RULES

PARTS_OF_ONE = {"identity": "data", "tested": None, "settings": {"seed": 1, "a": 2}, "lock": "l", "code": "c"}


def test_the_order_of_settings_and_what_else_build_json_holds_change_nothing():
    other = PARTS_OF_ONE | {"settings": {"a": 2, "seed": 1}, "published": "now", "commit": "c0ffee"}
    assert re.fullmatch("[0-9a-f]{12}", build_id(PARTS_OF_ONE))
    assert build_id(other) == build_id(PARTS_OF_ONE)


@pytest.mark.parametrize("part", PARTS)
def test_each_part_changes_it_and_must_be_there(part):
    changed = PARTS_OF_ONE | {part: {"seed": 2, "a": 2} if part == "settings" else "another"}
    assert build_id(changed) != build_id(PARTS_OF_ONE)
    with pytest.raises(UserError, match=f"build.json lacks {part}"):
        build_id({key: value for key, value in PARTS_OF_ONE.items() if key != part})


def test_a_build_tested_on_another_is_of_both_data(tmp_path):
    # The second was noted by an earlier version.
    for name, noted in (("one", {"data_checksum": "1"}), ("two", {"identity": "2"})):
        write_json(tmp_path / name / "input.json", noted)
    sums = {"lock": "l", "code": "c"}
    assert foundation(tmp_path / "one", {"test": None}, sums)["tested"] is None
    found = foundation(tmp_path / "one", {"test": "two"}, sums)
    assert (found["identity"], found["tested"]) == ("1", "2")


@pytest.fixture
def copy(root, tmp_path):
    """The files that the checksums read, in another folder."""
    for name in (LOCK, *FILES):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(root / name, tmp_path / name)
    for name in FOLDERS:
        if (root / name).is_dir():
            shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_checksums_are_of_the_files_and_not_of_their_folder(root, copy):
    before = code_and_lock(copy)
    assert before == code_and_lock(root)
    for name in ("paper/notes.txt", "analysis/.draft.py", "analysis/__pycache__/x.json", "config/mine.yaml"):
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_text("a note")
    assert code_and_lock(copy) == before, "what no step reads"
    for name in ("Snakefile", "analysis/record/display.py", "paper/chapters/data.qmd", "studies/extiri-blog.yaml"):
        text = (copy / name).read_text(encoding="utf-8")
        (copy / name).write_text(text + "\n", encoding="utf-8")
        after = code_and_lock(copy)
        assert after["code"] != before["code"], name
        assert after["lock"] == before["lock"]
        before = after
    (copy / LOCK).write_text("other versions")
    assert code_and_lock(copy)["lock"] != before["lock"]


def test_each_file_of_the_code_has_its_own_checksum(copy):
    before = code_files(copy)
    (copy / "paper/chapters/data.qmd").write_text("other words", encoding="utf-8")
    after = code_files(copy)
    assert {name for name in before if before[name] != after[name]} == {"paper/chapters/data.qmd"}
    assert after["paper/chapters/data.qmd"] == hashlib.sha256(b"other words").hexdigest()


def test_every_file_of_the_project_that_a_rule_names_is_among_the_code():
    named = {path for rule in RULES for path in re.findall(r'"((?:\w+/)+[\w.-]+\.(?:ya?ml|json|toml))"', rule.text)}
    assert "config/source-study.yaml" in named
    for path in named:
        assert path in FILES or path.split("/")[0] in FOLDERS, path
