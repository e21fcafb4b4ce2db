from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.errors import UserError
from analysis.settings_file import check


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"seed: 1\n{{{\n", "line 3: not readable as YAML"),
        (b"seed: [1\ndata: x\n", "line 2: not readable as YAML"),
        (b"seed: \x07\n", "not readable as YAML"),
        (b"", "holds no settings"),
        (b"# seed: 1\n", "holds no settings"),
        (b"[1, 2]", "holds no settings"),
        (b"\xff\xfe", "not text in UTF-8"),
        (None, "cannot be read"),
        (b"a: &a [x, x]\nb: &b [*a, *a]\n", r"line 2: aliases \(\*a\) are not read"),
        (b"seed: " + b"[" * 5000 + b"]" * 5000, "line 1: nested deeper than 20 levels"),
        (b"# " + b"x" * 1_000_000, "1,000,002 bytes"),
        (b"seed: 1\npaper:\n  date: 2017-02-30\n", "line 3: not readable as YAML .no timestamp: day is out of range"),
        (b"seed: " + b"9" * 5000, "line 1: not readable as YAML .no int: "),
        (b"force: !!bool perhaps", "line 1: not readable as YAML .no bool: "),
        (b"seed: 1\nforce: true\nseed: 2\n", "line 3: not readable as YAML .the key 'seed' stands twice"),
        (b"split:\n  min_type: 5\n  'min_type': 6\n", "line 3: not readable as YAML .the key 'min_type' stands twice"),
        (b'{"seed": 1,\n "seed": 2}', "line 2: not readable as YAML .the key 'seed' stands twice"),
        (
            b"__use_yte__: true\n?print(1): 1\n",
            "line 1: not readable as YAML .the key '__use_yte__' runs what it holds",
        ),
    ],
)
def test_a_file_that_holds_no_settings_is_named(content, message, tmp_path):
    path = tmp_path / "mine.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=message) as error:
        check(path)
    assert str(error.value).startswith(f"CONFIG: {path}")


@pytest.mark.parametrize("content", ["seed: 2\n", '{"seed": 2}'])
def test_settings_in_yaml_or_json_pass(content, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(content, encoding="utf-8")
    check(path)


def test_what_is_no_file_is_refused_before_it_is_read(tmp_path):
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)  # reading it would wait for ever
    for path in (pipe, tmp_path, Path("/dev/zero")):
        with pytest.raises(UserError, match="is no regular file"):
            check(path)


def test_a_name_that_begins_with_a_dash_is_a_name(tmp_path, root):
    (tmp_path / "-x.yaml").write_text("[1]")
    command = [sys.executable, "-m", "analysis.settings_file", "-x.yaml"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("flowpaper: CONFIG: -x.yaml holds no settings")


@pytest.mark.parametrize("content", ["seed: 1\nseed: 2\n", "a: 1\nb: &b [x, x]\nc: [*b, *b]\n"])
def test_a_file_given_to_the_workflow_itself_is_checked_too(content, tmp_path, root):
    path = tmp_path / "mine.yaml"
    path.write_text(content)
    command = [sys.executable, "-m", "snakemake", "-n", "--configfile", str(path)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode
    assert f"flowpaper: CONFIG: {path}, line " in done.stderr
