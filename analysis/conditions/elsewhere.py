"""Step: fit on this build's training part, and answer for the flows of another build, on the features that both have.

What is learnt is learnt here: features, medians, thresholds. Of the other build nothing is used but to be answered for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from analysis.command import In, Out, run
from analysis.conditions.engine import Engine
from analysis.conditions.estimator import EXACT
from analysis.conditions.fit import Matrices, over_folds, tested
from analysis.dataset.parts import Fold, Part, folds
from analysis.record import read_json, write_atomically, write_json


def shared(selection: Mapping[str, Any], theirs: Part) -> dict[str, Any]:
    """What a training part has taught, without the features that the other flows have not."""
    there = set(theirs.features)
    found = {name: [one for one in selection[name] if one in there] for name in ("selected", "all")}
    return {**selection, **found, "count": max(len(found["selected"]), 1)}


def filled(theirs: Part, train: Part) -> Part:
    """The other flows, their missing cells filled with medians of the training part."""
    values = {
        name: train.column(name).quantile(0.5, "lower") or 0.0
        for name in theirs.features
        if name in train.features and theirs.column(name).null_count()
    }
    return replace(theirs, filled=values)


def step(
    flows: In, roles: In, split: In, features: In, others: In, *, conditions: Any, seed: int, threads: int,
    engine: Any = None, predictions: Out, descriptions: Out,
) -> None:  # fmt: skip
    """Fit on this build's training part, and answer for the flows of another build, on the features that both have.

    ``engine`` are the settings of speed; without them scikit-learn fits as it is.
    """
    speed = Engine(**engine) if engine else EXACT
    (fold,), (selection,) = folds(flows, roles, split), read_json(features)["folds"]
    fold_there = Fold("elsewhere", None, None, fold.reason)
    if fold.train is not None:
        theirs = filled(Part.whole(others), fold.train)
        selection, fold_there = shared(selection, theirs), Fold("elsewhere", fold.train, theirs)
    columns, told, matrices = [tested([fold_there], "binary")], {}, Matrices()
    for entry in conditions:
        told_of, frame = over_folds(entry, [fold_there], [selection], seed, threads, matrices, speed)
        told[entry["id"]] = {**entry, "folds": told_of}
        columns.append(frame.rename({name: f"{entry['id']}/{name}" for name in frame.columns}))
    with write_atomically(predictions) as temporary:
        pl.concat(columns, how="horizontal").write_parquet(temporary)
    write_json(descriptions, told)


if __name__ == "__main__":
    run(step)
