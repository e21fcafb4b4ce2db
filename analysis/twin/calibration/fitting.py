"""Fits behaviours to the rows of one class, so that at least ten rows stand behind every number that is kept.

Rows are clustered by k-means on their ranks. An atom is a value that ten rows of the class or more share; all other
values enter as means of ten or more neighbouring ones, and no mean equals a value of a real row.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import rankdata
from sklearn.cluster import KMeans

from analysis.twin.behaviours import LEAST_ROWS, Behaviour, Marginals

Array = NDArray[np.float64]

SKETCHED = 100
"""Classes with fewer calibration rows are one cluster without dependence."""
CLUSTERS, CLUSTER_ROWS = 60, 60
"""Clusters of a class at most, and rows of a cluster at least."""
POINTS = 300
"""Means of a quantity in a cluster at most: more rows stand behind each where there are very many."""
FACTORS = 8
"""Rank of the correlation, beside its diagonal."""


def fit(quantities: Array, ranked: Array, known: Sequence[Array], seed: int) -> list[Behaviour]:
    """Behaviours of one class from its rows (rows x quantities), clustered by the ranks of ``ranked`` (rows x any).

    ``known`` holds, for each quantity, all values of real rows, sorted: no mean may equal one of them.
    """
    shared = [_shared(column) for column in quantities.T]
    clusters = [np.arange(len(quantities))] if len(quantities) < SKETCHED else _clusters(ranked, seed)
    behaviours = []
    for members in clusters:
        rows = quantities[members]
        marginals = tuple(_marginals(*column) for column in zip(rows.T, shared, known, strict=True))
        loadings = np.zeros((quantities.shape[1], FACTORS)) if len(quantities) < SKETCHED else _loadings(rows)
        behaviours.append(Behaviour(len(rows), marginals, loadings))
    return behaviours


def _shared(column: Array) -> Array:
    """The values that at least ten rows of ``column`` share."""
    values, counts = np.unique(column, return_counts=True)
    shared: Array = values[counts >= LEAST_ROWS]
    return shared


def _clusters(ranked: Array, seed: int) -> list[NDArray[np.int64]]:
    """Row numbers of each cluster, by k-means on ranks; clusters that are too small join the nearest."""
    ranks = np.column_stack([rankdata(column) / len(column) for column in ranked.T])
    k = min(CLUSTERS, max(1, len(ranks) // CLUSTER_ROWS))
    centres, member = (found := KMeans(k, random_state=seed, n_init=1).fit(ranks)).cluster_centers_, found.labels_
    sizes = np.bincount(member, minlength=k)
    while (sizes > 0).sum() > 1 and sizes[sizes > 0].min() < CLUSTER_ROWS:
        small = int(np.flatnonzero(sizes == sizes[sizes > 0].min())[0])
        others = np.flatnonzero((sizes > 0) & (np.arange(k) != small))
        nearest = others[np.argmin(((centres[others] - centres[small]) ** 2).sum(axis=1))]
        member[member == small] = nearest
        centres[nearest] = ranks[member == nearest].mean(axis=0)
        sizes = np.bincount(member, minlength=k)
    return [np.flatnonzero(member == cluster) for cluster in np.flatnonzero(sizes)]


def _marginals(column: Array, shared: Array, known: Array) -> Marginals:
    is_atom = np.isin(column, shared)
    atoms, rows = np.unique(column[is_atom], return_counts=True)
    rest = np.sort(column[~is_atom])
    groups = np.array_split(rest, min(len(rest) // LEAST_ROWS, POINTS)) if len(rest) >= LEAST_ROWS else []
    values = np.array([*atoms, *(_unlike(group.mean(), known) for group in groups)])
    rows = np.array([*rows, *map(len, groups)], dtype=np.int64)
    atom = np.arange(len(values)) < len(atoms)
    if not len(values):  # only in a cluster of nine rows, which does not occur
        raise ValueError(f"{len(column)} rows are too few to describe")
    order = np.argsort(values, kind="stable")
    return Marginals(values[order], rows[order], atom[order])


def _unlike(mean: float, known: Array) -> float:
    """The mean to seven digits, moved a little while it happens to equal a value of a real row."""
    value, step = float(f"{mean:.6e}"), max(abs(mean) * 1e-5, 0.1)
    while known[np.searchsorted(known, value).clip(max=len(known) - 1)] == value:
        value = float(f"{value + step:.6e}")
    return value


def _loadings(rows: Array) -> Array:
    """Loadings of the leading factors of the correlation of normal scores (mid-ranks for ties)."""
    scores = np.column_stack([ndtri((rankdata(column) - 0.5) / len(column)) for column in rows.T])
    deviation = scores.std(axis=0)
    scores = np.divide(scores - scores.mean(axis=0), deviation, out=np.zeros_like(scores), where=deviation > 1e-9)
    value, vector = np.linalg.eigh(scores.T @ scores / len(scores))
    leading = slice(None, -FACTORS - 1, -1)
    loadings = vector[:, leading] * np.sqrt(np.maximum(value[leading], 0))
    length = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    bounded: Array = np.round(loadings / np.maximum(length / 0.999, 1), 3)
    return bounded
