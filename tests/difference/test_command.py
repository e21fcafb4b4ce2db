"""The command: what it writes, how it ends, and what it refuses."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.difference.__main__ import step
from analysis.errors import UserError

from .builds import interval, make, value


def run(folder: Path, root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "analysis.difference", *arguments]
    return subprocess.run(command, cwd=folder, env={"PYTHONPATH": str(root)}, capture_output=True, text=True)


@pytest.mark.parametrize(("holds", "code"), [(True, 0), (False, 1)])
def test_the_exit_code_says_whether_something_flipped(holds, code, tmp_path, root, monkeypatch):
    make(tmp_path / "results/a")
    make(tmp_path / "results/b", holds=holds, f1=interval(0.5, 0.4, 0.6))
    done = run(tmp_path, root, "a", "b")
    assert (done.returncode, done.stderr) == (code, "")
    written = tmp_path / "differences/a-b"
    assert sorted(path.name for path in written.iterdir()) == ["diff.html", "diff.md"]
    assert f"Flipped: {code} claim" in done.stdout
    assert f"Flipped: {code} claim" in (written / "diff.md").read_text(encoding="utf-8")
    first = {path.name: path.read_bytes() for path in written.iterdir()}
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        step("results/a", str(tmp_path / "results/b"))
    assert {path.name: path.read_bytes() for path in written.iterdir()} == first, "the same, however they are called"


def test_two_builds_of_one_name(tmp_path, monkeypatch):
    for student in ("ann", "bob"):
        make(tmp_path / student / "twin")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match=r"^0$"):
        step("ann/twin", "bob/twin", out=Path("out"))
    assert "**From twin (A) to twin (B)**: Nothing changed" in (tmp_path / "out/diff.md").read_text(encoding="utf-8")


def altered(folder: Path) -> None:
    (make(folder) / "paper.html").write_text("<p>other</p>")


BAD = {
    "other build": lambda folder: make(folder, build={"schema": "flowpaper/build/9"}),
    "old values": lambda folder: make(folder, **{"values.json": {"schema": "flowpaper/values/1", "values": {}}}),
    "altered": altered,
    "no claims": lambda folder: make(folder, **{"claims.json": None}),
    "other ledger": lambda folder: make(folder, **{"ledger.json": {"schema": "flowpaper/ledger/9", "claims": []}}),
    "list": lambda folder: make(folder, **{"claims.json": [1]}),
    "cut": lambda folder: make(folder, **{"ledger.json": '{"claims": ['}),
    "half": lambda folder: make(folder, values={"half.value": {"value": 1, "forms": {"interval": ""}}}),
    "claims of another form": lambda folder: make(folder, **{"claims.json": {"x": True}}),
    "ledger of another form": lambda folder: make(folder, **{"ledger.json": {"claims": [{"id": "x"}]}}),
}


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("other build", "build.json: is flowpaper/build/9, and this version reads flowpaper/build/1"),
        ("old values", "values.json: is flowpaper/values/1, and this version reads flowpaper/values/2"),
        ("altered", "paper.html was altered after the build was published"),
        ("no claims", "claims.json is missing"),
        ("other ledger", "ledger.json is flowpaper/ledger/2, results/b/ledger.json is flowpaper/ledger/9"),
        ("list", "claims.json: holds no entries by name"),
        ("cut", "ledger.json: cannot be read as what its name says"),
        ("half", "an entry of its results lacks 'text'"),
        ("claims of another form", "results/b: an entry of its results lacks"),
        ("ledger of another form", "results/b: an entry of its results lacks 'verdict'"),
    ],
)
def test_what_cannot_be_compared(bad, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "results/a")
    BAD[bad](tmp_path / "results/b")
    with pytest.raises(UserError, match=re.escape(said)):
        step("a", "b")
    assert not (tmp_path / "differences").exists()


def test_a_refusal_is_one_line_and_its_code_2(tmp_path, root):
    make(tmp_path / "results/a")
    altered(tmp_path / "results/b")
    done = run(tmp_path, root, "a", "b")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"flowpaper: .*paper\.html was altered .*\n", done.stderr)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a", "nowhere"), "nowhere: neither a folder of results"),
        (("a", "results/a"), "are the same build; give two"),
        (("a", "b", "results/a"), "results/a: holds a build"),
        (("a", "b", "file"), "file is no folder"),
        (("a", "b", "file/in"), "file is no folder"),
    ],
)
def test_what_is_asked_wrongly(arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "results/a")
    make(tmp_path / "results/b")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UserError, match=re.escape(said)):
        step(*arguments[:2], out=Path(arguments[2]) if arguments[2:] else None)
    assert (tmp_path / "file").read_text() == "mine"
    assert not (tmp_path / "results/a/diff.html").exists()


def test_a_fault_of_ours_is_no_difference(tmp_path, root):
    for name, now in (("a", 1.0), ("b", 2.0)):
        make(tmp_path / "results" / name, values={"odd.one": value(now, display="unheard of")})
    done = run(tmp_path, root, "a", "b")
    assert "unknown display rule" in done.stderr
    assert done.returncode == 2


def test_make_fails_only_where_builds_cannot_be_compared(root, tmp_path):
    (recipe,) = re.findall(r"^\t@(\$\(PY\) -m analysis\.difference .*)$", (root / "Makefile").read_text(), re.MULTILINE)
    for code, expected in ((0, 0), (1, 0), (2, 1)):
        (tmp_path / "Makefile").write_text(f"PY = sh -c 'exit {code}' python\ndiff:\n\t@{recipe}\n")
        done = subprocess.run(["make", "-s", "diff"], cwd=tmp_path, capture_output=True, text=True)
        assert bool(done.returncode) is bool(expected), (code, done.stderr)
