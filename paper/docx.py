"""The paper of a finished build as a Word document: ``python -m paper.docx twin`` writes ``results/twin.docx``.

It comes from the manuscript, filters and record from which the page and the PDF were set, so it says what they say; its
pictures are the published ones. It is for those who must hand in Word: the gate does not read it.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from analysis.audit.compare_builds import demand_intact, folder_of
from analysis.command import run
from analysis.errors import UserError
from analysis.record import write_atomically
from analysis.record.files import read_json, read_values
from paper import pandoc
from paper.render import seconds_of
from paper.stage import HERE

STAGED = "paper.qmd"


def write(staged: Path, results: Path, output: Path) -> None:
    """Write the paper staged in the folder ``staged`` to ``output``, with the figures that ``results`` has published.

    UserError where there is no staged paper, or where it is not that of ``results``.
    """
    _demand_same(staged, results)
    with tempfile.TemporaryDirectory(prefix="flowpaper-") as temporary:
        folder = Path(temporary, "paper")
        shutil.copytree(staged, folder, ignore=shutil.ignore_patterns(".*", "paper.html", "paper.pdf", "filters"))
        shutil.copytree(HERE / "filters", folder / "filters")
        for picture in sorted((results / "figures").glob("*.png")):
            shutil.copy(picture, folder / "figures")
        pandoc.write_word(folder / STAGED, folder / "paper.docx", seconds_of(folder / STAGED))
        with write_atomically(output, noted=False) as fresh:
            shutil.copy(folder / "paper.docx", fresh)


def _demand_same(staged: Path, results: Path) -> None:
    demand_intact(results)
    if not (staged / STAGED).is_file():
        raise UserError(f"there is no {staged / STAGED}, of which the Word document is made; run 'make paper' again")
    kept = read_values(staged / "record" / "values.json")["values"]
    published = read_json(results / "values.json")["values"]
    if other := [key for key, value in published.items() if kept.get(key) != value]:
        raise UserError(
            f"{staged} is not of the build that {results} publishes: {other[0]} differs; run 'make paper' again"
        )


def step(build: str, /, *, out: Path | None = None) -> None:
    """Write the paper of a finished build as a Word document, to ``out`` (default: beside its results)."""
    results = folder_of(build)
    output = out or results.with_name(f"{results.name}.docx")
    write(results.parent.with_name("build") / results.name / "paper", results, output)
    print(output)


if __name__ == "__main__":
    run(step)
