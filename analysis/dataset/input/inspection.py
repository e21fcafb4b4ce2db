"""What a copy of the data is: which release, how sure and why, how complete, how drawn, what it lacks, what is odd."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from analysis.dataset.input import inventory
from analysis.dataset.input.layout import Layout
from analysis.dataset.input.member import Member
from analysis.dataset.input.reading import read, survey
from analysis.dataset.release import Release
from analysis.errors import UserError

Progress = Callable[[str], None]
Keep = Callable[[pl.DataFrame], None]


def inspect(
    members: Sequence[Member],
    progress: Progress = lambda line: None,
    keep: Keep | None = None,
    unread: Sequence[str] = (),
) -> dict[str, Any]:
    """Read every cell of every file and say what the copy is; UserError where it cannot be used.

    ``progress`` gets a line before each file, ``keep`` the flows of each; ``unread`` are files that are passed over.

    The answer is JSON: identity (SHA-256 over names and checksums), release, confidence, why, status, sampling, what
    is lacking, warnings, label counts, and for each file what was found out about it.
    """
    files: list[dict[str, Any]] = []
    first: Layout | None = None
    for member in members:
        progress(f"reading {member.name}")
        if keep is None:
            layout, facts = survey(member)
        else:
            part = read(member)
            layout, facts = part.layout, part.facts
        first = first or layout
        _refuse_mixture(first, layout, members[0], member)
        _refuse_twice(files, facts)
        verdict = inventory.compare(facts, layout.release)
        files.append(facts | {"status": verdict.status, "why": verdict.why})
        if keep is not None:
            keep(part.flows)
    assert first is not None
    _refuse_mixed_labels(files, first.release)
    return _summary(first, files, unread)


def _refuse_mixture(first: Layout, here: Layout, one: Member, other: Member) -> None:
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
    for family, entry in release.families.items():
        if family in release.labels:
            continue
        grouped = next((f["name"] for f in files if family in {**f["counts"], **f["attempted"]}), None)
        single = next(((f["name"], label) for f in files for label in entry.labels
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
        counts, attempted, release)  # fmt: skip
    others = f"and {len(layout.unknown)} that it has not" if layout.unknown else "and no others"
    return {
        "identity": hashlib.sha256("\n".join(f"{f['name']} {f['sha256']}" for f in files).encode()).hexdigest(),
        "release": release.name,
        "title": release.title,
        "confidence": "certain" if layout.likeness == 1 else "likely" if layout.likeness >= 0.9 else "possible",
        "likeness": layout.likeness,
        "why": f"{layout.found} of its {layout.expected} columns are there, {others}",
        "status": verdict.status,
        "status_why": verdict.why,
        "sampling": drawn,
        "sampling_why": because,
        "rows": sum(file["rows"] for file in files),
        "blank_rows": sum(file["blank_rows"] for file in files),
        "counts": counts,
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


def _total(files: list[dict[str, Any]], key: str, release: Release) -> dict[str, int]:
    order = (*release.labels, *(family for family in release.families if family not in release.labels))
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
        if file["fractions"]:
            found.append(f"{name}: fractions where the release has whole numbers: {', '.join(file['fractions'])}")
        known = {day.day for day in release.files}
        if odd := [day for day in file["days"] if file["has_timestamps"] and known and day not in known]:
            found.append(f"{name}: times on days that the release does not have: {', '.join(odd)}")
    differ = [f["name"] for f in files if f["status"] == "complete" and inventory.checksum_differs(f, release)]
    if differ:
        found.append(f"MD5 not the one in circulation, though the label counts are as published: {', '.join(differ)}")
    gone = inventory.missing_files(files, release)
    if gone and len(gone) < len(release.files):
        found.append("day files that are not there: " + ", ".join(file.name for file in gone))
    return found
