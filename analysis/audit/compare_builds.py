"""Compare two builds within tolerances, as of two machines: ``python -m analysis.audit.compare_builds A B``.

A and B are folders of results or names of builds. Exit code 0: the same within tolerance, 1: not, 2: cannot be said.
Each build must be as it was published, by the checksums in its build.json.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.audit import pdf
from analysis.audit.tolerance import Comparison, Tolerance, of_csv, of_json, of_text, visible
from analysis.command import run
from analysis.errors import UserError
from analysis.record.files import data_checksum, demand_form, demand_version

RESULTS = Path("results")
PRINTED = 5
"""Differences printed for each file."""
# What a machine and its software are called, and what follows from files that are compared.
OF_THE_MACHINE = ("versions.", "build.")
DRAWN = "its tables and its text in paper.html are compared"


@dataclass(frozen=True)
class Outcome:
    """What became of one file: identical, within tolerance, differs, or drawn anew (which is no difference)."""

    file: str
    state: str
    details: tuple[str, ...] = ()

    @property
    def bad(self) -> bool:
        """Whether the builds are not the same because of it."""
        return self.state == "differs"


def folder_of(build: str) -> Path:
    """The results that ``build``, a folder or a name, stands for; UserError where there are none."""
    for folder in (Path(build), RESULTS / build):
        if (folder / "build.json").is_file() and (folder / "values.json").is_file():
            return folder
    known = sorted(path.parent.name for path in RESULTS.glob("*/build.json"))
    raise UserError(
        f"{build}: neither a folder of results (with build.json and values.json) nor a build under results/; "
        f"there: {', '.join(known) or 'none'}"
    )


def manifest(folder: Path) -> dict[str, Any]:
    """What build.json says: checksum of the data, settings, versions and files at least.

    UserError where it cannot be read, or has the form of another version.
    """
    try:
        found = json.loads((folder / "build.json").read_text(encoding="utf-8"))
        demand_form(found, folder / "build.json")
        needed = {"data_checksum": data_checksum(found), "settings": found["settings"], "versions": found["versions"],
                  "files": dict(found["files"])}  # fmt: skip
        return {**found, **needed}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError(f"{folder / 'build.json'}: not what a build writes; build it anew with 'make paper'") from None


def demand_intact(folder: Path) -> None:
    """UserError where a file of a build is not what was published: what it says is then of no build."""
    for name, digest in manifest(folder)["files"].items():
        path = folder / name
        if not path.is_file():
            what = "is missing"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            what = "was altered"
        else:
            continue
        raise UserError(f"{path} {what} after the build was published (its checksum stands in "
                        "build.json); build it anew with 'make paper'")  # fmt: skip


def compare(first: Path, second: Path, tolerance: Tolerance) -> list[Outcome]:
    """One outcome a file; UserError where the builds are of different data, or one was altered."""
    one, other = manifest(first), manifest(second)
    if one["data_checksum"] != other["data_checksum"]:
        raise UserError(
            f"not comparable: {first} and {second} are builds of different data ({one['data_checksum'][:24]} and "
            f"{other['data_checksum'][:24]}): give two builds of the same"
        )
    for folder in (first, second):
        demand_intact(folder)
    names = {path.relative_to(f).as_posix() for f in (first, second) for path in f.rglob("*") if path.is_file()}
    return [_file(name, first / name, second / name, tolerance) for name in sorted(names - {"build.json"})]


def _file(name: str, one: Path, other: Path, tolerance: Tolerance) -> Outcome:
    for path, folder in ((one, "second"), (other, "first")):
        if not path.is_file():
            return Outcome(name, "differs", (f"only in the {folder} build",))
    a, b = one.read_bytes(), other.read_bytes()
    if a == b:
        return Outcome(name, "identical")
    if one.suffix in {".svg", ".png"} or one.parent.name == "figures":
        return Outcome(name, "drawn anew", (DRAWN,))
    found = _compared(name, _unnamed(read_result(one), one), _unnamed(read_result(other), other), tolerance)
    if found.refused:
        more = len(found.refused) - PRINTED
        return Outcome(name, "differs", (*found.refused[:PRINTED], *([f"and {more} more"] if more > 0 else [])))
    largest = f"largest difference {found.largest:.3g}, {found.where}" if found.where else "same but for its form"
    return Outcome(name, "within tolerance", (largest,))


def read_result(path: Path) -> Any:
    """What a file says: an object for JSON (of values.json the values by key), else its text.

    Raises UserError where it is not what its name says.
    """
    try:
        if path.suffix == ".pdf":
            return pdf.running(pdf.pages(path))
        text = path.read_bytes().decode()
        if path.suffix != ".json":
            return text
        found = json.loads(text)
        if path.name != "values.json":
            return found
        demand_version(found, path)
        return _of_the_study(found)
    except ValueError as error:
        raise UserError(
            f"not comparable: {path}: cannot be read as what its name says ({error}); build it anew"
        ) from None


def _unnamed(found: Any, path: Path) -> Any:
    """A text of a build without the build's name and id, which stand where the paper is cited."""
    folder = path.parent
    identifier = manifest(folder).get("id") if isinstance(found, str) and (folder / "build.json").is_file() else None
    if not identifier:
        return found
    named = rf"build\s+{re.escape(folder.name)}(\s+of\s+flowpaper\s+[\w.]+)?,\s+id\s+{identifier}"
    return re.sub(rf"{named}|{identifier}", r"this build\1", found)


def _compared(name: str, a: Any, b: Any, tolerance: Tolerance) -> Comparison:
    if name.endswith(".json"):
        return of_json(a, b, tolerance)
    if name.endswith(".csv"):
        return of_csv(a, b, tolerance)
    if name.endswith(".html"):
        return _pages(a, b, tolerance)
    if name.endswith(".pdf"):
        return of_text(_without_colophon(a), _without_colophon(b), tolerance)
    return of_text(a, b, tolerance)


def _of_the_study(record: Any) -> dict[str, Any]:
    if not isinstance(record, dict) or not isinstance(record.get("values"), dict):
        raise ValueError("it holds no values")
    return {key: value for key, value in record["values"].items() if not key.startswith(OF_THE_MACHINE)}


def _without_colophon(text: str) -> str:
    """The text of a PDF up to its last section, which names the software."""
    return text.rpartition(" Colophon ")[0] or text


def _pages(a: str, b: str, tolerance: Tolerance) -> Comparison:
    """Two pages, without the colophon, which names the software."""
    one, other = ("\n".join(visible(re.sub(r'<\w+ id="sec-colophon".*', "", page, flags=re.DOTALL))) for page in (a, b))
    return of_text(one, other, tolerance)


def notes(first: Path, second: Path) -> Iterator[str]:
    """What explains a difference: settings and versions that are not the same."""
    one, other = manifest(first), manifest(second)
    for what in ("settings", "versions"):
        for key, a, b in differing(one[what], other[what]):
            yield f"other {what}: {key} is {a} and {b}"


def differing(one: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    """What two groups of settings say otherwise: key (``split.seed``), entries of the first and of the second."""
    first, second = dict(_leaves(one)), dict(_leaves(other))
    for key in first | second:
        if first.get(key) != second.get(key):
            yield key, first.get(key), second.get(key)


def _leaves(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, entry in group.items() if isinstance(group, dict) else ():
        yield from _leaves(entry, f"{prefix}{key}.") if isinstance(entry, dict) else [(f"{prefix}{key}", entry)]


def report_outcomes(outcomes: list[Outcome], tolerance: Tolerance) -> str:
    """Every file that is not identical, and the verdict."""
    lines = [f"{one.state:<17} {one.file}" + "".join(f"\n{'':18}{detail}" for detail in one.details)
             for one in outcomes if one.state != "identical"]  # fmt: skip
    counts = {state: sum(one.state == state for one in outcomes)
              for state in ("identical", "within tolerance", "drawn anew", "differs")}  # fmt: skip
    verdict = "the builds differ" if counts["differs"] else "the builds are the same"
    summary = ", ".join(f"{n} {state}" for state, n in counts.items() if n)
    return "\n".join([*lines, f"{verdict}: {summary} ({tolerance})"])


def step(first: str, second: str, /, *, tolerance: str | None = None) -> None:
    """Compare two builds, given by their folders of results or their names; the exit code is 1 where they differ.

    ``tolerance`` is one width for every kind of number; with 0 none may differ.
    """
    widths = Tolerance.of(_width(tolerance) if tolerance else None)
    one, other = folder_of(first), folder_of(second)
    outcomes = compare(one, other, widths)
    print("\n".join([*notes(one, other), report_outcomes(outcomes, widths)]))
    sys.exit(1 if any(one.bad for one in outcomes) else 0)


def _width(text: str) -> float:
    try:
        width = float(text)
    except ValueError:
        width = -1.0
    if not 0 <= width < 1:
        raise UserError(f"TOLERANCE: '{text}' is not a number from 0 up to 1; give, for instance, 0.001")
    return width


if __name__ == "__main__":
    run(step)
