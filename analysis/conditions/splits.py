"""The rules by which flows are split, and what is done with flows that repeat: roles of flows, fold by fold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis.dataset.parts import TEST, TRAIN, UNUSED, Part


@dataclass(frozen=True)
class Roles:
    """One fold: its name, and the role of each flow, shape (n,), or why it cannot be built."""

    name: str
    roles: np.ndarray | None
    reason: str | None = None


@dataclass(frozen=True)
class Flows:
    """What the rules may look at: labels, classes and files of the flows, and which may be used, all of shape (n,).

    ``copies`` numbers the groups of flows that are to stay on one side; None where flows may go anywhere.
    """

    label: np.ndarray
    attack: np.ndarray
    file: np.ndarray
    used: np.ndarray
    copies: np.ndarray | None = None


@dataclass(frozen=True)
class Draw:
    """How a random split is drawn: share of the test part, least flows of a stratum of its own, the stream."""

    test_fraction: float
    min_type: int
    generator: np.random.Generator


def split(flows: Flows, rule: str, draw: Draw) -> list[Roles]:
    """The folds of a split by its level (``random``, ``by_file``, ``by_file:<file>``)."""
    name, _, only = rule.partition(":")
    found = RULES[name](flows, draw)
    if only:
        chosen = [fold for fold in found if fold.name == only]
        found = chosen or [Roles(only, None, f"the split {name} has no part {only}")]
    return [_with_both_classes(flows, _without_copies(flows, fold) if name != "random" else fold) for fold in found]


def _with_both_classes(flows: Flows, fold: Roles) -> Roles:
    """Without flows of both classes to train on, and some to test on, there is nothing to build."""
    if fold.roles is None:
        return fold
    if len(set(flows.attack[fold.roles == TRAIN].tolist())) < 2:
        return Roles(fold.name, None, "the training part holds one class only")
    return fold if (fold.roles == TEST).any() else Roles(fold.name, None, "there is no flow to test on")


def random(flows: Flows, draw: Draw) -> list[Roles]:
    """One fold, drawn at random within traffic types."""
    rows = np.flatnonzero(flows.used)
    copies = None if flows.copies is None else flows.copies[rows]
    test = stratified(flows.label[rows], draw, copies)
    roles = np.full(flows.used.size, UNUSED, dtype=np.uint8)
    roles[rows] = np.where(test, TEST, TRAIN)
    return [Roles("random", roles)]


def by_file(flows: Flows, draw: Draw) -> list[Roles]:
    """Each file that holds both classes is the test part once, and all other files are the training part."""
    files = sorted(set(flows.file[flows.used].tolist()))
    if len(files) < 2:
        return [Roles("by_file", None, "all flows come from one file")]
    both = [f for f in files if len(set(flows.attack[flows.used & (flows.file == f)].tolist())) == 2]
    if not both:
        return [Roles("by_file", None, "no file holds both classes")]
    found = []
    for file in both:
        here = flows.file == file
        found.append(Roles(file, np.where(flows.used, np.where(here, TEST, TRAIN), UNUSED).astype(np.uint8)))
    return found


RULES: Mapping[str, Callable[[Flows, Draw], list[Roles]]] = {"random": random, "by_file": by_file}
"""The levels of the factor split; one more is a function here and its words in ``LEVELS``."""


def _without_copies(flows: Flows, fold: Roles) -> Roles:
    """Where copies are to stay on one side and the rule decides the test part, they leave the training part."""
    if flows.copies is None or fold.roles is None:
        return fold
    tested = np.zeros(int(flows.copies.max()) + 1, dtype=bool)
    tested[flows.copies[fold.roles == TEST]] = True
    return Roles(fold.name, np.where((fold.roles == TRAIN) & tested[flows.copies], UNUSED, fold.roles).astype(np.uint8))


def stratified(labels: np.ndarray, draw: Draw, copies: np.ndarray | None = None) -> np.ndarray:
    """Mask (n,) of the test flows: in each stratum the given share, rounded to the nearest flow, drawn at random.

    A stratum is a traffic type; types with fewer than ``min_type`` flows are pooled into one. A stratum of two flows
    or more has at least one on each side. With ``copies`` (numbers of groups, shape (n,)) whole groups are drawn, those
    of several types in the stratum of their rarest, and a group that would overdraw the share is passed over.
    """
    names, of, counts = np.unique(labels, return_inverse=True, return_counts=True)
    strata = np.where(counts >= draw.min_type, names, "")[of] if len(names) else labels
    order = draw.generator.permutation(len(labels))
    test = np.zeros(len(labels), dtype=bool)
    if copies is not None:
        return _grouped(strata, counts[of], copies, order, draw.test_fraction)
    for name in sorted(set(strata.tolist())):
        members = order[strata[order] == name]
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


def repeats(flows: Part, columns: Sequence[str]) -> np.ndarray:
    """For each flow the number of the first that is equal to it in all ``columns``, shape (n,)."""
    frame = pl.DataFrame({"first": np.zeros(flows.height, dtype=np.int64)}).with_row_index("row")
    for name in columns:
        # One column at a time: all of them would be the whole release in memory.
        frame = frame.with_columns(flows.column(name).alias("value"))
        frame = frame.select("row", pl.col("row").first().over("first", "value").alias("first"))
    return frame["first"].to_numpy()
