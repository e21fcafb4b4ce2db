"""How strongly features, and clusters of features that say the same, go with the class, in resamples of flows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.statistics import resampled
from analysis.statistics.rank import complete_linkage, correlation_matrix
from analysis.statistics.value_counts import Floats

MEASURES = {
    "r": ("|r|", "size of Pearson's correlation with the class"),
    "spearman": ("|ρ|", "size of Spearman's correlation with the class"),
    "auc": ("AUC", "ROC-AUC of the feature alone, or of its negative where that is larger"),
    "importance": ("Importance", "loss of average precision where the cluster's features are permuted together"),
}
"""The measures by which features are ranked: title and definition. Those of a cluster are its best member's."""
REPEATS = 3
"""Permutations of each cluster, over which the importance is averaged."""


@dataclass(frozen=True)
class Associations:
    """Scores of the features and of their clusters by measure, each (1 + resamples, m); the first row is the flows'."""

    features: Mapping[str, Floats]
    clusters: Mapping[str, Floats]


def clusters_of(names: Sequence[str], values: Floats) -> list[list[str]]:
    """Redundancy clusters of the columns of ``values`` (n, m), in the order of ``names``; a constant is one by itself.

    Any two features of a cluster have an absolute Pearson correlation of ``rank.CLUSTER`` or more.
    """
    varying = np.ptp(values, axis=0) > 0
    kept = [name for name, varies in zip(names, varying, strict=True) if varies]
    found = [[name] for name, varies in zip(names, varying, strict=True) if not varies]
    found += complete_linkage(correlation_matrix(values[:, varying]), kept) if len(kept) > 1 else [[n] for n in kept]
    return sorted(found, key=lambda members: names.index(members[0]))


def singly(values: Floats, attack: np.ndarray, weighted: Floats) -> dict[str, Floats]:
    """Scores of the columns of ``values`` (n, m) by the measures of a single feature, in each row of ``weighted``."""
    found = [resampled.ordinal(column, attack, weighted) for column in values.T]
    delta, spearman = (np.column_stack([one[i] for one in found]) for i in (0, 1))
    return {
        "r": np.abs(resampled.pearson(values, attack, weighted)),
        "spearman": np.abs(spearman),
        "auc": (1 + np.abs(delta)) / 2,
    }


def importances(
    values: Floats,
    attack: np.ndarray,
    held: np.ndarray,
    clusters: Sequence[Sequence[int]],
    weighted: Floats,
    generator: np.random.Generator,
) -> Floats:
    """Loss of average precision on the flows ``held`` back where a cluster's columns are permuted, (resamples, m).

    Histogram boosting is fitted on the other flows. ``held`` numbers flows; ``weighted`` (resamples, n) says how often
    each resample holds each of them.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    fitted = np.setdiff1d(np.arange(len(attack)), held)
    model = HistGradientBoostingClassifier(early_stopping=False, random_state=int(generator.integers(2**31)))
    model.fit(values[fitted], attack[fitted])
    shown, truth, drawn = values[held], attack[held], weighted[:, held]
    whole = resampled.average_precision(model.predict_proba(shown)[:, 1], truth, drawn)
    losses = np.zeros((len(weighted), len(clusters)))
    for _ in range(REPEATS):
        other = generator.permutation(len(held))
        for i, members in enumerate(clusters):
            changed = shown.copy()
            changed[:, members] = shown[other][:, members]
            precision = resampled.average_precision(model.predict_proba(changed)[:, 1], truth, drawn)
            losses[:, i] += (whole - precision) / REPEATS
    return losses


def associations(
    values: Floats,
    attack: np.ndarray,
    held: np.ndarray,
    clusters: Sequence[Sequence[int]],
    weighted: Floats,
    generator: np.random.Generator,
) -> Associations:
    """Scores of all columns of ``values`` (n, m) and of the ``clusters``, lists of their numbers, by all measures."""
    each = singly(values, attack, weighted)
    joint = {key: np.column_stack([one[:, members].max(axis=1) for members in clusters]) for key, one in each.items()}
    return Associations(each, joint | {"importance": importances(values, attack, held, clusters, weighted, generator)})
