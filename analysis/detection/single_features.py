"""Step: what each feature can do alone: a threshold learnt on the training part, its F1 on the test part, and D."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.stats import spearmanr

from analysis.command import In, Out, Outs, run
from analysis.dataset.parts import parts
from analysis.detection.evaluation import Confusion
from analysis.detection.plain_rules import Rule, learn
from analysis.record import Column, Record, Table, read_json, show
from analysis.statistics.kolmogorov_smirnov import ALPHA


def report_single_features(
    rules: Mapping[str, Rule], f1: Mapping[str, float], always: float, margin: float, ks: Table
) -> Record:
    """Table ``single_features`` and values ``single.*``.

    ``always`` is the F1 of calling every test flow an attack; more than ``margin`` above it is better.
    """
    record = Record("single_features", ks.data)
    tests = {row["feature"]: row for row in ks.records()}
    features = sorted((name for name in rules if name in tests), key=lambda name: -tests[name]["d"])
    columns = [
        Column("feature", "Feature", align="left"),
        Column("d", "D", "fixed:3"),
        Column("side", "Attack where", align="left"),
        Column("threshold", "Threshold", "significant:4", unit="as in the release"),
        Column("f1", "F1", "fixed:3"),
    ]
    rows = [
        {
            "feature": name,
            "d": tests[name]["d"],
            "side": "above" if rules[name].above else "up to",
            "threshold": rules[name].threshold,
            "f1": f1[name],
        }
        for name in features
    ]
    notes = [
        "D: Kolmogorov-Smirnov distance between benign flows and attacks, all cleaned flows. Threshold: of highest F1 "
        f"on the training part; F1: on the test part, where calling every flow an attack has {show(always, 'fixed:3')}."
    ]
    title = "What each feature can do alone: a threshold learnt on the training part"
    record.table("single_features", title, columns, rows, notes=notes)
    d, reached = ([row[key] for row in rows] for key in ("d", "f1"))
    varies = len(set(d)) > 1 and len(set(reached)) > 1
    record.value("single.features", len(rows), "integer", "features compared", unit="features")
    record.value("single.spearman", float(spearmanr(d, reached).statistic) if varies else None, "fixed:2",
                 "Spearman's correlation, over features, of D with the F1 on the test part of a threshold on the "
                 "feature, learnt on the training part", n=len(rows),
                 reason=None if varies else "too few features that differ")  # fmt: skip
    rejected = [row for row in rows if tests[row["feature"]]["p_holm"] <= ALPHA]
    record.value("single.rejected", len(rejected), "integer", "features tested singly on which the test rejects",
                 unit="features", n=len(rows))  # fmt: skip
    record.value("single.rejected_idle", sum(row["f1"] <= always + margin for row in rejected), "integer",
                 "features on which the test rejects and a threshold is no better, by the margin of the ledger, than "
                 "calling every flow an attack", unit="features", n=len(rejected))  # fmt: skip
    return record


def step(features: In, flows: In, roles: In, split: In, ks: In, margin: float, values: Out, tables: Outs) -> None:
    """What each feature can do alone: a threshold learnt on the training part, its F1 on the test part, and D."""
    train, test = parts(flows, roles, split)
    seen, truth = (part.column("is_attack").to_numpy() for part in (train, test))
    rules, f1 = {}, {}
    for name in read_json(features)["all"]:
        # One column at a time: all of them would be the whole release in memory.
        rules[name] = learn(train.column(name).to_numpy(), seen)
        f1[name] = Confusion.of(truth, rules[name].calls(test.column(name).to_numpy())).f1
    always = Confusion.of(truth, np.ones_like(truth)).f1
    report_single_features(rules, f1, always, margin, Table.from_json(read_json(ks))).write(values, tables)


if __name__ == "__main__":
    run(step)
