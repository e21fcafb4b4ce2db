"""Renders a build's paper: ``python -m paper.render --build build/twin`` makes paper.html and paper.pdf, or neither.

The outputs stand in ``<build>/paper/`` among everything they were made from; ``quarto render paper.qmd`` works there
too. They are checked before they replace earlier ones.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from analysis.errors import UserError, run
from analysis.record import Value
from paper import gate, pandoc, quarto
from paper.stage import HERE, document_date, stage

RENDERERS = ("auto", "pandoc", "quarto")


def render(build: Path, renderer: str, manuscript: Path, bibliography: Path) -> tuple[Path, Path]:
    """Stage, render and check the paper of ``build``; return the paths of HTML and PDF.

    Raises UserError for a mistake in the manuscript, for an output that does not pass the gate, and where the
    renderer asked for is not there.
    """
    found = quarto.find() if renderer != "pandoc" else None
    if not found:
        quarto.demand(renderer)
    folder = build / "paper"
    staged = stage(build, folder, manuscript, bibliography, _own_values(found[1] if found else None))
    seconds = int(datetime.fromisoformat(document_date(staged)).replace(tzinfo=UTC).timestamp())
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
        new_html.replace(html)
        new_pdf.replace(pdf)
    finally:
        new_html.unlink(missing_ok=True)
        new_pdf.unlink(missing_ok=True)
    return html, pdf


def _own_values(quarto_version: str | None) -> dict[str, Value]:
    """The values about the rendering itself, for the colophon."""
    if quarto_version:
        bundled = "bundled with Quarto"
        texts = {
            "renderer": f"Quarto {quarto_version}",
            "other_renderer": "Pandoc with Typst, which sets it where the settings say 'renderer: pandoc'",
            "quarto": quarto_version,
            "pandoc": None,
            "typst": None,
        }
        reasons = {"pandoc": bundled, "typst": bundled}
    else:
        pandoc_version, typst_version = pandoc.versions()
        texts = {
            "renderer": f"Pandoc {pandoc_version} with Typst {typst_version}",
            "other_renderer": "Quarto, which sets it where it is installed",
            "quarto": None,
            "pandoc": pandoc_version,
            "typst": typst_version,
        }
        reasons = {"quarto": "not installed"}
    definitions = {
        "renderer": "program that turned the manuscript into HTML and PDF",
        "other_renderer": "the other program that can set the paper, and how to have it",
        "quarto": "version of Quarto used",
        "pandoc": "version of Pandoc used",
        "typst": "version of Typst used",
    }
    return {
        f"build.{name}": Value(
            f"build.{name}", texts[name], "text", definition, unit="text",
            source={"step": "paper.render"}, reason=reasons.get(name),
        )
        for name, definition in definitions.items()
    }  # fmt: skip


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True, help="folder with values.json, tables/ and figures/")
    parser.add_argument("--renderer", choices=RENDERERS, default="auto")
    parser.add_argument("--manuscript", type=Path, default=HERE / "paper.qmd")
    parser.add_argument("--bibliography", type=Path, default=HERE / "references.bib")
    arguments = parser.parse_args()
    render(arguments.build, arguments.renderer, arguments.manuscript, arguments.bibliography)


if __name__ == "__main__":
    run(main)
