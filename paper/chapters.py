"""The manuscript from its chapters: one plain document, which every renderer gets, and where each line of it stands.

``paper.qmd`` holds the front matter and includes the chapters in their order, each on a line of its own, as Quarto says
it: ``{{< include chapters/data.qmd >}}``. A chapter begins with a header that says to which ``study`` it belongs and
which ``steps`` of the workflow it alone needs. Its claims stand beside it, in ``chapters/data.claims.yaml``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from analysis.errors import UserError
from analysis.yaml_loader import SAFE

Study = Literal["source", "full"]
STUDIES: tuple[Study, ...] = get_args(Study)
"""The studies that a paper can tell; each holds the chapters of those before it."""
INCLUDE = re.compile(r"\{\{<\s*include\s+(\S+)\s*>\}\}\s*")
HEADER = re.compile(r"---\n(.*?\n)---\n\n*", re.DOTALL)
PICTURE = re.compile(r"\(figures/(\w+)\.svg\)")


class Header(BaseModel):
    """What a chapter says of itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    study: Study
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """A file of the manuscript without its header; ``first`` is the line on which ``lines`` begin."""

    path: Path
    lines: tuple[str, ...]
    first: int = 1
    header: Header = field(default_factory=lambda: Header(study="source"))

    @property
    def claims(self) -> Path:
        """Where its claims stand, if it makes any."""
        return self.path.with_suffix(".claims.yaml")

    @property
    def figures(self) -> set[str]:
        """Names of the figures that it shows."""
        return set(PICTURE.findall("\n".join(self.lines)))


@dataclass(frozen=True)
class Manuscript:
    """One plain document, made of the chapters of a study.

    ``pieces`` are the line of the document on which each piece begins, its file, and its line there. The lines of the
    files of ``claims`` are counted on behind those of the document, each file after the line that stands with it.
    """

    path: Path
    text: str
    pieces: tuple[tuple[int, Path, int], ...]
    claims: dict[Path, int] = field(default_factory=dict)
    chapters: tuple[Chapter, ...] = ()
    left_out: tuple[Chapter, ...] = ()

    def place(self, line: int) -> tuple[Path, int]:
        """File and line in which a line of the document stands."""
        first, path, own = self.pieces[bisect_right(self.pieces, line, key=lambda piece: piece[0]) - 1]
        return path, own + line - first

    @property
    def files(self) -> list[str]:
        """Paths of what the document is made of."""
        return list(dict.fromkeys([self.path.as_posix(), *(one.path.as_posix() for one in self.chapters)]))

    @property
    def idle_steps(self) -> set[str]:
        """Steps of the workflow that only chapters need that are left out."""
        return _steps(self.left_out) - _steps(self.chapters)

    @property
    def idle_figures(self) -> set[str]:
        """Figures that only chapters show that are left out."""
        return {name for one in self.left_out for name in one.figures} - {
            name for one in self.chapters for name in one.figures
        }

    def demand_steps(self, known: Iterable[str]) -> None:
        """UserError for a step that a chapter names and that the workflow does not have."""
        there = set(known)
        for one in (*self.chapters, *self.left_out):
            if unknown := sorted(set(one.header.steps) - there):
                raise UserError(f"{one.path.as_posix()}: its header names steps that are none: {', '.join(unknown)}")


def assemble(path: Path, study: Study = "full") -> Manuscript:
    """The manuscript at ``path`` with the chapters of ``study``.

    Raises UserError for a file that is missing or not UTF-8, for a header that is none, and for a chapter beside the
    others that no line includes.
    """
    path = shown(path)
    lines: list[str] = []
    pieces: list[tuple[int, Path, int]] = []
    chapters, left_out = [], []
    own = False
    for number, line in enumerate(source(path).split("\n"), 1):
        if not (match := INCLUDE.fullmatch(line)):
            if not own:
                pieces.append((len(lines) + 1, path, number))
            own = True
            lines.append(line)
            continue
        own = False
        chapter = _chapter(path.parent / match[1], f"{path.as_posix()}:{number}")
        if STUDIES.index(chapter.header.study) > STUDIES.index(study):
            left_out.append(chapter)
            continue
        chapters.append(chapter)
        pieces.append((len(lines) + 1, chapter.path, chapter.first))
        lines += chapter.lines
    _demand_all(path, [*chapters, *left_out])
    chapters.insert(0, Chapter(path, tuple(source(path).split("\n"))))
    claims, end = {}, len(lines)
    for chapter in chapters:
        if chapter.claims.is_file():
            claims[chapter.claims] = end
            pieces.append((end + 1, chapter.claims, 1))
            end += len(source(chapter.claims).split("\n"))
    return Manuscript(path, "\n".join(lines), tuple(pieces), claims, tuple(chapters), tuple(left_out))


def plain(text: str, path: Path) -> Manuscript:
    """A manuscript of this one ``text``."""
    return Manuscript(path, text, ((1, path, 1),))


def source(path: Path) -> str:
    """The text of a source. Raises UserError where there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(f"there is no {path}: name the manuscript, as in paper/paper.qmd") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None


def shown(path: Path) -> Path:
    """A path as seen from where the program runs, which is how messages name it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _chapter(path: Path, where: str) -> Chapter:
    if not path.is_file():
        raise UserError(f"{where}: there is no chapter {path.as_posix()}; write it, or take the line out")
    text = source(path)
    match = HEADER.match(text)
    try:
        header = Header.model_validate(yaml.load(match[1], SAFE) if match else None)
    except (ValidationError, yaml.YAMLError):
        raise UserError(
            f"{path.as_posix()}:1: a chapter begins with a header between lines of '---': its study "
            f"('study: {STUDIES[0]}' or 'study: {STUDIES[1]}') and, where only it needs some, 'steps: [names]'"
        ) from None
    start = match[0] if match else ""
    return Chapter(path, tuple(text[len(start) :].rstrip("\n").split("\n")), start.count("\n") + 1, header)


def _demand_all(path: Path, chapters: list[Chapter]) -> None:
    """UserError for a chapter or claims that would be lost."""
    for folder in sorted({one.path.parent for one in chapters} - {path.parent}):
        used = {file for one in chapters for file in (one.path, one.claims)}
        for file in sorted([*folder.glob("*.qmd"), *folder.glob("*.claims.yaml")]):
            if file not in used:
                raise UserError(f"{file.as_posix()}: no line of {path.as_posix()} includes its chapter")


def _steps(chapters: Iterable[Chapter]) -> set[str]:
    return {step for one in chapters for step in one.header.steps}
