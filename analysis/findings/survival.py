"""Whether the features that are kept come out again: without a day, on one day alone, under another label version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis.dataset.parts import Part
from analysis.statistics.rank import order
from analysis.statistics.value_counts import Floats

LEAST = 10
"""With fewer flows of a class a ranking says nothing."""
NO_DAYS = "the flows come from one day and one file"
NO_VERSION = "no flow is labelled as attempted"
ATTEMPTED = {"out": "attempted attacks left out", "attack": "attempted attacks as attacks",
             "benign": "attempted attacks as benign"}  # fmt: skip


@dataclass(frozen=True)
class Cells:
    """Flows counted by day or file, by whether the attack was only attempted, and by class: one row a cell.

    ``sums`` has by feature the sum and the sum of squares in each cell, of values that are centred and scaled first so
    that few digits are lost: shape (cells, 2).
    """

    day: Sequence[str]
    attempted: np.ndarray
    attack: np.ndarray
    n: np.ndarray
    sums: Mapping[str, Floats]
    unit: str | None

    @property
    def days(self) -> list[str]:
        """The days, or files, in alphabetical order."""
        return sorted(set(self.day))


@dataclass(frozen=True)
class Survivor:
    """One other ranking: the features that it keeps, or the reason why there is none."""

    kind: str
    name: str
    flows: int
    attacks: int
    kept: list[str] | None
    reason: str | None = None


def cells(train: Part, features: Sequence[str]) -> Cells:
    """Count and sum the flows of a training part; one column is read at a time."""
    told = train.read("day", "source_file", "attempted", "is_attack")
    unit = next((word for name, word in (("day", "day"), ("source_file", "file")) if _several(told[name])), None)
    day = told["day" if unit == "day" else "source_file"].cast(pl.String).fill_null("unknown").to_list()
    attempted = told["attempted"].cast(pl.Boolean).fill_null(False).to_list()
    keys, of = _numbered(list(zip(day, attempted, told["is_attack"].to_list(), strict=True)))
    sums = {}
    for name in features:
        column = train.column(name).cast(pl.Float64).to_numpy()
        column = column - column.mean()
        column = column / (np.abs(column).max() or 1.0)
        sums[name] = np.column_stack([np.bincount(of, column**k, len(keys)) for k in (1, 2)]).astype(float)
    return Cells(
        [key[0] for key in keys],
        np.array([key[1] for key in keys]),
        np.array([key[2] for key in keys]),
        np.bincount(of, minlength=len(keys)),
        sums,
        unit,
    )


def _several(column: pl.Series) -> bool:
    return column.drop_nulls().n_unique() > 1


def _numbered(keys: list[tuple[str, bool, bool]]) -> tuple[list[tuple[str, bool, bool]], np.ndarray]:
    known = {key: i for i, key in enumerate(sorted(set(keys)))}
    return list(known), np.array([known[key] for key in keys])


def correlations(found: Cells, chosen: np.ndarray, attack: np.ndarray) -> dict[str, float]:
    """Pearson correlation of each feature that varies with the class, on the ``chosen`` cells; both masks (cells,)."""
    n, n1 = int(found.n[chosen].sum()), int(found.n[chosen & attack].sum())
    r = {}
    for name, sums in found.sums.items():
        mean, square = sums[chosen].sum(axis=0) / n
        spread = square - mean**2
        if spread > 1e-14:
            gap = sums[chosen & attack, 0].sum() / n1 - sums[chosen & ~attack, 0].sum() / (n - n1)
            r[name] = float(gap * np.sqrt(n1 / n * (1 - n1 / n) / spread))
    return r


def survivors(found: Cells, features: Sequence[str], count: int) -> Iterator[Survivor]:
    """Every other ranking of ``features`` that the flows allow, each keeping ``count`` of them."""
    everything = np.ones(len(found.n), dtype=bool)
    for day in found.days if found.unit else ():
        here = np.array([one == day for one in found.day])
        yield _ranked(found, f"without a {found.unit}", day, ~here, found.attack, features, count)
        yield _ranked(found, f"one {found.unit} alone", day, here, found.attack, features, count)
    if found.attempted.any():
        tried = found.attempted
        as_is = "attack" if (found.attack & tried).any() else "benign"
        versions = {"out": (~tried, found.attack), "attack": (everything, found.attack | tried),
                    "benign": (everything, found.attack & ~tried)}  # fmt: skip
        for key, (chosen, attack) in versions.items():
            if key != as_is:
                yield _ranked(found, "labels", ATTEMPTED[key], chosen, attack, features, count)


def _ranked(
    found: Cells, kind: str, name: str, chosen: np.ndarray, attack: np.ndarray, features: Sequence[str], count: int
) -> Survivor:
    flows, attacks = int(found.n[chosen].sum()), int(found.n[chosen & attack].sum())
    if min(attacks, flows - attacks) < LEAST:
        return Survivor(kind, name, flows, attacks, None, f"fewer than {LEAST} flows of a class")
    r = correlations(found, chosen, attack)
    ranked = order({feature: r[feature] for feature in features if feature in r})
    if len(ranked) < count:
        return Survivor(kind, name, flows, attacks, None, "too few features vary")
    return Survivor(kind, name, flows, attacks, ranked[:count])
