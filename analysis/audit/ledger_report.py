"""The ledger as tables and values: every claim, the printed numbers, the words and reasons, and the tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from analysis.audit.verdicts.claims import SOURCE_RELEASES, TRAFFIC, comparable, judged
from analysis.audit.verdicts.decisions import (
    IN_PART,
    INCOMPARABLE,
    NO_CONSEQUENCE,
    NOT,
    OPEN,
    REPRODUCED,
    VERDICTS,
)
from analysis.audit.verdicts.evidence import Evidence
from analysis.detection.names import METRICS, MODELS, titled
from analysis.record import Column, Record, Table, snake
from analysis.record.value import WORDS

DRAWN = {
    "natural": "in natural shares",
    "per_label": "label by label",
    "unknown": "in an unknown way",
}
TOLD = {
    REPRODUCED: ("is reproduced", "are reproduced"),
    IN_PART: ("is reproduced in part", "are reproduced in part"),
    NOT: ("is not reproduced", "are not reproduced"),
    NO_CONSEQUENCE: ("does not follow", "do not follow"),
    OPEN: ("is inconclusive on these flows", "are inconclusive on these flows"),
}
"""Verdicts of what was judged, as they follow upon one claim and upon several."""
UNTESTABLE = ("opinion", "description")
"""Kinds of claims that no test could refute."""
TYPES = "Attack types"
NO_INTERVAL = "no interval"
NO_TRAINING = "no model was fitted for it"
NOTHING = "nothing is measured; the row says why"
NOT_PRINTED = "no printed number"

Entries = Sequence[Mapping[str, Any]]


def report_verdicts(entries: Entries, evidence: Evidence) -> Record:
    """Tables ``ledger``, ``ledger_numbers``, ``ledger_words`` and ``ledger_tests``, and values ``ledger.*``."""
    record = Record("ledger", evidence.metadata["data"])
    metadata = evidence.metadata
    for row in entries:
        _of_claim(record, row, judged(metadata))
    for verdict in VERDICTS:
        n = sum(row["verdict"] == verdict for row in entries)
        record.value(f"ledger.count.{snake(verdict)}", n, "integer", f"claims with the verdict: {verdict}",
                     unit="claims", n=len(entries))  # fmt: skip
    told = [(sum(row["verdict"] == verdict for row in entries), words) for verdict, words in TOLD.items()]
    said = [f"{_counted(n)} {words[n > 1]}" for n, words in told if n]
    record.value("ledger.verdicts", said or ["none is judged"], "list",
                 "claims by verdict, those left out that no claim has", unit="")  # fmt: skip
    record.value("ledger.claims", len(entries), "integer", "claims of the source study", unit="claims")
    record.value("ledger.judged", judged(metadata), "text",
                 "whether claims get verdicts (not on synthetic flows, nor on another data set)", unit="")  # fmt: skip
    record.value("ledger.same_data_set", metadata["release"] in TRAFFIC, "text",
                 "whether the flows are of the data set that the source used", unit="")  # fmt: skip
    record.value("ledger.same_release", metadata["release"] in SOURCE_RELEASES, "text",
                 "whether the flows are of the release that the source used", unit="")  # fmt: skip
    for place, what in (("models", "the binary models"), ("types", "single attack types")):
        record.value(f"ledger.{place}_compared", comparable(evidence.printed, metadata, place), "text",
                     f"whether the source's numbers of {what} can be compared with those of this build",
                     unit="")  # fmt: skip
    web = evidence.values.get("types.web.present", {"value": False})["value"]
    record.value("ledger.web_attacks", web, "text",
                 "whether labels tell enough web attacks apart to judge claims about web attacks", unit="")  # fmt: skip
    apart = [row for row in entries if row["verdict"] == INCOMPARABLE]
    record.value("ledger.not_comparable.any", bool(apart), "text", "whether there are claims not comparable", unit="")
    record.value("ledger.not_comparable.list", _by_reason(apart), "text", "claims not comparable, and why", unit="")
    names = [row["short"].split(": ")[-1] for row in entries if row["kind"] in UNTESTABLE]
    untestable = [name[0].lower() + name[1:] for name in names]
    record.value("ledger.untestable", untestable, "list", "claims that no test could refute", unit="")
    record.value("ledger.tolerance", evidence.tolerance, "fixed:2", "widens what a printed number may stand for")
    record.value("ledger.margin", evidence.margin, "fixed:2", "difference in F1 that is none in practice")
    record.value("ledger.train_rows", evidence.extra_train, "integer", "flows the ledger's own models were fitted on",
                 unit="flows", n=evidence.train.height)  # fmt: skip
    _all(record, entries, evidence)
    # Without names of types there is nothing to set beside their numbers.
    numbers = [row for row in entries if row["printed"] is not None and (evidence.types or row["at"][:6] == "models")]
    _numbers(record, numbers, judged(metadata))
    _words(record, entries, judged(metadata))
    _tests(record, entries, evidence.tolerance)
    return record


def _of_claim(record: Record, row: Mapping[str, Any], with_verdict: bool) -> None:
    place = {"table": "ledger", "cell": f"{row['id']}/verdict"} if with_verdict else {}
    record.value(f"ledger.{row['id']}.verdict", row["verdict"], "text", f"verdict on the claim: {row['says']}",
                 unit="", **place)  # fmt: skip


def _ours(row: Mapping[str, Any]) -> dict[str, float | None]:
    """Our estimate and the ends of its interval."""
    interval = row["interval"] or {}
    return {"value": row["value"], "low": interval.get("low"), "high": interval.get("high")}


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: Table.cell(number, "fixed:3", reason=NO_INTERVAL) for name, number in _ours(row).items()}


def _by_reason(entries: Entries) -> str:
    """'two (why); 38 (why)'; the table of the ledger names them."""
    reasons = Counter(row["why_not"] for row in entries)
    return "; ".join(f"{_counted(n)} ({why})" for why, n in reasons.items()) or "none"


def _counted(n: int) -> str:
    return WORDS[n] if n < len(WORDS) else str(n)


def _verdict(with_verdict: bool) -> list[Column]:
    return [Column("verdict", "Verdict", align="left")] if with_verdict else []


def _all(record: Record, entries: Entries, evidence: Evidence) -> None:
    sizes = f"Binary models fitted on {evidence.trained_on:,} flows, tested on {evidence.test.height:,}; "
    sizes += f"the ledger's own models on a sub-sample of {evidence.extra_train:,}. "
    sizes += f"Flows drawn {DRAWN[evidence.metadata['sampling']]}."
    notes = [f"{sizes} In brackets: intervals of 95% over test flows, which do not show the variation over splits."]
    if evidence.metadata["synthetic"]:
        notes.append("Synthetic flows check the pipeline: no claim gets a verdict.")
    columns = [
        Column("short", "What the source says", align="left"),
        Column("here", "Here", align="left"),
        *_verdict(judged(evidence.metadata)),
        Column("sentence", "Measured", align="left"),
    ]
    rows = [
        {key: row[key] for key in ("id", "short", "verdict", "sentence")}
        | {"here": Table.cell(row["here"], "text", reason=NOTHING)}
        for row in entries
    ]
    record.table("ledger", "Every claim of the source study, with a verdict", columns, rows, notes=notes, id="id")


def _numbers(record: Record, entries: Entries, with_verdict: bool) -> None:
    columns = [
        Column("group", "Model", align="left"),
        Column("measure", "Measure", align="left"),
        Column("printed", "Printed", "fixed:2"),
        Column("band_low", "Band from", "fixed:3"),
        Column("band_high", "to", "fixed:3"),
        Column("value", "Ours", "fixed:3"),
        Column("low", "From", "fixed:3"),
        Column("high", "to", "fixed:3"),
        Column("here", "Here"),
        *_verdict(with_verdict),
    ]
    rows = []
    for row in entries:
        place, _, rest = row["at"].partition(".")
        model, _, metric = rest.partition(".")
        group = titled(MODELS[model]) if place == "models" else TYPES
        measure = METRICS[metric or model].title if place == "models" or not metric else metric
        band = {"band_low": row["allowed"]["low"], "band_high": min(row["allowed"]["high"], 1.0)}
        here = Table.cell(row["here"], "text", reason=NOTHING)
        rows.append({"id": row["id"], "group": group, "measure": measure, "printed": row["printed"], "here": here,
                     "verdict": row["verdict"]} | band | _cells(row))  # fmt: skip
    notes = ["Band: what the printed number may stand for, its rounding widened by the tolerance to either side."]
    record.table("ledger_numbers", "The numbers that the source prints, and ours", columns, rows, notes=notes, id="id")


def _words(record: Record, entries: Entries, with_verdict: bool) -> None:
    """The claims that are no printed numbers and of which something can be measured here."""
    columns = [
        Column("short", "What the source says", align="left"),
        Column("here", "Here", align="left"),
        *_verdict(with_verdict),
        Column("sentence", "Measured", align="left"),
    ]
    rows = [
        row
        for row in entries
        if row["printed"] is None and row["kind"] not in UNTESTABLE and row["here"] is not None
    ]  # fmt: skip
    record.table("ledger_words", "The source's words and reasons", columns, rows, id="id")


def _tests(record: Record, entries: Entries, tolerance: float) -> None:
    columns = [
        Column("short", "Claim", align="left"),
        Column("kind", "Kind", align="left"),
        Column("test", "Test", align="left"),
        Column("value", "Ours", "fixed:3", unit="1", n="n_test", definition="our estimate of what the claim is about"),
        Column("low", "From", "fixed:3", unit="1", n="n_test", definition="lower end of its 95% interval"),
        Column("high", "To", "fixed:3", unit="1", n="n_test", definition="upper end of its 95% interval"),
        Column("n_train", "Training", "integer", unit="flows", definition="flows that the model was fitted on"),
        Column("n_test", "Flows", "integer", unit="flows", definition="flows that the estimate comes from"),
        Column("rests_on", "Of these", "integer", unit="flows", definition="flows that the estimate is a share of"),
        Column("n_for_tolerance", f"For ±{tolerance}", "integer", unit="flows", n="n_test",
               definition="test flows at which the interval of ours would be as narrow as the tolerance"),
    ]  # fmt: skip
    rows = [
        {key: row[key] for key in ("id", "short", "kind", "test")}
        | _cells(row)
        | {
            "n_train": Table.cell(row["n_train"], "integer", reason=NO_TRAINING),
            "n_test": Table.cell(row["n_test"], "integer", reason=NO_INTERVAL),
            "rests_on": Table.cell(row["rests_on"], "integer", reason=NO_INTERVAL),
            "n_for_tolerance": Table.cell(row["n_for_tolerance"], "integer", reason=NOT_PRINTED),
        }
        for row in entries
    ]
    notes = [
        "Flows: those of the test part, or all where no model is involved. Of these: what the estimate is a share of, "
        f"such as the attacks for a recall. For ±{tolerance}: test flows at which the interval would have this "
        "half-width, if the estimate stayed."
    ]
    record.table("ledger_tests", "The test that each claim is put to", columns, rows, notes=notes, id="id")
