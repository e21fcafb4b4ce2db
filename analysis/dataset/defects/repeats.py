"""Flows that occur more than once: duplicates by each published definition, and flows that contradict one another.

Rows are compared exactly. Minus zero equals zero, and an undefined cell equals an undefined cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from analysis.dataset.blocks import height
from analysis.dataset.identical_rows import first_identical

PORT = "Destination Port"
CONNECTION = ("timestamp", "Source IP", "Source Port", "Destination IP", "Protocol")
LABEL = ("Label", "attempted")
"""What a label consists of: 'DoS Hulk' and 'DoS Hulk - Attempted' are two labels."""


@dataclass(frozen=True)
class Count:
    """Flows and the attacks among them; ``reason`` says why they could not be counted."""

    flows: int | None
    attacks: int | None
    reason: str | None = None


def repeats(flows: pl.LazyFrame, features: Sequence[str]) -> dict[str, Count]:
    """Duplicates and contradictions by definition id; the definitions stand in DEFINITIONS."""
    alike = candidates(flows, features)
    port = [PORT] if PORT in features else []
    label = [name for name in LABEL if name in alike.columns]
    vector = ["vector", *port]
    row = [*vector, *label]
    first, first_in_file = _first(alike, row), _first(alike, [*row, "source_file"])
    labels = alike.group_by(vector).agg(
        pl.struct(label).n_unique().alias("labels"),
        pl.len().alias("flows"),
        pl.col("is_attack").sum().alias("attacks"),
        pl.col("is_attack").all().alias("all_attacks"),
    )
    odd = labels.filter(pl.col("labels") > 1)
    mixed = odd.filter(~pl.col("all_attacks"))
    connection = [name for name in CONNECTION if name in alike.columns]
    lacks = "the data lack timestamps or addresses"
    return {
        "duplicates": _count(alike, ~first),
        "duplicates_within": _count(alike, ~first_in_file),
        "duplicates_across": _count(alike, first_in_file & ~first),
        "duplicates_features": _count(alike, ~_first(alike, vector)),
        "duplicates_no_port": _count(alike, ~_first(alike, ["vector", *label]))
        if port
        else Count(None, None, f"the data lack {PORT}"),
        "duplicates_all_copies": _count(alike, alike.select(pl.struct(row).is_duplicated()).to_series()),
        "duplicates_connection": _count(alike, ~_first(alike, [*row, *connection]))
        if {"timestamp", "Source IP", "Destination IP"} <= set(connection)
        else Count(None, None, lacks),
        "contradictory": Count(int(odd["flows"].sum()), int(odd["attacks"].sum())),
        "contradictory_groups": Count(odd.height, None, "counted in feature vectors, not in flows"),
        "contradictory_benign": Count(int(mixed["flows"].sum()), int(mixed["attacks"].sum())),
    }


def candidates(flows: pl.LazyFrame, features: Iterable[str]) -> pl.DataFrame:
    """Rows that share all features but the port with another row, numbered by them in ``vector``, in table order.

    Text is numbered too, since only who is equal to whom is asked.
    """
    compared = [name for name in features if name != PORT]
    names = flows.collect_schema().names()
    beside = [name for name in (PORT, *LABEL, "is_attack", "source_file", *CONNECTION) if name in names]
    first = first_identical(lambda name: flows.select(name).collect()[name], compared, height(flows))
    vector = pl.Series("vector", first)
    alike = vector.is_duplicated()
    found = [vector.filter(alike)]
    for name in beside:
        column = flows.select(name).collect()[name].filter(alike)
        found.append(column.cast(pl.Categorical).to_physical() if column.dtype == pl.String else column)
    return pl.DataFrame(found)


DEFINITIONS: Mapping[str, tuple[str, str]] = {
    "duplicates": ("Duplicates", "equal to an earlier flow in all features and the label, over all files"),
    "duplicates_within": ("Duplicates within a file", "duplicates whose earlier flow is in the same file"),
    "duplicates_across": ("Duplicates across files", "duplicates whose earlier flow is in another file only"),
    "duplicates_features": ("Duplicates, label ignored", "equal to an earlier flow in all features"),
    "duplicates_no_port": (
        "Duplicates, port ignored",
        f"equal to an earlier flow in the label and all features but {PORT}",
    ),
    "duplicates_all_copies": (
        "Flows with a double",
        "equal to any other flow, earlier or later, in all features and the label: every copy counts",
    ),
    "duplicates_connection": (
        "Duplicates as connections",
        "equal to an earlier flow in all features, the label, addresses and time",
    ),
    "contradictory": ("Contradictory flows", "equal to another flow in all features, but not in the label"),
    "contradictory_groups": ("Contradictory vectors", "different feature vectors that carry more than one label"),
    "contradictory_benign": ("Contradictory to benign", "contradictory flows of vectors that also occur as benign"),
}
"""Title and definition of each way to count."""


def _first(table: pl.DataFrame, key: Sequence[str]) -> pl.Series:
    return table.select(pl.struct(key).is_first_distinct()).to_series()


def _count(table: pl.DataFrame, which: pl.Series) -> Count:
    return Count(int(which.sum()), int((table["is_attack"] & which).sum()))
