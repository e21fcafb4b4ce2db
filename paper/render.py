"""Renders a build's paper: ``python -m paper.render --build build/twin`` makes paper.html and paper.pdf, or neither.

The outputs stand in ``<build>/paper/`` among everything they were made from; ``quarto render paper.qmd`` works there
too. They are checked before they replace earlier ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from analysis.checkout import checkout
from analysis.citing.build_id import build_id, foundation
from analysis.command import run
from analysis.errors import UserError
from analysis.record import checksums
from paper import gate, pandoc, quarto
from paper.chapters import Study, assemble
from paper.front_matter import document_date
from paper.own import of_checkout, of_citation, of_renderer
from paper.stage import HERE, stage

Renderer = Literal["auto", "pandoc", "quarto"]


def render(
    build: Path,
    renderer: str,
    manuscript: Path,
    bibliography: Path,
    about: Mapping[str, Any] | None = None,
    study: Study = "full",
    settings: Mapping[str, Any] | None = None,
) -> tuple[Path, Path]:
    """Stage, render and check the paper of ``build``; return the paths of HTML and PDF.

    ``about`` has the build's name, the commit and cleanness of the project's files with the reason where they are not
    known (``analysis.checkout``, which is asked by default), and with ``settings`` the checksums of the build's id.
    Raises UserError for a mistake in the manuscript, for an output that does not pass the gate, and where the
    renderer asked for is not there.
    """
    found = quarto.find() if renderer != "pandoc" else None
    if not found:
        quarto.demand(renderer)
    folder = build / "paper"
    about = about or {"build": build.name, **checkout()}
    identifier = build_id(foundation(build, settings, about)) if settings else None
    own = of_renderer(found[1] if found else None) | of_checkout(about)
    staged = stage(
        build, folder, assemble(manuscript, study), bibliography,
        own | of_citation(build / "values.json", about["build"], identifier),
    )  # fmt: skip
    seconds = seconds_of(staged)
    html, pdf = folder / "paper.html", folder / "paper.pdf"
    new_html, new_pdf = folder / ".new.html", folder / ".new.pdf"
    try:
        if found:
            quarto.render(*found, staged, new_html, new_pdf, seconds)
        else:
            pandoc.render(staged, new_html, new_pdf, seconds)
        problems = gate.check(new_html, new_pdf, folder)
        if problems:
            raise UserError("\n  ".join(["the rendered paper is not fit to be published:", *problems]))
        for new, path in ((new_html, html), (new_pdf, pdf)):
            checksums.note(path, new)
            new.replace(path)
    finally:
        new_html.unlink(missing_ok=True)
        new_pdf.unlink(missing_ok=True)
    return html, pdf


def seconds_of(staged: Path) -> int:
    """The date of a staged manuscript in seconds since 1970, which is all that its papers say of the clock."""
    day = document_date(staged.read_text(encoding="utf-8"), staged.name)
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


def step(
    *,
    build: Path,
    renderer: Renderer = "auto",
    manuscript: Path = HERE / "paper.qmd",
    study: Study = "full",
    bibliography: Path = HERE / "references.bib",
    settings: dict[str, Any] | None = None,
    checkout: dict[str, Any] | None = None,
) -> None:
    """Render the paper of a build: of the folder with values.json, tables and figures.

    ``study`` says whose chapters the paper has, ``checkout`` the build's name, commit, cleanness and checksums of code.
    """
    render(build, renderer, manuscript, bibliography, checkout, study, settings)


if __name__ == "__main__":
    run(step)
