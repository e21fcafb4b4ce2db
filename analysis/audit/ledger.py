"""Step: the ledger, a verdict on every claim of the source study, as a table, values and ledger.json."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from analysis.audit.ledger_report import DRAWN, report
from analysis.audit.verdicts.claims import Claim, load_claims, speaking_of
from analysis.audit.verdicts.decisions import VERDICTS, Finding, rounded
from analysis.audit.verdicts.evidence import Evidence
from analysis.audit.verdicts.intervals import allowed, as_json, flows_for
from analysis.audit.verdicts.rules import RULES, judge
from analysis.audit.verdicts.shapes import MEAN, SIZE, SPREAD
from analysis.dataset.parts import parts
from analysis.dataset.release import load
from analysis.detection.predictions import binary, frames, load_fits, side_by_side, types
from analysis.errors import run
from analysis.record import read_json, typographic, write_json
from analysis.record.address import Tables


def entry(claim: Claim, finding: Finding, evidence: Evidence) -> dict[str, Any]:
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


def evidence_from(arguments: argparse.Namespace, source: Mapping[str, Any]) -> Evidence:
    """Read everything that the rules look at."""
    values: dict[str, Any] = {}
    for path in arguments.parts:
        values |= read_json(path)
    metadata, ten = read_json(arguments.metadata), read_json(arguments.features)["ten"]
    train, test = parts(arguments.flows, arguments.roles, arguments.split)
    wanted = [*dict.fromkeys([*ten, SIZE, SPREAD, MEAN]), "Label", "is_attack"]
    wanted = [column for column in wanted if column in train.columns]
    fits, own = (load_fits(arguments.predictions, arguments.descriptions, of) for of in ("source", "ledger"))
    return Evidence(
        values=values,
        binary={key: frames(found) for key, found in binary(fits).items()},
        types=frames(types(fits)),
        extra=side_by_side(own),
        extra_train=own["random_forest.standardised"].description["n_train"],
        train=train.read(*wanted),
        test=test.read(*wanted),
        ten=tuple(ten),
        metadata=metadata,
        printed=source,
        tolerance=arguments.tolerance,
        margin=arguments.margin,
        resamples=arguments.resamples,
        seed=arguments.seed,
        tables=Tables(arguments.cells[0].parent),
    )


def main() -> None:
    """Command line of the step."""
    parser = argparse.ArgumentParser(description=__doc__)
    for paths in ("parts", "predictions", "descriptions", "cells", "tables"):
        parser.add_argument(f"--{paths}", type=Path, nargs="+", required=True)
    for path in ("flows", "roles", "split", "features", "metadata", "source", "values", "report"):
        parser.add_argument(f"--{path}", type=Path, required=True)
    for number in ("tolerance", "margin"):
        parser.add_argument(f"--{number}", type=float, required=True)
    for whole in ("resamples", "seed"):
        parser.add_argument(f"--{whole}", type=int, required=True)
    arguments = parser.parse_args()
    source = yaml.safe_load(arguments.source.read_text(encoding="utf-8"))
    evidence = evidence_from(arguments, source)
    claims = speaking_of(load_claims(source, RULES), evidence.metadata)
    entries = [entry(claim, judge(claim, evidence), evidence) for claim in claims]
    write_json(arguments.report, {
        "schema": "flowpaper/ledger/2",
        "synthetic": evidence.metadata["synthetic"],
        "data": evidence.metadata["data"],
        "release": load(evidence.metadata["release"]).title,
        "tolerance": evidence.tolerance,
        "margin": evidence.margin,
        "counts": {verdict: sum(row["verdict"] == verdict for row in entries) for verdict in VERDICTS},
        "claims": entries,
    })  # fmt: skip
    report(entries, evidence).write(arguments.values, arguments.tables)


if __name__ == "__main__":
    run(main)
