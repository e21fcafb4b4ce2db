"""What a rule of splitting sees and gives: flows, how test parts are drawn, and the role of each flow in a fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis.dataset.texts import numbered


@dataclass(frozen=True)
class Roles:
    """One fold: its name, and the role of each flow, shape (n,), or why it cannot be built."""

    name: str
    roles: np.ndarray | None
    reason: str | None = None


@dataclass(frozen=True)
class Flows:
    """What the rules may look at: labels, classes and files of the flows, and which may be used, all of shape (n,).

    ``copies`` numbers the groups of flows that are to stay on one side; None where flows may go anywhere. ``day`` is
    the name of each flow's day, or a date ('' where it is not told), ``time`` when it began, in microseconds, and
    ``hosts`` numbers the pairs of hosts that talk to one another; None where the flows do not tell.
    """

    label: np.ndarray
    attack: np.ndarray
    file: np.ndarray
    used: np.ndarray
    copies: np.ndarray | None = None
    day: np.ndarray | None = None
    time: np.ndarray | None = None
    hosts: np.ndarray | None = None


@dataclass(frozen=True)
class Draw:
    """How a random split is drawn: share of the test part, least flows of a stratum of its own, the stream."""

    test_fraction: float
    min_type: int
    generator: np.random.Generator


def stratified(labels: np.ndarray, draw: Draw, copies: np.ndarray | None = None) -> np.ndarray:
    """Mask (n,) of the test flows: in each stratum the given share, rounded to the nearest flow, drawn at random.

    A stratum is a traffic type; types with fewer than ``min_type`` flows are pooled into one. A stratum of two flows
    or more has at least one on each side. With ``copies`` (numbers of groups, shape (n,)) whole groups are drawn, those
    of several types in the stratum of their rarest, and a group that would overdraw the share is passed over.
    """
    names, of = numbered(pl.Series(labels, dtype=pl.String))
    counts = np.bincount(of, minlength=len(names))
    # The pooled types come first, as the empty name does.
    strata = np.where(counts >= draw.min_type, np.arange(len(names)), -1)[of]
    order = draw.generator.permutation(len(labels))
    test = np.zeros(len(labels), dtype=bool)
    if copies is not None:
        name = np.where(counts >= draw.min_type, names, "")[of]
        return _grouped(name, counts[of], copies, order, draw.test_fraction)
    drawn = strata[order]
    for stratum in np.unique(strata):
        members = order[drawn == stratum]
        size = round(draw.test_fraction * len(members))
        if len(members) >= 2:
            size = min(max(size, 1), len(members) - 1)
        test[members[:size]] = True
    return test


def _grouped(
    strata: np.ndarray, frequency: np.ndarray, copies: np.ndarray, order: np.ndarray, fraction: float
) -> np.ndarray:
    """Mask (n,) of the test flows where groups of copies are drawn whole, in the order given."""
    flows = pl.DataFrame({"copies": copies, "stratum": strata, "frequency": frequency})
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    groups = (
        flows.with_columns(place=pl.Series(place))
        .sort("frequency", "stratum", "place")
        .group_by("copies", maintain_order=True)
        .agg(pl.col("stratum").first(), pl.len().alias("size"), pl.col("place").min())
        .sort("place")
    )
    chosen: list[int] = []
    for _, members in sorted(groups.group_by("stratum"), key=lambda item: str(item[0][0])):
        left = max(round(fraction * int(members["size"].sum())), 1)
        numbers, sizes = members["copies"].to_list(), members["size"].to_list()
        taken = _fitting(sizes, left) if len(sizes) > 1 else []
        chosen += [numbers[i] for i in taken]
    return np.isin(copies, chosen)


def _fitting(sizes: Sequence[int], room: int) -> list[int]:
    """Which of the groups are taken, in order, while they fit into ``room``; the smallest where none does."""
    taken = []
    for i, size in enumerate(sizes):
        if size <= room:
            taken.append(i)
            room -= size
    return (taken or [int(np.argmin(sizes))])[: len(sizes) - 1]
