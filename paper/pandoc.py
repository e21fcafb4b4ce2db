"""The Pandoc route: Pandoc for HTML, Pandoc and Typst for PDF, both from wheels, with the manuscript's own filters."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from analysis.errors import UserError
from analysis.failure import stopped

COMMON = (
    "--from=markdown",
    "--lua-filter=filters/flowpaper.lua",
    "--lua-filter=filters/crossref.lua",
    "--lua-filter=filters/titleblock.lua",
    "--citeproc",
    "--metadata=link-citations",
    "--number-sections",
    "--syntax-highlighting=none",
    "--standalone",
    "--fail-if-warnings",
)
HTML = (
    "--to=html5", "--template=template.html", "--css=style.css", "--embed-resources", "--mathml", "--section-divs",
    "--toc", "--toc-depth=2",
)  # fmt: skip
TYPST = ("--to=typst", "--wrap=none", "--template=template.typ")
WORD = ("--to=docx",)
HEAP = ("+RTS", "-A128m", "-RTS")
"""To Pandoc's runtime: clear up less often. Pages come a seventh sooner, and it holds a tenth of a gigabyte more."""


def executable() -> Path | None:
    """Pandoc as it comes with pypandoc-binary, else on PATH, else None."""
    found = _bundled() or shutil.which("pandoc")
    return Path(found) if found else None


def _bundled() -> Path | None:
    package = importlib.util.find_spec("pypandoc")
    found = Path(package.origin).parent / "files" / "pandoc" if package and package.origin else None
    return found if found and found.is_file() else None


def runtime(program: Path) -> tuple[str, ...]:
    """What the runtime of this Pandoc is told: of another than the bundled one nobody knows whether it listens."""
    return HEAP if program == _bundled() else ()


def versions() -> tuple[str, str]:
    """Versions of Pandoc and Typst."""
    first = subprocess.run([demand(), "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    return first.split()[1], importlib.metadata.version("typst")


def render(manuscript: Path, html: Path, pdf: Path, seconds: int) -> None:
    """Render the staged ``manuscript`` to ``html`` and ``pdf``; ``seconds`` since 1970 is the PDF's only date.

    Raises UserError with Pandoc's message (which names the place in the manuscript) or Typst's.
    """
    with ThreadPoolExecutor() as pool:
        page = pool.submit(_run, manuscript, HTML, html)
        _typeset(manuscript, pdf, seconds)
        page.result()


def write_word(manuscript: Path, output: Path, seconds: int) -> None:
    """Write the staged ``manuscript`` as a Word document; ``seconds`` since 1970 is its only date.

    Raises UserError with Pandoc's message.
    """
    _run(manuscript, WORD, output, {"SOURCE_DATE_EPOCH": str(seconds)})


def _typeset(manuscript: Path, pdf: Path, seconds: int) -> None:
    import typst

    source = pdf.with_suffix(".typ")
    try:
        _run(manuscript, TYPST, source)
        _, warnings = typst.compile_with_warnings(
            source,
            output=pdf,
            root=manuscript.parent,
            ignore_system_fonts=True,
            pdf_standards="ua-1",
            timestamp=seconds,
        )
    except typst.TypstError as error:
        hints = " ".join(error.hints or [])
        raise UserError(f"{manuscript.name}: Typst cannot set the PDF: {error.message} {hints}".strip()) from None
    finally:
        source.unlink(missing_ok=True)
    if any("did not converge" in warning.message for warning in warnings):
        raise UserError(
            f"{manuscript.name}: the pages of the PDF do not settle, so that page numbers would be wrong; the fault is "
            "in paper/typst-template.typ, and a sentence more or less in the manuscript goes round it"
        )


def _run(manuscript: Path, options: tuple[str, ...], output: Path, also: Mapping[str, str] | None = None) -> None:
    program = demand()
    command = [str(program), manuscript.name, *COMMON, *options, f"--output={output.name}", *runtime(program)]
    environment = os.environ | (also or {})
    done = subprocess.run(command, cwd=manuscript.parent, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise UserError(explain(done.stderr, "Pandoc", done.returncode))


def explain(stderr: str, renderer: str, code: int = 1) -> str:
    """What a renderer said, reduced to the filter's own lines where there are any; ``code`` is what it ended with."""
    if why := stopped(code):
        return f"{renderer} {why}"
    if "No space left on device" in stderr or "Disk quota exceeded" in stderr:
        return f"{renderer} found no room left on the disk; make room, and run again"
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    own = list(dict.fromkeys(line.split("flowpaper: ", 1)[1] for line in lines if "flowpaper: " in line))
    return "\n  ".join(["the paper cannot be rendered:", *own]) if own else f"{renderer} failed: " + "\n  ".join(lines)


def demand() -> Path:
    """Pandoc; UserError where there is none."""
    found = executable()
    if not found:
        raise UserError("there is no Pandoc: run 'make' again (pypandoc-binary is in requirements.txt), or install it")
    return found
