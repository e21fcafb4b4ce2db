"""What cleaning may decide, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

NO_FEATURES = frozenset({
    "Label", "is_attack", "attempted", "day", "source_file", "source_row", "timestamp",
    "Source IP", "Source Port", "Destination IP", "Protocol",
})  # fmt: skip
"""Columns of a flow table beside its features."""


@dataclass(frozen=True)
class Policy:
    """The group ``cleaning`` of the settings; the defaults are those of the source study, as far as it can be told."""

    blank_rows: str = "drop"
    attempted: str = "benign"
    non_finite: str = "drop"
    magnitude: str = "drop"
    negatives: str = "keep"
    sentinels: str = "keep"
    duplicates: str = "keep"
    constant: str = "drop"


@dataclass(frozen=True)
class Decision:
    """One decision: the flows and attacks it concerns, and those left after it.

    ``cells`` counts the cells concerned by column.
    """

    kind: str
    choice: str
    flows: int
    attacks: int
    left: int
    left_attacks: int
    cells: Mapping[str, int] = field(default_factory=dict)

    @property
    def left_benign(self) -> int:
        """Benign flows left after it."""
        return self.left - self.left_attacks


@dataclass(frozen=True)
class Cleaned:
    """The cleaned flows and what was counted on the way.

    ``features`` is the number of features after cleaning; ``marked`` that of flows with a sentinel; ``constant``
    holds columns with their only value, ``empty`` those without a value in one of the classes, ``missing`` the number
    of cells without a value in each column that is left.
    """

    flows: pl.LazyFrame
    policy: Policy
    decisions: tuple[Decision, ...]
    features: int
    marked: int
    constant: Mapping[str, float]
    empty: tuple[str, ...]
    missing: Mapping[str, int]

    def decision(self, kind: str) -> Decision:
        """The first decision of this kind."""
        return next(decision for decision in self.decisions if decision.kind == kind)
