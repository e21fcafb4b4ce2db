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
from analysis.detection.evaluation import F1_WILSON
from analysis.detection.predictions import Fit, confusion, load_fits
from analysis.findings.names import name_or_reason
from analysis.record import Column, Record, Table, read_json


def entries(paths: Mapping[str, Any], fits: Mapping[str, Fit], most: int) -> list[dict[str, Any]]:
    """The rows of the table: by path the ranked features, the columns one by one, and all columns; with scores."""
    rows = []
    for path, words in PATHS.items():
        found = paths[path]
        why = found["reason"] or "not screened"
        start = "ranked" if found["base"] in ([], paths["any"]["base"]) else f"{path}.0"
        own: list[tuple[str, int | None, str, str, Any]] = [("0", 0, "ranked features", start, found["start"])]
        own += [
            (str(k), k, step["feature"], f"{path}.{k}", step["f1"]) for k, step in enumerate(found["steps"][:most], 1)
        ]
        own += [("all", None, "all columns", LIMITS[path], found["limit"])]
        for place, added, feature, fit, validation in own:
            rows.append({
                "path": path, "place": place, "words": words, "feature": feature,
                "added": Table.cell(added, "integer", reason=None if added is not None else "all that there are"),
                "validation": Table.cell(validation, "fixed:3", reason=None if validation is not None else why),
                **scored(fits[fit]),
            })  # fmt: skip
    return rows


def scored(fit: Fit) -> dict[str, Any]:
    """F1 with its interval, recall and false-positive rate of a condition on the test part, or why there are none."""
    (fold,) = fit.entry["folds"]
    count = None if fold["reason"] else confusion(fit.frame)
    found: dict[str, Any] = {"n_train": fold.get("n_train"), "n": count and count.n}
    found |= {key: getattr(count, key, None) for key in ("f1", "recall", "fpr")}
    found |= {end: count.interval("f1").get(end) if count else None for end in ("low", "high")}
    why = fold["reason"] or "not defined on these flows"
    return {key: Table.cell(value, SHOWN[key], reason=why if value is None else None) for key, value in found.items()}


SHOWN = {"f1": "fixed:3", "low": "fixed:3", "high": "fixed:3", "recall": "fixed:3", "fpr": "fixed:4",
         "n_train": "integer", "n": "integer"}  # fmt: skip


def record_gap(record: Record, rows: list[dict[str, Any]]) -> None:
    """Table ``gap``."""
    columns = [
        Column("words", "May be added", align="left", definition="which columns may be added"),
        Column("path", "Path", align="left", definition="the same, for machines"),
        Column("place", "Place", align="left", definition="number of columns added, or all"),
        Column("added", "Added", "integer", unit="columns", definition="columns added so far"),
        Column("feature", "Column", align="left", definition="the column added last"),
        Column("validation", "F1, validation", "fixed:3", unit="fraction",
               definition="F1 of histogram boosting on the validation part"),
        Column("f1", "F1, test", "fixed:3", unit="fraction", low="low", high="high", interval=F1_WILSON, n="n",
               definition="F1 of the forest on the test part"),
        Column("low", "95% low", "fixed:3", unit="fraction", definition="lower end of its interval"),
        Column("high", "95% high", "fixed:3", unit="fraction", definition="upper end of its interval"),
        Column("recall", "Recall", "fixed:3", unit="fraction", definition="recall of the forest on the test part"),
        Column("fpr", "FPR", "fixed:4", unit="fraction", definition="its false-positive rate"),
        Column("n_train", "Fitted on", "integer", unit="flows", definition="training flows the forest is fitted on"),
        Column("n", "Tested on", "integer", unit="flows", definition="test flows"),
    ]  # fmt: skip
    notes = [
        "Columns are added one after the other, each chosen by histogram boosting on a validation part of the training "
        "flows. F1, recall and FPR: random forest on the test part, with Wilson's interval for F1. Shortcuts: "
        f"{', '.join(SHORTCUTS)}."
    ]
    record.table("gap", "Columns that close the gap", columns, rows, notes=notes, id=("path", "place"))


def record_columns(record: Record, screened: Mapping[str, Any]) -> None:
    """Table ``gap_columns``: the ranked features with each other column, singly."""
    rows = [{"feature": name, "shortcut": name in SHORTCUTS, "f1": f1, "gain": f1 - screened["ranked"]}
            for name, f1 in sorted(screened["single"].items(), key=lambda item: -item[1])]  # fmt: skip
    columns = [
        Column("feature", "Column", align="left", definition="the column added to the ranked features"),
        Column("shortcut", "Shortcut", align="left", definition="whether it counts as a shortcut"),
        Column("f1", "F1", "fixed:3", unit="fraction", n=screened.get("n_validation"),
               definition="F1 of histogram boosting on the validation part"),
        Column("gain", "Gain", "fixed:3", definition="its F1 less that on the ranked features alone"),
    ]  # fmt: skip
    notes = ["Ranked features with one more column, histogram boosting, validation part of the training flows. A "
             "column that repeats another is left out."]  # fmt: skip
    record.table("gap_columns", "What each further column adds by itself", columns, rows, notes=notes)


def needed(found: Mapping[str, Any], margin: float) -> bool:
    """Whether all columns raise F1 by more than the margin on the validation part, so that one is looked for."""
    return found["reason"] is None and found["start"] < found["limit"] - margin


def record_path(record: Record, path: str, rows: list[dict[str, Any]], found: Mapping[str, Any], margin: float) -> None:
    """Names of the cells of one path, and whether its columns match all columns."""
    by = {row["place"]: row for row in rows if row["path"] == path}
    steps = len(by) - 2
    ids = {"ranked": "0", "first": "1" if steps else None, "last": str(steps) if steps else None}
    none = "no further column raises F1" if needed(found, margin) else f"all columns add no more than {margin:g} to F1"
    why = found["reason"] or f"{none} on the validation part"
    which = "any column" if path == "any" else "any column but shortcuts"
    for key, place in (ids | {"all": "all"}).items():
        name_or_reason(record, f"gap.{path}.{key}.f1", "gap", place and f"{path}.{place}", "f1", why,
                       definition=f"F1 of the forest on the test part, with {WITH[key]}; from: {which}")  # fmt: skip
    first = ids["first"] and f"{path}.1"
    name_or_reason(record, f"gap.{path}.first.feature", "gap", first, "feature", why,
                   definition=f"the column that helps most on the validation part, {which}")  # fmt: skip
    record.value(f"gap.{path}.features", [by[str(k)]["feature"] for k in range(1, steps + 1)], "list",
                 f"the columns added, {which}, in their order", unit="")  # fmt: skip
    record.value(f"gap.{path}.steps", steps, "integer", f"columns added, {which}", unit="columns")
    record.value(f"gap.{path}.needed", needed(found, margin), "text", "whether all columns raise F1 on the validation "
                 f"part by more than the margin, {which}", unit="")  # fmt: skip
    record.value(f"gap.{path}.added", steps > 0, "text", f"whether any was added, {which}", unit="")
    top, bottom = (by[place]["f1"].value for place in ("all", "0"))
    for key, place in ids.items():
        own = by[place]["f1"].value if place else None
        closed = own is not None and top is not None and top - own <= margin
        record.value(f"gap.{path}.{key}.closes", closed, "text", f"whether F1 with {WITH[key]} is within the margin of "
                     f"that on all columns, {which}", unit="")  # fmt: skip
    last = by[ids["last"]]["f1"].value if ids["last"] else None
    gain = None if last is None or bottom is None else last - bottom
    record.value(f"gap.{path}.gain", gain, "fixed:3", f"F1 with the columns added less that without them, {which}",
                 unit="", reason=why if gain is None else None)  # fmt: skip


WITH = {
    "ranked": "the ranked features",
    "first": "the first column added",
    "last": "all columns added",
    "all": "all columns that may be added",
}


def report_gap(screened: Mapping[str, Any], fits: Mapping[str, Fit], margin: float, most: int, data: str) -> Record:
    """Tables ``gap`` and ``gap_columns``, and values ``gap.*``."""
    record = Record("gap", data)
    rows = entries(screened, fits, most)
    record_gap(record, rows)
    record_columns(record, screened)
    record.value("gap.columns", len(screened["single"]), "integer", "columns tried, each beside the ranked features",
                 unit="columns")  # fmt: skip
    record.value("gap.margin", margin, "fixed:2", "difference in F1 up to which all columns count as matched")
    fitted = max(row["n_train"].value or 0 for row in rows)
    record.value("gap.n_train", fitted, "integer", "training flows that the forests are fitted on", unit="flows")
    record.value("gap.n_validation", screened.get("n_validation", 0), "integer", "flows of the validation part on "
                 "which columns are chosen", unit="flows")  # fmt: skip
    own = [name for name in SHORTCUTS if name in seen_by(fits[LIMITS["any"]])]
    record.value("gap.shortcuts", own, "list", "features that count as shortcuts", unit="")
    record.value("gap.shortcuts.any", bool(own), "text", "whether any feature counts as a shortcut", unit="")
    for path in PATHS:
        reason = screened[path]["reason"]
        record.value(
            f"gap.{path}.available",
            reason is None,
            "text",
            f"whether columns could be screened: {PATHS[path]}",
            unit="",
        )
        record.value(
            f"gap.{path}.reason",
            reason or "available",
            "text",
            f"why columns could not be screened: {PATHS[path]}",
            unit="",
        )
        record_path(record, path, rows, screened[path], margin)
    every, plain = (record.values[f"gap.{path}.all.f1"].value for path in PATHS)
    what = "whether F1 with all columns but shortcuts is within the margin of that on all columns"
    matches = every is not None and plain is not None and every - plain <= margin
    record.value("gap.plain.matches", matches, "text", what, unit="")
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
    report_gap(screened, fits, margin, most, read_json(metadata)["data"]).write(values, tables)


if __name__ == "__main__":
    run(step)
