"""The pages of a build are opened and used; what is missing is one message. No time is ever asserted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analysis.errors import UserError
from benchmarks import opening
from tests.paper.chromium import needed
from tests.paper.conftest import rendered

__all__ = ["rendered"]


@needed()
def test_both_pages_are_opened_and_used(
    rendered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "results" / "demo"
    folder.mkdir(parents=True)
    shutil.copy(rendered / "paper.html", folder)
    (folder / "audit.html").write_text("<details><summary>a</summary>b</details>", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    opening.step(build="demo", runs=1)
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(" (")[0] for line in lines[1:]] == ["paper.html", "paper.html", "audit.html", "audit.html"]
    assert all("usable " in line for line in lines[1:])
    times = opening.opened(folder / "paper.html", 1200)
    assert all(times[name] > 0 for name in ("first", "loaded", "usable"))
    assert times["usable"] >= times["first"], "nothing is usable before it shows"


@needed()
def test_a_page_on_which_no_card_opens_is_no_opened_page(rendered: Path, tmp_path: Path) -> None:
    text = (rendered / "paper.html").read_text(encoding="utf-8")
    (tmp_path / "paper.html").write_text(text.replace("card.showPopover()", "0"), encoding="utf-8")
    with pytest.raises(AssertionError):
        opening.opened(tmp_path / "paper.html", 1200)


def test_a_build_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"there is no results/none/paper\.html"):
        opening.step(build="none")
