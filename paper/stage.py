"""Stages the manuscript with a build's record in one folder that renders by itself, with Quarto or with Pandoc."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from analysis.errors import UserError
from analysis.record import Value, read_json, write_json
from paper.policy import write_hash

HERE = Path(__file__).parent
# What belongs to the manuscript's form and is the same for every manuscript.
FORM = (
    "style.css",
    "page.js",
    "template.html",
    "template.typ",
    "typst-template.typ",
    "typst-show.typ",
    "flowpaper.csl",
    "_quarto.yml",
)


def stage(build: Path, folder: Path, manuscript: Path, bibliography: Path, own: Mapping[str, Value]) -> Path:
    """Fill ``folder`` with manuscript, form, filters and the record of ``build``; return the staged manuscript.

    ``own`` are the values about the rendering itself; they are added to the staged record. What the folder holds of
    earlier outputs stays. Raises UserError where a source or the record is missing.
    """
    for source in (manuscript, bibliography):
        if not source.is_file():
            raise UserError(f"there is no {source}: the paper needs it")
    if not (build / "values.json").is_file():
        raise UserError(f"{build} holds no values.json: run the build ('make paper') before rendering its paper")
    folder.mkdir(parents=True, exist_ok=True)
    staged = folder / "paper.qmd"
    shutil.copyfile(manuscript, staged)
    for source in (bibliography, *(HERE / name for name in FORM)):
        shutil.copyfile(source, folder / source.name)
    _replace(HERE / "filters", folder / "filters", "*.lua")
    _replace(build / "tables", folder / "record" / "tables", "*.json")
    for pattern in ("*.svg", "*.json"):
        _replace(build / "figures", folder / "figures", pattern)
    _replace(build, folder / "record", "claims.json")
    values = read_json(build / "values.json")
    values["values"] |= {key: value.to_json() for key, value in own.items()}
    write_json(folder / "record" / "values.json", values)
    write_hash(folder)
    return staged


def document_date(manuscript: Path) -> str:
    """The ``date:`` of the front matter (YYYY-MM-DD), which is also the date in the PDF's metadata.

    A date that depends on the clock would make every PDF another file, so anything else is an error.
    """
    front = re.match(r"---\n(.*?)\n---\n", manuscript.read_text(encoding="utf-8"), re.DOTALL)
    date = re.search(r"^date:\s*[\"']?(\d{4}-\d{2}-\d{2})[\"']?\s*$", front[1] if front else "", re.MULTILINE)
    if not date:
        raise UserError(f"{manuscript}: the front matter needs a line 'date: YYYY-MM-DD' (a fixed day, not 'today')")
    return date[1]


def _replace(source: Path, target: Path, pattern: str) -> None:
    """Copy the files of ``source`` that match; remove from ``target`` what matches and is no longer there."""
    target.mkdir(parents=True, exist_ok=True)
    files = {path.name: path for path in sorted(source.glob(pattern))} if source.is_dir() else {}
    for path in target.glob(pattern):
        if path.name not in files:
            path.unlink()
    for name, path in files.items():
        shutil.copyfile(path, target / name)
