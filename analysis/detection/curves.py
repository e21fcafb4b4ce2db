"""Threshold-free evaluation of a score: areas under the ROC and precision-recall curves, and their points."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

POINTS = 300


def areas(label: np.ndarray, score: np.ndarray) -> dict[str, float | None]:
    """ROC-AUC and PR-AUC (as average precision, not interpolated) of boolean labels and scores of shape (n,).

    None where the flows are all of one class.
    """
    if label.all() or not label.any():
        return {"roc_auc": None, "pr_auc": None}
    return {"roc_auc": float(roc_auc_score(label, score)), "pr_auc": float(average_precision_score(label, score))}


def points(label: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """False-positive rate, recall and precision at the score's thresholds, at most about 300 of them.

    The first point calls nothing an attack (precision NaN), the last everything. Points are kept on a grid that is
    even in recall and in both the false-positive rate and its logarithm, which is where the curves bend.
    """
    if label.all() or not label.any():
        return np.empty(0), np.empty(0), np.empty(0)
    fpr, recall, _ = roc_curve(label, score, drop_intermediate=False)
    grids = (
        np.searchsorted(recall, np.linspace(0, 1, POINTS // 3)),
        np.searchsorted(fpr, np.linspace(0, 1, POINTS // 3)),
        np.searchsorted(fpr, np.geomspace(max(1 / np.count_nonzero(~label), 1e-6), 1, POINTS // 3)),
    )
    keep = np.unique(np.concatenate([*grids, [0, fpr.size - 1]]).clip(0, fpr.size - 1))
    found = recall[keep] * np.count_nonzero(label)
    called = found + fpr[keep] * np.count_nonzero(~label)
    with np.errstate(invalid="ignore"):
        return fpr[keep], recall[keep], found / called
