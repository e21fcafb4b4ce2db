"""The forest that is explained, its flows, and the flows that it is explained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analysis.conditions.condition import drawn, drawn_seed
from analysis.conditions.estimator import Fitted, build, fit_and_predict, scores
from analysis.conditions.models import SOURCE
from analysis.explanation.shapley import contributions
from analysis.statistics.value_counts import Floats

EXPLAINED, BACKGROUND, ERRORS = 1000, 100, 50
"""Test flows explained, benign training flows that they are compared with, and errors of either kind beside them."""


@dataclass(frozen=True)
class Flows:
    """Flows as the forest sees them, ``features`` (n, columns), with ``label`` and ``attack``, both of shape (n,)."""

    features: Floats
    label: np.ndarray
    attack: np.ndarray

    def only(self, rows: np.ndarray) -> Flows:
        """Those of these numbers, or of a boolean of shape (n,)."""
        return Flows(self.features[rows], self.label[rows], self.attack[rows])

    def beside(self, *columns: np.ndarray) -> Flows:
        """The flows with further columns, each of shape (n,)."""
        return replace(self, features=np.column_stack([self.features, *columns]))


@dataclass(frozen=True)
class Forest:
    """A fitted forest; ``players`` has the number of each of its columns' cluster, from 0 on."""

    fitted: Fitted
    players: Sequence[int]
    threads: int

    def score(self, features: Floats) -> Floats:
        """The probability of an attack, shape (n,)."""
        return scores(self.fitted, features, self.threads)

    def credit(self, features: Floats, background: Floats) -> tuple[Floats, float]:
        """Shapley values of each column (n, columns), and the background's mean score."""
        return contributions(self.fitted.estimator, features, background, range(len(self.players)))

    def played(self, features: Floats, background: Floats) -> Floats:
        """Shapley values of a game in which whole clusters play, (n, clusters)."""
        return contributions(self.fitted.estimator, features, background, self.players)[0]


@dataclass(frozen=True)
class Maker:
    """Fits forests with one set of hyperparameters, each from a stream of its own."""

    parameters: Mapping[str, Any]
    seed: int
    threads: int

    def of(self, train: Flows, players: Sequence[int], name: str = "fit") -> Forest:
        """A forest of these flows; ``name`` names the stream of its chance."""
        chance = drawn_seed(self.seed, f"explanation.{name}")
        estimator = build(SOURCE["random_forest"].estimator, self.parameters, chance, self.threads)
        fitted = fit_and_predict(
            estimator, train.features, train.attack, train.features[:1], prepared="unscaled", threads=self.threads
        )
        return Forest(fitted, players, self.threads)

    def stream(self, name: str) -> np.random.Generator:
        """A stream of chance of this step."""
        return drawn(self.seed, f"explanation.{name}")


def summed(credit: Floats, players: Sequence[int]) -> Floats:
    """Credit of columns (n, columns) summed by their cluster, (n, clusters)."""
    found = np.zeros((len(credit), max(players) + 1))
    for column, player in enumerate(players):
        found[:, player] += credit[:, column]
    return found


def shared(sizes: Sequence[int], size: int) -> list[int]:
    """How many of groups of these ``sizes`` are taken so that each gives as many as any other, or all that it has.

    What is left over where they do not come out even goes to the first that have more.

    >>> shared([100, 3, 50], 24)
    [11, 3, 10]
    """
    taken = [0] * len(sizes)
    left = min(size, sum(sizes))
    while left:
        open_ = [i for i, whole in enumerate(sizes) if taken[i] < whole]
        each = max(left // len(open_), 1)
        for i in open_:
            more = min(each, sizes[i] - taken[i], left)
            taken[i] += more
            left -= more
    return taken


def explained(test: Flows, size: int, generator: np.random.Generator) -> tuple[np.ndarray, Floats]:
    """Numbers of the flows that are explained, ascending, and how many flows of the test part each stands for.

    Half are benign where there are as many; the types of attack have as many as one another.
    """
    names = sorted(set(test.label[test.attack].tolist()))
    groups = [np.flatnonzero(~test.attack), *(np.flatnonzero(test.attack & (test.label == name)) for name in names)]
    benign, attacks = shared([groups[0].size, sum(one.size for one in groups[1:])], size)
    quota = [benign, *shared([one.size for one in groups[1:]], attacks)]
    rows, weight = [], []
    for group, number in zip(groups, quota, strict=True):
        rows.append(generator.choice(group, number, replace=False))
        weight.append(np.full(number, group.size / max(number, 1)))
    order = np.argsort(np.concatenate(rows))
    return np.concatenate(rows)[order].astype(int), np.concatenate(weight)[order]


def errors(test: Flows, called: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Numbers of at most ``ERRORS`` false alarms and as many missed attacks of the test part, ascending."""
    found = [
        generator.permutation(np.flatnonzero(of))[:ERRORS] for of in (called & ~test.attack, ~called & test.attack)
    ]
    return np.sort(np.concatenate(found))
