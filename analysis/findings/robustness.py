"""Step: what becomes of the numbers where one thing of the source's experiment is done otherwise."""

from __future__ import annotations

from typing import Any

import polars as pl

from analysis.command import In, Ins, Out, Outs, run
from analysis.conditions.findings import FOREST, ROWS
from analysis.conditions.threshold import HELD_BACK
from analysis.conditions.time_splits import TIMEOUT
from analysis.conditions.unseen import family
from analysis.detection.evaluation import wilson
from analysis.detection.names import MODELS
from analysis.detection.predictions import load_fits
from analysis.findings.by_part import CAUGHT, ranking, record_days, record_flattered, record_left_out
from analysis.findings.measured import (
    ATTACKS_AS_TRIALS,
    BASE,
    MEASURES,
    RATE,
    SINGLE,
    WITHOUT_INTERVAL,
    Measured,
    interval_of,
    measured,
)
from analysis.findings.week import record_week
from analysis.record import Cell, Column, Record, Table, read_json, show
from analysis.record.value import out_of

LEFT_OUT = {"type_out": "types", "family_out": "families"}
ONE_CLASS = "the flows to test on are of one class"
"""Rows in which attacks were left out of training, one kind after the other."""


def record_conditions(record: Record, found: list[Measured]) -> None:
    """The table of all conditions, models and parts."""
    rows = []
    for one in found:
        reason = one.reason or "not defined on these flows"
        row: dict[str, Any] = {
            "id": one.id, "row": one.row.key, "condition": one.label, "part": one.fold, "key": one.model,
            "model": MODELS[one.model], "available": one.reason or "yes",
        }  # fmt: skip
        for key, count in (("n_train", one.n_train), ("n", one.n), ("attacks", one.attacks)):
            row[key] = Table.cell(count or None, "integer", reason=None if count else reason)
        share = one.attacks / one.n if one.n else None
        row["prevalence"] = Table.cell(share, "percent:1", reason=None if one.n else reason)
        for key, (_, display, _) in MEASURES.items():
            ends = (one.measures or {}).get(key, (None, None, None))
            for name, value in zip((key, f"{key}_low", f"{key}_high"), ends, strict=True):
                row[name] = Table.cell(value, display, reason=reason if value is None else None)
        rows.append(row)
    columns = [Column("id", "Row", align="left"), Column("row", "Key", align="left"),
               Column("condition", "Condition", align="left"), Column("part", "Part", align="left"),
               Column("key", "Model key", align="left"), Column("model", "Model", align="left"),
               Column("available", "Built", align="left"), Column("n_train", "Fitted on", "integer"),
               Column("n", "Tested on", "integer"), Column("attacks", "Attacks", "integer"),
               Column("prevalence", "Prevalence", "percent:1")]  # fmt: skip
    for key, (title, display, _) in MEASURES.items():
        columns.append(Column(key, title, display))
        if key not in WITHOUT_INTERVAL:
            columns += [Column(f"{key}_low", f"{title}, 95% low", display),
                        Column(f"{key}_high", f"{title}, 95% high", display)]  # fmt: skip
    notes = [f"Intervals: Wilson's; that of F1 carried over from TP / (TP + FP + FN), that of average precision "
             f"{ATTACKS_AS_TRIALS}. They cover other flows of the same attacks, not other attacks."]  # fmt: skip
    record.table("conditions", "The models where one thing is done otherwise", columns, rows, notes=notes, id="id")


def record_measures(record: Record, key: str, one: Measured | None, reason: str) -> None:
    """The measures of one model on one part as values below ``key``; without it, why there are none."""
    # What sets these apart from the models of the source, which are fitted on other numbers of flows.
    fitted = f" fitted on {one.n_train:,} flows and its threshold set on others" if one and one.n_train else ""
    row = one.row if one else next(row for row in ROWS if row.key == key.split(".")[1])
    tested = row.where if not one or one.label == row.words else one.label
    where = f"{MODELS[FOREST[0]]}{fitted}; {tested}"
    reason, n, known = (one.reason if one else None) or reason, one.n if one else None, (one and one.measures) or {}
    for name, (_, display, words) in MEASURES.items():
        rest: dict[str, Any] = {"reason": None if name in known else reason}
        if one and name in known:
            rest |= {"table": "conditions", "cell": f"{one.id}/{name}", **interval_of(name, *known[name][1:])}
        value = known[name][0] if name in known else None
        unit = "1" if name in WITHOUT_INTERVAL else "fraction"
        record.value(f"{key}.{name}", value, display, f"{words}; {where}", unit=unit, n=n, **rest)
    share, part = (one.attacks / one.n, one.fold) if one and one.n else (None, None)
    for name, told, display, words in (("prevalence", share, "percent:1", "share of attacks"),
                                       ("part", part, "text", "test part")):  # fmt: skip
        unit = "fraction" if name == "prevalence" else ""
        record.value(f"{key}.{name}", told, display, f"{words}; {where}", unit=unit, n=n,
                     reason=reason if told is None else None)  # fmt: skip


def recalls(frame: pl.DataFrame | None, threshold: float | None) -> dict[str, tuple[int, int]]:
    """Attacks of each type found at a threshold, and all of them."""
    if frame is None or threshold is None:
        return {}
    attacks = frame.filter("is_attack").group_by("label").agg((pl.col("score") > threshold).sum(), pl.len())
    return {label: (int(hit), int(n)) for label, hit, n in attacks.rows()}


def record_unseen(record: Record, found: list[Measured], min_support: int) -> None:
    """Recall of the forest type by type: trained on, left out alone, and left out with its family."""
    forest = [one for one in found if one.model == FOREST[0]]
    ways: dict[str, dict[str, tuple[int, int]]] = {BASE: {}, "type_out": {}, "family_out": {}}
    for one in forest:
        if one.row.key in ways:
            ways[one.row.key] |= recalls(one.frame, one.threshold)
    why = {way: next((one.reason for one in forest if one.row.key == way and one.reason), None) for way in ways}
    types = sorted({label for way in ways.values() for label in way}, key=lambda label: (family(label), label))
    rows, taught, compared = [], 0, 0
    for label in types:
        alone = sum(family(other) == family(label) for other in types) == 1
        row: dict[str, Any] = {"type": label, "family": family(label) if family(label) != label else "alone"}
        for way, hits in ways.items():
            hit, n = hits.get(label, (0, 0))
            none = "no sibling in training" if way == "type_out" and alone else why[way] or "no flow to test on"
            row |= _share(way, hit, n, none, min_support)
        rows.append(row)
        if label in ways["type_out"] and label in ways["family_out"]:
            compared += 1
            taught += wilson(*ways["type_out"][label])[0] > wilson(*ways["family_out"][label])[1]
    titles = {BASE: "Trained on", "type_out": "Type left out", "family_out": "Family left out"}
    columns = [Column("type", "Type", align="left"), Column("family", "Family", align="left")]
    for way, title in titles.items():
        columns += [Column(way, title, "fixed:2"), Column(f"{way}_low", f"{title}, 95% low", "fixed:2"),
                    Column(f"{way}_high", f"{title}, 95% high", "fixed:2"),
                    Column(f"{way}_n", f"{title}, flows", "integer")]  # fmt: skip
    notes = [
        f"Recall of the {MODELS[FOREST[0]]} at the threshold of {show(RATE, 'percent:0')} false alarms on held-back "
        f"training flows, with Wilson's interval; of fewer than {min_support} flows how many are found. Alone: the "
        "type is a family of its own."
    ]
    record.table("unseen", "Recall by type, seen and unseen", columns, rows, notes=notes, id="type")
    record.value("findings.siblings.types", compared, "integer", "types left out both alone and with their family",
                 unit="types")  # fmt: skip
    what = "types found more often while their siblings stay in training, the intervals apart"
    record.value("findings.siblings.taught", int(taught), "integer", what, unit="types", n=compared)
    record.value("findings.siblings.words", out_of(taught, compared, "types"), "text", f"{what}, of all and in words",
                 unit="", n=compared)  # fmt: skip


def _share(way: str, hit: int, n: int, none: str, min_support: int) -> dict[str, Cell]:
    low, high = wilson(hit, n) if n else (None, None)
    share = hit / n if n else None
    text = f"{show(share, 'fixed:2')} [{show(low, 'fixed:2')}, {show(high, 'fixed:2')}]" if n else show(None, "text")
    reason = None if n else none
    return {way: Table.counted(Cell(share, text, reason), hit, n, min_support),
            f"{way}_low": Table.cell(low, "fixed:2", reason=reason),
            f"{way}_high": Table.cell(high, "fixed:2", reason=reason),
            f"{way}_n": Table.cell(n or None, "integer", reason=reason)}  # fmt: skip


def record_summary(record: Record, found: list[Measured], rows: int, min_support: int) -> None:
    """What the text says: each row's measures, those with several parts in words, and what cannot be built."""
    forest = [one for one in found if one.model == FOREST[0]]
    for row in ROWS:
        own = [one for one in forest if one.row == row]
        reason = next((one.reason for one in own if one.reason), ONE_CLASS if own else "not asked of these flows")
        if row in SINGLE:
            record_measures(record, f"findings.{row.key}", own[0] if own else None, reason)
        if row.key in LEFT_OUT:
            worst = record_left_out(record, row.key, LEFT_OUT[row.key], own, min_support)
            record_measures(record, f"findings.{row.key}.worst", worst, reason)
        else:
            there = any(ranking(one) is not None for one in own)
            record.value(
                f"findings.{row.key}.built", there, "text", f"whether the forest could be built: {row.words}", unit=""
            )
    base = next((one for one in forest if one.row.key == BASE and one.measures), None)
    kept = ranking(base) if base else None
    what = "of what average precision can add to the prevalence, the share that is there on the random split"
    record.value("findings.random.ranking", kept, "percent:0", what, unit="fraction",
                 reason=None if kept is not None else "not built")  # fmt: skip
    for key in ("day_forward", "strict_day_forward"):
        record_days(record, key, found)
    record_flattered(record, "day_forward", found)
    apart = next((one for one in forest if one.row.key == "campaigns" and one.frame is not None), None)
    types = apart.frame.filter("is_attack")["label"].n_unique() if apart and apart.frame is not None else None
    record.value("findings.campaigns.types", types, "integer", "types of attack with a campaign in the test part",
                 unit="types", reason=None if apart else "campaigns cannot be told apart")  # fmt: skip
    built = {one.row.key for one in found if ranking(one) is not None}
    asked = list(dict.fromkeys(one.row.key for one in found))
    record.value("findings.conditions", len(built), "integer", "rows of which at least one part was built", unit="rows")
    reasons: dict[str, list[str]] = {}
    for row in ROWS:
        if row.key in asked and row.key not in built:
            why = next((one.reason for one in found if one.row == row and one.reason), ONE_CLASS)
            reasons.setdefault(why, []).append(row.words)
    words = "; ".join(f"{show(names, 'list')} ({why})" for why, names in reasons.items())
    record.value("findings.unavailable", words or None, "text", "rows that cannot be built, and why", unit="",
                 reason=None if words else "all could be built")  # fmt: skip
    record.value(
        "findings.any_unavailable", bool(words), "text", "whether there are rows that cannot be built", unit=""
    )
    record.value("findings.train_rows", rows or None, "integer", "flows that each model here is fitted on at most",
                 unit="flows", reason=None if rows else "all flows of the training part")  # fmt: skip
    record.value(
        "findings.sampled", bool(rows), "text", "whether models here are fitted on a limited number of flows", unit=""
    )
    record.value("findings.fitted", base.n_train if base else None, "integer", "flows fitted on, random split",
                 unit="flows", reason=None if base else "not built")  # fmt: skip
    for name, value, words in (("rate", RATE, "rate of false alarms that thresholds are set for"),
                               ("held_back", HELD_BACK, "share of the training flows that thresholds are set on"),
                               ("caught", CAUGHT, "share of a family below which it counts as missed")):  # fmt: skip
        record.value(f"findings.{name}", value, "percent:0", words, unit="fraction")
    record.value("findings.timeout", TIMEOUT // 1_000_000, "integer", "gap of splits by time", unit="seconds")


def step(
    predictions: Ins,
    descriptions: Ins,
    flows: In,
    metadata: In,
    told: list[str],
    rows: int,
    min_support: int,
    tested: bool,
    values: Out,
    tables: Outs,
) -> None:
    """What becomes of the numbers where one thing of the source's experiment is done otherwise."""
    record = Record("robustness", read_json(metadata)["data"])
    found = list(measured(load_fits(predictions, descriptions, "findings"), told))
    record_conditions(record, found)
    record_unseen(record, found, min_support)
    record_summary(record, found, rows, min_support)
    record_week(record, flows, [one for one in found if one.row.key == "day_forward" and one.model == FOREST[0]], told)
    record.value("transfer.tested", tested, "text", "whether the models were tested on another build", unit="")
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
