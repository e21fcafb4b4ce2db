"""A step that a warm Python runs (``warm.py``) is, to all around it, the step that the plain one runs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.build import warm

STEPS = {
    "tells": """
        import json, os, sys
        umask = os.umask(0)
        print(json.dumps([sys.argv, os.getcwd(), sys.path[0], dict(os.environ), umask, __name__, __spec__.name,
                          __file__, sys.stdin.read(), {"tests", "warm"} & set(sys.modules) == set()], sort_keys=True))
        print("and here", file=sys.stderr)""",
    "ends": "raise SystemExit(3)",
    "ends_with_words": "raise SystemExit('no flows')",
    "raises": "import atexit\natexit.register(print, 'at the end')\nraise ValueError('no flows')",
    "is_killed": "import os\nos.kill(os.getpid(), 9)",
    "is_stopped": "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)",
    "cannot_be_read": "import",
}
LOADED = "import sys\nprint('sklearn' in sys.modules)"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project of steps, in a folder with a space in its name."""
    path = tmp_path / "a project/steps"
    path.mkdir(parents=True)
    for name, text in {**STEPS, "loaded": LOADED}.items():
        (path / f"{name}.py").write_text("\n".join(line.removeprefix(" " * 8) for line in text.splitlines()))
    return path.parent


def asked(folder: Path, words: str, variables: Mapping[str, str]) -> dict[str, Any]:
    """How a step is started, as named arguments of subprocess."""
    environment = os.environ | {"PYTHONHASHSEED": "0", "GIVEN": "a \udcff b"} | variables
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {"args": ["bash", "-c", f"umask 027; exec python {words}"], "cwd": folder, "env": environment, "text": True}


def run(folder: Path, words: str, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(**asked(folder, words, variables), input="in\n", capture_output=True, timeout=600)


@pytest.fixture
def served(warmed: Mapping[str, str]) -> Mapping[str, str]:
    if not warmed:
        pytest.skip("steps are started by the plain Python here")
    return warmed


@pytest.mark.parametrize("name", STEPS)
def test_it_is_told_says_and_ends_the_same(name: str, folder: Path, served: Mapping[str, str]) -> None:
    found = [run(folder, f"-m steps.{name} 'a b' --c", served | variables) for variables in ({}, {"LANGUAGE": "x"})]
    warmly, plainly = ([one.returncode, one.stdout.replace('"LANGUAGE": "x", ', ""), one.stderr[-20:]] for one in found)
    assert warmly == plainly
    assert any(warmly)


def test_it_has_the_libraries_and_what_would_start_otherwise_is_plain(folder: Path, served: Mapping[str, str]) -> None:
    def said(words: str, **variables: str) -> str:
        return run(folder, words, served | variables).stdout.strip()

    assert said("-m steps.loaded") == "True"
    assert said("-m steps.loaded", OMP_NUM_THREADS="2") == "False"
    assert said("-m steps.loaded", PYTHONHASHSEED="1") == "False"
    assert said("steps/loaded.py") == "False"
    assert said("-m site --user-site") != ""


@contextlib.contextmanager
def waiting(folder: Path, served: Mapping[str, str]) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A step that waits: what stands for it, and its folder in /proc."""
    (folder / "steps/waits.py").write_text("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)\n")
    with subprocess.Popen(**asked(folder, "-m steps.waits", served), stdout=subprocess.PIPE) as client:
        pid = int(client.stdout.readline())
        assert pid != client.pid
        yield client, Path(f"/proc/{pid}")
        client.kill()
    assert client.returncode == -signal.SIGKILL


def gone(process: Path) -> bool:
    """Whether a process ends within a minute."""
    until = time.monotonic() + 60
    while process.exists() and time.monotonic() < until:
        time.sleep(0.01)
    return not process.exists()


def test_it_dies_with_what_stands_for_it_and_others_go_on(folder: Path, served: Mapping[str, str]) -> None:
    with waiting(folder, served) as (first, process), waiting(folder, served) as (_, other):
        first.kill()
        assert gone(process)
        assert run(folder, "-m steps.loaded", served).stdout == "True\n"
        assert other.exists()
    assert gone(other)
    assert run(folder, "-m steps.loaded", served).stdout == "True\n"


def test_it_is_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(warm.OFF, "1")
    with warm.started(tmp_path) as variables:
        assert variables == {}
    assert list(tmp_path.iterdir()) == []
