"""Step: what models fitted here are worth on the flows of another build, at thresholds that were set here."""

from __future__ import annotations

from typing import Any

from analysis.command import In, Ins, Out, Outs, run
from analysis.conditions.findings import ROWS
from analysis.detection.names import MODELS
from analysis.detection.predictions import Fit, load_fits
from analysis.findings.measured import MEASURES, RATE, WITHOUT_INTERVAL, interval_of, measures
from analysis.record import Column, Record, Table, read_json


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


def step(predictions: Ins, descriptions: Ins, answers: In, told: In, metadata: In, other: In, values: Out, tables: Outs
         ) -> None:  # fmt: skip
    """What models fitted here are worth on the flows of another build, at thresholds that were set here."""
    record = Record("transfer", read_json(metadata)["data"])
    here = load_fits(predictions, descriptions, "findings")
    record_transfer(record, here, load_fits([answers], [told], "findings"), read_json(other)["data"])
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
