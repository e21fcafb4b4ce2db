"""Stages the manuscript with a build's record in one folder that renders by itself, with Quarto or with Pandoc."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from analysis.command import file_of
from analysis.errors import UserError
from analysis.record import Value, read_json, write_atomically, write_json
from analysis.record.address import Tables, resolve
from analysis.record.files import copy, read_values
from paper.cards import cards
from paper.chapters import Manuscript
from paper.front_matter import fill
from paper.policy import write_hash

HERE = Path(__file__).parent
# What belongs to the manuscript's form and is the same for every manuscript.
FORM = (
    "template.html",
    "template.typ",
    "typst-template.typ",
    "typst-show.typ",
    "_quarto.yml",
    "web/explorer.html",
)
# The page's style and script, each made of the files of its kind in this order.
WEB = {
    "style.css": ("page.css", "cards.css", "explorer.css", "tools.css"),
    "page.js": (
        "scripted.js",
        "contents.js",
        "scrolling.js",
        "cards.js",
        "explorer.js",
        "tools.js",
        "tables.js",
        "pictures.js",
        "figures.js",
        "search.js",
        "previews.js",
    ),
}
FILES = ("references.bib", *FORM, *(f"web/{name}" for names in WEB.values() for name in names))
"""All files that stand in this folder and are staged, or are part of what is."""
LINES = "paper.lines.json"


def stage(build: Path, folder: Path, manuscript: Manuscript, bibliography: Path, own: Mapping[str, Value]) -> Path:
    """Fill ``folder`` with manuscript, form, filters and the record of ``build``; return the staged manuscript.

    ``own`` are the values about the rendering itself; they are added to the staged record. Beside the manuscript stands
    where its lines come from, for the messages of filters. What the folder holds of earlier outputs stays. Raises
    UserError where the bibliography or the record is missing.
    """
    if not bibliography.is_file():
        raise UserError(f"there is no {bibliography}: the paper needs it")
    if not (build / "values.json").is_file():
        raise UserError(f"{build} holds no values.json: run the build ('make paper') before rendering its paper")
    folder.mkdir(parents=True, exist_ok=True)
    staged = folder / "paper.qmd"
    for source in (bibliography, *(HERE / name for name in FORM)):
        copy(source, folder / source.name)
    for name, parts in WEB.items():
        with write_atomically(folder / name) as temporary:
            temporary.write_text(
                "\n".join((HERE / "web" / part).read_text(encoding="utf-8") for part in parts), "utf-8"
            )
    _replace(HERE / "filters", folder / "filters", "*.lua")
    _replace(build / "tables", folder / "record" / "tables", "*.json")
    for pattern in ("*.svg", "*.json"):
        _replace(build / "figures", folder / "figures", pattern)
    _replace(build, folder / "record", "claims.json")
    _replace(build / "data", folder / "record", "explorer.json")
    values, text = read_values(build / "values.json"), manuscript.text
    values["values"] |= {key: value.to_json() for key, value in own.items()}
    rendering = {value.origin["step"] for value in own.values() if "step" in value.origin}
    values["steps"] = values.get("steps", {}) | {step: file_of(step).as_posix() for step in rendering}
    claims = build / "claims.json"
    named = "\n".join([text, *_texts(read_json(claims) if claims.is_file() else {})])
    cells, unknown = resolve(named, Tables(build / "tables"))
    values["values"] |= cells
    write_json(folder / "record" / "cards.json", cards(named, values, build / "tables", build / "figures"))
    write_json(folder / "record" / "values.json", values)
    write_json(folder / "record" / "unknown.json", unknown)
    with write_atomically(staged) as temporary:
        temporary.write_text(fill(text, values["values"]), encoding="utf-8")
    write_json(folder / LINES, [[first, path.as_posix(), line] for first, path, line in manuscript.pieces])
    write_hash(folder)
    return staged


def _texts(claims: Mapping[str, Any]) -> Iterable[str]:
    """What may name a cell in claims.json."""
    for claim in claims.values():
        yield from filter(None, (claim.get("condition"), claim.get("otherwise")))


def _replace(source: Path, target: Path, pattern: str) -> None:
    """Copy the files of ``source`` that match; remove from ``target`` what matches and is no longer there."""
    target.mkdir(parents=True, exist_ok=True)
    files = {path.name: path for path in sorted(source.glob(pattern))} if source.is_dir() else {}
    for path in target.glob(pattern):
        if path.name not in files:
            path.unlink()
    for name, path in files.items():
        copy(path, target / name)
