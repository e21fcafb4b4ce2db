"""Which variant of the attack-type model comes nearest to what the source study printed, and whether others do as well.

The distance of a variant is the mean absolute difference to the printed accuracy and F1. Whether it is longer than that
of the nearest is asked of a paired bootstrap over the test flows (Efron and Tibshirani 1993).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.detection.names import BENIGN, VARIANT_NAMES, VARIANT_NAMES_SHORT
from analysis.record import Column, Record, Table

Floats = NDArray[np.float64]
BOOTSTRAP = "paired bootstrap over test flows, percentiles"


@dataclass(frozen=True)
class Printed:
    """What the source printed that can be compared here: the accuracy, and the F1 of some types."""

    accuracy: float
    f1: Mapping[str, float]


def distances(
    predictions: Mapping[str, pl.DataFrame], printed: Printed, resamples: int, generator: np.random.Generator
) -> dict[str, Floats]:
    """Distance of each variant, shape (1 + resamples,): on the test flows, and on resamples of them, paired.

    ``predictions`` have the columns label and predicted; the rows of a variant without BENIGN are the attacks among the
    rows of one with it, in the same order. Drawing flows with replacement is drawing the counts of the kinds of flow
    (label and four answers) from a multinomial distribution.
    """
    label = max(predictions.values(), key=lambda frame: frame.height)["label"]
    attack = (label != BENIGN).to_numpy()
    columns: dict[str, Any] = {"label": label}
    for name, frame in predictions.items():
        rows = np.flatnonzero(attack) if frame.height < label.len() else np.arange(label.len())
        if frame["label"].to_list() != label.gather(rows).to_list():
            raise ValueError(f"predictions of the variant {name} are about other flows, or in another order")
        answers = np.full(label.len(), None, dtype=object)
        answers[rows] = frame["predicted"].to_list()
        columns[name] = pl.Series(answers.tolist(), dtype=pl.String)
    kinds = pl.DataFrame(columns).group_by(list(columns)).len().sort(list(columns))
    counts = kinds["len"].to_numpy().astype(np.int64)
    draws = np.vstack([counts, generator.multinomial(counts.sum(), counts / counts.sum(), size=resamples)])
    true = np.array(kinds["label"].to_list(), dtype=object)
    return {
        name: _distance(true, np.array(kinds[name].to_list(), dtype=object), draws, printed) for name in predictions
    }


def _distance(true: NDArray[Any], answer: NDArray[Any], draws: NDArray[np.int64], printed: Printed) -> Floats:
    known = np.array([one is not None for one in answer])

    def flows(mask: NDArray[Any]) -> NDArray[np.int64]:
        found: NDArray[np.int64] = draws[:, mask & known].sum(axis=1)
        return found

    def ratio(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
        return np.divide(part, whole, out=np.zeros(len(draws)), where=whole > 0)

    gaps = [np.abs(ratio(flows(true == answer), flows(known)) - printed.accuracy)]
    for label, f1 in printed.f1.items():
        found, either = flows((true == label) & (answer == label)), flows(true == label) + flows(answer == label)
        gaps.append(np.abs(ratio(2 * found, either) - f1))
    return np.mean(gaps, axis=0)


def record_nearest(
    record: Record,
    predictions: Mapping[str, pl.DataFrame],
    overall: Mapping[str, tuple[float, float | None]],
    source: Mapping[str, Any],
    compared: Sequence[str],
    resamples: int,
    generator: np.random.Generator,
) -> None:
    """Table ``types_distance`` and values ``types.nearest*``; ``overall`` has accuracy and macro F1 by variant."""
    printed = Printed(source["accuracy"], {label: source["f1"][label] for label in compared})
    drawn = distances(predictions, printed, resamples, generator)
    own = {name: float(found[0]) for name, found in drawn.items()}
    nearest = min(own, key=lambda name: own[name])
    leads = {}
    for name in own:
        low, high = np.quantile(drawn[name][1:] - drawn[nearest][1:], [0.025, 0.975])
        leads[name] = (float(low), float(high))
    near = [name for name in own if name == nearest or leads[name][0] <= 0]
    alone = near == [nearest]
    rows = [
        {
            "id": name,
            "variant": VARIANT_NAMES_SHORT[name],
            "distance": Table.cell(own[name], "fixed:3", strong=alone and name == nearest),
            "apart": Table.cell("least" if name == nearest else "no" if name in near else "yes", "text"),
            "accuracy": overall[name][0],
            "macro_f1": Table.cell(overall[name][1], "fixed:3", reason="no type is evaluable"),
        }
        for name in own
    ]
    columns = [
        Column("variant", "Variant", align="left"),
        Column("distance", "Distance", "fixed:3"),
        Column("apart", "Told from the least"),
        Column("accuracy", "Accuracy", "fixed:3"),
        Column("macro_f1", "Macro F1", "fixed:3"),
    ]
    types = ", ".join(compared) or "none"
    notes = [
        "Distance: mean absolute difference to the numbers that the source study printed, over the accuracy and the F1 "
        f"of the types that it prints and that are evaluable here in all four variants ({types}). Told from the least: "
        f"the 95% interval of the difference, from {resamples:,} resamples of the test flows, is above 0. The least is "
        "bold where all others are told from it."
    ]
    record.table("types_distance", "The four variants against the source study", columns, rows, notes=notes, id="id")
    n = len(compared) + 1
    what = "variant nearest to the source study's numbers"
    record.value("types.nearest", nearest, "text", f"key of the {what}", unit="", n=n, table="types_distance",
                 words=VARIANT_NAMES[nearest])  # fmt: skip
    record.value("types.nearest_name", VARIANT_NAMES[nearest], "text", what, unit="", n=n, table="types_distance")
    record.value("types.nearest_distance", own[nearest], "fixed:3", n=n,
                 definition="mean absolute difference of the nearest variant to the source study",
                 table="types_distance", cell=f"{nearest}/distance")  # fmt: skip
    record.value("types.nearest_alone", alone, "text", "whether every other variant is told from the nearest", unit="")
    names = [f"‘{VARIANT_NAMES[name]}’" for name in sorted(near, key=lambda name: own[name])]
    what = "the variant nearest to the source study's numbers and those not told from that one, nearest first"
    record.value("types.near_names", names, "list", what, unit="")
    record.value("types.compared", list(compared), "list", "types whose F1 enters the comparison of variants", unit="")
    record.value(
        "types.compared_count", len(compared), "integer", "number of types compared with the source study", unit="types"
    )
    left_out = [label for label in source["f1"] if label not in compared]
    record.value(
        "types.not_compared", left_out, "list", "types the source study prints that cannot be compared here", unit=""
    )
    for name, value in own.items():
        record.value(f"types.{name}.distance", value, "fixed:3", f"mean absolute difference to the source "
                     f"study's numbers; {VARIANT_NAMES[name]}", n=n,
                     table="types_distance", cell=f"{name}/distance")  # fmt: skip
        low, high = leads[name]
        lead = own[name] - own[nearest]
        record.value(f"types.{name}.lead", lead, "fixed:3", n=n,
                     definition=f"distance less that of the nearest variant; {VARIANT_NAMES[name]}", low=min(low, lead),
                     high=max(high, lead), interval=BOOTSTRAP)  # fmt: skip
