"""Step: which columns close the gap between the ranked features and all of them.

Columns were chosen by screening on a validation part of the training flows; here the forest, fitted on the training
part with these columns, is judged on the test part.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.command import In, Ins, Out, Outs, run
from analysis.conditions.added import LIMITS, PATHS
from analysis.conditions.features import SHORTCUTS
from analysis.detection.predictions import Fit, confusion, load_fits
from analysis.record import Column, Record, Table, read_json


def entries(paths: Mapping[str, Any], fits: Mapping[str, Fit], most: int) -> list[dict[str, Any]]:
    """What stands in the table: by path the ranked features, the columns one by one, and all; with scores."""
    rows = []
    for path, words in PATHS.items():
        steps = paths[path]["steps"]
        start = "ranked" if paths[path]["base"] in ([], paths["any"]["base"]) else f"{path}.0"
        rows.append({"id": f"{path}.0", "path": words, "added": 0, "feature": "ranked features", "fit": start,
                     "validation": paths[path]["start"]})  # fmt: skip
        rows += [{"id": f"{path}.{k}", "path": words, "added": k, "feature": step["feature"], "fit": f"{path}.{k}",
                  "validation": step["f1"]} for k, step in enumerate(steps[:most], 1)]  # fmt: skip
        rows.append({"id": f"{path}.all", "path": words, "added": None, "feature": "all columns", "fit": LIMITS[path],
                     "validation": paths[path]["limit"]})  # fmt: skip
    return [row | scored(row["fit"], fits) for row in rows]


def scored(name: str, fits: Mapping[str, Fit]) -> dict[str, Any]:
    """F1 with its interval, recall and false-positive rate of a condition on the test part, or why there are none."""
    (fold,) = fits[name].entry["folds"]
    if fold["reason"]:
        return {"f1": None, "low": None, "high": None, "recall": None, "fpr": None, "n_train": None,
                "reason": fold["reason"]}  # fmt: skip
    count = confusion(fits[name].frame)
    ends = count.interval("f1")
    return {"f1": count.f1, "low": ends.get("low"), "high": ends.get("high"), "recall": count.recall, "fpr": count.fpr,
            "n_train": fold["n_train"], "reason": None, "interval": ends.get("interval")}  # fmt: skip


def record_gap(record: Record, rows: list[dict[str, Any]], reasons: Mapping[str, str | None], n: int) -> None:
    """Table ``gap``."""
    shown = {"validation": "fixed:3", "f1": "fixed:3", "low": "fixed:3", "high": "fixed:3", "recall": "fixed:3",
             "fpr": "fixed:4", "added": "integer", "n_train": "integer"}  # fmt: skip
    cells = []
    for row in rows:
        why = row["reason"] or "not defined on these flows"
        own = {key: Table.cell(row[key], display, reason=why if row[key] is None else None)
               for key, display in shown.items()}  # fmt: skip
        if row["added"] is None:
            own["added"] = Table.cell(None, "integer", reason="all that there are")
        if row["validation"] is None:
            path = row["id"].partition(".")[0]
            own["validation"] = Table.cell(None, "fixed:3", reason=reasons[path] or "not screened")
        cells.append(row | own)
    columns = [
        Column("path", "May be added", align="left"), Column("added", "Added", "integer"),
        Column("feature", "Column", align="left"), Column("validation", "F1, validation", "fixed:3"),
        Column("f1", "F1, test", "fixed:3"), Column("low", "95% low", "fixed:3"), Column("high", "95% high", "fixed:3"),
        Column("recall", "Recall", "fixed:3"), Column("fpr", "FPR", "fixed:4"),
        Column("n_train", "Fitted on", "integer"),
    ]  # fmt: skip
    notes = [
        "Columns are added one after the other, each chosen by histogram boosting on a validation part of the training "
        f"flows. F1, recall and FPR: random forest on the test part ({n:,} flows), with Wilson's interval for F1. "
        f"Shortcuts are {', '.join(SHORTCUTS)}."
    ]
    record.table("gap", "Columns that close the gap", columns, cells, notes=notes, id="id")


def record_columns(record: Record, screened: Mapping[str, Any]) -> None:
    """Table ``gap_columns``: the ranked features with each other column, singly."""
    single, base = screened["single"], screened["ranked"]
    rows = [{"feature": name, "shortcut": name in SHORTCUTS, "f1": f1, "gain": f1 - base}
            for name, f1 in sorted(single.items(), key=lambda item: -item[1])]  # fmt: skip
    columns = [Column("feature", "Column", align="left"), Column("shortcut", "Shortcut", align="left"),
               Column("f1", "F1", "fixed:3"), Column("gain", "Gain", "fixed:3")]  # fmt: skip
    known = "" if base is None else f" ({base:.3f} without any)"
    notes = [f"Ranked features with one more column, histogram boosting, validation part of the training flows{known}. "
             "A column that repeats another is left out."]  # fmt: skip
    record.table("gap_columns", "What each further column adds by itself", columns, rows, notes=notes)


def record_path(record: Record, path: str, rows: list[dict[str, Any]], reason: str | None, margin: float, n: int
                ) -> None:  # fmt: skip
    """Values of one path: where it starts, what the first column brings, and whether all columns are matched."""
    by = {row["id"].partition(".")[2]: row for row in rows if row["id"].startswith(f"{path}.")}
    first, last, steps = by.get("1"), by["0"], len(by) - 2
    if steps:
        last = by[str(steps)]
    which = {"any": "any column", "plain": "any column but shortcuts"}[path]

    def told(key: str, row: Mapping[str, Any] | None, what: str) -> None:
        known = row is not None and row["f1"] is not None
        rest = {"low": row["low"], "high": row["high"], "interval": row["interval"]} if row and known else {}
        why = None if known else reason or (row and row["reason"]) or "no column was added"
        record.value(f"gap.{path}.{key}.f1", row["f1"] if row and known else None, "fixed:3", what, unit="fraction",
                     n=n, reason=why, **rest)  # fmt: skip

    told("ranked", by["0"], f"F1 of the forest on the ranked features, from where {which} may be added")
    told("first", first, f"F1 of the forest with the one column that helps most, {which}")
    told("last", last, f"F1 of the forest with all columns that were added, {which}")
    told("all", by["all"], f"F1 of the forest on all columns, {which}")
    why = None if first else reason or "no column was added"
    record.value(f"gap.{path}.first.feature", first and first["feature"], "text",
                 f"the column that helps most on the validation part, {which}", unit="", reason=why)  # fmt: skip
    record.value(f"gap.{path}.features", [by[str(k)]["feature"] for k in range(1, steps + 1)], "list",
                 f"the columns added, {which}, in their order", unit="")  # fmt: skip
    record.value(f"gap.{path}.steps", steps, "integer", f"columns added, {which}", unit="columns")
    record.value(f"gap.{path}.several", steps > 1, "text", f"whether more than one column was added, {which}", unit="")
    record.value(f"gap.{path}.any", steps > 0, "text", f"whether a column was added, {which}", unit="")
    start, top = by["0"]["f1"], by["all"]["f1"]
    gap = None if start is None or top is None else top - start
    why = None if gap is not None else reason or by["0"]["reason"] or by["all"]["reason"]
    record.value(f"gap.{path}.gap", gap, "fixed:3", f"F1 on all columns less that on the ranked features, {which}",
                 reason=why)  # fmt: skip
    for key, row in (("first", first), ("last", last)):
        left = None if row is None or row["f1"] is None or top is None else top - row["f1"]
        why = None if left is not None else reason or "no column was added"
        record.value(f"gap.{path}.{key}.left", left, "fixed:3", f"what F1 lacks of that on all columns with the "
                     f"{'first column' if key == 'first' else 'columns'} added, {which}", reason=why)  # fmt: skip
        closed = None if left is None else left <= margin
        record.value(f"gap.{path}.{key}.closes", closed, "text", "whether that is no more than the margin of the "
                     "ledger", unit="", reason=why)  # fmt: skip


def report(screened: Mapping[str, Any], fits: Mapping[str, Fit], margin: float, most: int, data: str) -> Record:
    """Tables ``gap`` and ``gap_columns``, and values ``gap.*``."""
    record = Record("gap", data)
    rows = entries(screened, fits, most)
    reasons = {path: screened[path]["reason"] for path in PATHS}
    n = next((fit.frame.height for fit in fits.values() if fit.frame.height), 0)
    record_gap(record, rows, reasons, n)
    record_columns(record, screened)
    record.value("gap.columns", len(screened["single"]), "integer", "columns tried, each beside the ranked features",
                 unit="columns")  # fmt: skip
    record.value("gap.margin", margin, "fixed:2", "difference in F1 below which all columns count as matched")
    fitted = max((row["n_train"] or 0 for row in rows), default=0)
    record.value("gap.n_train", fitted, "integer", "training flows that the forests are fitted on", unit="flows")
    record.value("gap.n_validation", screened.get("n_validation", 0), "integer", "flows of the validation part on "
                 "which columns are chosen", unit="flows")  # fmt: skip
    record.value("gap.shortcuts", [name for name in SHORTCUTS if name in seen_by(fits[LIMITS["any"]])], "list",
                 "features that count as shortcuts", unit="")  # fmt: skip
    for path in PATHS:
        record.value(f"gap.{path}.available", reasons[path] is None, "text", "whether columns could be screened",
                     unit="")  # fmt: skip
        record_path(record, path, rows, reasons[path], margin, n)
    return record


def seen_by(fit: Fit) -> list[str]:
    """The columns that a model was fitted on."""
    (fold,) = fit.entry["folds"]
    return list(fold.get("features", []))


def step(
    margin: float, most: int, predictions: Ins, descriptions: Ins, added: In, metadata: In, values: Out, tables: Outs
) -> None:
    """Which columns close the gap between the ranked features and all of them."""
    (screened,) = read_json(added)["folds"]
    fits = load_fits(predictions, descriptions, "gap")
    report(screened, fits, margin, most, read_json(metadata)["data"]).write(values, tables)


if __name__ == "__main__":
    run(step)
