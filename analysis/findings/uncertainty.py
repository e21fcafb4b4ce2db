"""Step: how far the models' numbers may be trusted: over splits, over campaigns, and with more flows to learn from."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from analysis.command import In, Ins, Out, Outs, run
from analysis.conditions.campaigns import NO_HOSTS, campaigns_of
from analysis.dataset.parts import Part
from analysis.detection.names import MODELS, the, titled
from analysis.detection.predictions import Fit, binary, confusion, load_fits, ranked
from analysis.findings.clusters import counts, f1_interval
from analysis.findings.intervals import corrected_t, verdict
from analysis.findings.learning import record_learning
from analysis.record import Column, Record, Table, read_json
from analysis.streams import stream

CORRECTED = "corrected resampled t (Nadeau and Bengio 2003)"
NOT_REPEATED = "split and fit were not repeated"
ONE = "one attack"
LEADS = {
    "better": "a lead that lasts",
    "practically equal": "no lead in practice",
    "undecided": "whether that is a lead in practice is undecided",
}
"""What is said of the best model's lead over the second; its mean is never below zero."""
TARGET = "Destination IP"


def f1_by_split(fits: Mapping[str, Fit]) -> tuple[dict[str, np.ndarray], float]:
    """F1 of each model over the repeated splits, shape (J,), and test flows over flows of the training part."""
    found: dict[str, list[float]] = {model: [] for model in MODELS}
    ratio = 0.0
    numbers = sorted({int(name.partition(".")[0]) for name in fits})
    for k in numbers:
        of = {model: fits[f"{k}.{model}"] for model in MODELS}
        if any(fit.entry["folds"][0]["reason"] for fit in of.values()):
            continue
        for model, fit in of.items():
            found[model].append(confusion(fit.frame).f1)
        told = of[next(iter(MODELS))].description
        ratio = max(ratio, told["n_test"] / told["n_train_all"])
    return {model: np.array(values) for model, values in found.items()}, ratio


def record_pairs(record: Record, f1: Mapping[str, np.ndarray], ratio: float, margin: float) -> None:
    """Table ``model_pairs``: the models two by two, the better one first, and what the interval of F1 says."""
    n = len(next(iter(f1.values())))
    order = sorted(MODELS, key=lambda model: -f1[model].mean()) if n > 1 else list(MODELS)
    rows, verdicts = [], []
    for first, second in combinations(order, 2):
        row: dict[str, Any] = {"id": f"{first}.{second}", "first": titled(MODELS[first]), "second": MODELS[second]}
        mean, low, high = corrected_t(f1[first] - f1[second], ratio) if n > 1 else (None, None, None)
        for key, value in (("difference", mean), ("low", low), ("high", high)):
            row[key] = Table.cell(value, "fixed:3", reason=NOT_REPEATED)
        found = None if low is None or high is None else verdict(low, high, margin)
        row["verdict"] = Table.cell(found, "text", reason=NOT_REPEATED)
        rows.append(row)
        verdicts.append(found)
    columns = [Column("first", "First", align="left"), Column("second", "Second", align="left"),
               Column("difference", "Difference in F1", "fixed:3"), Column("low", "95% low", "fixed:3"),
               Column("high", "95% high", "fixed:3"), Column("verdict", "The first is", align="left")]  # fmt: skip
    notes = [f"Means over {n} splits, intervals by the {CORRECTED}. Better: by {margin} at least; practically equal: "
             "by less than that; undecided: the interval allows both."]  # fmt: skip
    record.table("model_pairs", "Differences in F1 over repeated splits", columns, rows, notes=notes, id="id")
    record.value("uncertainty.splits", n, "integer", "repeated splits that are compared", unit="splits")
    record.value("uncertainty.compared", n > 1, "text", "whether models are compared over splits", unit="")
    record.value(
        "uncertainty.margin", margin, "significant:1", "difference in F1 below which there is none in practice"
    )
    for name, words, how in (
        ("better", "better", "at least the margin"),
        ("equal", "practically equal", "less than the margin"),
        ("undecided", "undecided", "not decided"),
    ):
        number = sum(one == words for one in verdicts)
        what = f"pairs of models whose difference in F1 is {how}"
        record.value(f"uncertainty.pairs.{name}", number, "integer", what, unit="pairs", n=n)
    record.value("uncertainty.pairs.n", len(rows), "integer", "pairs of models", unit="pairs")
    lead = rows[0]
    reason = None if n > 1 else NOT_REPEATED
    for name, model in (("best", order[0]), ("second", order[1])):
        record.value(f"uncertainty.{name}", the(MODELS[model]) if n > 1 else None, "text", unit="", reason=reason,
                     definition=f"model of the {name} mean F1 over splits")  # fmt: skip
    ends = {"low": lead["low"].value, "high": lead["high"].value, "interval": CORRECTED} if n > 1 else {}
    record.value("uncertainty.lead", lead["difference"].value, "fixed:3", n=n, reason=reason,
                 definition="mean F1 of the best model less that of the second over splits", table="model_pairs",
                 cell=f"{lead['id']}/difference", **ends)  # fmt: skip
    what = "what the interval says of the best against the second"
    record.value("uncertainty.lead_verdict", verdicts[0], "text", what, unit="", reason=reason,
                 table="model_pairs", cell=f"{lead['id']}/verdict")  # fmt: skip
    said = LEADS[verdicts[0]] if verdicts[0] else None
    record.value("uncertainty.lead_words", said, "text", f"{what}, in words", unit="", reason=reason)
    what = "test flows over flows of the training part, which enters the variance over splits"
    record.value("uncertainty.ratio", ratio if n > 1 else None, "fixed:2", what, n=n, reason=reason)


def of_test(flows: Part, campaign: np.ndarray, frame: pl.DataFrame) -> np.ndarray:
    """The campaigns of the flows of ``frame``, which names file and row of each."""
    place = flows.read("source_file", "source_row").with_columns(campaign=pl.Series(campaign))
    return frame.join(place, on=["source_file", "source_row"], how="left", maintain_order="left")["campaign"].to_numpy()


def record_models(
    record: Record, fits: Mapping[str, Fit], f1: Mapping[str, np.ndarray], cluster: np.ndarray | None, resamples: int,
    seed: int,
) -> None:  # fmt: skip
    """Table ``model_intervals``: F1 of the study's models by bootstrap over campaigns or flows, and over splits."""
    unit = "flows" if cluster is None else "campaigns"
    n = len(next(iter(f1.values())))
    rows = []
    for model, fit in fits.items():
        frame = fit.frame
        cells = counts(frame["is_attack"].to_numpy(), frame["predicted"].to_numpy(), cluster)
        low, high = f1_interval(cells, resamples, stream(seed, f"uncertainty.bootstrap.{model}"))
        made = confusion(frame)
        row: dict[str, Any] = {"id": model, "model": titled(MODELS[model]), "f1": made.f1,
                               "f1_low": min(low, made.f1), "f1_high": max(high, made.f1)}  # fmt: skip
        for key in ("recall", "fpr"):
            ends, display = made.interval(key), "fixed:4" if key == "fpr" else "fixed:3"
            for name, value in (
                (key, getattr(made, key)),
                *((f"{key}_{end}", ends.get(end)) for end in ("low", "high")),
            ):
                row[name] = Table.cell(value, display, reason="not defined on these flows")
        for key, value in (("mean", f1[model].mean() if n else None), ("sd", f1[model].std(ddof=1) if n > 1 else None)):
            row[key] = Table.cell(value, "fixed:3", reason=NOT_REPEATED)
        rows.append(row)
        record.value(f"uncertainty.{model}.f1", made.f1, "fixed:3", f"F1 on the ranked features; {MODELS[model]}",
                     unit="fraction", n=frame.height, low=row["f1_low"], high=row["f1_high"],
                     interval=f"percentile bootstrap over {unit} of the test part", table="model_intervals",
                     cell=f"{model}/f1")  # fmt: skip
    columns = [Column("model", "Model", align="left"), Column("f1", "F1", "fixed:3"),
               Column("f1_low", "95% low", "fixed:3"), Column("f1_high", "95% high", "fixed:3"),
               Column("mean", "Mean over splits", "fixed:3"), Column("sd", "SD", "fixed:3"),
               Column("recall", "Recall", "fixed:3"), Column("recall_low", "Recall, 95% low", "fixed:3"),
               Column("recall_high", "Recall, 95% high", "fixed:3"), Column("fpr", "FPR", "fixed:4"),
               Column("fpr_low", "FPR, 95% low", "fixed:4"),
               Column("fpr_high", "FPR, 95% high", "fixed:4")]  # fmt: skip
    narrow = "" if cluster is not None else " Flows of one attack depend on one another: it is too narrow."
    notes = [f"F1: percentile bootstrap over {unit} of the test part ({resamples:,} resamples).{narrow} Mean and SD: "
             "over repeated splits. Recall and FPR: Wilson's."]  # fmt: skip
    record.table(
        "model_intervals", "Intervals of the models on the ranked features", columns, rows, notes=notes, id="id"
    )
    best = ranked({model: fit.frame for model, fit in fits.items()})[0]
    chosen = record.values[f"uncertainty.{best}.f1"]
    what = f"F1 of the best model ({MODELS[best]}) on the test part"
    record.value("uncertainty.best_f1", chosen.value, "fixed:3", what, unit="fraction", n=chosen.n, low=chosen.low,
                 high=chosen.high, interval=chosen.interval)  # fmt: skip
    what = "whether all resamples have the same F1, as without an error of the model"
    record.value("uncertainty.flat", chosen.low == chosen.high, "text", what, unit="")
    record.value("uncertainty.best_name", the(MODELS[best]), "text", "best model by F1 on the test part", unit="")
    record.value("uncertainty.unit", unit, "text", "what the bootstrap of F1 draws", unit="")
    record.value(
        "uncertainty.over_campaigns",
        cluster is not None,
        "text",
        "whether the bootstrap of F1 draws campaigns",
        unit="",
    )
    number = None if cluster is None else int(np.unique(cluster).size)
    what = "campaigns, and groups of benign flows, in the test part"
    record.value("uncertainty.test_campaigns", number, "integer", what, unit="campaigns",
                 reason=None if number else "the bootstrap draws flows")  # fmt: skip


def record_attacks(
    record: Record, flows: Part, campaign: np.ndarray | None, why: str | None, frame: pl.DataFrame, typed: bool,
    min_support: int,
) -> None:  # fmt: skip
    """Table ``campaigns``: of each type how many campaigns and targets there are, and recall with what it covers."""
    columns = [name for name in ("Label", "is_attack", TARGET) if name in flows.columns]
    told = flows.read(*columns).with_columns(campaign=pl.Series(campaign) if campaign is not None else pl.lit(None))
    attacks = told.filter("is_attack")
    hit = {label: (int(found), int(n)) for label, found, n in
           frame.filter("is_attack").group_by("label").agg(pl.col("predicted").sum(), pl.len()).rows()}  # fmt: skip
    rows: list[dict[str, Any]] = []
    for label in sorted(attacks["Label"].unique().to_list()):
        own = attacks.filter(pl.col("Label") == label)
        number = None if campaign is None else own["campaign"].n_unique()
        targets = own[TARGET].n_unique() if TARGET in columns else None
        found, n = hit.get(label, (0, 0))
        interval = made.interval("recall") if (made := _only(found, n)) else {}
        covers = f"flows of {ONE if number == 1 else 'these attacks'}"
        none = "no flow in the test part"
        rows.append({
            "type": label, "flows": own.height, "campaigns": Table.cell(number, "integer", reason=why),
            "targets": Table.cell(targets, "integer", reason=NO_HOSTS),
            "tested": n, "recall": Table.counted(Table.cell(found / n if n else None, "fixed:3", reason=none), found, n,
                                                min_support),
            "low": Table.cell(interval.get("low"), "fixed:3", reason=none),
            "high": Table.cell(interval.get("high"), "fixed:3", reason=none), "covers": covers,
        })  # fmt: skip
    heads = [Column("type", "Type", align="left"), Column("flows", "Flows", "integer"),
             Column("campaigns", "Campaigns", "integer", unit="campaigns"),
             Column("targets", "Target hosts", "integer", unit="hosts"),
             Column("tested", "Tested", "integer"), Column("recall", "Recall", "fixed:3"),
             Column("low", "95% low", "fixed:3"), Column("high", "95% high", "fixed:3"),
             Column("covers", "Interval covers further", align="left")]  # fmt: skip
    notes = ["Campaign: attack flows of one type, day and pair of hosts, no ten minutes without one. In a sample of "
             "the flows gaps are longer, so that a campaign may count as several. Recall: the best model on the ranked "
             "features, Wilson's interval; of few flows how many are found."]  # fmt: skip
    record.table("campaigns", "Campaigns and targets of each type of attack", heads, rows, notes=notes)
    single = [row["type"] for row in rows if row["campaigns"].value == 1] if typed else []
    aimed = [row["type"] for row in rows if row["targets"].value == 1] if typed else []
    reasons = {"campaigns": why, "targets": None if TARGET in columns else NO_HOSTS}
    for key, alone, what in (("campaigns", single, "campaign"), ("targets", aimed, "target host")):
        reason = reasons[key] or (None if typed else "the labels tell no types of attack apart")
        record.value(f"uncertainty.{key}.told", reason is None, "text", f"whether flows tell their {what}", unit="")
        record.value(f"uncertainty.{key}.single", None if reason else alone, "list", f"types of one {what}", unit="",
                     reason=reason)  # fmt: skip
        record.value(f"uncertainty.{key}.single_count", None if reason else len(alone), "integer",
                     f"number of types of one {what}", unit="types", reason=reason)  # fmt: skip
    record.value("uncertainty.types", len(rows), "integer", "types of attack", unit="types")
    record.value("uncertainty.unavailable", why, "text", "why there are no campaigns", unit="",
                 reason=None if why else "there are campaigns")  # fmt: skip


def _only(found: int, n: int) -> Any:
    from analysis.detection.evaluation import Confusion

    return Confusion(0, 0, n - found, found) if n else None


def step(
    predictions: Ins, descriptions: Ins, flows: In, metadata: In, margin: float, resamples: int, seed: int, typed: bool,
    min_support: int, values: Out, tables: Outs,
) -> None:  # fmt: skip
    """How far the models' numbers may be trusted: over splits, over campaigns, and with more flows to learn from."""
    record = Record("uncertainty", read_json(metadata)["data"])
    f1, ratio = f1_by_split(load_fits(predictions, descriptions, "repetitions"))
    record_pairs(record, f1, ratio, margin)
    source = binary(load_fits(predictions, descriptions, "source"))["selected"]
    part = Part.whole(flows)
    campaign, why = campaigns_of(part)
    best = ranked({model: fit.frame for model, fit in source.items()})[0]
    cluster = None if campaign is None else of_test(part, campaign, source[best].frame)
    record_models(record, source, f1, cluster, resamples, seed)
    record_attacks(record, part, campaign, why, source[best].frame, typed, min_support)
    record_learning(record, load_fits(predictions, descriptions, "learning"), margin, ratio)
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
