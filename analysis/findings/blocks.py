"""Blocks of flows that are identical in the features a model sees, and how recall moves over them type by type."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

STEP = 0.002
"""Between two points of a thinned staircase neither the false-positive rate nor the recall of a type moves as much."""


@dataclass(frozen=True)
class Block:
    """Test flows with the same values, some benign and some attacks.

    ``types`` counts the attacks by label, most frequent first; ``errors`` are the model's, ``called`` its answer.
    """

    first: int
    flows: int
    attacks: int
    errors: int
    score: float
    called: bool
    types: tuple[tuple[str, int], ...]


def mixed(block: np.ndarray, frame: pl.DataFrame) -> list[Block]:
    """The blocks that hold flows of both classes, those with the most errors first, then the largest.

    ``block`` numbers the flows of ``frame`` (label, is_attack, predicted, score). Where flows of a block have
    different scores, which a model that sees more features may give, the block has their median and its commoner
    answer.
    """
    told = (
        frame.with_columns(block=pl.Series(block), wrong=pl.col("is_attack") != pl.col("predicted"))
        .group_by("block")
        .agg(
            pl.len().alias("flows"), pl.col("is_attack").sum().alias("attacks"), pl.col("wrong").sum(),
            pl.col("score").median(), pl.col("predicted").mean(),
            pl.col("label").filter(pl.col("is_attack")).value_counts(sort=True).alias("types"),
        )
        .filter((pl.col("attacks") > 0) & (pl.col("attacks") < pl.col("flows")))
        .sort(["wrong", "flows", "block"], descending=[True, True, False])
    )  # fmt: skip
    return [
        Block(row["block"], row["flows"], row["attacks"], row["wrong"], row["score"], row["predicted"] > 0.5,
              tuple(sorted(((one["label"], one["count"]) for one in row["types"]), key=lambda one: (-one[1], one[0]))))
        for row in told.iter_rows(named=True)
    ]  # fmt: skip


@dataclass(frozen=True)
class Staircase:
    """False-positive rate and recall, of all and by type, as the threshold falls; arrays of shape (scores + 1,).

    A flow is called an attack where its score is at least the threshold; the first, infinite one calls none.
    """

    threshold: np.ndarray
    fpr: np.ndarray
    all_attacks: np.ndarray
    recall: dict[str, np.ndarray]

    def around(self, score: float, curve: np.ndarray) -> tuple[float, float]:
        """A curve with the flows of this score called benign, and called attacks."""
        at = int(np.searchsorted(-self.threshold, -score))
        return float(curve[at - 1]), float(curve[at])

    def thinned(self) -> np.ndarray:
        """Numbers of points between which nothing moves by more than STEP, the first and last among them."""
        curves = np.array([self.fpr, *self.recall.values()])
        kept = [0]
        for i in range(1, self.fpr.size - 1):
            if np.abs(curves[:, i + 1] - curves[:, kept[-1]]).max() > STEP:
                kept.append(i)
        return np.unique([*kept, self.fpr.size - 1])


def staircase(label: np.ndarray, attack: np.ndarray, score: np.ndarray) -> Staircase:
    """Recall of each type of attack against the false-positive rate; arrays of shape (n,), flows of both classes."""
    levels, level = np.unique(-score, return_inverse=True)

    def share(mask: np.ndarray) -> np.ndarray:
        found = np.cumsum(np.bincount(level[mask], minlength=levels.size)) / np.count_nonzero(mask)
        return np.concatenate([[0.0], found])

    types = sorted(set(label[attack].tolist()))
    recall = {name: share(attack & (label == name)) for name in types}
    return Staircase(np.concatenate([[np.inf], -levels]), share(~attack), share(attack), recall)
