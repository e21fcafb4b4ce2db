"""The picture in README.md: first page and a page of figures of a paper, with a note of what they were made of.

``python -m paper.picture results/twin/paper.pdf docs/paper.png``. The note is a checksum of what the first page is made
of, so that a test can tell a picture of an earlier paper.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from analysis.command import run
from analysis.errors import UserError
from analysis.record import write_atomically
from paper.front_matter import FRONT
from paper.stage import HERE

MANUSCRIPT = HERE / "paper.qmd"
LOOKS = (HERE / "typst-template.typ", HERE / "typst-show.typ", HERE.parent / "figures" / "style.py")
WIDTH = 900
"""Pixels of a page: its text can be read where the picture is shown in full."""
GAP = 16
GROUND = "#dedede"
NOTE = "Source"


def fingerprint() -> str:
    """SHA-256 of the manuscript's front matter (title and abstract) and of the files that say how a page looks."""
    front = FRONT.match(MANUSCRIPT.read_text(encoding="utf-8"))
    parts = [front[1] if front else "", *(path.read_text(encoding="utf-8") for path in LOOKS)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def noted(picture: Path) -> str | None:
    """The checksum that a picture was made with."""
    with Image.open(picture) as image:
        image.load()
        return image.info.get(NOTE)


def take(paper: Path, picture: Path) -> None:
    """Write the picture of the PDF ``paper``; UserError where there is none."""
    if not paper.is_file():
        raise UserError(f"there is no {paper}: build the paper first ('make paper')")
    document = pypdfium2.PdfDocument(paper)
    texts = [page.get_textpage().get_text_range() for page in document]
    captions = [len(re.findall(r"^Figure\s\d+\.", text, re.MULTILINE)) for text in texts[1:]]
    if not any(captions):
        raise UserError(f"{paper} has no figure after its first page: the picture would show none")
    pages = [document[at] for at in (0, 1 + captions.index(max(captions)))]
    shots = [page.render(scale=WIDTH / page.get_width()).to_pil().convert("RGB") for page in pages]
    size = (GAP + sum(shot.width + GAP for shot in shots), max(shot.height for shot in shots) + 2 * GAP)
    sheet = Image.new("RGB", size, GROUND)
    for at, shot in enumerate(shots):
        sheet.paste(shot, (GAP + at * (WIDTH + GAP), GAP))
    note = PngInfo()
    note.add_text(NOTE, fingerprint())
    with write_atomically(picture, noted=False) as temporary:
        sheet.quantize(64, dither=Image.Dither.NONE).save(temporary, pnginfo=note, optimize=True)


def step(paper: Path, picture: Path, /) -> None:
    """Take the picture of a paper's first pages (PDF) as PNG."""
    take(paper, picture)


if __name__ == "__main__":
    run(step)
