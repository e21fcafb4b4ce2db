"""The page for referees with time and memory of each step of a build: ``python -m paper.audit.timed twin``.

These are of the machine and the day, so the page stands among the build's benchmarks, which no comparison reads.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from analysis.audit.identical import TELLS_OF_ITS_RUN
from analysis.errors import UserError, run
from analysis.record import write_atomically
from paper.audit.facts import times
from paper.audit.markup import written

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PLACE = re.compile(r'<section id="times".*?</section>', re.DOTALL)
"""The section of the published page that says where times are."""


def write(name: str, project: Path = Path()) -> Path:
    """Write the page of the build ``name`` with its times and return its path; UserError where it is not there."""
    page, folder = project / "results" / name / "audit.html", project / "build" / name / TELLS_OF_ITS_RUN[1]
    files = sorted(folder.glob("*.tsv"))
    if not NAME.fullmatch(name) or not page.is_file():
        there = sorted(path.parent.name for path in (project / "results").glob(f"[!.]*/{page.name}"))
        raise UserError(f"there is no finished build {name} here (builds: {', '.join(there) or 'none'}); make it first")
    if not files:
        raise UserError(f"build {name}: {folder} has no times, as it was built elsewhere, or renamed; build it here")
    timed = written(times({path.stem: path.read_text(encoding="utf-8") for path in files}))
    text, places = PLACE.subn(lambda _: timed, page.read_text(encoding="utf-8"))
    if places != 1:
        raise UserError(f"{page}: has no place for times; build it anew")
    path = folder / page.name
    text = text.replace('href="paper.html', f'href="../../../results/{name}/paper.html')
    with write_atomically(path, noted=False) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


if __name__ == "__main__":
    run(lambda: print(write(sys.argv[1])))
