"""Step: the claims of publications, each under its own protocol, beside what this build measures, with a verdict.

A verdict counts on a complete release alone; elsewhere the same steps run as a test of the software, and say so.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from analysis.audit.verdicts.claims import SOURCE_RELEASES
from analysis.audit.verdicts.decisions import NOT, OPEN, REPRODUCED, above, below, bracket, within
from analysis.audit.verdicts.intervals import Interval, allowed
from analysis.command import In, Ins, Out, Outs, run
from analysis.conditions.condition import LEVELS
from analysis.dataset.release import load
from analysis.detection.predictions import Fit, answers
from analysis.record import Column, Record, Table, read_json, typographic
from analysis.streams import stream
from analysis.studies.measure import measured
from analysis.studies.planned import lacking, name_of
from analysis.studies.read import MEASURES, Claim, StudyFile, read

TEST = "software test"
CANNOT = "cannot run"
VERDICTS = (REPRODUCED, NOT, OPEN, TEST, CANNOT)
RELEASES = {"original": SOURCE_RELEASES, "corrected": ("corrected", "wtmc2021")}
"""The releases that a claim may ask for; a claim may also ask for any of a collection."""
BASELINE = {"labels": "cleaned", "duplicates": "keep", "target": "binary"}
"""Levels that go without saying in the words of a protocol."""
NO_PART = "the split has no such part in these flows"
NO_INTERVAL = "no interval"
NO_CONDITION = "no condition of its own"
UNDEFINED = "not defined on these flows"
SHORT = {"random": "random split", "keep": "", "drop": "repeats dropped", "together": "repeats on one side",
         "chronological": "end of each type", "day_forward": "each day after those before it",
         "later_days": "all later days", "by_file": "other file", "campaigns": "campaigns apart",
         "selected": "ranked features", "all": "all features", "without_shortcuts": "no shortcuts",
         "types": "types"}  # fmt: skip


@dataclass(frozen=True)
class Ours:
    """What a build has beside a claim: an estimate with the flows that it was fitted on, or why there is none."""

    why: str | None
    value: float | None = None
    interval: Interval | None = None
    n_train: int | None = None


def protocol_words(claim: Claim, name: str | None) -> str:
    """A protocol in a few words, levels that go without saying left out."""
    parts = []
    for factor in ("split", "duplicates", "features", "labels", "target"):
        level = claim.protocol.levels()[factor]
        key, _, narrowed = level.partition(":")
        if BASELINE.get(factor) == level:
            continue
        words = SHORT.get(key) or LEVELS[factor].get(key, level)
        part = claim.protocol.part if factor == "split" and claim.protocol.part not in (level, "all") else None
        named = narrowed or part
        if key == "later_days" and part:
            words, named = f"days after {part}", None
        parts.append(f"{words} ({named})" if named else words)
    parts.append(name or claim.protocol.model.replace("_", " "))
    parts += [claim.protocol.release] if claim.protocol.release != "any" else []
    if claim.protocol.threshold != "own":
        parts.append(f"threshold at {float(claim.protocol.threshold):.1%} false alarms")
    return ", ".join(part for part in parts if part)


def ours(
    claim: Claim, fit: Fit | None, values: Mapping[str, Any], metadata: Mapping[str, Any], told: Collection[str],
    resamples: int, seed: int, name: str,
) -> Ours:  # fmt: skip
    """What this build has beside a claim."""
    release = claim.protocol.release
    if release in RELEASES and metadata["release"] not in RELEASES[release]:
        return Ours(f"the {release} release was not read")
    if release not in (*RELEASES, "any", load(metadata["release"]).collection):
        return Ours(f"no flows of {release} were read")
    if claim.ours:
        found = values.get(claim.ours, {})
        if found.get("value") is None:
            return Ours(claim.missing or found.get("reason") or "this build has no such value")
        value, low, high = (found.get(key) for key in ("value", "low", "high"))
        known = low is not None and high is not None
        interval = Interval(value, low, high, found.get("n") or 0, found.get("interval") or "") if known else None
        return Ours(None, value, interval)
    if claim.missing:
        return Ours(claim.missing)
    if reason := lacking(claim, told):
        return Ours(reason)
    if fit is None:
        return Ours("this build fits no such condition")
    folds, wanted = fit.entry["folds"], claim.protocol.part
    fold = next((fold for fold in folds if wanted in (None, fold["fold"])), None)
    if fold is None:
        return Ours(NO_PART if not (len(folds) == 1 and folds[0]["reason"]) else folds[0]["reason"])
    if fold["reason"]:
        return Ours(str(fold["reason"]))
    threshold = None
    if claim.protocol.threshold != "own":
        threshold = fold["thresholds"][claim.protocol.threshold]
        if threshold is None:
            return Ours("no benign flow was held back to set a threshold on")
    frame = fit.frame.filter(pl.col("fold") == fold["fold"])
    found = measured(frame, claim.protocol.target, claim.measure, claim.type, threshold, resamples,
                     stream(seed, f"studies.{name}"))  # fmt: skip
    if found is None:
        return Ours("no flow of this type in the test part" if claim.type else UNDEFINED)
    return Ours(None, found.value, found, fold["n_train"])


def band(claim: Claim, tolerance: float) -> tuple[float, float]:
    """What a claim allows: its rounding and the tolerance about a printed number, or its bounds.

    The tolerance about a rate of false alarms is at most half of it, since otherwise any low rate would do.
    """
    if claim.printed is None:
        return (claim.at_least.value if claim.at_least else 0.0), (claim.at_most.value if claim.at_most else 1.0)
    wide = min(tolerance, claim.printed.value / 2) if claim.measure == "fpr" else tolerance
    return allowed(claim.printed.value, claim.printed.half_unit, wide)


def verdict(claim: Claim, found: Ours, complete: bool, tolerance: float) -> str:
    """Reproduced where our interval lies within what the claim allows, not where it lies wholly outside.

    Where our condition departs from the publication's, outside is inconclusive: that may be why.
    """
    if found.why is not None:
        return CANNOT
    if not complete:
        return TEST
    if found.interval is None:
        return OPEN
    low, high = band(claim, tolerance)
    if claim.printed is None and claim.at_most is None:
        said = above(found.interval, low)
    elif claim.printed is None and claim.at_least is None:
        said = below(found.interval, high)
    else:
        said = within(found.interval, low, high)
    return OPEN if said == NOT and claim.departs else said


def claimed(claim: Claim) -> str:
    """The number or bounds of a claim as printed."""
    if claim.printed:
        return claim.printed.text
    bounds = [f"at least {claim.at_least.text}" if claim.at_least else "", f"at most {claim.at_most.text}"
              if claim.at_most else ""]  # fmt: skip
    return ", ".join(filter(None, bounds))


def report_study_claims(
    files: Collection[StudyFile], fits: Mapping[str, Fit], values: Mapping[str, Any], metadata: Mapping[str, Any],
    told: Collection[str], complete: bool, tolerance: float, resamples: int, seed: int,
) -> Record:  # fmt: skip
    """Tables ``studies`` and ``studies_cannot``, of claims with a number of ours and without, and ``studies.*``."""
    record, rows = Record("study_claims", metadata["data"]), []
    outside: set[str] = set()
    for file in files:
        for claim in file.claims:
            name = name_of(file, claim)
            fit = fits.get(name)
            found = ours(claim, fit, values, metadata, told, resamples, seed, name)
            said = verdict(claim, found, complete, tolerance)
            if found.why is None and not _of_the_source(claim):
                outside.add(file.id)
            rows.append(_row(file, claim, found, said, fit))
    ran = [row for row in rows if not row["verdict"].startswith(CANNOT)]
    cannot = [row for row in rows if row not in ran]
    record.table("studies", "Claims of publications, each under its own protocol", COLUMNS, ran, id="id")
    named = [column for column in COLUMNS if column.key in WITHOUT]
    left = [{column.key: row[column.key] for column in named} for row in cannot]
    record.table("studies_cannot", "Claims of publications that cannot be measured here, and why", named, left, id="id")
    beside = len(ran)
    record.value("studies.count", len(files), "integer", "publications whose claims are looked at", unit="studies")
    record.value("studies.claims", len(rows), "integer", "claims of these publications", unit="claims")
    record.value("studies.run", beside, "integer", "claims of publications beside which this build measures its own",
                 unit="claims", n=len(rows))  # fmt: skip
    record.value("studies.left", len(cannot), "integer", "claims of publications that this build cannot measure",
                 unit="claims", n=len(rows))  # fmt: skip
    what = "publications with a claim measured under other conditions than the source's"
    record.value("studies.outside", len(outside), "integer", what, unit="studies")
    record.value("studies.counts", complete, "text", "whether verdicts count: real flows, a complete release", unit="")
    for word in VERDICTS:
        key, number = f"studies.verdicts.{word.replace(' ', '_')}", sum(row["verdict"].startswith(word) for row in rows)
        record.value(key, number, "integer", f"claims of publications with the verdict: {word}", unit="claims",
                     n=len(rows))  # fmt: skip
    return record


def _of_the_source(claim: Claim) -> bool:
    """Whether a claim is measured where the source study measures: ranked features, random split, repeats kept."""
    protocol = claim.protocol
    return claim.runs and (protocol.split, protocol.features, protocol.duplicates) == ("random", "selected", "keep")


COLUMNS = [
    Column("id", "Id", align="left", definition="study and claim"),
    Column("study", "Study", align="left", definition="the publication"),
    Column("claim", "Claim", align="left", definition="what was measured, and the number as printed"),
    Column("protocol", "Protocol", align="left", definition="what was fitted and tested on what"),
    Column("here", "Here", align="left", definition="our number with its 95% interval"),
    Column("verdict", "Verdict", align="left", definition="what ours says of the claim"),
    Column("note", "Why", align="left", definition="why there is none, or in what our condition departs"),
    Column("place", "Place", align="left", definition="where in the publication the number stands"),
    Column("reference", "Reference", align="left", definition="the publication in full"),
    Column("value", "Ours", "fixed:4", unit="1", definition="our number"),
    Column("low", "95% low", "fixed:4", unit="1", definition="lower end of its interval"),
    Column("high", "95% high", "fixed:4", unit="1", definition="upper end of its interval"),
    Column("n_train", "Fitted on", "integer", unit="flows", definition="flows that the model was fitted on"),
    Column("n", "Tested on", "integer", unit="flows", definition="flows that ours comes from"),
]
WITHOUT = ("id", "study", "claim", "protocol", "note", "place", "reference")
"""Columns that a claim has of which nothing is measured."""


def _row(file: StudyFile, claim: Claim, found: Ours, said: str, fit: Fit | None) -> dict[str, Any]:
    what = f"{MEASURES[claim.measure]}{f', {claim.type}' if claim.type else ''}: {claimed(claim)}"
    digits = 4 if claim.measure == "fpr" else 3
    here = None
    if found.value is not None:
        here = bracket(found.interval, digits) if found.interval else f"{found.value:.{digits}f}"
    why, inside = found.why, found.interval
    numbers = {
        "value": (found.value, "fixed:4", why),
        "low": (inside and inside.low, "fixed:4", why or NO_INTERVAL),
        "high": (inside and inside.high, "fixed:4", why or NO_INTERVAL),
        "n_train": (found.n_train, "integer", why or NO_CONDITION),
        "n": (inside and inside.n, "integer", why or NO_INTERVAL),
        "here": (here, "text", why),
    }
    texts = {
        "study": file.study,
        "claim": what,
        "protocol": protocol_words(claim, fit.entry["name"] if fit else None),
        "verdict": f"{said}: {why}" if why else said,
        "note": why or "; ".join(claim.departs) or "none",
        "place": claim.place,
        "reference": file.reference,
    }
    cells = {
        key: Table.cell(value, display, reason=reason if value is None else None)
        for key, (value, display, reason) in numbers.items()
    }
    return {"id": name_of(file, claim)} | {key: typographic(text) for key, text in texts.items()} | cells


def load_answers(predictions: Iterable[Path], descriptions: Iterable[Path], ids: Collection[str]) -> dict[str, Fit]:
    """The fitted conditions with these ids."""
    return {
        entry["id"]: Fit(entry, answers(frames, entry["id"]))
        for frames, told in zip(predictions, descriptions, strict=True)
        for entry in read_json(told).values()
        if entry["id"] in ids
    }


def step(
    predictions: Ins, descriptions: Ins, parts: Ins, studies: Ins, metadata: In, *, asked: str, told: str,
    tolerance: float, resamples: int, seed: int, values: Out, tables: Outs,
) -> None:  # fmt: skip
    """Put each claim of the publications beside what this build measures under its protocol.

    ``asked`` is JSON: the id of the condition of each claim that has one, by the claim's name.
    """
    known: dict[str, Any] = {}
    for part in parts:
        known |= read_json(part)
    about = read_json(metadata)
    complete = bool(known["defects.complete"]["value"]) and not about["synthetic"]
    files = [read(Path(path)) for path in studies]
    by_claim: dict[str, str] = json.loads(asked)
    fits = load_answers(predictions, descriptions, set(by_claim.values()))
    of = {claim: fits[id] for claim, id in by_claim.items()}
    record = report_study_claims(files, of, known, about, told.split(), complete, tolerance, resamples, seed)
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
