"""Step: rank the features by their correlation with the class, in the training part of each fold of a split."""

from __future__ import annotations

from typing import Any

from analysis.command import In, Out, run
from analysis.dataset.parts import Part, folds
from analysis.record import write_json
from analysis.statistics.rank import identical_pairs, order, point_biserial, summary
from analysis.statistics.value_counts import ValueCounts


def select(train: Part, count: int, rule: str) -> dict[str, Any]:
    """What is learnt on a training part: all features, their correlations, equal columns, and which are selected.

    ``source`` and ``distinct`` are the choices of either rule; they hold fewer than ``count`` where fewer can be
    ranked.
    """
    attack = train.column("is_attack").to_numpy()
    correlations, summaries = {}, {}
    for name in train.features:
        value_counts = ValueCounts.of(train.column(name).to_numpy(), attack)
        summaries[name] = summary(value_counts)
        if (r := point_biserial(value_counts)) is not None:
            correlations[name] = r
    pairs = identical_pairs(summaries, train)
    copies = {copy for _, copy in pairs}
    ranked = order(correlations)
    chosen = {"source": ranked[:count], "distinct": [name for name in ranked if name not in copies][:count]}
    return {"selected": chosen[rule], **chosen, "all": train.features, "identical": [list(pair) for pair in pairs],
            "rule": rule, "count": count, "correlations": correlations, "n": train.height}  # fmt: skip


def step(number: int, rule: str, flows: In, roles: In, split: In, features: Out) -> None:
    """Rank the features of a split by their correlation with the class, on its training part alone, fold by fold."""
    trained = [fold.train for fold in folds(flows, roles, split)]
    write_json(features, {"folds": [None if train is None else select(train, number, rule) for train in trained]})


if __name__ == "__main__":
    run(step)
