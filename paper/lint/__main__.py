"""Command line: ``python -m paper.lint paper/paper.qmd --record build/twin``. Exit code 2 where there are errors."""

from __future__ import annotations

import argparse
from pathlib import Path

from analysis.errors import UserError, run
from analysis.record import write_atomically
from paper.chapters import STUDIES
from paper.lint.check import errors, lint
from paper.lint.rules import RULES
from paper.stage import HERE


def main() -> None:
    """Lint one manuscript; findings are the message of the error."""
    parser = argparse.ArgumentParser(prog="python -m paper.lint", description=__doc__)
    parser.add_argument("manuscript", type=Path)
    parser.add_argument("--record", type=Path, help="folder of a build (values.json, tables/, figures/)")
    parser.add_argument("--bibliography", type=Path, default=HERE / "references.bib")
    parser.add_argument("--study", choices=STUDIES, default="full", help="whose chapters the paper has")
    parser.add_argument("--unused", type=Path, help="file for the keys of values that are never shown")
    arguments = parser.parse_args()
    findings = lint(arguments.manuscript, arguments.record, arguments.bibliography, arguments.study)
    notes = [finding for finding in findings if RULES[finding.rule].severity == "note"]
    if arguments.unused:
        with write_atomically(arguments.unused) as temporary:
            temporary.write_text("".join(f"{note.text.strip(chr(39))}\n" for note in notes), encoding="utf-8")
    wrong = errors(findings)
    if wrong:
        head = f"the lint of the manuscript found {len(wrong)} error{'s' * (len(wrong) > 1)} (rules: docs/lint/):"
        raise UserError("\n".join([head, *map(str, wrong)]))
    record = f", {len(notes)} values of the record are never shown" if arguments.record else ""
    print(f"{arguments.manuscript}: no errors{record}")


if __name__ == "__main__":
    run(main)
