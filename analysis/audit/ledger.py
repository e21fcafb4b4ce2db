"""Step: the ledger, a verdict on every claim of the source study, as a table, values and ledger.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from analysis.audit.ledger_report import DRAWN, report_verdicts
from analysis.audit.verdicts.claims import SourceClaim, load_claims, speaking_of
from analysis.audit.verdicts.decisions import VERDICTS, Finding, rounded
from analysis.audit.verdicts.evidence import Evidence
from analysis.audit.verdicts.intervals import allowed, as_json, flows_for
from analysis.audit.verdicts.rules import RULES, judge
from analysis.audit.verdicts.shapes import MEAN, SIZE, SPREAD
from analysis.command import In, Ins, Out, Outs, run
from analysis.dataset.parts import parts as parts_of
from analysis.dataset.release import load
from analysis.detection.predictions import binary, frames, load_fits, side_by_side, types
from analysis.record import read_json, typographic, write_json
from analysis.record.address import Tables


def entry(claim: SourceClaim, finding: Finding, evidence: Evidence) -> dict[str, Any]:
    """One row of ledger.json: statement, test, our result with interval, what it rests on, verdict, one sentence."""
    ours = finding.interval
    number = _printed(evidence.printed, claim.printed) if claim.printed else None
    limits = n_needed = None
    if number is not None:
        low, high = allowed(number, evidence.printed["half_unit"], evidence.tolerance)
        limits = {"low": low, "high": high}
        n_needed = None if ours is None else flows_for(evidence.tolerance, ours)
    return {
        "id": claim.id,
        "short": typographic(claim.short),
        "says": typographic(claim.says),
        "kind": claim.kind,
        "test": typographic(claim.test),
        "at": claim.printed,
        "printed": number,
        "allowed": limits,
        "here": finding.here,
        "value": None if ours is None else ours.value,
        "interval": as_json(ours),
        "n_test": None if ours is None else ours.n,
        "rests_on": None if ours is None else ours.of or ours.n,
        "n_train": finding.n_train,
        "drawn": DRAWN[evidence.metadata["sampling"]],
        "n_for_tolerance": None if n_needed is None else rounded(n_needed),
        "verdict": finding.verdict,
        "why_not": typographic(finding.why_not) or None,
        "sentence": typographic(finding.fact),
    }


def _printed(source: Mapping[str, Any], path: str) -> float:
    found: Any = source
    for part in path.split("."):
        found = found[part]
    return float(found)


def step(
    parts: Ins, predictions: Ins, descriptions: Ins, cells: Ins, flows: In, roles: In, split: In, features: In,
    metadata: In, source: In, *, tolerance: float, margin: float, resamples: int, seed: int, report: Out, values: Out,
    tables: Outs,
) -> None:  # fmt: skip
    """Judge each claim of the source study by the data of this build, and write the ledger of verdicts.

    ``parts`` are the values of the steps before, ``cells`` the tables that rules ask.
    """
    printed, about = yaml.safe_load(source.read_text(encoding="utf-8")), read_json(metadata)
    top = read_json(features)["selected"]
    train, test = parts_of(flows, roles, split)
    wanted = [*dict.fromkeys([*top, SIZE, SPREAD, MEAN]), "Label", "is_attack"]
    wanted = [column for column in wanted if column in train.columns]
    fits, own = (load_fits(predictions, descriptions, of) for of in ("source", "ledger"))
    evidence = Evidence(
        values={key: value for path in parts for key, value in read_json(path).items()},
        binary={key: frames(found) for key, found in binary(fits).items()},
        types=frames(types(fits)),
        extra=side_by_side(own),
        extra_train=own["random_forest.standardised"].description["n_train"],
        train=train.read(*wanted),
        test=test.read(*wanted),
        top=tuple(top),
        metadata=about,
        printed=printed,
        tolerance=tolerance,
        margin=margin,
        resamples=resamples,
        seed=seed,
        tables=Tables(cells[0].parent),
    )
    claims = speaking_of(load_claims(printed, RULES), about)
    entries = [entry(claim, judge(claim, evidence), evidence) for claim in claims]
    write_json(report, {
        "schema": "flowpaper/ledger/2",
        "synthetic": about["synthetic"],
        "data": about["data"],
        "release": load(about["release"]).title,
        "tolerance": tolerance,
        "margin": margin,
        "counts": {verdict: sum(row["verdict"] == verdict for row in entries) for verdict in VERDICTS},
        "claims": entries,
    })  # fmt: skip
    report_verdicts(entries, evidence).write(values, tables)


if __name__ == "__main__":
    run(step)
