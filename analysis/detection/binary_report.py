"""Step: evaluate the binary models' predictions; their tables and values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from analysis.command import In, Ins, Out, Outs, run
from analysis.detection.evaluation import Confusion
from analysis.detection.names import METRICS, MODELS, the, titled
from analysis.detection.predictions import Fit, binary, confusion, frames, load_fits, ranked
from analysis.record import Cell, Column, Record, Table, read_json
from analysis.record.value import WORDS

ONE_CLASS = "not defined: the test flows are all of one class"
ENDS = {"low": "95% low", "high": "95% high"}
NO_MODEL = "no interval: a rule that looks at no flow"
REASONS = {"precision": "not defined: no flow is called an attack"}
COUNTS = {
    "tn": ("True negatives", "benign flows called benign"),
    "fp": ("False positives", "benign flows called attack"),
    "fn": ("False negatives", "attacks called benign"),
    "tp": ("True positives", "attacks called attack"),
}
AREAS = ("roc_auc", "pr_auc")
NOT_SHARES = ("mcc", *AREAS)
CONSTANT = {"always_benign": "benign", "always_attack": "an attack"}
"""The rules that give every flow one answer, and the answer."""

Results = dict[str, dict[str, float | None]]


@dataclass(frozen=True)
class FeatureSet:
    """The models on one feature set: predictions on the test part, descriptions, and areas under curves, by model."""

    key: str
    predictions: Mapping[str, pl.DataFrame]
    descriptions: Mapping[str, dict[str, Any]]
    areas: Mapping[str, Mapping[str, float | None]]

    def name(self, model: str) -> str:
        """What readers call a model."""
        return str(self.descriptions[model].get("name") or MODELS[model])

    @property
    def any(self) -> str:
        """One of the models, to ask what all of them share."""
        return next(iter(self.predictions))

    @property
    def count(self) -> str:
        """The number of models, as a word."""
        return WORDS[len(self.predictions)]

    @property
    def prefix(self) -> str:
        """Start of the keys of its values."""
        return "binary" if self.key == "selected" else "binary_all"

    @property
    def table(self) -> str:
        """Table of its metrics."""
        return f"{self.prefix}_models"

    @property
    def size(self) -> int:
        """Number of features."""
        return len(self.descriptions[self.any]["features"])

    @property
    def words(self) -> str:
        """What it is, to a reader."""
        return f"the {self.size} highest-ranked features" if self.key == "selected" else f"all {self.size} features"


def evaluate(part: FeatureSet) -> Results:
    """All metrics of the models of a feature set, by model and key."""
    return {model: confusion(frame).metrics() | dict(part.areas[model]) for model, frame in part.predictions.items()}


def constant_rules(attacks: int, flows: int) -> Results:
    """Metrics of the rules that look at no flow: a constant score, whose average precision is the prevalence."""
    scores = {"roc_auc": 0.5, "pr_auc": attacks / flows} if 0 < attacks < flows else {"roc_auc": None, "pr_auc": None}
    counts = {
        "always_benign": Confusion(flows - attacks, 0, attacks, 0),
        "always_attack": Confusion(0, flows - attacks, 0, attacks),
    }
    return {rule: count.metrics() | scores for rule, count in counts.items()}


def _ends(count: Confusion | None) -> dict[str, Cell]:
    """The ends of the interval of F1, as cells."""
    found = count.interval("f1") if count else {}
    return {f"f1_{end}": Table.cell(found.get(end), "fixed:3", reason=NO_MODEL) for end in ENDS}


def _reason(metric: str, value: float | None) -> str | None:
    return REASONS.get(metric, ONE_CLASS) if value is None else None


def _record_metrics(
    record: Record, key: str, metrics: Mapping[str, float | None], what: str, table: str, row: str,
    count: Confusion | None = None,
) -> None:  # fmt: skip
    """Values of one row of a table; those that the ``count`` of a model gives have their intervals."""
    for metric in metrics:
        # That of F1 stands in the table.
        ends = count.interval(metric) if count and metric != "f1" else {}
        definition = f"{METRICS[metric].definition}; {what}"
        record.name(
            f"{key}.{metric}", table, row, metric, definition=definition, display=METRICS[metric].display, **ends
        )


def record_models(record: Record, part: FeatureSet, results: Results) -> None:
    """Table and values of one feature set's models."""
    labels = part.predictions[part.any]["is_attack"]
    flows, attacks = labels.len(), int(labels.sum())
    counts = {model: confusion(frame) for model, frame in part.predictions.items()}
    fixed = constant_rules(attacks, flows)
    rows: list[dict[str, Any]] = [
        *({"id": model, "model": titled(part.name(model)), **_ends(counts[model])} for model in results),
        *({"id": rule, "model": titled(rule.replace("_", " ")), **_ends(None)}
          for rule in fixed),
    ]  # fmt: skip
    for metric, meaning in METRICS.items():
        cells = {
            key: Table.cell(found[metric], meaning.display, reason=_reason(metric, found[metric]))
            for key, found in (results | fixed).items()
        }
        marked = Table.marked([cells[model] for model in results], least=meaning.less_is_better)
        cells |= dict(zip(results, marked, strict=True))
        for row in rows:
            row[metric] = cells[row["id"]]
            if metric == "f1" and row["f1_low"].value is not None:
                text = f"{row[metric].text} [{row['f1_low'].text}, {row['f1_high'].text}]"
                row[metric] = replace(row[metric], text=text)
    fitted = part.descriptions[part.any]
    trained, whole = fitted["n_train"], fitted["n_train_all"]
    sub = "" if trained == whole else f", a stratified sub-sample of the {whole:,} flows of the training part"
    columns = [
        Column("model", "Model", align="left"),
        *(_metric_column(metric, flows, counts) for metric in METRICS),
    ]
    after = 2 + list(METRICS).index("f1")
    columns[after:after] = [
        Column(f"f1_{end}", title, "fixed:3", unit="fraction", n=flows, definition=f"{end}er end of the interval of F1")
        for end, title in ENDS.items()
    ]
    notes = [
        f"Fitted on {trained:,} flows{sub}; evaluated on the {flows:,} flows of the test part, {attacks:,} of them "
        "attacks. Attack is the positive class; each model decides by its own threshold. Best of the "
        f"{part.count} in bold. "
        "In brackets: Wilson's 95% interval of TP / (TP + FP + FN), carried to F1.",
        *(
            f"The optimiser of {part.name(model)} stopped at its limit of {d['parameters']['max_iter']:,} iterations "
            "before it converged."
            for model, d in part.descriptions.items()
            if d["converged"] is False
        ),
    ]
    record.table(part.table, f"{titled(part.count)} models on {part.words}", columns, rows, notes=notes, id="id")
    for model, metrics in results.items():
        what = f"{part.name(model)} on {part.words}"
        _record_metrics(record, f"{part.prefix}.{model}", metrics, what, part.table, model, counts[model])
        _record_training(record, f"{part.prefix}.{model}", part.descriptions[model], metrics["f1"] or 0.0, what)
    key = part.prefix
    record.value(f"{key}.train_rows", trained, "integer", f"flows that models on {part.words} see", unit="flows")
    record.value(
        f"{key}.train_part",
        whole,
        "integer",
        unit="flows",
        definition=f"flows of the training part, from which models on {part.words} are fitted",
    )
    record.value(
        f"{key}.subsampled", trained != whole, "text", f"whether models on {part.words} see a sub-sample only", unit=""
    )
    record.value(
        f"{key}.features", part.size, "integer", f"number of features of models on {part.words}", unit="features"
    )
    if part.key == "selected":
        record_constant_rules(record, fixed, flows)


def _metric_column(metric: str, flows: int, counts: Mapping[str, Confusion]) -> Column:
    """The column of a metric; that of F1 names the columns with its interval."""
    meaning = METRICS[metric]
    ends: dict[str, Any] = {}
    if metric == "f1":
        how = next((found["interval"] for count in counts.values() if (found := count.interval(metric))), None)
        ends = {"low": "f1_low", "high": "f1_high", "interval": how}
    unit = "1" if metric in NOT_SHARES else "fraction"
    return Column(metric, meaning.title, meaning.display, unit=unit, definition=meaning.definition, n=flows, **ends)


def record_constant_rules(record: Record, rules: Results, n: int) -> None:
    """Names of the cells of the rules that look at no flow, and of the best of them by each measure."""
    for rule, metrics in rules.items():
        _record_metrics(record, f"baseline.{rule}", metrics, f"every flow called {CONSTANT[rule]}", "binary_models",
                        rule)  # fmt: skip
    for metric in ("accuracy", "f1"):
        best = max(rules, key=lambda rule: rules[rule][metric] or 0.0)
        what = f"{METRICS[metric].title} of the better of the two constant rules"
        record.name(f"baseline.{metric}", "binary_models", best, metric, definition=what, display="fixed:3")
        record.value(f"baseline.{metric}_answer", CONSTANT[best], "text", unit="", n=n,
                     definition=f"what the constant rule of higher {METRICS[metric].title} calls flows")  # fmt: skip


def _record_training(record: Record, key: str, fitted: Mapping[str, Any], f1: float, what: str) -> None:
    on_train = Confusion(**fitted["on_train"])
    own, n = on_train.f1, on_train.n
    flows = "the flows it was fitted on"
    if n < fitted["n_train"]:
        flows = f"an evenly spaced sample of {flows}"
    record.value(f"{key}.train_f1", own, "fixed:3", f"F1 on {flows}; {what}", unit="fraction", n=n)
    record.value(f"{key}.overfit", own - f1, "fixed:3", f"F1 on {flows} less F1 on the test; {what}")
    if fitted["converged"] is not None:
        record.value(f"{key}.converged", fitted["converged"], "text", f"the optimiser converged; {what}", unit="")
        iterations = fitted["iterations"]
        record.value(f"{key}.iterations", iterations, "integer", f"iterations of the optimiser; {what}", n=n)


def record_confusion(record: Record, part: FeatureSet) -> None:
    """Confusion counts of one feature set, as a table and as values."""
    name = f"confusion_{part.key}"
    counts = {model: confusion(frame) for model, frame in part.predictions.items()}
    flows = next(iter(counts.values())).n
    record.table(
        name,
        f"Confusion counts of the {part.count} models on {part.words}, test part",
        [
            Column("model", "Model", align="left"),
            *(
                Column(k, title, "integer", unit="flows", definition=what, n=flows)
                for k, (title, what) in COUNTS.items()
            ),
        ],
        [{"id": m, "model": titled(part.name(m)), **{k: getattr(c, k) for k in COUNTS}} for m, c in counts.items()],
        id="id",
    )
    for model in counts:
        for field, (_, meaning) in COUNTS.items():
            what = f"{meaning} by {part.name(model)} on {part.words}"
            record.name(f"{part.prefix}.{model}.{field}", name, model, field, definition=what)


def record_curves(record: Record, part: FeatureSet, curves: Mapping[str, Mapping[str, list[float | None]]]) -> None:
    """Points of the ROC and precision-recall curves: one row a threshold, of which both curves are made."""
    rows = []
    for model in part.predictions:
        points = zip(*(curves[model][key] for key in ("fpr", "recall", "precision")), strict=True)
        for i, (fpr, recall, precision) in enumerate(points):
            cell = Table.cell(precision, "fixed:4", reason=_reason("precision", precision))
            rows.append({"id": f"{model}.{i}", "model": model, "fpr": fpr, "recall": recall, "precision": cell})
    columns = [
        Column("model", "Model", align="left"),
        *(Column(key, METRICS[key].title, "fixed:4") for key in ("fpr", "recall", "precision")),
    ]
    notes = ["One row for each threshold kept; thinned where the curve is straight."]
    title = f"Points of the ROC and PR curves, {part.words}"
    record.table("curves_selected", title, columns, rows, notes=notes, id="id")


def record_best(record: Record, part: FeatureSet, results: Results) -> None:
    """Which model is best by F1, by how much, and what it does."""
    key, words = part.prefix, part.words
    order = ranked(part.predictions)
    best, second, last = order[0], order[1], order[-1]
    count, named = confusion(part.predictions[best]), part.name(best)
    origin = {"unit": "", "n": count.n, "table": part.table}
    record.value(f"{key}.best_model", best, "text", f"model of highest F1 on {words}", words=named, **origin)
    record.value(f"{key}.best_name", the(named), "text", f"model of highest F1 on {words}, with its article", **origin)
    record.value(f"{key}.runner_up", the(part.name(second)), "text", f"model of second-highest F1 on {words}", **origin)
    record.value(f"{key}.last", part.name(last), "text", f"model of lowest F1 on {words}", **origin)
    record.value(
        f"{key}.order", [part.name(m) for m in order], "list", f"models by F1 on {words}, best first", **origin
    )
    margin = (results[best]["f1"] or 0.0) - (results[second]["f1"] or 0.0)
    record.value(
        f"{key}.margin", margin, "fixed:3", f"F1 of {named} less F1 of {part.name(second)}, on {words}", n=count.n
    )
    _record_metrics(record, f"{key}.best", results[best], f"{named} on {words}", part.table, best, count)
    for name, rate, what, n in (
        ("missed", count.recall, "attacks", count.tp + count.fn),
        ("benign_recall", count.fpr, "benign flows", count.tn + count.fp),
    ):
        share = None if rate is None else 1 - rate
        definition = f"share of {what} that {named} on {words} calls benign"
        reason = ONE_CLASS if share is None else None
        found = count.interval("recall" if name == "missed" else "fpr")
        ends = {"low": 1 - found["high"], "high": 1 - found["low"], "interval": found["interval"]} if found else {}
        record.value(f"{key}.best.{name}", share, "fixed:3", definition, unit="fraction", n=n, reason=reason, **ends)
    for field, (_, meaning) in COUNTS.items():
        what = f"{meaning} by {named} on {words}"
        record.name(f"{key}.best.{field}", f"confusion_{part.key}", best, field, definition=what)
    what = f"test flows that {named} on {words} classifies wrongly"
    record.value(f"{key}.best.errors", count.errors, "integer", what, unit="flows", n=count.n)


def record_test_part(record: Record, labels: pl.Series) -> None:
    """Size of the test part, and the PR-AUC that needs no model."""
    n, attacks = labels.len(), int(labels.sum())
    record.value("binary.test.n", n, "integer", "flows of the test part", unit="flows")
    record.value("binary.test.attacks", attacks, "integer", "attacks in the test part", unit="flows", n=n)
    record.value("binary.test.benign", n - attacks, "integer", "benign flows in the test part", unit="flows", n=n)
    what = "PR-AUC of a rule without skill: the share of attacks in the test part"
    record.value("binary.test.no_skill", attacks / n, "fixed:3", what, unit="fraction", n=n)


def report_binary(
    top: FeatureSet, everything: FeatureSet, curves: Mapping[str, Mapping[str, list[float | None]]], data: str
) -> Record:
    """All tables and values of the binary models; ``curves`` are those on the ranked features, by model."""
    record = Record("binary_report", data)
    record_test_part(record, top.predictions[top.any]["is_attack"])
    results = {}
    for part in (top, everything):
        results[part.key] = evaluate(part)
        record_models(record, part, results[part.key])
        record_confusion(record, part)
        record_best(record, part, results[part.key])
    record_curves(record, top, curves)
    for model in top.predictions:
        gain = (results["all"][model]["f1"] or 0.0) - (results["selected"][model]["f1"] or 0.0)
        what = f"F1 of {top.name(model)} on {everything.words} less its F1 on {top.words}"
        record.value(f"binary_all.{model}.f1_gain", gain, "fixed:3", what)
    return record


def feature_set(key: str, fits: Mapping[str, Fit], scores: Table) -> FeatureSet:
    """The models of one feature set, with their areas from the table ``scores``."""
    rows = {row["id"]: row for row in scores.records()}
    areas = {model: {key: rows[fit.entry["id"]][key] for key in AREAS} for model, fit in fits.items()}
    return FeatureSet(key, frames(fits), {model: fit.description for model, fit in fits.items()}, areas)


def step(predictions: Ins, descriptions: Ins, scores: In, curves: In, metadata: In, values: Out, tables: Outs) -> None:
    """Evaluate the binary models' predictions; their tables and values."""
    fits = binary(load_fits(predictions, descriptions, "source"))
    table, points = Table.from_json(read_json(scores)), read_json(curves)
    top, everything = (feature_set(key, fits[key], table) for key in ("selected", "all"))
    record = report_binary(
        top,
        everything,
        {model: points[fit.entry["id"]] for model, fit in fits["selected"].items()},
        read_json(metadata)["data"],
    )
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
