"""Step: give each cleaned flow its role in each fold of a split, and learn on the training parts what fills cells."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from analysis.command import In, Out, run
from analysis.conditions.campaigns import whereabouts
from analysis.conditions.condition import Condition, drawn
from analysis.conditions.draw import Draw, Flows, Roles
from analysis.conditions.splits import split
from analysis.dataset.identical_rows import first_identical
from analysis.dataset.parts import TEST, TRAIN, Part, relabelled
from analysis.dataset.texts import objects
from analysis.record import write_atomically, write_json

NO_ATTEMPTED = "no flow is labelled as attempted"


def roles(flows: Part, condition: Condition, test_fraction: float, min_type: int, seed: int) -> list[Roles]:
    """The folds of the split of a condition; repeated flows are dropped before, or kept on one side."""
    told = flows.read("Label", "is_attack", "attempted", "source_file")
    used = np.ones(told.height, dtype=bool)
    attempted = told["attempted"].fill_null(False).to_numpy()
    if condition.labels != "cleaned" and not attempted.any():
        return [Roles(condition.split, None, NO_ATTEMPTED)]
    if condition.labels == "attempted_out":
        used &= ~attempted
    copies = None
    if condition.duplicates == "drop":
        kept = np.flatnonzero(used)
        first = first_identical(flows.only(kept).column, [*flows.features, "Label"], kept.size)
        used[kept[first != np.arange(kept.size)]] = False
    elif condition.duplicates == "together":
        copies = first_identical(flows.column, flows.features, flows.height)
    label, file = (objects(told[name]) for name in ("Label", "source_file"))
    attack = told["is_attack"].to_numpy()
    draw = Draw(test_fraction, min_type, drawn(seed, condition.split_stream))
    return split(Flows(label, attack, file, used, copies, *whereabouts(flows)), condition.split, draw)


def fills(flows: Part, fold: np.ndarray) -> list[dict[str, Any]]:
    """Features with missing cells in a fold, their number in either part, and the training median that fills them.

    The median is the smallest value with at least half of the training flows that have one at or below it (inverted
    CDF), so that whole numbers stay whole; a feature of which the training part has no value at all is filled with 0.
    """
    found = []
    for name in flows.features:
        column = flows.column(name)
        if not column.null_count():
            continue
        train, test = (column.filter(pl.Series(fold == role)) for role in (TRAIN, TEST))
        if train.null_count() or test.null_count():
            found.append({"feature": name, "value": train.quantile(0.5, "lower") or 0.0,
                          "train": train.null_count(), "test": test.null_count()})  # fmt: skip
    return found


def told(flows: Part, condition: Condition, found: list[Roles]) -> dict[str, Any]:
    """What the JSON file of a split holds."""
    folds = []
    for fold in found:
        sizes = {} if fold.roles is None else {
            name: int(np.count_nonzero(fold.roles == role)) for name, role in (("train", TRAIN), ("test", TEST))
        }  # fmt: skip
        filled = [] if fold.roles is None else fills(flows, fold.roles)
        folds.append({"name": fold.name, "reason": fold.reason, **sizes, "filled": filled})
    about = {"split": condition.split_id, "stream": condition.split_stream, "labels": condition.labels}
    return about | {"folds": folds}


def step(
    flows: In, *, factors: dict[str, Any], test_fraction: float, min_type: int, seed: int, assigned: Out, split: Out
) -> None:
    """Give each cleaned flow its role in each fold of a split, and learn on the training parts what fills cells."""
    condition = Condition(**factors)
    part = relabelled(Part.whole(flows), condition.labels)
    found = roles(part, condition, test_fraction, min_type, seed)
    columns = {str(i): fold.roles for i, fold in enumerate(found) if fold.roles is not None}
    with write_atomically(assigned) as temporary:
        pl.DataFrame(columns).write_parquet(temporary, compression="zstd")
    write_json(split, told(part, condition, found))


if __name__ == "__main__":
    run(step)
