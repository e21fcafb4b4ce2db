"""Step: misses and false alarms of the best model by type, recall against the threshold, and blocks of identical flows.

The best model is that of the source study's question: the highest F1 on the ranked features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from analysis.command import In, Ins, Out, Outs, run
from analysis.dataset.identical_rows import first_identical
from analysis.dataset.parts import parts
from analysis.detection.evaluation import Confusion, wilson
from analysis.detection.names import BENIGN, MODELS, titled
from analysis.detection.overlap import lying
from analysis.detection.predictions import binary, confusion, frames, load_fits, ranked
from analysis.findings.blocks import STEP, Block, Staircase, mixed, staircase
from analysis.findings.names import name_or_reason
from analysis.record import Column, Record, Table, read_json, show

NONE_MIXED = "no flows of both classes have identical values"
NO_MISS = "the model misses no attack"
LEADING = "the block of test flows that look alike and hold most of the errors"
MOST_MISSED = "the type of attack that is missed most"
LISTED = 20
"""Blocks in their table, at most."""
NAMED = (
    "flows", "attacks", "benign", "types", "score", "called", "cost", "fpr_from", "fpr_to", "recall_from", "recall_to",
)  # fmt: skip
"""Cells of the block that costs most which the text tells."""


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
    told = pl.DataFrame(
        {
            "block": first_identical(both.get_column, features, both.height),
            "label": both["Label"],
            "is_attack": both["is_attack"],
        }
    )
    seen = (
        told.head(train.height).filter("is_attack").group_by("block", "label").len()
        .sort(["len", "label"], descending=[True, False]).group_by("block", maintain_order=True).first()
    )  # fmt: skip
    known = told.tail(test.height).join(seen.select("block", pl.col("label").alias("type")), on="block", how="left",
                                        maintain_order="left")  # fmt: skip
    return known["type"].fill_null("").to_numpy()


def record_types(record: Record, rows: Sequence[dict[str, Any]], model: str, min_support: int) -> None:
    """Table ``misses`` and names of the row of most misses."""
    missed, attacks = (sum(row[key] for row in rows if row["is_attack"]) for key in ("errors", "flows"))
    alarms, benign = (sum(row[key] for row in rows if not row["is_attack"]) for key in ("errors", "flows"))
    cells = []
    for row in rows:
        part = row["flows"] - row["errors"] if row["is_attack"] else row["errors"]
        rate = Table.counted(Table.cell(part / row["flows"], "percent:1"), part, row["flows"], min_support)
        own = row | {"rate": rate} | dict(zip(("low", "high"), wilson(part, row["flows"]), strict=True))
        for key, n, whole in (("share", row["errors"], missed), ("of_attacks", row["flows"], attacks)):
            why = "a benign flow cannot be missed" if not row["is_attack"] else None if whole else NO_MISS
            own[key] = Table.cell(None if why else n / whole, "percent:0", reason=why)
        cells.append(own)
    columns = [
        Column("label", "Type", align="left", definition="type of traffic"),
        Column("flows", "Flows", "integer", unit="flows", definition="test flows of the type"),
        Column("errors", "Errors", "integer", unit="flows", n="flows",
               definition="test flows of the type that the model gets wrong"),
        Column("rate", "Called attack", "percent:1", unit="fraction", low="low", high="high", interval="Wilson",
               n="flows", definition="share of the test flows of the type that are called attacks"),
        Column("low", "95% low", "percent:1", unit="fraction", definition="lower end of its interval"),
        Column("high", "95% high", "percent:1", unit="fraction", definition="upper end of its interval"),
        Column("share", "Of all misses", "percent:0", unit="fraction", n=missed,
               definition="share of the type in all missed attacks"),
        Column("of_attacks", "Of all attacks", "percent:0", unit="fraction", n=attacks,
               definition="share of the type in the attacks of the test part"),
        Column("alike", "False alarms alike", "integer", unit="flows", n=alarms,
               definition="false alarms whose values are those of training attacks of the type"),
    ]  # fmt: skip
    notes = [
        f"{titled(MODELS[model])} on the ranked features, test part. Called attack: recall of a type, for benign flows "
        "the false-positive rate, with Wilson's interval. False alarms alike: benign flows called attacks whose ranked "
        "values are those of training attacks of the type (in the last row: of none)."
    ]
    record.table("misses", "Misses and false alarms by type", columns, cells, notes=notes)
    record.value(
        "misses.model",
        MODELS[model],
        "text",
        "model whose misses are told: the best by F1 on the ranked features",
        unit="",
    )
    record.value(
        "misses.missed",
        missed,
        "integer",
        "attacks that the best model by F1 on the ranked features misses",
        unit="attacks",
        n=attacks,
    )
    record.value(
        "misses.any",
        missed > 0,
        "text",
        "whether the best model by F1 on the ranked features misses an attack",
        unit="",
    )
    record.value("misses.attacks", attacks, "integer", "attacks of the test part", unit="attacks")
    record.value(
        "misses.alarms",
        alarms,
        "integer",
        "benign flows that the best model by F1 on the ranked features calls attacks",
        unit="flows",
        n=benign,
    )
    record.value(
        "misses.any_alarm",
        alarms > 0,
        "text",
        "whether the best model by F1 on the ranked features calls a benign flow an attack",
        unit="",
    )
    alike = sum(row["alike"] for row in rows if row["is_attack"])
    record.value("misses.alarms_alike", alike, "integer", "false alarms with the ranked values of training attacks",
                 unit="flows", n=alarms)  # fmt: skip
    most = rows[0]["label"] if missed else None
    told = {one.key: one.definition.replace("the type", MOST_MISSED) for one in columns} | {"label": MOST_MISSED}
    rest = {} if most is None else named_ends(rows[0]["errors"], missed)
    for key in ("label", "errors", "of_attacks", "share"):
        ends = rest if key == "share" else {}
        name_or_reason(record, f"misses.most.{key}", "misses", most, key, NO_MISS, definition=told[key], **ends)
    record.value("misses.of_one_type", bool(rest) and rest["low"] > 0.5, "text", "whether more than half of the misses "
                 "are of one type, by the low end of the interval", unit="")  # fmt: skip


def named_ends(part: int, whole: int) -> dict[str, Any]:
    """The same as a value takes it."""
    return {**dict(zip(("low", "high"), wilson(part, whole), strict=True)), "interval": "Wilson"}


def record_blocks(
    record: Record, found: Sequence[Block], stairs: Staircase | None, frame: pl.DataFrame, margin: float
) -> None:
    """Table ``blocks``, and names of the block that costs most; one counts that costs more F1 than ``margin``."""
    count = confusion(frame)
    rows = []
    for number, block in enumerate(found[:LISTED] if stairs else [], 1):
        assert stairs is not None
        row: dict[str, Any] = {
            "id": str(number), "flows": block.flows, "attacks": block.attacks, "benign": block.flows - block.attacks,
            "errors": block.errors, "score": block.score, "called": "attack" if block.called else "benign",
            "types": [f"{n:,} {name}" for name, n in block.types], "without": without(count, block),
        }  # fmt: skip
        row["cost"] = row["without"] - count.f1
        for key, curve in (("fpr", stairs.fpr), ("recall", stairs.all_attacks)):
            row[f"{key}_from"], row[f"{key}_to"] = stairs.around(block.score, curve)
        rows.append(row)
    columns = [
        Column("id", "Block", align="left", definition="number of the block, by errors"),
        Column("flows", "Flows", "integer", unit="flows", definition="test flows of the block"),
        Column("attacks", "Attacks", "integer", unit="attacks", definition="attacks in the block"),
        Column("benign", "Benign", "integer", unit="flows", definition="benign flows in the block"),
        Column("errors", "Errors", "integer", unit="flows", definition="flows of the block that the model gets wrong"),
        Column("score", "Score", "fixed:2", definition="the model's score of the flows of the block"),
        Column("called", "Called", align="left", definition="the model's answer to the flows of the block"),
        Column("fpr_from", "FPR, benign", "percent:1", unit="fraction",
               definition="false-positive rate where all flows of the block's score are called benign"),
        Column("fpr_to", "FPR, attack", "percent:1", unit="fraction",
               definition="false-positive rate where all flows of the block's score are called attacks"),
        Column("recall_from", "Recall, benign", "percent:1", unit="fraction",
               definition="recall where all flows of the block's score are called benign"),
        Column("recall_to", "Recall, attack", "percent:1", unit="fraction",
               definition="recall where all flows of the block's score are called attacks"),
        Column("without", "F1 without", "fixed:3", unit="fraction", definition="F1 without the errors in the block"),
        Column("cost", "Cost", "fixed:3", definition="what F1 loses by the errors in the block"),
        Column("types", "Attacks by type", "list", "left", definition="attacks of the block by type"),
    ]  # fmt: skip
    notes = [
        "Test flows with identical values of all ranked features that hold both labels, most errors of the model "
        f"first (at most {LISTED}). Benign and attack: all flows of at least this score called so; the threshold "
        "cannot go between."
    ]
    record.table("blocks", "Blocks of flows that look alike", columns, rows, notes=notes, id="id")
    errors = sum(block.errors for block in found)
    words = lying(errors, count.errors) if count.errors else None
    record.value("misses.errs", count.errors > 0, "text", unit="",
                 definition="whether the best model by F1 on the ranked features errs on a test flow")  # fmt: skip
    record.value("misses.blocks.errors_lie", words, "text", unit="",
                 definition="how many errors of the model lie in blocks of flows that look alike", n=count.errors,
                 reason=None if words else "the model makes no error")  # fmt: skip
    there = bool(rows and rows[0]["errors"])
    record.value(
        "misses.block.any", there, "text", "whether the model errs in a block of flows that look alike", unit=""
    )
    costs = there and rows[0]["cost"] > margin
    record.value("misses.block.costs", costs, "text", unit="",
                 definition=f"whether a block costs more than {show(margin, 'fixed:2')} in F1")  # fmt: skip
    record.value("misses.margin", margin, "fixed:2", "difference in F1 up to which a block does not count")
    for key in NAMED:
        of = next(one.definition for one in columns if one.key == key).replace("the block", LEADING)
        name_or_reason(record, f"misses.block.{key}", "blocks", "1" if there else None, key, NONE_MIXED, definition=of)
    largest = there and found[0].flows == max(block.flows for block in found)
    record.value("misses.block.largest", largest, "text", "whether the block that costs most is also the largest",
                 unit="")  # fmt: skip


def without(count: Confusion, block: Block) -> float:
    """F1 of the counts without the errors in a block, which are misses where the block is called benign."""
    if block.called:
        return Confusion(count.tn + block.errors, count.fp - block.errors, count.fn, count.tp).f1
    return Confusion(count.tn, count.fp, count.fn - block.errors, count.tp + block.errors).f1


def record_stairs(record: Record, stairs: Staircase | None, counts: dict[str, int], min_support: int) -> None:
    """Table ``staircase``: the points of each type with enough test flows."""
    rows = []
    for name, recall in stairs.recall.items() if stairs else ():
        if counts[name] >= min_support:
            assert stairs is not None
            rows += [{"label": name, "point": i, "flows": counts[name], "fpr": stairs.fpr[at], "recall": recall[at]}
                     for i, at in enumerate(stairs.thinned())]  # fmt: skip
    columns = [
        Column("label", "Type", align="left", definition="type of attack"),
        Column("point", "Point", "integer", unit="place", definition="number of the threshold, highest first"),
        Column("flows", "Flows", "integer", unit="flows", definition="test flows of the type"),
        Column("fpr", "FPR", "fixed:4", unit="fraction", definition="false-positive rate at the threshold"),
        Column("recall", "Recall", "fixed:3", unit="fraction", n="flows", definition="recall of the type at it"),
    ]  # fmt: skip
    notes = [f"Types with {min_support} test flows or more. Between two points nothing moves by more than {STEP:g}, or "
             "the flows between them have one score."]  # fmt: skip
    what = f"whether a type has {min_support} test flows or more, so that its recall has a curve"
    record.value("misses.curves", bool(rows), "text", what, unit="")
    title = "Recall of each type against the false-positive rate"
    record.table("staircase", title, columns, rows, notes=notes, id=("label", "point"))


def report_misses(
    train: pl.DataFrame, test: pl.DataFrame, features: Sequence[str], model: str, frame: pl.DataFrame, min_support: int,
    margin: float, data: str,
) -> Record:  # fmt: skip
    """All tables and values; ``frame`` holds the predictions of ``model``, rows as in ``test``."""
    record = Record("misses", data)
    rows = by_type(frame, looks(train, test, features))
    record_types(record, rows, model, min_support)
    attack = frame["is_attack"].to_numpy()
    stairs = None
    if attack.any() and not attack.all():
        stairs = staircase(frame["label"].to_numpy(), attack, frame["score"].to_numpy())
    block = first_identical(test.get_column, features, test.height)
    record_blocks(record, mixed(block, frame), stairs, frame, margin)
    counts = {row["label"]: row["flows"] for row in rows if row["is_attack"]}
    record_stairs(record, stairs, counts, min_support)
    return record


def step(
    min_support: int, margin: float, predictions: Ins, descriptions: Ins, flows: In, roles: In, split: In, features: In,
    metadata: In, values: Out, tables: Outs,
) -> None:  # fmt: skip
    """Misses and false alarms of the best model by type, and the blocks of identical flows behind them."""
    names = read_json(features)["selected"]
    found = frames(binary(load_fits(predictions, descriptions, "source"))["selected"])
    model = ranked(found)[0]
    train, test = (part.read(*dict.fromkeys([*names, "Label", "is_attack"])) for part in parts(flows, roles, split))
    record = report_misses(train, test, names, model, found[model], min_support, margin, read_json(metadata)["data"])
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
