"""What a claim measures, of predictions: the value with its 95% interval.

Macro F1 and MCC depend on the flows through the table of true and predicted classes alone. To draw flows with
replacement is therefore to draw that table from a multinomial distribution (Efron and Tibshirani 1993), whatever the
number of flows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from analysis.audit.verdicts.intervals import Interval, superiority
from analysis.detection.curves import areas
from analysis.detection.evaluation import WILSON, Confusion
from analysis.findings.measured import ATTACKS_AS_TRIALS, average_precision_interval, frozen

BOOTSTRAP = "bootstrap over test flows, percentiles"
SHARES = {"accuracy": ("tp", "tn", "fp", "fn"), "precision": ("tp", "fp"), "recall": ("tp", "fn"), "fpr": ("fp", "tn"),
          "f1": ("tp", "fp", "fn")}  # fmt: skip
"""Of which flows a measure with Wilson's interval is a share (F1: what its interval is carried over from)."""


def classes(frame: pl.DataFrame, target: str, threshold: float | None = None) -> np.ndarray:
    """Counts of true (rows) by predicted classes (columns), shape (k, k); two classes with the attack last."""
    if target == "binary":
        found = Confusion.of(frame["is_attack"].to_numpy(), frame["predicted"].to_numpy())
        count = frozen(frame, threshold) if threshold is not None else found
        assert count is not None
        return np.array([[count.tn, count.fp], [count.fn, count.tp]])
    truth, said = frame["label"].cast(pl.String), frame["predicted"].cast(pl.String)
    names = sorted({*truth.unique(), *said.unique()})
    number = {name: i for i, name in enumerate(names)}
    rows, columns = (series.replace_strict(number, return_dtype=pl.Int64).to_numpy() for series in (truth, said))
    return np.bincount(rows * len(names) + columns, minlength=len(names) ** 2).reshape(len(names), -1)


def macro_f1(counts: np.ndarray) -> np.ndarray:
    """Mean F1 over the classes that occur; ``counts`` has shape (..., k, k), the result shape (...)."""
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    either = counts.sum(-1) + counts.sum(-2)
    f1 = np.divide(2.0 * right, either, out=np.zeros(right.shape), where=either > 0)
    return f1.sum(-1) / (either > 0).sum(-1)


def mcc(counts: np.ndarray) -> np.ndarray:
    """Matthews correlation of two classes; 0 where a margin is empty; shapes as for :func:`macro_f1`."""
    tn, fp, fn, tp = (counts[..., i, j].astype(float) for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)))
    margins = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return np.divide(tp * tn - fp * fn, margins, out=np.zeros(margins.shape), where=margins > 0)


def resampled(
    counts: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray], resamples: int, generator: np.random.Generator
) -> Interval:
    """A statistic of the table of classes with its percentile interval."""
    n, value = int(counts.sum()), float(statistic(counts))
    drawn = statistic(generator.multinomial(n, counts.ravel() / n, resamples).reshape(resamples, *counts.shape))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(value, min(float(low), value), max(float(high), value), n, BOOTSTRAP)


def measured(
    frame: pl.DataFrame, target: str, measure: str, type_: str | None, threshold: float | None, resamples: int,
    generator: np.random.Generator,
) -> Interval | None:  # fmt: skip
    """The measure of a claim on predictions; None where these flows do not define it."""
    if not frame.height:
        return None
    attack = frame["is_attack"].to_numpy() if target == "binary" else np.empty(0, dtype=bool)
    if measure == "roc_auc":
        score = frame["score"].to_numpy()
        return superiority(score[~attack], score[attack]) if attack.any() and not attack.all() else None
    if measure == "pr_auc":
        value = areas(attack, frame["score"].to_numpy())["pr_auc"]
        if value is None:
            return None
        return Interval(value, *average_precision_interval(value, int(attack.sum())), frame.height, ATTACKS_AS_TRIALS)
    if type_ is not None:
        truth, said = ((frame[name].cast(pl.String) == type_).to_numpy() for name in ("label", "predicted"))
        return _share(Confusion.of(truth, said), "f1") if truth.any() else None
    counts = classes(frame, target, threshold)
    if measure in ("macro_f1", "mcc"):
        return resampled(counts, macro_f1 if measure == "macro_f1" else mcc, resamples, generator)
    if target != "binary":
        right, n = int(np.trace(counts)), int(counts.sum())
        return _share(Confusion(0, 0, n - right, right), "recall")
    (tn, fp), (fn, tp) = counts.tolist()
    return _share(Confusion(tn, fp, fn, tp), measure)


def _share(count: Confusion, measure: str) -> Interval | None:
    of = sum(getattr(count, name) for name in SHARES[measure])
    found = count.interval(measure) if of else {}
    if not found:
        return None
    return Interval(getattr(count, measure), found["low"], found["high"], count.n, found.get("interval", WILSON), of)
