"""A tree of three questions that answers as the forest does: how faithful it is, and how good by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.conditions.threshold import CALLED
from analysis.detection.evaluation import Confusion
from analysis.explanation.forest import Flows, Forest

DEPTH = 3


@dataclass(frozen=True)
class Surrogate:
    """The columns that the tree asks, in the order in which it does, and counts on the test part.

    ``own`` and ``forest`` compare the tree's and the forest's answers with the labels, ``copied`` the tree's with the
    forest's.
    """

    asked: list[str]
    own: Confusion
    forest: Confusion
    copied: Confusion


def surrogate(forest: Forest, train: Flows, test: Flows, called: np.ndarray, names: Sequence[str]) -> Surrogate:
    """A tree fitted to the forest's answers on the training flows; ``called`` are those on the test part, (n,)."""
    from sklearn.tree import DecisionTreeClassifier

    taught = forest.score(train.features) > CALLED
    tree = DecisionTreeClassifier(max_depth=DEPTH, random_state=0).fit(train.features, taught)
    answers = np.asarray(tree.predict(test.features), dtype=bool)
    asked = [names[column] for column in tree.tree_.feature if column >= 0]
    return Surrogate(
        list(dict.fromkeys(asked)),
        Confusion.of(test.attack, answers),
        Confusion.of(test.attack, called),
        Confusion.of(called, answers),
    )
