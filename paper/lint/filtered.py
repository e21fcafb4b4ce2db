"""What the manuscript's own filters find in it: keys, tables, references, citations, pictures.

They run as at the render, on the manuscript staged with the record of a build, so passages that do not stand in this
build's paper are not checked; nothing is written twice.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from analysis.errors import UserError
from analysis.record import Value
from paper import pandoc
from paper.chapters import Manuscript
from paper.lint.rules import RULES
from paper.lint.text import Finding
from paper.own import of_checkout, of_citation
from paper.stage import stage

SAID = re.compile(r"flowpaper: ([^:]+?)(?::(\d+))?((?: \(also [^)]+\))?): (.*?)(?: \[([a-z-]+)\])?")


def findings(manuscript: Manuscript, record: Path, bibliography: Path) -> list[Finding]:
    """What the filters say of the ``manuscript`` and of its claims, with the ``record`` of a build."""
    own = {f"build.{name}": Value(f"build.{name}", "not yet", "text", "known when the paper is rendered")
           for name in ("renderer", "other_renderer", "quarto", "pandoc", "typst")}  # fmt: skip
    own |= of_checkout({"build": record.name, "commit": "not yet", "clean": True, "reason": None})
    own |= of_citation(record / "values.json", record.name, None)
    with TemporaryDirectory() as folder:
        staged = stage(record, Path(folder) / "paper", manuscript, bibliography, own)
        program = pandoc.demand()
        command = [str(program), staged.name, "--from=markdown", "--to=json", "--output=lint.json",
                   "--lua-filter=filters/flowpaper.lua", *pandoc.runtime(program)]  # fmt: skip
        done = subprocess.run(command, cwd=staged.parent, capture_output=True, text=True, encoding="utf-8")
    said = [line for line in done.stderr.splitlines() if line.startswith("flowpaper: ")]
    if done.returncode and not said:
        raise UserError(pandoc.explain(done.stderr, "Pandoc", done.returncode))
    return [_finding(manuscript.path, line) for line in dict.fromkeys(said)]


def _finding(path: Path, line: str) -> Finding:
    match = SAID.fullmatch(line)
    if not match:
        return Finding(path.as_posix(), 1, "manuscript", RULES["manuscript"].message, line)
    rule = match[5] if match[5] in RULES else "manuscript"
    return Finding(match[1], int(match[2] or 1), rule, RULES[rule].message, match[4] + match[3])
