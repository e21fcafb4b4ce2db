"""What a copy of the data is: which release, how sure and why, how complete, how drawn, what it lacks, what is odd."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from analysis.dataset.input import inventory
from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.labels import ForeignLabel, candidates, groups, within
from analysis.dataset.input.layout import LIKELY, Layout, fit
from analysis.dataset.input.reading import survey
from analysis.dataset.release import ANY_ATTACK, Release, code
from analysis.errors import UserError

Progress = Callable[[str], None]
Survey = Callable[[FlowFile, Release | None], tuple[Layout, dict[str, Any]]]
AT_ONCE = 4
"""Files that are read at once at most, whatever the cores: each takes a quarter of a gigabyte while it is read."""


def inspect(
    flow_files: Sequence[FlowFile],
    progress: Progress = lambda line: None,
    examine: Survey = survey,
    unread: Sequence[str] = (),
    release: Release | None = None,
    threads: int | None = None,
) -> dict[str, Any]:
    """Read every cell of every file and say what the copy is; UserError where it cannot be used.

    ``progress`` gets a line before each file, ``examine`` reads one, so many at once as there are ``threads``
    (None: cores); ``unread`` are files that are passed over. Of what is wrong, that of the first file is said.
    ``release`` is what an earlier look found. Without it the files are read again as of another release where the
    labels tell that they are of one that has these columns under other names: the newer meter's names are those of
    CSE-CIC-IDS2018, whatever was measured.

    The answer is JSON: data_checksum (SHA-256 over names and checksums), release, confidence, why, status, sampling,
    what is lacking, warnings, label counts, and for each file what was found out about it.
    """
    first_look = release is None

    def look(flow_file: FlowFile, release: Release | None) -> tuple[Layout, dict[str, Any]]:
        progress(f"reading {flow_file.name}")
        return examine(flow_file, release)

    try:
        layout, files = _examine(flow_files, look, release, threads)
        told = candidates(layout, _spellings(files))[0]
        if first_look and told is not layout.release:
            layout, files = _examine(flow_files, look, told, threads)
        return _summary(layout, files, unread)
    except ForeignLabel as error:
        for other in error.others if first_look else ():
            with suppress(ForeignLabel):
                return _summary(*_examine(flow_files, look, other, threads), unread)
        raise


def _examine(
    flow_files: Sequence[FlowFile], look: Survey, release: Release | None, threads: int | None
) -> tuple[Layout, list[dict[str, Any]]]:
    """What was found out about each file, and the layout of the first."""
    # Parsing, hashing and writing leave the interpreter to the other threads.
    with ThreadPoolExecutor(min(threads or os.cpu_count() or 1, AT_ONCE)) as pool:
        # What is largest begins first, so that no thread is left with it when the others have ended.
        looks = {file: pool.submit(look, file, release) for file in sorted(flow_files, key=_size, reverse=True)}
        try:
            return _agreeing(flow_files, (looks[file].result() for file in flow_files))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _size(flow_file: FlowFile) -> int:
    return flow_file.path.stat().st_size


def _agreeing(
    flow_files: Sequence[FlowFile], looks: Iterable[tuple[Layout, dict[str, Any]]]
) -> tuple[Layout, list[dict[str, Any]]]:
    """The layout of the first file, and the facts of all; UserError where files do not belong together."""
    files: list[dict[str, Any]] = []
    first: Layout | None = None
    for flow_file, (layout, facts) in zip(flow_files, looks, strict=True):
        first = first or layout
        _refuse_mixture(first, layout, flow_files[0], flow_file)
        _refuse_twice(files, facts)
        verdict = inventory.compare(facts, layout.release)
        files.append(facts | {"status": verdict.status, "why": verdict.why})
    assert first is not None
    _refuse_mixed_labels(files, first.release)
    return first, files


def _spellings(files: Sequence[Mapping[str, Any]]) -> set[str]:
    return {text for file in files for text in file["label_spellings"]}


def _refuse_mixture(first: Layout, here: Layout, one: FlowFile, other: FlowFile) -> None:
    if here.release is not first.release:
        raise UserError(
            f"data: two releases in one place: {one.name} is of the {first.release.title}, {other.name} of the "
            f"{here.release.title}; give each a folder of its own"
        )
    if set(here.features) != set(first.features):
        odd = sorted(set(here.features) ^ set(first.features))[0]
        has, lacks = (one, other) if odd in first.features else (other, one)
        raise UserError(
            f"data: {lacks.name} lacks the column {odd}, which {has.name} has; the files of one study need the same "
            "columns"
        )


def _refuse_mixed_labels(files: Sequence[Mapping[str, Any]], release: Release) -> None:
    """UserError where one file has the label of a group and another a single type of it."""
    for family in groups(release):
        grouped = next((f["name"] for f in files if family in {**f["counts"], **f["attempted"]}), None)
        single = next(((f["name"], label) for f in files for label in sorted(within(family, release))
                       if label in {**f["counts"], **f["attempted"]}), None)  # fmt: skip
        if grouped and single:
            raise UserError(
                f"data: {grouped} labels flows with the group {family}, but {single[0]} with the single type "
                f"{single[1]}; use files of one kind"
            )


def _refuse_twice(files: list[dict[str, Any]], facts: dict[str, Any]) -> None:
    same = next((file["name"] for file in files if file["sha256"] == facts["sha256"]), None)
    if same:
        raise UserError(f"data: {same} and {facts['name']} are the same file; remove one, or every flow counts twice")


def _summary(layout: Layout, files: list[dict[str, Any]], unread: Sequence[str]) -> dict[str, Any]:
    release = layout.release
    counts, attempted = (_total(files, key, release) for key in ("counts", "attempted"))
    verdict = inventory.overall(counts, attempted, release)
    grouped = [label for label in counts if label in release.grouped or label not in release.labels]
    drawn, because = ("natural", "the release is complete") if verdict.status == "complete" else inventory.sampling(
        counts, release)  # fmt: skip
    confidence, why = _confidence(layout, files)
    return {
        "data_checksum": hashlib.sha256("\n".join(f"{f['name']} {f['sha256']}" for f in files).encode()).hexdigest(),
        "release": release.name,
        "title": release.title,
        "confidence": confidence,
        "likeness": layout.likeness,
        "why": why,
        "status": verdict.status,
        "status_why": verdict.why,
        "sampling": drawn,
        "sampling_why": because,
        "rows": sum(file["rows"] for file in files),
        "blank_rows": sum(file["blank_rows"] for file in files),
        "counts": counts,
        "non_finite": _by_class(files, "non_finite"),
        "magnitude": _by_class(files, "magnitude"),
        "attempted": attempted,
        "grouped": grouped,
        "features": list(layout.features),
        "lacks": list(layout.missing),
        "absent_labels": [label for label in inventory.shares(release, counts) if label not in counts],
        "has_timestamps": all(file["has_timestamps"] for file in files),
        "has_five_tuple": all(file["has_five_tuple"] for file in files),
        "warnings": _warnings(files, release, unread),
        "files": files,
    }


def _confidence(layout: Layout, files: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """How sure the recognition is, and why: by columns, how they are written, labels, times, and the look of cells."""
    why = fit(layout)
    if layout.respelled:
        spelling, name = layout.respelled[0]
        others = f" and {len(layout.respelled) - 1} more" if len(layout.respelled) > 1 else ""
        why += f"; names are written otherwise ({spelling} for {name}{others})"
    if scaled := sorted({file["scaled"] for file in files if file["scaled"]}):
        return "possible", f"{why}; the cells look {' and '.join(scaled)}, which the release is not"
    if rivals := [one for one in candidates(layout, _spellings(files)) if one is not layout.release]:
        return "possible", (
            f"{why}; undecided: under other names the columns are as well those of the {rivals[0].title}, and the "
            "labels do not tell the two apart"
        )
    days = {day for file in files for day in file["days"] if file["has_timestamps"]}
    if days and not any(map(layout.release.has_day, days)):
        return "possible", f"{why}; none of its times is of a day of the release, so it may be another capture"
    if any(ANY_ATTACK in file["counts"] for file in files):
        return ("likely" if layout.likeness >= LIKELY else "possible"), f"{why}; its labels name no type of attack"
    if layout.likeness == 1 and not layout.respelled:
        return "certain", why
    return ("likely" if layout.likeness >= LIKELY else "possible"), why


def _by_class(files: Sequence[Mapping[str, Any]], kind: str) -> dict[str, int]:
    return {name: sum(file[kind][name] for file in files) for name in ("attacks", "benign")}


def _total(files: list[dict[str, Any]], key: str, release: Release) -> dict[str, int]:
    order = (*release.labels, *groups(release))
    totals = {label: sum(file[key].get(label, 0) for file in files) for label in order}
    return {label: n for label, n in totals.items() if n}


def _warnings(files: list[dict[str, Any]], release: Release, unread: Sequence[str]) -> list[str]:
    """What a reader should know although the data can be used, most specific first."""
    found = [f"files that are not read: {', '.join(unread)}"] if unread else []
    for file in files:
        name = file["name"]
        if file["status"] == "altered":
            found.append(f"{name}: altered ({file['why']})")
        if file["unknown"]:
            found.append(
                f"{name}: columns that are not used: {', '.join(n or 'one without a name' for n in file['unknown'])}"
            )
        if file["blank_rows"] and not release.blank_rows:
            found.append(f"{name}: {file['blank_rows']:,} blank rows, left out")
        if file.get("repeated_headers"):
            found.append(f"{name}: {file['repeated_headers']} header lines repeated inside, left out")
        found += [f"{name}: {reason}; left out" for reason in file["unusable"]]
        if file["missing_marks"]:
            counted = [(text, "once" if n == 1 else f"{n:,} times") for text, n in file["missing_marks"].items()]
            cells = ", ".join(f"{often} {text!r}" for text, often in counted)
            found.append(f"{name}: cells that say in words that they are missing: {cells}; read as missing numbers")
        if first := file["first_beyond_arithmetic"]:
            found.append(f"{name}: a number too large for arithmetic in {first}, the first of its kind; "
                         "cleaning.magnitude decides about them")  # fmt: skip
        if codes := [text for text in file["label_spellings"] if code(text) is not None]:
            found.append(f"{name}: labels are codes ({', '.join(codes)}); 0 and false are read as benign, 1 and true "
                         "as attack")  # fmt: skip
        if file["scaled"]:
            found.append(f"{name}: its cells look {file['scaled']}; all that is said of them holds in their scale, "
                         "not in that of the release")  # fmt: skip
        elif file["fractions"]:
            found.append(f"{name}: fractions where the release has whole numbers: {', '.join(file['fractions'])}")
        if odd := [day for day in file["days"] if file["has_timestamps"] and not release.has_day(day)]:
            found.append(f"{name}: times on days that the release does not have: {', '.join(odd)}")
    differ = [f["name"] for f in files if f["status"] == "complete" and inventory.checksum_differs(f, release)]
    if differ:
        found.append(f"MD5 not the one in circulation, though the label counts are as published: {', '.join(differ)}")
    gone = inventory.missing_files(files, release)
    if gone and len(gone) < len(release.files):
        found.append("day files that are not there: " + ", ".join(file.name for file in gone))
    return found
