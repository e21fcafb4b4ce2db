from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.audit import exchange
from analysis.audit.exchange import fresh_of, old_of, put_in_place


@pytest.fixture
def results(tmp_path):
    for folder, text in ((tmp_path / "mine", "before"), (fresh_of(tmp_path / "mine"), "after")):
        folder.mkdir()
        (folder / "paper.html").write_text(text)
    return tmp_path / "mine"


@pytest.mark.parametrize("able", [True, False])
def test_the_new_takes_the_place_of_the_old(able, results, monkeypatch):
    if not able:
        monkeypatch.setattr(exchange, "_call", lambda: None)
    put_in_place(results)
    assert (results / "paper.html").read_text() == "after"
    left = [folder for folder in (fresh_of(results), old_of(results)) if folder.exists()]
    assert [(folder / "paper.html").read_text() for folder in left] == ["before"]


def test_a_move_that_fails_leaves_all_as_it_was(results, monkeypatch):
    monkeypatch.setattr(exchange, "_call", lambda: None)
    (fresh_of(results) / "paper.html").unlink()
    fresh_of(results).rmdir()
    with pytest.raises(FileNotFoundError):
        put_in_place(results)
    assert (results / "paper.html").read_text() == "before"


@pytest.mark.skipif(sys.platform != "linux", reason="the system call is Linux's")
def test_at_no_moment_are_the_results_gone(results, tmp_path):
    """A process exchanges without end and is killed; whenever it is looked at, the folder is there."""
    code = f"""
from pathlib import Path
from analysis.audit.exchange import put_in_place
print("ready", flush=True)
while True:
    put_in_place(Path({str(results)!r}))
"""
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        seen = {(results / "paper.html").is_file() for _ in range(20_000)}
        os.kill(process.pid, signal.SIGKILL)
    assert seen == {True}
    assert sorted((folder / "paper.html").read_text() for folder in (results, fresh_of(results))) == ["after", "before"]
