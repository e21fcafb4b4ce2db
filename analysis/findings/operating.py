"""Step: what an operator would see: frozen thresholds, precision where attacks are rare, alarms a day, reliability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from analysis.command import In, Ins, Out, Outs, run
from analysis.conditions.threshold import RATES, rate_display
from analysis.dataset.input.inventory import shares
from analysis.dataset.release import load
from analysis.detection.names import BENIGN, MODELS, the, titled
from analysis.detection.predictions import Fit, binary, confusion, load_fits, ranked
from analysis.detection.weighted import weights
from analysis.findings.intervals import share
from analysis.findings.prevalence import PREVALENCES, Rates, precision_at, printed_at
from analysis.findings.reliability import record_reliability
from analysis.record import Column, Record, Table, read_json, show

EXPECTED = 10
"""Least number of false alarms to be expected in the test part for a rate to be estimable."""
TIMES = 2
"""A frozen threshold keeps its rate where the realised one is between it divided and multiplied by so much."""
NAMES = {0.01: "one_percent", 0.001: "one_per_mille"}
NOT_ESTIMABLE = f"not estimable: fewer than {EXPECTED} false alarms are to be expected in the test part"
PLACES = {"one_percent": "higher", "one_per_mille": "lower"}
WORDS = {"recall": "recall", "fpr": "realised false-positive rate"}
INTERVAL = "Wilson; Clopper-Pearson without a false alarm"
BAND = "from the ends of the intervals of recall and false-positive rate"
ASKED = {**{f"random.{model}": ("ranked", model) for model in MODELS}, "all.random_forest": ("all", "random_forest")}
"""Models with a threshold: their names among the findings, features and key."""


@dataclass(frozen=True)
class Weighing:
    """How much each flow counts: alike, or as its label is more frequent in the release than here."""

    of: Mapping[str, float] | None = None

    def weight(self, frame: pl.DataFrame) -> np.ndarray:
        """Weights of shape (n,)."""
        if self.of is None:
            return np.ones(frame.height)
        return frame["label"].replace_strict(dict(self.of), default=0.0, return_dtype=pl.Float64).to_numpy()

    def rates(self, frame: pl.DataFrame, called: np.ndarray) -> Rates | None:
        """Recall and false-positive rate where flows are ``called`` attacks; None where a class is missing."""
        attack, weight = frame["is_attack"].to_numpy(), self.weight(frame)
        if not weight[attack].sum() or not weight[~attack].sum():
            return None
        return Rates(share(called[attack], weight[attack]), share(called[~attack], weight[~attack]))


def record_thresholds(record: Record, fits: Mapping[str, Fit], weighing: Weighing, best: str) -> None:
    """Table ``thresholds``: recall and realised rate of false alarms at thresholds set on held-back training flows."""
    rows: list[dict[str, Any]] = []
    for name, (features, model) in ASKED.items():
        (fold,) = fits[name].entry["folds"]
        frame = fits[name].frame
        for rate, called in NAMES.items():
            row, key = _threshold_row(fold, frame, rate, weighing), f"{model}.{called}"
            key = key if features == "ranked" else f"all.{key}"
            rows.append({"id": key, "model": titled(MODELS[model]), "features": features, "rate": rate} | row)
            for measure, display in (("recall", "fixed:3"), ("fpr", "percent:2")):
                _value(record, f"operator.{key}.{measure}", rows[-1], measure, display,
                       f"{WORDS[measure]} of the {MODELS[model]} on {features} features at the threshold for "
                       f"{rate:.1%} false alarms")  # fmt: skip
    columns = [Column("model", "Model", align="left"), Column("features", "Features", align="left"),
               Column("rate", "Set for", "percent:1"), Column("threshold", "Threshold", "fixed:3"),
               Column("recall", "Recall", "fixed:3"), Column("recall_low", "95% low", "fixed:3"),
               Column("recall_high", "95% high", "fixed:3"), Column("fpr", "Realised FPR", "percent:2"),
               Column("fpr_low", "95% low", "percent:2"), Column("fpr_high", "95% high", "percent:2")]  # fmt: skip
    fitted = {fold["n_train"] for name in ASKED for fold in fits[name].entry["folds"] if not fold["reason"]}
    note = (
        f"Models fitted on {show(max(fitted, default=0), 'integer')} training flows. Thresholds: on benign flows of "
        f"the training part that no model was fitted on. Intervals: {INTERVAL}."
    )
    record.table("thresholds", "Recall at frozen thresholds", columns, rows, notes=[note], id="id")
    record_range(record, rows)
    by = {row["id"]: row for row in rows}
    for rate, called in NAMES.items():
        row = by[f"{best}.{called}"]
        told = row["recall"].value is not None
        record.value(
            f"operator.{called}.told", told, "text", f"whether {rate:.1%} of false alarms is estimable", unit=""
        )
        for measure, display in (("recall", "fixed:3"), ("fpr", "percent:2")):
            _value(record, f"operator.best.{called}.{measure}", row, measure, display,
                   f"{WORDS[measure]} of the best model on the ranked features at the threshold for {rate:.1%} "
                   "false alarms")  # fmt: skip
        low, high = (row[end].value for end in ("fpr_low", "fpr_high"))
        kept = told and rate / TIMES <= low and high <= rate * TIMES
        lost = told and not kept and not low <= rate <= high
        what = f"whether the interval of the realised false-positive rate lies between half and twice {rate:.1%}"
        record.value(f"operator.{called}.kept", bool(kept), "text", what, unit="")
        record.value(
            f"operator.{called}.lost",
            bool(lost),
            "text",
            f"whether the interval of the realised "
            f"false-positive rate neither lies between half and twice {rate:.1%} nor holds it",
            unit="",
        )
        record.value(
            f"operator.{called}.rate",
            rate,
            rate_display(rate),
            f"{PLACES[called]} of the rates of false alarms that thresholds are set for",
            unit="fraction",
        )


def record_range(record: Record, rows: Sequence[Mapping[str, Any]]) -> None:
    """The lowest and highest recall of the models on the ranked features at the threshold for the first rate."""
    asked = [row for row in rows if row["features"] == "ranked" and row["rate"] == RATES[0]]
    ordered = sorted((row for row in asked if row["recall"].value is not None), key=lambda row: row["recall"].value)
    for name, row in (("least", ordered[0] if ordered else None), ("most", ordered[-1] if ordered else None)):
        rest = {"table": "thresholds", "cell": f"{row['id']}/recall"} if row else {"reason": asked[0]["recall"].reason}
        record.value(f"operator.one_percent.{name}", row["recall"].value if row else None, "fixed:3", unit="fraction",
                     definition=f"{name} recall of the models at the threshold for {RATES[0]:.1%} false alarms",
                     **rest)  # fmt: skip
        record.value(f"operator.one_percent.{name}_name", MODELS[str(row["id"]).partition(".")[0]] if row else None,
                     "text", f"model of {name} recall at the threshold for {RATES[0]:.1%} false alarms",
                     unit="", reason=None if row else asked[0]["recall"].reason)  # fmt: skip


def _threshold_row(fold: Mapping[str, Any], frame: pl.DataFrame, rate: float, weighing: Weighing) -> dict[str, Any]:
    """Cells of one model at one rate."""
    threshold = None if fold["reason"] else fold["thresholds"][str(rate)]
    reason = fold["reason"] or ("no benign flow was held back" if threshold is None else None)
    benign = int((~frame["is_attack"]).sum()) if frame.height else 0
    if not reason and rate * benign < EXPECTED:
        reason = NOT_ESTIMABLE
    found = None if reason else weighing.rates(frame, (frame["score"] > threshold).to_numpy())
    reason = reason or ("the test part holds one class only" if found is None else None)
    cells: dict[str, Any] = {"threshold": Table.cell(threshold, "fixed:3", reason=reason),
                             "recall_n": frame.height - benign, "fpr_n": benign}  # fmt: skip
    for key, display in (("recall", "fixed:3"), ("fpr", "percent:2")):
        ends = getattr(found, key) if found else (None, None, None)
        for name, value in zip((key, f"{key}_low", f"{key}_high"), ends, strict=True):
            cells[name] = Table.cell(value, display, reason=reason)
    return cells


def _value(record: Record, key: str, row: Mapping[str, Any], measure: str, display: str, what: str) -> None:
    cell = row[measure]
    rest: dict[str, Any] = {"reason": cell.reason}
    if cell.value is not None:
        rest = {"low": row[f"{measure}_low"].value, "high": row[f"{measure}_high"].value, "interval": INTERVAL}
    record.value(key, cell.value, display, what, unit="fraction", table="thresholds", cell=f"{row['id']}/{measure}",
                 n=row[f"{measure}_n"], **rest)  # fmt: skip


def record_precision(
    record: Record, fits: Mapping[str, Fit], weighing: Weighing, printed: Mapping[str, Any], best: str
) -> dict[str, Rates]:  # fmt: skip
    """Table ``precision_prevalence``: ours and the source's; returns the rates of each of our models."""
    rates = {model: weighing.rates(fit.frame, fit.frame["predicted"].to_numpy()) for model, fit in fits.items()}
    known = {model: one for model, one in rates.items() if one is not None}
    release = load("original").counts
    attacks = 1 - release[BENIGN] / sum(release.values())
    rows: list[dict[str, Any]] = []
    for study in ("ours", "source"):
        for model, name in MODELS.items():
            for prevalence in PREVALENCES:
                if study == "source":
                    ends = printed_at(printed["models"][model]["precision"], printed["half_unit"], attacks, prevalence)
                elif model in known:
                    ends = precision_at(known[model], prevalence)
                else:
                    continue
                rows.append({"id": f"{study}.{model}.{prevalence:g}", "study": study, "model": model,
                             "name": titled(name), "prevalence": prevalence, "precision": ends[0], "low": ends[1],
                             "high": ends[2]})  # fmt: skip
    columns = [Column("study", "Study", align="left"), Column("model", "Key", align="left"),
               Column("name", "Model", align="left"),
               Column("prevalence", "Prevalence", "significant:2", unit="fraction"),
               Column("precision", "Precision", "fixed:3"), Column("low", "Low", "fixed:3"),
               Column("high", "High", "fixed:3")]  # fmt: skip
    notes = [f"Ours: at the models' own thresholds, band {BAND}. Source: from the printed precision and what its "
             "rounding allows, at the release's share of attacks."]  # fmt: skip
    record.table("precision_prevalence", "Precision by share of attacks", columns, rows, notes=notes, id="id")
    by = {row["id"]: row for row in rows}
    for called, prevalence in (("one_percent", 0.01), ("one_per_mille", 0.001)):
        for key, id, whose in (
            ("best", f"ours.{best}.{prevalence:g}", "the best model on the ranked features"),
            ("source", f"source.random_forest.{prevalence:g}", "the source study's random forest"),
        ):
            row, made = by.get(id), BAND if key == "best" else "rounding"
            rest = {"low": row["low"], "high": row["high"], "interval": made} if row else {}
            record.value(f"operator.{key}.precision.{called}", row["precision"] if row else None, "fixed:2",
                         f"precision of {whose} at its own threshold, prevalence {prevalence:.1%}",
                         unit="fraction", **rest,
                         reason=None if row else "the test part holds one class only")  # fmt: skip
        record.value(
            f"operator.prevalence.{called}",
            prevalence,
            rate_display(prevalence),
            f"{PLACES[called]} of the shares of attacks that precision is told at",
            unit="fraction",
        )
    return known


def record_alarms(
    record: Record, found: Rates | None, best: str, flows: int, attacks: float, tested: tuple[int, int]
) -> None:
    """True and false alarms a day of the best model on a network of so many ``flows`` with this share of attacks.

    ``tested`` are the attacks and the benign flows of the test part, by which its rates are known.
    """
    record.value("operator.flows_a_day", flows, "integer", "flows a day of the network that is supposed", unit="flows")
    record.value(
        "operator.attack_share",
        attacks,
        "percent:1",
        "assumed share of attacks among the flows of a day",
        unit="fraction",
    )
    record.value("operator.attacks_a_day", flows * attacks, "integer", "attacks among the flows of a day", unit="flows")
    record.value("operator.best.name", the(MODELS[best]), "text", "best model on the ranked features", unit="")
    for key, ends, number, n in (("true", found and found.recall, flows * attacks, tested[0]),
                                 ("false", found and found.fpr, flows * (1 - attacks), tested[1])):  # fmt: skip
        value, low, high = (one * number for one in ends) if ends else (None, None, None)
        rest = {"low": low, "high": high, "interval": INTERVAL} if ends else {}
        what = (f"{key} alarms a day of the best model on the ranked features at its own threshold, among "
                f"{show(flows, 'integer')} flows of which {show(attacks, 'percent:1')} are attacks")  # fmt: skip
        record.value(f"operator.alarms.{key}", value, "integer", what, unit="alarms", n=n,
                     reason=None if ends else "the test part holds one class only", **rest)  # fmt: skip
    record.value("operator.measured", bool(found), "text", "whether the test part has flows of both classes", unit="")
    record.value("operator.zero_false", bool(found and found.fpr[0] == 0), "text",
                 "whether the best model gives no false alarm in the test part", unit="")  # fmt: skip
    rest = {"low": found.fpr[1], "high": found.fpr[2], "interval": INTERVAL} if found else {}
    record.value("operator.best.fpr", found.fpr[0] if found else None, "percent:2", unit="fraction",
                 definition="false-positive rate of the best model on the ranked features at its own threshold",
                 n=tested[1], reason=None if found else "the test part holds one class only", **rest)  # fmt: skip


def step(
    predictions: Ins, descriptions: Ins, metadata: In, source: In, flows_a_day: int, attack_share: float, values: Out,
    tables: Outs,
) -> None:  # fmt: skip
    """What an operator would see: frozen thresholds, precision where attacks are rare, alarms a day, reliability."""
    about = read_json(metadata)
    record = Record("operating", about["data"])
    models = binary(load_fits(predictions, descriptions, "source"))["selected"]
    best = ranked({model: fit.frame for model, fit in models.items()})[0]
    labels = models[best].frame["label"]
    of = weights(shares(load(about["release"]), labels.unique().to_list()), labels) if about["weighted"] else None
    weighing = Weighing(of)
    record.value("operator.weighted", about["weighted"], "text", "whether flows weigh as in the release", unit="")
    what = "false alarms of the best model in the test part"
    benign = int((~models[best].frame["is_attack"]).sum())
    record.value("operator.test_benign", benign, "integer", "benign flows of the test part", unit="flows")
    record.value("operator.test_false", confusion(models[best].frame).fp, "integer", what, unit="alarms")
    record_thresholds(record, load_fits(predictions, descriptions, "findings"), weighing, best)
    printed = yaml.safe_load(Path(source).read_text(encoding="utf-8"))
    rates = record_precision(record, models, weighing, printed, best)
    record_alarms(
        record, rates.get(best), best, flows_a_day, attack_share, (models[best].frame.height - benign, benign)
    )
    record_reliability(record, {model: (fit.frame, weighing.weight(fit.frame)) for model, fit in models.items()})
    record.write(values, tables)


assert tuple(NAMES) == RATES

if __name__ == "__main__":
    run(step)
