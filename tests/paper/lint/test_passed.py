"""What passed is not checked again, and what changed since is."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.errors import UserError
from paper.lint import passed


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """In a folder of its own, the checks that were run."""
    monkeypatch.chdir(tmp_path)
    return []


def test_a_check_runs_again_only_when_something_changed(asked: list[str]) -> None:
    for state in ("a", "a", "b", "b", "a"):
        passed.unless_passed("manuscript", state, lambda: asked.append("x"), remember=True)
    assert len(asked) == 3


def test_who_only_looks_writes_nothing_and_believes_what_was_noted(asked: list[str]) -> None:
    passed.unless_passed("manuscript", "a", lambda: asked.append("x"), remember=False)
    assert not passed.NOTE.exists()
    passed.unless_passed("manuscript", "a", lambda: asked.append("x"), remember=True)
    passed.unless_passed("manuscript", "a", lambda: asked.append("x"), remember=False)
    assert len(asked) == 2


def test_what_failed_is_not_noted(asked: list[str]) -> None:
    def fails() -> None:
        asked.append("x")
        raise UserError("a mistake")

    for _ in range(2):
        with pytest.raises(UserError):
            passed.unless_passed("manuscript", "a", fails, remember=True)
    assert len(asked) == 2


@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_a_damaged_note_is_no_note(asked: list[str], content: str) -> None:
    passed.NOTE.parent.mkdir()
    passed.NOTE.write_text(content)
    passed.unless_passed("manuscript", "a", lambda: asked.append("x"), remember=True)
    passed.unless_passed("manuscript", "a", lambda: asked.append("x"), remember=True)
    assert len(asked) == 1


@pytest.mark.parametrize(
    "path", ["paper/chapters/data.qmd", "paper/chapters/results.claims.yaml", "paper/references.bib",
             "paper/lint/exempt.yaml", "paper/filters/claims.lua", "paper/lint/rules/numbers.py", "figures/style.py",
             "requirements.txt"]
)  # fmt: skip
def test_the_state_holds_what_a_check_of_the_manuscript_reads(
    path: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    real, seen = passed.checksums.checksum, set[str]()

    def checksum(one: Path) -> str:
        seen.add(one.as_posix())
        return real(one)

    monkeypatch.setattr(passed.checksums, "checksum", checksum)
    before = passed.state()
    assert path in seen
    monkeypatch.setattr(passed.checksums, "checksum", lambda one: real(one) + "x" * (one.as_posix() == path))
    assert passed.state() != before
