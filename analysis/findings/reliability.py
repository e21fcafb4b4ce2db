"""Whether a score may be read as a probability: reliability by tenths of the score, and the Brier score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from analysis.detection.evaluation import NORMAL
from analysis.detection.names import MODELS, titled
from analysis.findings.intervals import share
from analysis.record import Column, Record

BINS = 10


def brier(attack: np.ndarray, score: np.ndarray, weight: np.ndarray) -> tuple[float, float, float]:
    """Brier score, the weighted mean of (score - attack)^2, and the ends of its 95 % interval; arrays of shape (n,).

    The interval is the normal one of a mean, with the number of flows that weigh alike and would tell as much.

    >>> brier(np.array([True, False]), np.array([0.5, 0.5]), np.ones(2))
    (0.25, 0.25, 0.25)
    """
    loss, total = (score - attack) ** 2, weight.sum()
    mean = float((weight * loss).sum() / total)
    spread = float((weight * (loss - mean) ** 2).sum() / total)
    reach = NORMAL * float(np.sqrt(spread * (weight**2).sum()) / total)
    return mean, max(mean - reach, 0.0), mean + reach


def bins(attack: np.ndarray, score: np.ndarray, weight: np.ndarray) -> list[dict[str, Any]]:
    """Mean score, share of attacks with its interval and number of flows, by tenths of the score that hold flows."""
    of = np.minimum((score * BINS).astype(int), BINS - 1)
    found = []
    for number in range(BINS):
        here = of == number
        if not weight[here].sum():
            continue
        observed, low, high = share(attack[here], weight[here])
        found.append({"bin": number, "score": float(np.average(score[here], weights=weight[here])),
                      "observed": observed, "low": low, "high": high, "n": int(here.sum())})  # fmt: skip
    return found


def record_reliability(record: Record, models: Mapping[str, tuple[pl.DataFrame, np.ndarray]]) -> None:
    """Tables ``reliability`` and ``brier`` from predictions and weights by model."""
    rows: list[dict[str, Any]] = []
    scores: list[dict[str, Any]] = []
    for model, (frame, weight) in models.items():
        attack, score = frame["is_attack"].to_numpy(), frame["score"].to_numpy()
        for one in bins(attack, score, weight):
            rows.append({"id": f"{model}.{one['bin']}", "key": model, "model": titled(MODELS[model])} | one)
        value, low, high = brier(attack, score, weight)
        share_of_attacks = float((weight * attack).sum() / weight.sum())
        constant = share_of_attacks * (1 - share_of_attacks)
        scores.append({"id": model, "model": titled(MODELS[model]), "brier": value, "low": low, "high": high,
                       "constant": constant})  # fmt: skip
        record.value(f"operator.{model}.brier", value, "fixed:4", f"Brier score; {MODELS[model]}", n=frame.height,
                     low=low, high=high, interval="normal", table="brier", cell=f"{model}/brier")  # fmt: skip
    columns = [Column("key", "Key", align="left"), Column("model", "Model", align="left"),
               Column("score", "Mean score", "fixed:3"), Column("observed", "Attacks", "fixed:3"),
               Column("low", "95% low", "fixed:3"), Column("high", "95% high", "fixed:3"),
               Column("n", "Flows", "integer")]  # fmt: skip
    record.table("reliability", "Share of attacks by score", columns, rows, id="id")
    columns = [Column("model", "Model", align="left"), Column("brier", "Brier score", "fixed:4"),
               Column("low", "95% low", "fixed:4"), Column("high", "95% high", "fixed:4"),
               Column("constant", "Prevalence as score", "fixed:4")]  # fmt: skip
    record.table("brier", "Brier scores", columns, scores, id="id")
    order = sorted(scores, key=lambda row: row["brier"])
    for key, row in (("best", order[0]), ("worst", order[-1])):
        record.value(f"operator.brier.{key}", row["brier"], "fixed:4", f"{key} Brier score", low=row["low"],
                     high=row["high"], interval="normal")  # fmt: skip
        record.value(
            f"operator.brier.{key}_name", MODELS[row["id"]], "text", f"model of the {key} Brier score", unit=""
        )
    record.value("operator.brier.constant", scores[0]["constant"], "fixed:4", "Brier score of the prevalence as score")
