"""Step: what models fitted here are worth on the flows of another build, at thresholds that were set here."""

from __future__ import annotations

from typing import Any

from analysis.command import In, Ins, Out, Outs, run
from analysis.conditions.findings import ROWS
from analysis.dataset.release import load
from analysis.detection.curves import areas
from analysis.detection.names import MODELS
from analysis.detection.predictions import Fit, load_fits
from analysis.findings.measured import MEASURES, RATE, WITHOUT_INTERVAL, interval_of, measures
from analysis.record import Column, Record, Table, read_json

YEARS = ("CICIDS2017", "CSE-CIC-IDS2018")
"""The collections of two years, of the first of which publications test models on the second."""
MAIN = "all.random_forest"
"""The model that the text tells of."""
NOT_THE_YEARS = f"not fitted on flows of {YEARS[0]} and tested on flows of {YEARS[1]}, or not defined on these"
UNKNOWN = (None, None, None)


def record_transfer(record: Record, here: dict[str, Fit], there: dict[str, Fit], other: str) -> None:
    """Table and values of the models on either side."""
    rows: list[dict[str, Any]] = []
    words = {row.key: row.words if row.key != "random" else "ranked features" for row in ROWS}
    for name, fit in there.items():
        key, _, model = name.partition(".")
        row: dict[str, Any] = {"id": name, "features": words[key], "model": MODELS[model]}
        for side, one in (("here", here[name]), ("there", fit)):
            (fold,) = one.entry["folds"]
            reason = fold["reason"]
            found = {} if reason else measures(one.frame, fold["thresholds"][str(RATE)])
            attacks = None if reason else float(one.frame["is_attack"].mean())  # type: ignore[arg-type]
            row[f"{side}_prevalence"] = Table.cell(attacks, "percent:1", reason=reason)
            for measure, (_, display, what) in MEASURES.items():
                value, low, high = found.get(measure, (None, None, None))
                why = None if value is not None else reason or "not defined on these flows"
                row[f"{side}_{measure}"] = Table.cell(value, display, reason=why)
                ends = {} if value is None else interval_of(measure, low, high)
                where = f"{what}; {MODELS[model]}, {words[key]}, {'this build' if side == 'here' else other}"
                unit = "1" if measure in WITHOUT_INTERVAL else "fraction"
                record.value(f"transfer.{key}.{model}.{side}.{measure}", value, display, where, unit=unit,
                             n=None if reason else one.frame.height, reason=why, table="transfer",
                             cell=f"{name}/{side}_{measure}", **ends)  # fmt: skip
            if side == "there":
                row["used"] = Table.cell(len(fold.get("features", [])) or None, "integer", reason=reason)
        rows.append(row)
    columns = [Column("id", "Row", align="left"), Column("features", "Features", align="left"),
               Column("model", "Model", align="left"), Column("used", "Shared", "integer")]  # fmt: skip
    for side, called in (("here", "here"), ("there", "elsewhere")):
        columns.append(Column(f"{side}_prevalence", f"Prevalence {called}", "percent:1"))
        columns += [Column(f"{side}_{measure}", f"{title}, {called}", display)
                    for measure, (title, display, _) in MEASURES.items()]  # fmt: skip
    notes = [f"Here: the test part of this build. Elsewhere: {other}. Shared: features that both have."]
    record.table("transfer", "Models fitted here, tested here and elsewhere", columns, rows, notes=notes, id="id")
    record.value("transfer.other", other, "text", "the flows tested on elsewhere", unit="")
    complete = all(record.values[f"transfer.{MAIN}.{side}.{name}"].value is not None
               for side in ("here", "there") for name in ("f1", "recall", "fpr"))  # fmt: skip
    record.value(
        "transfer.measured", complete, "text", "whether the forest on all features has all its measures", unit=""
    )


def record_network(record: Record, there: Fit, collections: tuple[str | None, str | None]) -> None:
    """Whether the flows elsewhere are of another network, and what publications tell of one year in another.

    ``collections`` are those of the flows here and elsewhere, None where they are synthetic; ``there`` is what the
    forest on all features says of the latter.
    """
    other = None not in collections and collections[0] != collections[1]
    what = "whether the flows tested on elsewhere are of another collection, of another network"
    record.value("transfer.other_network", other, "text", what, unit="")
    attack, score = (there.frame[name].to_numpy() for name in ("is_attack", "score"))
    known = measures(there.frame, None) | {"roc_auc": (areas(attack, score)["roc_auc"], None, None)}
    for measure, words in {"f1": MEASURES["f1"][2], "mcc": MEASURES["mcc"][2], "roc_auc": "ROC-AUC"}.items():
        value, low, high = known.get(measure, UNKNOWN) if collections == YEARS else UNKNOWN
        told = {"reason": NOT_THE_YEARS} if value is None else {"n": there.frame.height}
        ends = {} if low is None else interval_of(measure, low, high)
        where = f"{MODELS[there.entry['factors']['model']]}, all features, fitted on {YEARS[0]}, tested on {YEARS[1]}"
        unit = "1" if measure in WITHOUT_INTERVAL else "fraction"
        record.value(f"transfer.years.{measure}", value, "fixed:3", f"{words}; {where}", unit=unit, **told, **ends)


def step(predictions: Ins, descriptions: Ins, answers: In, told: In, metadata: In, other: In, build: str, values: Out,
         tables: Outs) -> None:  # fmt: skip
    """What models fitted here are worth on the flows of another build, at thresholds that were set here."""
    about, theirs = read_json(metadata), read_json(other)
    record = Record("transfer", about["data"])
    here, there = load_fits(predictions, descriptions, "findings"), load_fits([answers], [told], "findings")
    record_transfer(record, here, there, f"{build} ({theirs['data']})")
    collections = [None if one["synthetic"] else load(one["release"]).collection for one in (about, theirs)]
    record_network(record, there[MAIN], (collections[0], collections[1]))
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
