"""Step: the ledger, a verdict on every claim of the source study, as a table, values and ledger.json."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from analysis.audit.verdicts.claims import SOURCE_RELEASES, Claim, load_claims
from analysis.audit.verdicts.decisions import OPEN, VERDICTS, Finding, rounded
from analysis.audit.verdicts.evidence import Evidence
from analysis.audit.verdicts.intervals import allowed, as_json
from analysis.audit.verdicts.rules import RULES, judge
from analysis.audit.verdicts.shapes import MEAN, SIZE, SPREAD
from analysis.dataset.release import load
from analysis.detection.predictions import load_binary
from analysis.errors import run
from analysis.record import Column, Record, Table, checked, read_json, snake, write_json

DRAWN = {
    "natural": "in natural shares",
    "per_label": "label by label",
    "unknown": "in an unknown way",
}
NO_TRAINING = "no model was fitted for it"
NOTHING = "nothing is measured; the row says why"
NO_NUMBER = "no such question"


def entry(claim: Claim, finding: Finding, evidence: Evidence, most: int | None) -> dict[str, Any]:
    """One row of ledger.json: statement, test, our result with interval, what it rests on, verdict, one sentence."""
    ours = finding.interval
    number = _printed(evidence.printed, claim.printed) if claim.printed else None
    limits = None
    if number is not None:
        low, high = allowed(number, evidence.printed["half_unit"], evidence.tolerance)
        limits = {"low": low, "high": high}
    return {
        "id": claim.id,
        "short": claim.short,
        "says": claim.says,
        "kind": claim.kind,
        "test": claim.test,
        "printed": number,
        "allowed": limits,
        "here": finding.here,
        "value": None if ours is None else ours.value,
        "interval": as_json(ours),
        "n_test": None if ours is None else ours.n,
        "rests_on": None if ours is None else ours.of or ours.n,
        "n_train": finding.n_train,
        "drawn": DRAWN[evidence.about["sampling"]],
        "n_decides": finding.n_decides,
        "verdict": finding.verdict,
        "why_not": finding.why_not or None,
        "sentence": finding.sentence(most),
    }


def _printed(source: Mapping[str, Any], path: str) -> float:
    found: Any = source
    for part in path.split("."):
        found = found[part]
    return float(found)


def report(entries: Sequence[Mapping[str, Any]], evidence: Evidence) -> Record:
    """Tables ``ledger`` and ``ledger_tests``, and values ``ledger.*``."""
    record = Record("ledger", evidence.about["data"])
    synthetic = evidence.about["synthetic"]
    for row in entries:
        key = f"ledger.{row['id']}"
        record.value(f"{key}.verdict", row["verdict"], "text", f"verdict on the claim: {row['says']}", unit="",
                     table="ledger", cell=f"{row['id']}/verdict")  # fmt: skip
        interval = row["interval"] or {}
        method = f"{interval['method']}, 95%" if interval else "no interval"
        for name, number in (("value", row["value"]), *((end, interval.get(end)) for end in ("low", "high"))):
            record.value(f"{key}.{name}", number, "fixed:3", f"ours ({name}; {method}), claim: {row['says']}",
                         n=row["n_test"],
                         reason=row["why_not"] or "no interval" if number is None else None)  # fmt: skip
        if row["verdict"] == OPEN and row["interval"]:
            record.value(f"{key}.n_decides", row["n_decides"], "integer", f"flows that would decide: {row['says']}",
                         unit="flows", n=row["n_test"],
                         reason=None if row["n_decides"] else "no number of flows decides")  # fmt: skip
    for verdict in VERDICTS:
        n = sum(row["verdict"] == verdict for row in entries)
        record.value(f"ledger.count.{snake(verdict)}", n, "integer", f"claims with the verdict: {verdict}",
                     unit="claims", n=len(entries))  # fmt: skip
    record.value("ledger.claims", len(entries), "integer", "claims of the source study", unit="claims")
    record.value("ledger.judged", not synthetic, "text", "whether claims get verdicts (not on synthetic data)", unit="")
    record.value("ledger.tolerance", evidence.tolerance, "fixed:2", "widens what a printed number may stand for")
    record.value("ledger.margin", evidence.margin, "fixed:2", "difference in F1 that is none in practice")
    record.value("ledger.train_rows", evidence.extra_train, "integer", "flows the ledger's own models were fitted on",
                 unit="flows", n=evidence.train.height)  # fmt: skip
    record.value("ledger.same_release", evidence.about["release"] in SOURCE_RELEASES, "text",
                 "whether the flows are of the release that the source used", unit="")  # fmt: skip
    _tables(record, entries, evidence)
    return record


def _tables(record: Record, entries: Sequence[Mapping[str, Any]], evidence: Evidence) -> None:
    drawn = f"Flows drawn {DRAWN[evidence.about['sampling']]}."
    sizes = f"Binary models fitted on {evidence.trained_on:,} flows, tested on {evidence.test.height:,}; "
    sizes += f"the ledger's own models on a sub-sample of {evidence.extra_train:,}."
    notes = [
        f"{sizes} {drawn} In brackets: intervals of 95% over test flows, which do not show the variation over splits."
    ]
    if evidence.about["synthetic"]:
        notes.append("Synthetic flows: no claim gets a verdict.")
    columns = [
        Column("short", "What the source says", align="left"),
        Column("here", "Here", align="left"),
        Column("verdict", "Verdict", align="left"),
        Column("sentence", "Measured", align="left"),
    ]
    rows = [
        {key: row[key] for key in ("id", "short", "verdict", "sentence")}
        | {"here": Table.cell(row["here"], "text", reason=NOTHING)}
        for row in entries
    ]
    record.table("ledger", "Every claim of the source study, with a verdict", columns, rows, notes=notes, id="id")
    columns = [
        Column("short", "Claim", align="left"),
        Column("kind", "Kind", align="left"),
        Column("test", "Test", align="left"),
        Column("n_train", "Training", "integer"),
        Column("n_test", "Flows", "integer"),
        Column("rests_on", "Of these", "integer"),
        Column("n_decides", "Deciding", "integer"),
    ]
    rows = [
        {
            "id": row["id"],
            "short": row["short"],
            "kind": row["kind"],
            "test": row["test"],
            "n_train": Table.cell(row["n_train"], "integer", reason=NO_TRAINING),
            "n_test": Table.cell(row["n_test"], "integer", reason="no interval"),
            "rests_on": Table.cell(row["rests_on"], "integer", reason="no interval"),
            "n_decides": Table.cell(row["n_decides"] and rounded(row["n_decides"]), "integer", reason=NO_NUMBER),
        }
        for row in entries
    ]
    notes = [
        "Flows: those of the test part, or all where no model is involved. Of these: what the estimate is a share of, "
        "such as the attacks for a recall. Deciding: test flows at which an inconclusive claim would be decided, if "
        "the estimate stayed."
    ]
    record.table("ledger_tests", "The test that each claim is put to", columns, rows, notes=notes, id="id")


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
    for paths in ("parts", "predictions", "types", "extra", "tables"):
        parser.add_argument(f"--{paths}", type=Path, nargs="+", required=True)
    for path in ("description", "train", "test", "features", "about", "source", "values", "report"):
        parser.add_argument(f"--{path}", type=Path, required=True)
    for number in ("tolerance", "margin"):
        parser.add_argument(f"--{number}", type=float, required=True)
    for whole in ("resamples", "seed"):
        parser.add_argument(f"--{whole}", type=int, required=True)
    arguments = parser.parse_args()
    source = yaml.safe_load(arguments.source.read_text(encoding="utf-8"))
    claims = load_claims(source, RULES)
    evidence = evidence_from(arguments, source)
    most = evidence.value("release.flows")
    entries = [entry(claim, judge(claim, evidence), evidence, most) for claim in claims]
    write_json(arguments.report, {
        "schema": "flowpaper/ledger/1",
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
