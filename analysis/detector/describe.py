"""What detector.json says of a detector: made of, features, operating points, who is missed, types, parity."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import polars as pl

from analysis.dataset.input.inventory import shares
from analysis.dataset.release import load
from analysis.detection.weighted import weights
from analysis.detector.features import described
from analysis.detector.parity import MARGIN, called
from analysis.detector.refit import Refit
from analysis.detector.schema import OUTPUTS, SCHEMA, checksum
from analysis.findings.operating import EXPECTED, INTERVAL, NOT_ESTIMABLE, Weighing
from analysis.findings.prevalence import Rates
from analysis.record import read_json

ENDS = ("", "_low", "_high")
NO_CLASS = "the test part holds one class only"


def weighing(frame: pl.DataFrame, about: Mapping[str, Any]) -> Weighing:
    """How much each test flow counts: alike, or as in the release where flows were drawn label by label."""
    labels = frame["label"]
    of = weights(shares(load(about["release"]), labels.unique().to_list()), labels) if about["weighted"] else None
    return Weighing(of)


def operating_points(
    frame: pl.DataFrame, thresholds: Mapping[str, float], about: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """For each rate of false alarms its threshold, with recall and realised rate in the test part, or why not."""
    by, benign, found = weighing(frame, about), int((~frame["is_attack"]).sum()), []
    for rate, threshold in thresholds.items():
        alerts = called(frame["score"].to_numpy(), threshold)
        rates = by.rates(frame, alerts)
        reason = NO_CLASS if rates is None else NOT_ESTIMABLE if float(rate) * benign < EXPECTED else None
        point = {"rate": float(rate), "threshold": threshold, "benign": benign, "reason": reason,
                 "false": int(alerts[~frame["is_attack"].to_numpy()].sum())}  # fmt: skip
        found.append(point | _ends("recall", rates) | _ends("fpr", rates) | {"interval": INTERVAL})
    return found


def _ends(name: str, rates: Rates | None) -> dict[str, float | None]:
    values = getattr(rates, name) if rates else (None, None, None)
    return {f"{name}{end}": value for end, value in zip(ENDS, values, strict=True)}


def missed(frame: pl.DataFrame, thresholds: Mapping[str, float]) -> list[dict[str, Any]]:
    """For each type of attack in the test part how many flows of it are found at each threshold, most missed first."""
    rows = []
    for (label,), some in frame.filter("is_attack").group_by("label", maintain_order=True):
        score = some["score"].to_numpy()
        hits = {rate: int(called(score, one).sum()) for rate, one in thresholds.items()}
        rows.append({"label": label, "flows": some.height, "found": hits})
    return sorted(rows, key=lambda row: (min(row["found"].values()) / row["flows"], row["label"]))


def describe(
    of: Refit, types: Refit | None, about: Mapping[str, Any], made_of: Mapping[str, Any], parity: Mapping[str, Any],
    clusters: list[list[str]], files: Mapping[str, bytes],
    rule: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """All that detector.json holds; ``files`` are those beside it, ``rule`` what is known of the Sigma rule."""
    thresholds = of.description["thresholds"]
    typing = None
    if types is not None:
        typing = {"name": types.entry["name"], "id": types.entry["id"], "file": "types.onnx",
                  "labels": types.found.pipeline.classes_.tolist(), "trained": types.description["train"]}  # fmt: skip
    told = {
        "schema": SCHEMA,
        **made_of,
        "model": {
            "id": of.entry["id"],
            "name": of.entry["name"],
            "estimator": of.entry["estimator"],
            "parameters": of.entry["parameters"],
            "file": "model.onnx",
            "trained_on": of.description["n_train"],
            "attack_share": of.description["attack_share"],
        },
        "features": described(of.features, of.seen, about["release"]),
        "clusters": clusters_of(of.features, clusters),
        "margin": MARGIN,
        "operating_points": operating_points(of.answered, thresholds, about),
        "missed": missed(of.answered, thresholds),
        "types": typing,
        "rule": rule,
        "parity": parity,
        "outputs": OUTPUTS,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    return told | {"checksum": checksum(told)}


def with_card(told: Mapping[str, Any], name: str, text: str) -> dict[str, Any]:
    """The description with the checksum of its card, which was written from it."""
    files = told["files"] | {name: hashlib.sha256(text.encode()).hexdigest()}
    found = {**told, "files": files}
    return found | {"checksum": checksum(found)}


def clusters_of(features: list[str], clusters: list[list[str]]) -> list[list[str]]:
    """The features in groups that say the same; one that is in no cluster is a group of its own."""
    found = [[name for name in one if name in features] for one in clusters]
    found = [one for one in found if one]
    known = {name for one in found for name in one}
    return found + [[name] for name in features if name not in known]


def redundancy(path: Any) -> list[list[str]]:
    """The clusters of redundant features that the build found; none where it looked for none."""
    return read_json(path) if path.is_file() else []
