"""How much each cluster of columns counts, by several methods, in the same resamples of the explained flows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from analysis.explanation.forest import Flows, Forest, Maker
from analysis.statistics import resampled
from analysis.statistics.value_counts import Floats

METHODS = {
    "shap": ("Credit", "mean size of the credit by Shapley's rule, summed by cluster"),
    "permutation": ("Permuted", "loss of average precision where the cluster's columns are permuted together"),
    "drop": ("Left out", "loss of average precision of a forest fitted without the cluster"),
    "delta": ("|δ|", "size of Cliff's delta of all attacks on the cluster's first feature"),
}
"""What clusters are ranked by, with definitions."""
REPEATS = 2
"""Permutations of each cluster, over which the loss is averaged."""
DROPPED = 12
"""Clusters of the most credit without which a forest is fitted; the others are hardly used."""


def sizes(credit: Floats, weighted: Floats) -> Floats:
    """Mean size of ``credit`` (n, clusters) under weights of shape (n,), or in each resample of (resamples, n).

    >>> sizes(np.array([[1.0], [-3.0]]), np.array([1.0, 1.0])).tolist()
    [2.0]
    """
    return np.asarray(weighted @ np.abs(credit) / weighted.sum(axis=-1, keepdims=True))


def permuted(forest: Forest, flows: Flows, weighted: Floats, generator: np.random.Generator) -> Floats:
    """Loss of average precision where a cluster is permuted, (resamples, clusters)."""
    players = np.asarray(forest.players)
    whole = resampled.average_precision(forest.score(flows.features), flows.attack, weighted)
    losses = np.zeros((len(weighted), players.max() + 1))
    for _ in range(REPEATS):
        other = generator.permutation(len(flows.attack))
        for cluster in range(losses.shape[1]):
            changed = flows.features.copy()
            changed[:, players == cluster] = flows.features[np.ix_(other, players == cluster)]
            precision = resampled.average_precision(forest.score(changed), flows.attack, weighted)
            losses[:, cluster] += (whole - precision) / REPEATS
    return losses


def left_out(
    maker: Maker, train: Flows, flows: Flows, forest: Forest, weighted: Floats, clusters: Sequence[int]
) -> Floats:
    """Loss of average precision of forests each fitted without one of the ``clusters``, (resamples, len(clusters))."""
    players = np.asarray(forest.players)
    whole = resampled.average_precision(forest.score(flows.features), flows.attack, weighted)
    losses = []
    for cluster in clusters:
        kept = np.flatnonzero(players != cluster)
        own = Flows(train.features[:, kept], train.label, train.attack)
        other = maker.of(own, players[kept].tolist())
        losses.append(whole - resampled.average_precision(other.score(flows.features[:, kept]), flows.attack, weighted))
    return np.column_stack(losses)


def kendall(one: Floats, other: Floats) -> Floats:
    """Kendall's tau-b of the rows of two arrays (resamples, m), shape (resamples,); 0 where one does not vary.

    >>> kendall(np.array([[1.0, 2, 3, 4]]), np.array([[1.0, 3, 2, 4]])).round(3).tolist()
    [0.667]
    """
    first, second = np.triu_indices(one.shape[1], 1)
    x, y = (np.sign(np.round(part[:, first] - part[:, second], 12)) for part in (one, other))
    below = np.sqrt((x != 0).sum(axis=1) * (y != 0).sum(axis=1))
    return np.divide((x * y).sum(axis=1), below, out=np.zeros(len(x)), where=below > 0)


def agreement(scores: Mapping[str, Floats]) -> dict[tuple[str, str], tuple[int, Floats]]:
    """For each pair of methods the clusters that both rank, and tau in each resample, (resamples,).

    ``scores`` (resamples, clusters) are NaN in the columns of clusters that a method does not rank.
    """
    found = {}
    for one, other in combinations(scores, 2):
        both = ~np.isnan(scores[one]).any(axis=0) & ~np.isnan(scores[other]).any(axis=0)
        if both.sum() > 1:
            found[one, other] = int(both.sum()), kendall(scores[one][:, both], scores[other][:, both])
    return found
