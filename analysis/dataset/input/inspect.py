"""``python -m analysis.dataset.input.inspect DATA``: say what a copy of the data is, without building anything."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from json import dumps
from pathlib import Path
from typing import Any

from analysis import settings
from analysis.command import run
from analysis.dataset.input.address import shown
from analysis.dataset.input.enough import refuse_too_little
from analysis.dataset.input.inspection import inspect
from analysis.dataset.input.source import flow_files, is_twin, located, naming_the_download, unread
from analysis.dataset.release import ANY_ATTACK, Release, load
from analysis.errors import UserError
from analysis.printable import printable


def report_inspection(found: dict[str, Any], data: str, twin: bool) -> Iterator[str]:
    """The lines of the report."""
    release = load(found["release"])
    yield f"{data}: {found['title']}"
    if twin:
        yield "  synthetic       written by the twin generator, not real flows"
    yield f"  recognised      {found['confidence']}: {found['why']}"
    yield f"  inventory       {found['status']}: {found['status_why']}"
    yield f"  drawn           {found['sampling'].replace('_', ' ')}: {found['sampling_why']}"
    yield f"  flows           {found['rows']:,}, of them {_attacks(found, release):,} attacks" + (
        f" and {sum(found['attempted'].values()):,} attempted attacks" if found["attempted"] else ""
    )
    blank = f"; {found['blank_rows']:,} blank rows left out" if found["blank_rows"] else ""
    yield f"  files           {len(found['files'])}{blank}"
    yield f"  written         {'; '.join(_quirks(found['files']))}"
    lacks = list(_lacks(found))
    yield f"  does not hold   {'; '.join(lacks) if lacks else '-'}"
    yield ""
    yield from _aligned([(_short(file["name"]), f"{file['rows']:,}", f"{file['status']}: {file['why']}")
                         for file in found["files"]], ("file", "flows", "against the inventory"))  # fmt: skip
    yield ""
    labels = [(label, f"{found['counts'].get(label, 0):,}", f"{found['attempted'].get(label, 0):,}",
               f"{n:,}" if (n := release.published_count(label)) is not None else "-",
               "; ".join(_spellings(found, release, label)))
              for label in dict.fromkeys([*found["counts"], *found["attempted"]])]  # fmt: skip
    yield from _aligned(labels, ("label", "flows", "attempted", "published", "spelled"))
    if found["warnings"]:
        yield ""
        yield "Worth knowing:"
        yield from (f"  {line}" for line in found["warnings"])


def verdict(found: dict[str, Any], data: str) -> str:
    """What ``make paper`` would do with these data, under the settings as they come."""
    try:
        refuse_too_little(found, settings.load({}), data)
    except UserError as error:
        return f"make paper would refuse these data: {error}"
    return "make paper would build the paper on these data."


def _attacks(found: dict[str, Any], release: Release) -> int:
    return sum(n for label, n in found["counts"].items() if label != release.benign)


def _quirks(files: list[dict[str, Any]]) -> Iterator[str]:
    yield " and ".join(sorted({file["encoding"] + (" with BOM" if file.get("bom") else "") for file in files}))
    yield from sorted({f"lines end in {file['line_ending']}" for file in files if "line_ending" in file})
    spaces = {file["header_spaces"] for file in files}
    yield f"{max(spaces)} column names begin with a space" if max(spaces) else "no spaces before column names"


def _lacks(found: dict[str, Any]) -> Iterator[str]:
    if found["lacks"]:
        yield f"features: {', '.join(found['lacks'])}"
    if not found["has_timestamps"]:
        yield "timestamps"
    if not found["has_five_tuple"]:
        yield "addresses"
    if ANY_ATTACK in found["counts"]:
        yield "types of attack (labels tell attacks from benign flows)"
    elif found["grouped"]:
        yield f"single types of {', '.join(found['grouped'])} (grouped labels)"
    if found["absent_labels"]:
        yield f"flows of {', '.join(found['absent_labels'])}"
    if load(found["release"]).attempted_counts and not found["attempted"]:
        yield "attempted attacks"


def _spellings(found: dict[str, Any], release: Release, label: str) -> list[str]:
    """How the label is spelled in the files, where that is not how it is spelled here; control characters shown."""
    seen = {text for file in found["files"] for text in file["label_spellings"]}
    return sorted(printable(text) for text in seen if text != label and release.canonical_label(text) == label)


def _short(name: str) -> str:
    return name if len(name) <= 60 else f"...{name[-57:]}"


def _aligned(rows: Sequence[tuple[str, ...]], titles: tuple[str, ...]) -> Iterator[str]:
    table = [titles, *rows]
    keep = [i for i in range(len(titles)) if any(row[i] not in ("", "0", "-") for row in rows)]
    width = [max(len(row[i]) for row in table) for i in range(len(titles))]
    for row in table:
        cells = [row[i].rjust(width[i]) if titles[i] in ("flows", "attempted", "published") else row[i].ljust(width[i])
                 for i in keep]  # fmt: skip
        yield ("  " + "  ".join(cells)).rstrip()


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{printable(line)}", end="", file=sys.stderr, flush=True)


def step(data: str, /, *, json: Path | None = None) -> None:
    """Say what the input is and what the study would make of it, without a build.

    The data are a CSV or Parquet file, packed or not, an archive, a folder, or an address; ``json`` gets the whole
    report.
    """
    if json and (json.is_dir() or not json.parent.is_dir()):
        raise UserError(f"--json: {json} is no file in a folder that is there; name one")
    path = located(data)
    with naming_the_download(data):
        found = inspect(flow_files(path), _progress, unread=unread(path))
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    lines = [*report_inspection(found, shown(data), is_twin(path)), "", verdict(found, shown(data))]
    print("\n".join(map(printable, lines)))
    if json:
        json.write_text(dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    run(step)
