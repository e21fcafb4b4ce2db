"""Controls that could refute the credit: a copy, a planted shortcut beside noise, and deletion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.explanation.forest import Flows, Forest, Maker, summed
from analysis.explanation.importance import sizes
from analysis.statistics.value_counts import Floats

WRONG = 0.02
"""Share of the flows of which a planted shortcut says the wrong class."""
DELETED = (1, 3, 5)
"""Clusters of a flow that are deleted."""
DRAWS, REPLACED, MOST = 4, 5, 150
"""Draws of clusters at random, background flows that stand in for what is deleted, flows deleted from at most."""


@dataclass(frozen=True)
class Copied:
    """Credit of a column, of its copy, and of their cluster, ``before`` and ``after`` the copy was there."""

    column: int
    before: tuple[float, float]
    after: tuple[float, float, float]


def copied(
    maker: Maker, forest: Forest, train: Flows, flows: Flows, weight: Floats, background: Floats, credit: Floats
) -> Copied:
    """What a copy of the column of the most credit does to the ``credit`` (n, columns) of column and cluster."""
    by_column = sizes(credit, weight)
    column = int(np.argmax(by_column))
    cluster = forest.players[column]
    whole = float(sizes(summed(credit, forest.players), weight)[cluster])
    again = maker.of(train.beside(train.features[:, column]), [*forest.players, cluster], "copy")
    found, _ = again.credit(
        np.column_stack([flows.features, flows.features[:, column]]),
        np.column_stack([background, background[:, column]]),
    )
    after = sizes(found, weight)
    of_cluster = float(sizes(summed(found, again.players), weight)[cluster])
    return Copied(column, (float(by_column[column]), whole), (float(after[column]), float(after[-1]), of_cluster))


@dataclass(frozen=True)
class Planted:
    """Credit, and rank among clusters, of a planted shortcut and of noise; ``by_column``: the former among columns."""

    shortcut: tuple[float, int]
    noise: tuple[float, int]
    by_column: int


def planted(maker: Maker, forest: Forest, train: Flows, flows: Flows, weight: Floats, rows: np.ndarray) -> Planted:
    """A column that tells the class but for a few flows, and one of noise, learnt with all others.

    ``rows`` are the numbers of the training flows that are the background.
    """
    chance = maker.stream("planted")

    def marks(of: Flows) -> tuple[np.ndarray, np.ndarray]:
        return (of.attack ^ (chance.random(of.attack.size) < WRONG)).astype(float), chance.random(of.attack.size)

    own, shown = train.beside(*marks(train)), flows.beside(*marks(flows))
    first = max(forest.players) + 1
    again = maker.of(own, [*forest.players, first, first + 1], "planted")
    credit, _ = again.credit(shown.features, own.features[rows])
    found = sizes(summed(credit, again.players), weight)
    ranks = np.argsort(np.argsort(-found, kind="stable"), kind="stable") + 1
    shortcut, noise = ((float(found[i]), int(ranks[i])) for i in (first, first + 1))
    by_column = sizes(credit, weight)
    return Planted(shortcut, noise, int(np.count_nonzero(by_column > by_column[-2])) + 1)


def deletion(
    forest: Forest, features: Floats, background: Floats, credit: Floats, generator: np.random.Generator
) -> dict[int, tuple[Floats, Floats]]:
    """By number of clusters deleted how far each flow's score falls, shape (n,): those of its most credit, and others.

    ``credit`` (n, clusters). What is deleted takes the values of background flows, one after another, and the mean of
    their scores counts. The others are drawn at random among all clusters, several times.
    """
    players = np.asarray(forest.players)
    before = forest.score(features)
    standing = background[generator.permutation(len(background))[:REPLACED]]

    def fall(chosen: np.ndarray) -> Floats:
        gone = np.zeros(credit.shape, dtype=bool)
        np.put_along_axis(gone, chosen, True, axis=1)
        hybrids = np.where(gone[:, players], standing[:, None, :], features)
        score = forest.score(hybrids.reshape(-1, features.shape[1])).reshape(len(standing), -1)
        return np.asarray(before - score.mean(axis=0))

    found = {}
    order = np.argsort(-credit, axis=1, kind="stable")
    for number in DELETED:
        if number >= credit.shape[1]:
            continue
        drawn = [
            fall(np.argsort(generator.random(credit.shape), axis=1)[:, :number]) for _ in range(DRAWS)
        ]  # fmt: skip
        found[number] = fall(order[:, :number]), np.mean(drawn, axis=0)
    return found


def shortcut_clusters(clusters: Sequence[Sequence[str]], shortcuts: Sequence[str]) -> list[int]:
    """Numbers of the clusters that hold one of the columns that are named as shortcuts."""
    return [i for i, members in enumerate(clusters) if {*members} & {*shortcuts}]
