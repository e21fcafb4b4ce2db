"""What was read against what was published: complete, a part, or altered, and how the flows were drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from analysis.dataset.input.reading import inventory_file
from analysis.dataset.release import Release, ReleaseFile

Sampling = Literal["natural", "per_label", "unknown"]
LEVEL = 0.001
"""Label shares differ from the published ones where the chi-square test says so at this level ..."""
DISTANCE = 0.01
"""... and more than this share of the flows would have to change their label (total variation distance)."""
ROUNDING = 0.001
"""Labels of which up to a number of flows was drawn differ by one flow or this share of the number, as a split does."""
LEAST_EXPECTED = 5
"""Labels of which fewer flows are expected are pooled (Cochran's rule)."""


@dataclass(frozen=True)
class Verdict:
    """'complete', 'subset', 'altered' or 'unknown', and why in words."""

    status: Literal["complete", "subset", "altered", "unknown"]
    why: str


def compare(facts: Mapping[str, Any], release: Release) -> Verdict:
    """One file against the day file of its name, or the one whose label counts it has."""
    file = inventory_file(facts["name"], release)
    if file is None:
        if same := _renamed(facts, release):
            return Verdict("complete", f"label counts of {same.name} under another name")
        return Verdict("unknown", "not the name of a file of the release" if release.files else "no counts per file")
    present = [*facts["counts"], *facts["attempted"]]
    for variant in file.variants:
        if facts["counts"] == _grouped(variant.counts, present, release):
            return Verdict("altered", variant.title)
    published = (_grouped(counts, present, release) for counts in (file.counts, file.attempted))
    verdict = _against(facts["counts"], facts["attempted"], *published)
    if verdict.status == "complete" and file.blank and facts["blank_rows"] not in (0, file.blank):
        return Verdict("altered", f"{facts['blank_rows']:,} blank rows where {file.blank:,} are published")
    return verdict


def _renamed(facts: Mapping[str, Any], release: Release) -> ReleaseFile | None:
    """The one day file whose label counts a file has."""
    present = [*facts["counts"], *facts["attempted"]]
    same = [
        file
        for file in release.files
        if _grouped(file.counts, present, release) == facts["counts"]
        and _grouped(file.attempted, present, release) == facts["attempted"]
    ]
    return same[0] if len(same) == 1 else None


def _grouped(counts: Mapping[str, int], present: Iterable[str], release: Release) -> dict[str, int]:
    """Published counts with those of a group's members under the group, where the copy has the group."""
    groups = [name for name in present if name not in release.labels]
    total: dict[str, int] = {}
    for label, n in counts.items():
        name = next((group for group in groups if label in release.families[group].labels), label)
        total[name] = total.get(name, 0) + n
    return total


def checksum_differs(facts: Mapping[str, Any], release: Release) -> bool:
    """Whether the file has a published MD5 and another one here."""
    file = inventory_file(facts["name"], release)
    return file is not None and file.md5 is not None and file.md5 != facts.get("md5")


def overall(counts: Mapping[str, int], attempted: Mapping[str, int], release: Release) -> Verdict:
    """All files together against the whole release."""
    if not release.counts:
        if release.flows is None:
            return Verdict("unknown", "no inventory of this release is published")
        rows = sum(counts.values()) + sum(attempted.values())
        if rows == release.flows:
            return Verdict("complete", "as many flows as published; label counts are not")
        return Verdict(
            "subset" if rows < release.flows else "altered", f"{rows:,} of {release.flows:,} flows; no label counts"
        )
    published = {label: n for label, n in shares(release, counts).items() if n}
    return _against(counts, attempted, published, release.attempted_counts)


def _against(
    counts: Mapping[str, int], tried: Mapping[str, int], published: Mapping[str, int], tried_there: Mapping[str, int]
) -> Verdict:
    here = dict(counts) | {f"{label}, attempted": n for label, n in tried.items()}
    there = dict(published) | {f"{label}, attempted": n for label, n in tried_there.items()}
    flows, total = sum(here.values()), sum(there.values())
    if here == there:
        return Verdict("complete", f"all {total:,} flows, every label count as published")
    more = [f"{label} {n:,} where {there.get(label, 0):,} are published" for label, n in here.items()
            if n > there.get(label, 0)]  # fmt: skip
    if more:
        return Verdict("altered", "; ".join(more[:3]) + (f"; and {len(more) - 3} more" if len(more) > 3 else ""))
    return Verdict("subset", f"{flows:,} of {total:,} flows")


def sampling(counts: Mapping[str, int], release: Release) -> tuple[Sampling, str]:
    """How the flows were drawn, from their label counts: natural where shares are as published, and why.

    'per_label': up to a number of flows of each label. Chi-square goodness of fit (Pearson 1900) with labels pooled
    of which fewer than five are expected.
    """
    expected = shares(release, counts)
    if not expected:
        return "unknown", "no label counts are published for this release"
    here = {label: counts.get(label, 0) for label in expected}
    n = sum(here.values())
    cap = max(here.values())
    near = max(1, round(ROUNDING * cap))
    capped = [label for label, k in here.items() if cap - near <= k < expected[label]]
    whole = all(label in capped or k == expected[label] for label, k in here.items() if k)
    if len(capped) > 1 and whole:
        least = min(here[label] for label in capped)
        many = f"{cap:,}" if least == cap else f"{least:,} to {cap:,}"
        return "per_label", f"up to {cap:,} flows of each label, {many} of each of {len(capped)} labels"
    total = sum(expected.values())
    distance = sum(abs(here[label] / n - expected[label] / total) for label in expected) / 2
    if distance <= DISTANCE or _p_value(here, expected) >= LEVEL:
        return "natural", "the shares of the labels are as published"
    return "unknown", f"the labels of {distance:.0%} of the flows would have to change to give the published shares"


def shares(release: Release, counts: Iterable[str]) -> dict[str, int]:
    """Published flows of each label or, where the copy's labels are grouped, family; empty where unknown."""
    return {label: release.published_count(label) or 0 for label in release.types(counts)} if release.counts else {}


def _p_value(here: Mapping[str, int], published: Mapping[str, int]) -> float:
    n, total = sum(here.values()), sum(published.values())
    pairs: list[tuple[float, float]] = []
    pooled = (0.0, 0.0)
    for label, k in here.items():
        expected = published[label] / total * n
        if expected < LEAST_EXPECTED:
            pooled = (pooled[0] + k, pooled[1] + expected)
        else:
            pairs.append((k, expected))
    if pooled[1] > 0:
        pairs.append(pooled)
    if len(pairs) < 2:
        return 1.0
    from scipy.stats import chisquare  # here, since it takes long to load and most who ask for an inventory need none

    return float(chisquare([k for k, _ in pairs], [e for _, e in pairs]).pvalue)


def missing_files(files: Sequence[Mapping[str, Any]], release: Release) -> list[ReleaseFile]:
    """Day files of the release that none of the files read goes by, in name or in label counts."""
    found = (inventory_file(entry["name"], release) or _renamed(entry, release) for entry in files)
    named = {file.name for file in found if file}
    return [file for file in release.files if file.name not in named]
