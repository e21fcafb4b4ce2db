"""Whether the credit outlasts what should not matter: the forest's chance, and which training flows were drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.explanation.forest import Flows, Maker, summed
from analysis.statistics.value_counts import Floats

REFITS = {"seeds": "of other seeds", "bootstrap": "of bootstrap samples of the training flows"}
"""The two kinds of forests fitted again, in words."""
TIMES = 3
"""Forests of each kind."""


def again(train: Flows, generator: np.random.Generator) -> Flows:
    """A bootstrap sample of the flows that holds both classes, as the flows do."""
    while True:
        rows = np.sort(generator.integers(len(train.attack), size=len(train.attack)))
        if 0 < np.count_nonzero(train.attack[rows]) < rows.size:
            return train.only(rows)


def refits(
    maker: Maker, train: Flows, players: Sequence[int], features: Floats, background: Floats
) -> dict[str, list[Floats]]:
    """Credit (n, clusters) of each forest fitted again, by kind; all are compared with the same background."""
    found: dict[str, list[Floats]] = {kind: [] for kind in REFITS}
    for i in range(TIMES):
        for kind in REFITS:
            own = train if kind == "seeds" else again(train, maker.stream(f"{kind}.{i}"))
            forest = maker.of(own, players, f"refit.{kind}.{i}")
            found[kind].append(summed(forest.credit(features, background)[0], players))
    return found
