"""The values about a paper itself, for its colophon: what set it, which build it is, from which state of the files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.citing.references import of_paper
from analysis.citing.sentence import sentence
from analysis.citing.styles import apa
from analysis.record import Value, read_json
from paper import pandoc

READ_ALOUD = "binary.best.f1"
"""The value that the chapter on citing takes as its example."""


def of_renderer(quarto_version: str | None) -> dict[str, Value]:
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
            origin={"step": "paper.render"}, reason=reasons.get(name),
        )
        for name, definition in definitions.items()
    }  # fmt: skip


def of_checkout(about: Mapping[str, Any]) -> dict[str, Value]:
    """The build's name, and the state of the project's files: only these change with a commit."""
    commit, clean, reason = about["commit"], about["clean"], about["reason"]
    tree = None if clean is None else "with no changes since" if clean else "with changes that are not committed"
    entries = {
        "name": (about["build"], "name of the build", None),
        "commit": (commit and commit[:12], "commit of the project's files, shortened", reason),
        "tree": (tree, "whether these files were changed since that commit", reason),
        "committed": (commit is not None, "whether a commit is known", None),
    }
    return {
        f"build.{name}": Value(
            f"build.{name}", value, "text", definition, unit="", origin={"step": "paper.render"}, reason=why
        )
        for name, (value, definition, why) in entries.items()
    }


def of_citation(values: Path, build: str, identifier: str | None) -> dict[str, Value]:
    """The build's id, the sentence that cites the number that the paper reads aloud, and the reference for the paper.

    ``values`` is the values.json of the build called ``build``; what it does not hold is not cited.
    """
    record = read_json(values) if values.is_file() else {"values": {}}
    why = None if identifier else "rendered outside the workflow"
    texts = {"id": (identifier, "short checksum over data, settings, locked versions and code", why)}
    if READ_ALOUD in record["values"]:
        said = sentence(READ_ALOUD, record, build, identifier)
        texts["cited"] = (said, "the sentence that cites the F1 of the best model", None)
    if "paper.title" in record["values"]:
        reference = apa(of_paper(record, build, identifier))
        texts["reference"] = (reference, "this paper in a list of references, in the style of the APA", None)
    return {
        f"build.{name}": Value(
            f"build.{name}", value, "text", definition, unit="", origin={"step": "paper.render"}, reason=reason
        )
        for name, (value, definition, reason) in texts.items()
    }
