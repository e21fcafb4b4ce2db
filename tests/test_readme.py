"""Every command that README.md gives: its target, its variables, its module and its settings exist."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys

import pytest
import yaml

from analysis import settings
from tests.conftest import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [line for block in re.findall(r"^```\n(.*?)^```", TEXT, re.M | re.S) for line in block.splitlines() if line]
INLINE = re.findall(r"`((?:make|\.venv/bin/python) [^`]+)`", TEXT)
PARTS = [part for line in (*BLOCKS, *INLINE) for part in line.split("#")[0].split("&&")]
COMMANDS = [words for part in PARTS if (words := shlex.split(part))]
MAKE = [words[1:] for words in COMMANDS if words[0] == "make"]
PYTHON = [words[1:] for words in COMMANDS if words[0].endswith("python")]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_all_commands_are_of_a_known_kind():
    assert {words[0] for words in COMMANDS} == {"make", ".venv/bin/python", "python", "conda"}
    assert len(MAKE) > 10


@pytest.mark.parametrize("words", MAKE, ids=" ".join)
def test_a_target_of_make_and_its_variables_exist(words):
    named = [word for word in words if "=" in word]
    for target in set(words) - set(named):
        assert re.search(rf"^{target}:", MAKEFILE, re.M), target
    for variable in (word.partition("=")[0] for word in named):
        assert re.search(rf"\$\(({variable}|if \$\({variable}\))|\$\${variable}\b", MAKEFILE), variable


@pytest.mark.parametrize("words", PYTHON, ids=" ".join)
def test_a_module_and_its_settings_exist(words):
    assert words[0] == "-m"
    assert importlib.util.find_spec(words[1])
    if "--config" in words:
        given = dict(word.split("=", 1) for word in words[words.index("--config") + 1 :])
        settings.load({key: yaml.safe_load(text) for key, text in given.items()})


def test_what_the_commands_write_git_passes_over():
    folders = [word.partition("=")[2] for words in MAKE for word in words if word.startswith("OUT=")]
    assert folders
    for folder in (*folders, "build", "results"):
        command = ["git", "check-ignore", "--quiet", f"{folder}/x"]
        assert subprocess.run(command, cwd=ROOT).returncode == 0, folder


@pytest.mark.parametrize("module", ["analysis.settings", "tools.freeze"])
def test_who_asks_for_help_gets_it_and_no_file_of_that_name(module, tmp_path):
    command = [sys.executable, "-m", module, "--help"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("usage:")
    assert list(tmp_path.iterdir()) == []


MADE = re.compile(r"(results|tables|models|predictions)/|audit\.html$")
"""What builds write, and no checkout holds."""
PLACE = re.compile(r"/|\w\.(py|lua|qmd|md|yaml|smk|toml|html|css|js|typ)$")


def test_where_to_change_what_names_files_that_are_there():
    """From the top, or in a folder that the row names as well."""
    rows = [line for line in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines() if line[:3] == "| *"]
    assert len(rows) > 40
    for row in rows:
        names = re.findall(r"(?<!`)`([\w./-]+)`(?!`)", re.sub("``.*?``", "", row))
        files = [ROOT / name for name in names if PLACE.search(name) and not MADE.match(name)]
        there = [path for path in files if path.exists()]
        folders = [path if path.is_dir() else path.parent for path in there]
        for path in files:
            own = path.relative_to(ROOT)
            assert any((folder / own).exists() for folder in (ROOT, *folders)), f"{own}, which is named in {row[:40]}"


def test_no_two_rows_of_a_table_begin_alike():
    """As two versions of one row do that a merge left."""
    for name in ("README.md", "CONTRIBUTING.md"):
        for table in (ROOT / name).read_text(encoding="utf-8").split("\n\n"):
            heads = re.findall(r"^\| (\*\*[^*]+\*\*|`[^`]+`)", table, re.M)
            assert sorted(heads) == sorted(set(heads)), name
