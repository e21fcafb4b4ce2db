"""The Quarto route: one call renders both formats from the staged folder, as a reader would by hand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from analysis.errors import UserError
from analysis.record import read_json
from paper.pandoc import explain


def find() -> tuple[Path, str] | None:
    """A Quarto that works, on PATH or beside this Python, with its version; else None."""
    for candidate in (shutil.which("quarto"), str(Path(sys.executable).parent / "quarto")):
        if candidate and Path(candidate).is_file():
            try:
                done = subprocess.run([candidate, "--version"], capture_output=True, text=True, timeout=60)
            except (OSError, subprocess.TimeoutExpired):
                continue
            if done.returncode == 0 and done.stdout.strip():
                return Path(candidate), done.stdout.strip()
    return None


def demand(renderer: str) -> None:
    """Raise UserError where the settings ask for a Quarto that is not there."""
    if renderer == "quarto" and not find():
        raise UserError("renderer: there is no working Quarto on PATH or in .venv/bin; set it to 'auto' or 'pandoc'")


def standard(version: str) -> list[str]:
    """Arguments that ask for a PDF for everyone (PDF/UA-1), of a Quarto that knows it: 1.9 or later."""
    match = re.match(r"(\d+)\.(\d+)", version)
    known = match is not None and (int(match[1]), int(match[2])) >= (1, 9)
    return ["--metadata", "pdf-standard:ua-1"] if known else []


def said(build: Path) -> list[str]:
    """One line on which renderer set the paper of ``build`` and how to have the other; none where there is no paper."""
    record = build / "paper" / "record" / "values.json"
    if not record.is_file():
        return []
    values = read_json(record)["values"]
    other = "Pandoc with Typst: renderer: pandoc" if values["build.quarto"]["value"] else "Quarto: make quarto"
    return [f"set by {values['build.renderer']['text']} (for {other})"]


def render(quarto: Path, version: str, manuscript: Path, html: Path, pdf: Path, seconds: int) -> None:
    """Render the staged ``manuscript`` to ``html`` and ``pdf``; ``seconds`` since 1970 makes the PDF reproducible.

    Quarto names its outputs itself, so it works on a copy of the staged folder and cannot touch earlier outputs.
    """
    work = manuscript.parent / "quarto-render"  # not a hidden name: Quarto passes over hidden folders
    shutil.rmtree(work, ignore_errors=True)
    try:
        skipped = shutil.ignore_patterns(
            ".*", work.name, manuscript.with_suffix(".html").name, manuscript.with_suffix(".pdf").name
        )
        shutil.copytree(manuscript.parent, work, ignore=skipped)
        done = subprocess.run(
            [quarto, "render", manuscript.name, "--to", "html,typst", *standard(version)],
            cwd=work,
            env=os.environ | {"SOURCE_DATE_EPOCH": str(seconds)},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise UserError(explain(done.stderr, "Quarto", done.returncode))
        for suffix, target in ((".html", html), (".pdf", pdf)):
            made = (work / manuscript.name).with_suffix(suffix)
            if not made.is_file():
                raise UserError(f"Quarto made no {made.name}; it said: {done.stderr.strip()[-500:]}")
            made.replace(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
