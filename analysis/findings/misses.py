"""Step: misses and false alarms of the best model by type, recall against the threshold, and blocks of identical flows.

The best model is that of the source study's question: the highest F1 on the ranked features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from analysis.command import In, Ins, Out, Outs, run
from analysis.dataset.parts import parts
from analysis.detection.evaluation import Confusion, wilson
from analysis.detection.names import BENIGN, MODELS
from analysis.detection.predictions import binary, confusion, frames, load_fits, ranked
from analysis.findings.blocks import STEP, Block, Staircase, mixed, numbered, staircase
from analysis.record import Column, Record, Table, read_json

NONE_MIXED = "no flows of both classes have identical values"
ONE_CLASS = "the test flows are all of one class"
LISTED = 20
"""Blocks in their table, at most."""


def by_type(frame: pl.DataFrame, alike: np.ndarray) -> list[dict[str, Any]]:
    """Flows and errors of each label, most misses first, benign flows last.

    ``alike`` names for each flow the type of the training attacks with identical values ('' where there is none): it
    says of false alarms what they look like.
    """
    wrong = (frame["is_attack"] != frame["predicted"]).to_numpy()
    attack, label = frame["is_attack"].to_numpy(), frame["label"].to_numpy()
    alarms = alike[wrong & ~attack]
    rows = []
    for name in sorted(set(label[attack].tolist())):
        of = attack & (label == name)
        rows.append({"label": name, "is_attack": True, "flows": int(of.sum()), "errors": int(wrong[of].sum()),
                     "alike": int(np.count_nonzero(alarms == name))})  # fmt: skip
    rows.sort(key=lambda row: (-row["errors"], row["label"]))
    if not attack.all():
        rows.append({"label": BENIGN, "is_attack": False, "flows": int((~attack).sum()),
                     "errors": int(wrong[~attack].sum()), "alike": int(np.count_nonzero(alarms == ""))})  # fmt: skip
    return rows


def looks(train: pl.DataFrame, test: pl.DataFrame, features: Sequence[str]) -> np.ndarray:
    """For each test flow the commonest type of the training attacks with identical values, or ''; shape (test,)."""
    both = pl.concat([train.select(*features, "Label", "is_attack"), test.select(*features, "Label", "is_attack")])
    told = pl.DataFrame({"block": numbered(both, features), "label": both["Label"], "is_attack": both["is_attack"]})
    seen = (
        told.head(train.height).filter("is_attack").group_by("block", "label").len()
        .sort(["len", "label"], descending=[True, False]).group_by("block", maintain_order=True).first()
    )  # fmt: skip
    known = told.tail(test.height).join(seen.select("block", pl.col("label").alias("type")), on="block", how="left",
                                        maintain_order="left")  # fmt: skip
    return known["type"].fill_null("").to_numpy()


def record_types(record: Record, rows: Sequence[dict[str, Any]], model: str) -> None:
    """Table ``misses`` and values on where misses lie."""
    missed = sum(row["errors"] for row in rows if row["is_attack"])
    alarms = sum(row["errors"] for row in rows if not row["is_attack"])
    no_miss = "the model misses no attack"
    cells = []
    for row in rows:
        right = row["flows"] - row["errors"]
        part = right if row["is_attack"] else row["errors"]
        low, high = wilson(part, row["flows"])
        share = row["errors"] / missed if missed and row["is_attack"] else None
        why = None if share is not None else no_miss if row["is_attack"] else "a benign flow cannot be missed"
        cells.append(row | {"rate": part / row["flows"], "low": low, "high": high,
                            "share": Table.cell(share, "percent:1", reason=why)})  # fmt: skip
    columns = [
        Column("label", "Type", align="left"), Column("flows", "Flows", "integer"),
        Column("errors", "Errors", "integer"), Column("rate", "Called attack", "percent:1"),
        Column("low", "95% low", "percent:1"), Column("high", "95% high", "percent:1"),
        Column("share", "Of all misses", "percent:1"), Column("alike", "False alarms alike", "integer"),
    ]  # fmt: skip
    notes = [
        f"{MODELS[model][0].upper()}{MODELS[model][1:]} on the ranked features, test part. Called attack: recall of a "
        "type, for benign flows the false-positive rate, with Wilson's interval. False alarms alike: benign flows "
        "called attacks whose ranked values are those of training attacks of the type (in the last row: of none)."
    ]
    record.table("misses", "Misses and false alarms by type", columns, cells, notes=notes)
    attacks = sum(row["flows"] for row in rows if row["is_attack"])
    benign = sum(row["flows"] for row in rows if not row["is_attack"])
    what = "best model by F1 on the ranked features"
    record.value("misses.model", MODELS[model], "text", what, unit="")
    record.value("misses.missed", missed, "integer", "attacks that it misses", unit="attacks", n=attacks)
    record.value("misses.alarms", alarms, "integer", "benign flows that it calls attacks", unit="flows", n=benign)
    record.value("misses.types", sum(row["is_attack"] for row in rows), "integer", "types of attack in the test part",
                 unit="types")  # fmt: skip
    most = rows[0] if missed else None
    what = "type of which it misses most flows"
    record.value("misses.most.label", most and most["label"], "text", what, unit="", reason=None if most else no_miss)
    record.value("misses.most.missed", most["errors"] if most else 0, "integer", "flows of that type that it misses",
                 unit="flows", n=missed)  # fmt: skip
    share, rest = (None, {}) if most is None else (most["errors"] / missed, _interval(most["errors"], missed))
    record.value("misses.most.share", share, "percent:0", "their share of all misses", unit="fraction", n=missed,
                 reason=None if most else no_miss, **rest)  # fmt: skip
    share = most and most["flows"] / attacks
    record.value("misses.most.of_attacks", share, "percent:0", "share of the test part's attacks of that type",
                 unit="fraction", n=attacks, reason=None if most else no_miss)  # fmt: skip


def _interval(part: int, whole: int) -> dict[str, Any]:
    low, high = wilson(part, whole)
    return {"low": min(low, part / whole), "high": max(high, part / whole), "interval": "Wilson"}


def record_blocks(record: Record, found: Sequence[Block], stairs: Staircase | None, frame: pl.DataFrame) -> None:
    """Table ``blocks`` and values of the block that costs most."""
    count = confusion(frame)
    everything = None
    if stairs:
        attack = frame["is_attack"].to_numpy()
        everything = staircase(np.where(attack, "attack", BENIGN), attack, frame["score"].to_numpy()).recall["attack"]
    rows = []
    for number, one in enumerate(found[:LISTED], 1):
        row = {"id": str(number), "flows": one.flows, "attacks": one.attacks, "errors": one.errors,
               "score": one.score, "called": "attack" if one.called else "benign",
               "types": [f"{name} ({n})" for name, n in one.types]}  # fmt: skip
        assert stairs is not None
        assert everything is not None
        for key, curve in (("fpr", stairs.fpr), ("recall", everything)):
            row[f"{key}_from"], row[f"{key}_to"] = stairs.around(one.score, curve)
        rows.append(row)
    columns = [
        Column("id", "Block", align="left"), Column("flows", "Flows", "integer"),
        Column("attacks", "Attacks", "integer"), Column("errors", "Errors", "integer"),
        Column("score", "Score", "fixed:3"), Column("called", "Called", align="left"),
        Column("fpr_from", "FPR without", "fixed:4"), Column("fpr_to", "FPR with", "fixed:4"),
        Column("recall_from", "Recall without", "fixed:3"), Column("recall_to", "Recall with", "fixed:3"),
        Column("types", "Attacks by type", "list", "left"),
    ]  # fmt: skip
    notes = [
        "Test flows with identical values of all ranked features that hold both labels, most errors of the model "
        f"first (at most {LISTED}). Without and with: all flows of at least this score called benign, or attacks."
    ]
    record.table("blocks", "Blocks of flows that look alike", columns, rows, notes=notes)
    in_blocks = sum(block.errors for block in found)
    record.value("misses.block.any", bool(found and found[0].errors), "text",
                 "whether the model errs on flows of a block with both labels", unit="")  # fmt: skip
    record.value("misses.blocks.count", len(found), "integer", "blocks of test flows with identical ranked values and "
                 "both labels", unit="blocks")  # fmt: skip
    record.value("misses.blocks.errors", in_blocks, "integer", "errors of the model on flows of such blocks",
                 unit="flows", n=count.errors)  # fmt: skip
    share, rest = (None, {}) if not count.errors else (in_blocks / count.errors, _interval(in_blocks, count.errors))
    record.value("misses.blocks.share", share, "percent:0", "their share of all errors of the model", unit="fraction",
                 n=count.errors, reason=None if count.errors else "the model makes no error", **rest)  # fmt: skip
    block = found[0] if found and found[0].errors else None
    row, reason = (rows[0] if block else {}), None if block else NONE_MIXED
    worst = "the block of identical test flows with both labels on which the model errs most"

    def told(key: str, value: Any, display: str, what: str, **rest: Any) -> None:
        record.value(f"misses.block.{key}", value, display, f"{what} {worst}", reason=reason, **rest)

    told("flows", block and block.flows, "integer", "flows of", unit="flows")
    told("attacks", block and block.attacks, "integer", "attacks in", unit="attacks")
    told("errors", block and block.errors, "integer", "the model's errors in", unit="flows")
    told("share", block and block.attacks / block.flows, "percent:0", "share of attacks in", unit="fraction")
    told("score", block and block.score, "fixed:2", "the model's score of")
    told("types", block and [f"{n:,} {name}" for name, n in block.types], "list", "attacks by type in", unit="")
    told("called_benign", block and not block.called, "text", "whether the model calls benign", unit="")
    told("is_largest", block and block.flows == max(one.flows for one in found), "text",
         "whether no block with both labels has more flows than", unit="")  # fmt: skip
    for key, words in (("fpr", "false-positive rate"), ("recall", "recall")):
        for end, where in (("from", "just above"), ("to", "at")):
            told(f"{key}_{end}", row.get(f"{key}_{end}"), "percent:1", f"{words} with the threshold {where} the score "
                 "of", unit="fraction")  # fmt: skip
    told("misses", block and (block.attacks if not block.called else 0), "integer", "missed attacks in", unit="attacks",
         n=count.fn)  # fmt: skip
    repaired = None
    if block:
        fp, fn = (0, block.errors) if not block.called else (block.errors, 0)
        repaired = Confusion(count.tn + fp, count.fp - fp, count.fn - fn, count.tp + fn).f1
    told("f1_without", repaired, "fixed:3", "F1 of the model without its errors in", unit="fraction")
    told("cost", None if repaired is None else repaired - count.f1, "fixed:3", "what F1 loses in")


def record_stairs(record: Record, stairs: Staircase | None, counts: dict[str, int], min_support: int) -> None:
    """Table ``staircase``: the points of each type with enough test flows."""
    rows = []
    if stairs:
        kept = stairs.thinned()
        for name, recall in stairs.recall.items():
            if counts[name] >= min_support:
                rows += [{"id": f"{name}.{i}", "label": name, "flows": counts[name], "fpr": stairs.fpr[i],
                          "recall": recall[i]} for i in kept]  # fmt: skip
    columns = [Column("label", "Type", align="left"), Column("flows", "Flows", "integer"),
               Column("fpr", "FPR", "fixed:4"), Column("recall", "Recall", "fixed:3")]  # fmt: skip
    notes = [f"Types with {min_support} test flows or more. Between two points nothing moves by more than {STEP:g}, or "
             "the flows between them have one score."]  # fmt: skip
    record.table(
        "staircase", "Recall of each type against the false-positive rate", columns, rows, notes=notes, id="id"
    )


def report(
    train: pl.DataFrame, test: pl.DataFrame, features: Sequence[str], model: str, frame: pl.DataFrame, min_support: int,
    data: str,
) -> Record:  # fmt: skip
    """All tables and values; ``frame`` holds the predictions of ``model``, rows as in ``test``."""
    record = Record("misses", data)
    rows = by_type(frame, looks(train, test, features))
    record_types(record, rows, model)
    attack = frame["is_attack"].to_numpy()
    stairs = None
    if attack.any() and not attack.all():
        stairs = staircase(frame["label"].to_numpy(), attack, frame["score"].to_numpy())
    record_blocks(record, mixed(numbered(test, features), frame), stairs, frame)
    counts = {row["label"]: row["flows"] for row in rows if row["is_attack"]}
    record_stairs(record, stairs, counts, min_support)
    return record


def step(
    min_support: int, predictions: Ins, descriptions: Ins, flows: In, roles: In, split: In, features: In, metadata: In,
    values: Out, tables: Outs,
) -> None:  # fmt: skip
    """Misses and false alarms of the best model by type, and the blocks of identical flows behind them."""
    names = read_json(features)["ten"]
    found = frames(binary(load_fits(predictions, descriptions, "source"))["ten"])
    model = ranked(found)[0]
    train, test = (part.read(*dict.fromkeys([*names, "Label", "is_attack"])) for part in parts(flows, roles, split))
    report(train, test, names, model, found[model], min_support, read_json(metadata)["data"]).write(values, tables)


if __name__ == "__main__":
    run(step)
