"""Step: how faithful the synthetic twin is, from the statistics in its parameter file.

They were measured on real rows held out of the calibration, by :mod:`analysis.twin.calibration.measured_fidelity`; no
flow is needed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any

from analysis.command import In, Out, Outs, run
from analysis.dataset.release import Release, load
from analysis.errors import UserError
from analysis.record import Cell, Column, Record, Table, read_json, snake
from analysis.twin import behaviours
from analysis.twin.write import PARAMETERS

MODELS = {
    "random_forest": "Random forest",
    "gradient_boosting": "Gradient boosting",
    "adaboost": "AdaBoost",
    "logistic_regression": "Logistic regression",
}
ENOUGH = 30
"""Held-out rows of a class from which its distributions are compared."""
REPETITIONS = 5
"""Draws of the twin, and seeds of the models, that figures are means of."""
AGREEING, GAP, LOSS = 8, 0.03, 0.08
"""Aims: features in common among the ten; difference of each F1; F1 that a forest may lose when trained on the twin."""


def report_fidelity(measured: Mapping[str, Any], release: Release, data: str) -> Record:
    """Values ``fidelity.*``; tables ``fidelity_models``, ``fidelity_classes`` and ``fidelity_features``."""
    record = Record("fidelity", data)
    _values(record, measured, release)
    _models(record, measured["models"])
    _classes(record, measured)
    _features(record, measured, release)
    return record


def _values(record: Record, measured: Mapping[str, Any], release: Release) -> None:
    models, held = measured["models"], measured["held"]
    agreeing = len(set(measured["top_ten"]["real"]) & set(measured["top_ten"]["twin"]))
    gaps = {name: abs(found["twin"] - found["real"]) for name, found in models.items()}
    widest = max(gaps, key=lambda name: gaps[name])
    loss = models["random_forest"]["real"] - models["random_forest"]["twin_to_real"]
    record.value("fidelity.kept", measured["kept"], "integer", "real flows of the sample that took part in the "
                 "calibration", unit="flows")  # fmt: skip
    record.value("fidelity.held", held, "integer", "real flows of the sample that were held out", unit="flows")
    record.value("fidelity.repetitions", REPETITIONS, "integer", "draws of the twin that figures are means of",
                 unit="draws")  # fmt: skip
    record.value("fidelity.top_ten.agreeing", agreeing, "integer", "features that are among the ten of highest "
                 "correlation in real rows and in the twin", unit="features", n=measured["kept"])  # fmt: skip
    record.value("fidelity.f1.gap", gaps[widest], "fixed:3", "largest difference of a model's F1 on the twin and on "
                 "real rows, ten features", n=held, table="fidelity_models")  # fmt: skip
    record.value("fidelity.f1.gap_model", MODELS[widest], "text", "model with the largest difference", unit="")
    record.value("fidelity.f1.loss", loss, "fixed:3", "F1 of a forest trained on real rows minus that of one trained "
                 "on the twin, both tested on held-out real rows", n=held, table="fidelity_models")  # fmt: skip
    record.value("fidelity.auc", measured["told_apart"]["auc"], "fixed:3", "ROC-AUC of a forest on all features that "
                 "tells the twin's flows from real ones", n=2 * held)  # fmt: skip
    record.value("fidelity.auc_real", measured["told_apart"]["auc_real"], "fixed:3", "ROC-AUC of a forest "
                 "on all features that tells one set of real flows from another", n=2 * held)  # fmt: skip
    for key, words in (("mean", "mean"), ("largest", "largest")):
        record.value(f"fidelity.correlation.{key}", measured["correlation"][key], "fixed:3", f"{words} difference of "
                     "Pearson's r between twin and held-out rows over all pairs of features", n=held)  # fmt: skip
        record.value(f"fidelity.correlation.{key}_real", measured["correlation"][f"{key}_real"], "fixed:3", f"{words} "
                     "difference of Pearson's r between two sets of real rows over all pairs of features",
                     n=held)  # fmt: skip
    benign = measured["classes"][release.benign]
    record.value("fidelity.ks.benign", median(_known(benign["ks"])), "fixed:3", "median over the features of the "
                 "Kolmogorov-Smirnov distance between benign flows of the twin and held-out ones", n=benign["n"],
                 table="fidelity_classes")  # fmt: skip
    worst = max(measured["classes"], key=lambda label: median(_known(measured["classes"][label]["ks"])))
    record.value("fidelity.ks.worst", median(_known(measured["classes"][worst]["ks"])), "fixed:3",
                 "median over the features of the Kolmogorov-Smirnov distance between flows of the twin and held-out "
                 "ones, in the class where it is largest", n=measured["classes"][worst]["n"])  # fmt: skip
    record.value("fidelity.ks.worst_class", worst, "text", "class where the median distance is largest", unit="")
    aims = {
        f"{AGREEING} of the ten features in common": agreeing >= AGREEING,
        f"each F1 within {GAP:.2f}": gaps[widest] <= GAP,
        f"a loss of at most {LOSS:.2f} of F1": loss <= LOSS,
    }
    record.value("fidelity.aims", list(aims), "list", "aims set before the measurement", unit="")
    record.value("fidelity.missed", [aim for aim, met in aims.items() if not met], "list", "aims not met", unit="")
    record.value("fidelity.all_met", all(aims.values()), "text", "whether all aims are met", unit="")


def _known(distances: list[float | None]) -> list[float]:
    return [distance for distance in distances if distance is not None]


def _models(record: Record, models: Mapping[str, Mapping[str, float]]) -> None:
    record.table(
        "fidelity_models",
        "Models on real flows and on the twin, ten features",
        [Column("model", "Model", align="left"), Column("real", "Real", "fixed:3"), Column("twin", "Twin", "fixed:3"),
         Column("low", "Lowest", "fixed:3"), Column("high", "Highest", "fixed:3"),
         Column("gap", "Twin \N{MINUS SIGN} real", "fixed:3"), Column("transfer", "Twin to real", "fixed:3"),
         Column("loss", "Loss", "fixed:3")],
        [{"model": MODELS[name], "real": found["real"], "twin": found["twin"], "low": found["twin_low"],
          "high": found["twin_high"], "gap": found["twin"] - found["real"], "transfer": found["twin_to_real"],
          "loss": found["real"] - found["twin_to_real"]} for name, found in models.items()],
        notes=[f"F1, means over {REPETITIONS} seeds or draws; lowest and highest over the draws of the twin.",
               "Twin to real: trained on the twin, tested on real flows; loss: against training on real ones."],
    )  # fmt: skip


def _classes(record: Record, measured: Mapping[str, Any]) -> None:
    rows = []
    for label, found in measured["classes"].items():
        known = [(d, name) for d, name in zip(found["ks"], measured["features"], strict=True) if d is not None]
        largest, name = max(known)
        rows.append({
            "label": label, "n": found["n"], "median": median(d for d, _ in known), "largest": largest,
            "feature": name, "critical": found["critical"],
            "beyond": sum(d > found["critical"] for d, _ in known),
        })  # fmt: skip
    record.table(
        "fidelity_classes",
        "Distance of the twin from held-out real flows, by type",
        [Column("label", "Type", align="left"), Column("n", "Held out", "integer"),
         Column("median", "Median D", "fixed:3"), Column("largest", "Largest D", "fixed:3"),
         Column("feature", "of", align="left"), Column("critical", "Critical D", "fixed:3"),
         Column("beyond", "Features beyond", "integer", unit="features")],
        rows,
        notes=["D: Kolmogorov-Smirnov distance of a feature. Critical: at the 5% level, for one feature alone.",
               f"Types with fewer than {ENOUGH} held-out flows are not measured."],
    )  # fmt: skip


def _features(record: Record, measured: Mapping[str, Any], release: Release) -> None:
    few = f"fewer than {ENOUGH} held-out flows of the type, or a column that its source lacks"
    labels = [label for label in release.labels if label in measured["classes"]]
    columns = [Column(snake(label), label, "fixed:3") for label in release.labels]
    rows = []
    for i, name in enumerate(measured["features"]):
        found = {label: measured["classes"][label]["ks"][i] for label in labels}
        cells = {snake(label): _cell(found.get(label), few) for label in release.labels}
        largest = max((label for label in labels if found[label] is not None), key=lambda label: found[label])
        if round(found[largest], 3) == 0:
            continue  # constant in both, or as good as
        rows.append({"feature": name, **cells, "largest": found[largest], "where": largest})
    record.table(
        "fidelity_features",
        "Distance of the twin from held-out real flows, by feature and type",
        [Column("feature", "Feature", align="left"), *columns, Column("largest", "Largest", "fixed:3"),
         Column("where", "in", align="left")],
        rows,
        notes=["Kolmogorov-Smirnov distances. Features on which all types agree exactly are left out."],
    )  # fmt: skip


def _cell(value: float | None, reason: str) -> Cell:
    return Table.cell(value, "fixed:3", reason=None if value is not None else reason)


def step(metadata: In, values: Out, tables: Outs) -> None:
    """How faithful the synthetic twin is, from the statistics in its parameter file."""
    measured = behaviours.load(PARAMETERS).fidelity
    if not measured:
        raise UserError(f"fidelity: {PARAMETERS.name} holds no measurement; calibrate it anew")
    record = report_fidelity(measured, load("original"), read_json(metadata)["data"])
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
