"""Command line: ``python -m paper.lint paper/paper.qmd --record build/twin``. Exit code 2 where there are errors."""

from __future__ import annotations

from pathlib import Path

from analysis.command import Out, run
from analysis.errors import UserError
from analysis.record import write_atomically
from paper.chapters import Study
from paper.lint.check import errors, lint
from paper.lint.rules import RULES
from paper.stage import HERE


def step(
    manuscript: Path = HERE / "paper.qmd", /, *, study: Study = "full", record: Path | None = None,
    bibliography: Path = HERE / "references.bib", unused: Out | None = None,
) -> None:  # fmt: skip
    """Lint one manuscript; findings are the message of the error.

    ``record`` is the folder of a build (values.json, tables, figures), and ``unused`` gets the keys of its values that
    are never shown. ``study`` says whose chapters the paper has.
    """
    findings = lint(manuscript, record, bibliography, study)
    notes = [finding for finding in findings if RULES[finding.rule].severity == "note"]
    if unused:
        with write_atomically(unused) as temporary:
            temporary.write_text("".join(f"{note.text.strip(chr(39))}\n" for note in notes), encoding="utf-8")
    wrong = errors(findings)
    if wrong:
        head = f"the lint of the manuscript found {len(wrong)} error{'s' * (len(wrong) > 1)} (rules: docs/lint/):"
        raise UserError("\n".join([head, *map(str, wrong)]))
    beside = f", {len(notes)} values of the record are never shown" if record else ""
    print(f"{manuscript}: no errors{beside}")


if __name__ == "__main__":
    run(step)
