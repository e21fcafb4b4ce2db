"""Step: rank the features by their correlation with the class, in the training part of each fold of a split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.command import In, Out, run
from analysis.dataset.parts import Part, folds
from analysis.record import write_json
from analysis.statistics.rank import identical_pairs, order, point_biserial, summary
from analysis.statistics.value_counts import SortedColumn, ValueCounts


@dataclass
class Ranked:
    """What is known of a training part's columns: the classes of its flows, correlations, what equal columns share."""

    train: Part
    attack: np.ndarray
    correlations: dict[str, float] = field(default_factory=dict)
    summaries: dict[str, list[float]] = field(default_factory=dict)

    def take(self, name: str, value_counts: ValueCounts) -> None:
        """Take a column in."""
        self.summaries[name] = summary(value_counts)
        if (r := point_biserial(value_counts)) is not None:
            self.correlations[name] = r

    def chosen(self, count: int, rule: str) -> dict[str, Any]:
        """What is learnt: all features, their correlations, equal columns, and which are selected.

        ``source`` and ``distinct`` are the choices of either rule; they hold fewer than ``count`` where fewer can be
        ranked.
        """
        pairs = identical_pairs(self.summaries, self.train)
        copies, ranked = {copy for _, copy in pairs}, order(self.correlations)
        chosen = {"source": ranked[:count], "distinct": [name for name in ranked if name not in copies][:count]}
        return {"selected": chosen[rule], **chosen, "all": self.train.features,
                "identical": [list(pair) for pair in pairs], "rule": rule, "count": count,
                "correlations": self.correlations, "n": self.train.height}  # fmt: skip


def select(train: Part, count: int, rule: str) -> dict[str, Any]:
    """What is learnt on a training part; see :meth:`Ranked.chosen`."""
    return select_each([train], count, rule)[0]


def select_each(trained: Sequence[Part], count: int, rule: str) -> list[dict[str, Any]]:
    """What is learnt on each of several training parts of the same flows.

    A column of more than one is sorted once for all of them.
    """
    found = [Ranked(train, train.column("is_attack").to_numpy()) for train in trained]
    for name in trained[0].features if trained else []:
        plain = [one for one in found if len(found) > 1 and name not in one.train.filled]
        column = SortedColumn.of(Part.whole(trained[0].flows).column(name)) if plain else None
        for one in found:
            if column and name not in one.train.filled:
                one.take(name, column.only(one.train.rows).counts(one.attack))
            else:
                one.take(name, ValueCounts.of(one.train.column(name).to_numpy(), one.attack))
    return [one.chosen(count, rule) for one in found]


def step(number: int, rule: str, flows: In, roles: In, split: In, features: Out) -> None:
    """Rank the features of a split by their correlation with the class, on its training part alone, fold by fold."""
    trained = [fold.train for fold in folds(flows, roles, split)]
    found = iter(select_each([train for train in trained if train is not None], number, rule))
    write_json(features, {"folds": [None if train is None else next(found) for train in trained]})


if __name__ == "__main__":
    run(step)
