"""Step: the ledger, a verdict on every claim of the source study, as a table, values and ledger.json."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from analysis.audit.ledger_report import DRAWN, report
from analysis.audit.verdicts.claims import Claim, load_claims, speaking_of
from analysis.audit.verdicts.decisions import VERDICTS, Finding, rounded
from analysis.audit.verdicts.evidence import Evidence
from analysis.audit.verdicts.intervals import allowed, as_json, flows_for
from analysis.audit.verdicts.rules import RULES, judge
from analysis.audit.verdicts.shapes import MEAN, SIZE, SPREAD
from analysis.dataset.release import load
from analysis.detection.predictions import load_binary
from analysis.errors import run
from analysis.record import checked, read_json, typographic, write_json


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
        "drawn": DRAWN[evidence.about["sampling"]],
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
    about, ten = read_json(arguments.about), read_json(arguments.features)["ten"]
    wanted = [*dict.fromkeys([*ten, SIZE, SPREAD, MEAN]), "Label", "is_attack"]
    parts = {}
    for name in ("train", "test"):
        path = getattr(arguments, name)
        present = pl.read_parquet_schema(checked(path))
        parts[name] = pl.read_parquet(checked(path), columns=[column for column in wanted if column in present])
    extra = {path.stem.removeprefix("ledger_"): pl.read_parquet(checked(path)) for path in arguments.extra}
    return Evidence(
        values=values,
        binary=load_binary(arguments.predictions),
        types={path.stem.removeprefix("types_"): pl.read_parquet(checked(path)) for path in arguments.types},
        extra=extra,
        extra_train=read_json(arguments.description)["n_train"],
        train=parts["train"],
        test=parts["test"],
        ten=tuple(ten),
        about=about,
        printed=source,
        tolerance=arguments.tolerance,
        margin=arguments.margin,
        resamples=arguments.resamples,
        seed=arguments.seed,
    )


def main() -> None:
    """Command line of the step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--types", type=Path, nargs="*", help="predictions of types, where labels name them")
    for paths in ("parts", "predictions", "extra", "tables"):
        parser.add_argument(f"--{paths}", type=Path, nargs="+", required=True)
    for path in ("description", "train", "test", "features", "about", "source", "values", "report"):
        parser.add_argument(f"--{path}", type=Path, required=True)
    for number in ("tolerance", "margin"):
        parser.add_argument(f"--{number}", type=float, required=True)
    for whole in ("resamples", "seed"):
        parser.add_argument(f"--{whole}", type=int, required=True)
    arguments = parser.parse_args()
    source = yaml.safe_load(arguments.source.read_text(encoding="utf-8"))
    evidence = evidence_from(arguments, source)
    claims = speaking_of(load_claims(source, RULES), evidence.about)
    entries = [entry(claim, judge(claim, evidence), evidence) for claim in claims]
    write_json(arguments.report, {
        "schema": "flowpaper/ledger/2",
        "synthetic": evidence.about["synthetic"],
        "data": evidence.about["data"],
        "release": load(evidence.about["release"]).title,
        "tolerance": evidence.tolerance,
        "margin": evidence.margin,
        "counts": {verdict: sum(row["verdict"] == verdict for row in entries) for verdict in VERDICTS},
        "claims": entries,
    })  # fmt: skip
    report(entries, evidence).write(arguments.values, arguments.tables)


if __name__ == "__main__":
    run(main)
