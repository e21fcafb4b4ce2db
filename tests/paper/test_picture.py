"""The picture in README.md shows the paper of today, large enough to be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from analysis.errors import UserError
from paper import picture


def test_the_picture_is_of_this_paper(root: Path) -> None:
    made, now = picture.noted(root / "docs" / "paper.png"), picture.fingerprint()
    assert made == now, "title, abstract or the look of pages changed after docs/paper.png was made: run 'make picture'"


def test_a_changed_abstract_or_template_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = picture.fingerprint()
    manuscript = tmp_path / "paper.qmd"
    text = picture.MANUSCRIPT.read_text(encoding="utf-8")
    monkeypatch.setattr(picture, "MANUSCRIPT", manuscript)
    manuscript.write_text(text + "\nA sentence on a later page.\n", encoding="utf-8")
    assert picture.fingerprint() == before
    manuscript.write_text(text.replace("abstract: |\n", "abstract: |\n  News. ", 1), encoding="utf-8")
    assert picture.fingerprint() != before


def test_pages_can_be_read(rendered: Path, tmp_path: Path) -> None:
    shot = tmp_path / "paper.png"
    picture.take(rendered / "paper.pdf", shot)
    with Image.open(shot) as image:
        assert image.width == 2 * picture.WIDTH + 3 * picture.GAP
        assert image.height > image.width * 0.65
        half = image.convert("RGB").crop((0, 0, image.width // 2, image.height))
        second = image.convert("RGB").crop((image.width - half.width, 0, image.width, image.height))
        assert half.tobytes() != second.tobytes(), "the second page is one of figures"
    assert picture.noted(shot) == picture.fingerprint()


def test_without_a_paper_there_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="build the paper first"):
        picture.take(tmp_path / "paper.pdf", tmp_path / "paper.png")
