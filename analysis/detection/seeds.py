"""Step: how much the four models' metrics on the ranked features vary over repetitions of split and fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from analysis.command import In, Ins, Out, Outs, run
from analysis.detection.names import METRICS, MODELS, the, titled
from analysis.record import Column, Record, Table, read_json, repeated

FIELDS = {
    "mean": ("Mean", "mean"),
    "sd": ("SD", "standard deviation (divisor n − 1)"),
    "min": ("Least", "least"),
    "max": ("Greatest", "greatest"),
}


def summary(numbers: Sequence[float]) -> dict[str, float]:
    """Mean, standard deviation with n - 1, least and greatest of two numbers or more."""
    array = np.array(numbers)
    return {"mean": array.mean(), "sd": array.std(ddof=1), "min": array.min(), "max": array.max()}


def repetitions(told: Iterable[Mapping[str, Any]], scores: Table) -> list[dict[str, Any]]:
    """Features and metrics by model of each repetition, from the entries of its conditions and the table ``scores``."""
    rows = {row["id"]: row for row in scores.records()}
    found: dict[int, dict[str, Any]] = {}
    for entry in told:
        for name in (name for subset, name in entry["names"] if subset == "repetitions"):
            number, _, model = name.partition(".")
            one = found.setdefault(int(number), {"features": entry["folds"][0]["features"], "metrics": {}})
            one["metrics"][model] = {metric: rows[entry["id"]][metric] for metric in METRICS}
    return [found[number] for number in sorted(found)]


def report_seeds(repetitions: Sequence[Mapping[str, Any]], data: str) -> Record:
    """Table ``seeds`` and values ``seeds.*``."""
    record = Record("seeds", data)
    n = len(repetitions)
    rows: dict[tuple[str, str], dict[str, Any]] = {
        (model, field): {"id": f"{model}.{field}", "model": repeated(titled(name), field == "mean"), "statistic": title}
        for model, name in MODELS.items()
        for field, (title, _) in FIELDS.items()
    }
    for model, name in MODELS.items():
        for metric, meaning in METRICS.items():
            numbers = [repetition["metrics"][model][metric] for repetition in repetitions]
            missing = "not defined in every repetition" if None in numbers else None
            found = dict.fromkeys(FIELDS) if missing else summary(numbers)
            for field, (_, words) in FIELDS.items():
                rows[model, field][metric] = Table.cell(found[field], meaning.display, reason=missing)
                record.value(f"seeds.{model}.{metric}.{field}", found[field], meaning.display,
                             f"{words} over repetitions of: {meaning.definition}; {name}", n=n, reason=missing,
                             unit="1" if metric in ("mcc", "roc_auc", "pr_auc") else "fraction",
                             table="seeds", cell=f"{model}.{field}/{metric}")  # fmt: skip
    columns = [
        Column("model", "Model", align="left"),
        Column("statistic", "Over seeds", align="left"),
        *(Column(metric, meaning.title, meaning.display) for metric, meaning in METRICS.items()),
    ]
    notes = [
        f"{n} repetitions, each with a split, a ranking of the features and a fit of its own. SD: divisor n − 1. The "
        "test parts overlap, so the spread is no standard error."
    ]
    record.table(
        "seeds", "Spread of the metrics over repetitions, ranked features", columns, rows.values(), notes=notes, id="id"
    )
    record.value("seeds.n", n, "integer", "repetitions of split, ranking and fit", unit="repetitions")
    _record_winner(record, repetitions, n)
    return record


def _record_winner(record: Record, repetitions: Sequence[Mapping[str, Any]], n: int) -> None:
    """Which model has the highest mean F1, and how the runner-up compares repetition by repetition."""
    f1 = {model: np.array([repetition["metrics"][model]["f1"] for repetition in repetitions]) for model in MODELS}
    order = sorted(MODELS, key=lambda model: -f1[model].mean())
    best, second = order[:2]
    record.value("seeds.best_model", best, "text", "key of the model of highest mean F1 over repetitions", unit="", n=n,
                 words=MODELS[best])  # fmt: skip
    record.value(
        "seeds.best_name", the(MODELS[best]), "text", "model of highest mean F1 over repetitions", unit="", n=n
    )
    record.value("seeds.runner_up", the(MODELS[second]), "text", "model of second-highest mean F1", unit="", n=n)
    found = summary((f1[best] - f1[second]).tolist())
    for field, (_, words) in FIELDS.items():
        what = f"{words} over repetitions of F1 of {MODELS[best]} less F1 of {MODELS[second]}"
        record.value(f"seeds.margin.{field}", found[field], "fixed:3", what, n=n)
    wins = int(np.count_nonzero(f1[best] > f1[second]))
    what = f"repetitions in which {MODELS[best]} has a higher F1 than {MODELS[second]}"
    record.value("seeds.margin.wins", wins, "integer", what, unit="repetitions", n=n)
    top = [tuple(sorted(repetition["features"])) for repetition in repetitions]
    what = "distinct sets of features that the repetitions rank highest"
    record.value("seeds.feature_sets", len(set(top)), "integer", what, unit="sets", n=n)


def step(descriptions: Ins, scores: In, metadata: In, values: Out, tables: Outs) -> None:
    """How much the four models' metrics on the ranked features vary over repetitions of split and fit."""
    told = [entry for path in descriptions for entry in read_json(path).values()]
    table = Table.from_json(read_json(scores))
    record = report_seeds(repetitions(told, table), read_json(metadata)["data"])
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
