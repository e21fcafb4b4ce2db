"""Models on their test parts: measures with intervals, also at a threshold that was set before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from analysis.conditions.findings import ROWS, Row
from analysis.conditions.threshold import RATES
from analysis.detection.curves import areas
from analysis.detection.evaluation import Confusion, score_interval
from analysis.detection.predictions import Fit, confusion
from analysis.record import snake

RATE = RATES[0]
BASE = "random"
ATTACKS_AS_TRIALS = "Wilson with the attacks as trials (after Boyd et al. 2013)"
Ends = tuple[float, float | None, float | None]
"""A measure with the low and the high end of its interval, or None for both where it has none."""
WITHOUT_INTERVAL = ("mcc",)
MEASURES = {
    "f1": ("F1", "fixed:3", "F1 at the model's own threshold"),
    "pr_auc": ("Average precision", "fixed:3", "average precision"),
    "mcc": ("MCC", "fixed:3", "Matthews correlation coefficient at the model's own threshold"),
    "own_fpr": ("FPR", "percent:2", "share of benign flows called attacks at the model's own threshold"),
    "recall": ("Recall at the frozen threshold", "fixed:3",
               f"recall at the threshold of {RATE:.0%} false alarms on held-back training flows"),
    "fpr": ("FPR there", "percent:2",
            f"share of benign flows called attacks at the threshold of {RATE:.0%} false alarms on held-back training "
            "flows"),
}  # fmt: skip
SINGLE = tuple(row for row in ROWS if row.condition.split in ("random", "campaigns", "chronological"))
"""Rows with one test part."""


@dataclass(frozen=True)
class Measured:
    """One model on one test part: measures by key with low and high end, or why there are none."""

    row: Row
    fold: str
    model: str
    reason: str | None
    n_train: int = 0
    benign_validation: int = 0
    threshold: float | None = None
    frame: pl.DataFrame | None = None
    measures: Mapping[str, Ends] | None = None

    @property
    def id(self) -> str:
        """Its row in the table."""
        part = f".{snake(self.fold) or 'part'}" if self.row not in SINGLE and self.fold != self.row.key else ""
        return f"{self.row.key}{part}.{self.model}"

    @property
    def label(self) -> str:
        """Words for its condition and part."""
        whole = self.row in SINGLE or not self.fold
        return self.row.words if whole else f"{self.row.words}: {self.fold}"

    @property
    def attacks(self) -> int:
        """Attacks tested on."""
        return 0 if self.frame is None else int(self.frame["is_attack"].sum())

    @property
    def n(self) -> int:
        """Flows tested on."""
        return 0 if self.frame is None else self.frame.height


def average_precision_interval(value: float, attacks: int) -> tuple[float, float]:
    """95% interval of an average precision: Wilson's, with the attacks as trials.

    Boyd, Eng and Page (2013) take the area under the precision-recall curve for a share of the attacks; Wilson's form
    of their interval also holds at 0 and 1.
    """
    return score_interval(value, attacks)


def frozen(frame: pl.DataFrame, threshold: float | None) -> Confusion | None:
    """Counts where a flow is called an attack whose score lies above a threshold."""
    if threshold is None:
        return None
    return Confusion.of(frame["is_attack"].to_numpy(), (frame["score"] > threshold).to_numpy())


def interval_of(measure: str, low: float | None, high: float | None) -> dict[str, Any]:
    """The ends of a measure's interval and how it was made, as values take them; empty for one without."""
    if measure in WITHOUT_INTERVAL:
        return {}
    return {"low": low, "high": high, "interval": ATTACKS_AS_TRIALS if measure == "pr_auc" else "Wilson"}


def measures(frame: pl.DataFrame, threshold: float | None) -> dict[str, Ends]:
    """Value, low and high end of each measure that is defined on these predictions."""
    found: dict[str, Ends] = {}
    own, at = confusion(frame), frozen(frame, threshold)
    attack = frame["is_attack"].to_numpy()
    if interval := own.interval("f1"):
        found["f1"] = (own.f1, interval["low"], interval["high"])
    if attack.any() and not attack.all():
        found["mcc"] = (own.mcc, None, None)
    if own.fpr is not None:
        interval = own.interval("fpr")
        found["own_fpr"] = (own.fpr, interval["low"], interval["high"])
    precision = areas(attack, frame["score"].to_numpy())["pr_auc"]
    if precision is not None:
        found["pr_auc"] = (precision, *average_precision_interval(precision, int(attack.sum())))
    for key in ("recall", "fpr"):
        if at and (interval := at.interval(key)):
            found[key] = (getattr(at, key), interval["low"], interval["high"])
    return found


def measured(fits: Mapping[str, Fit], told: Collection[str]) -> Iterator[Measured]:
    """Every row, model and part in the order of the rows; a row that the flows do not allow once, with the reason."""
    for row in ROWS:
        if "files" in row.needs and row.lacking(told):
            continue  # what stands in for days that are not told
        for model in row.models:
            if reason := row.lacking(told):
                yield Measured(row, "", model, reason)
                continue
            fit = fits[f"{row.key}.{model}"]
            for fold in fit.entry["folds"]:
                if fold["reason"]:
                    whole = row in SINGLE or fold["fold"] == row.condition.split
                    yield Measured(row, "" if whole else fold["fold"], model, fold["reason"])
                    continue
                frame = fit.frame.filter(pl.col("fold") == fold["fold"])
                threshold = fold["thresholds"][str(RATE)]
                yield Measured(row, fold["fold"], model, None, fold["n_train"], fold["benign_validation"], threshold,
                               frame, measures(frame, threshold))  # fmt: skip
