"""Step: the distributions of the ten features by class, as histograms on a symmetric-log scale and as ECDFs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analysis.command import In, Out, Outs, run
from analysis.record import FEATURE, Column, Record, checked, read_json, snake
from analysis.statistics.scale import inverse_symmetric_log, symmetric_log
from analysis.statistics.value_counts import Floats, ValueCounts, class_sizes

BINS = 40
STEPS = 100
"""The thinned ECDF keeps each value at which a class passes a multiple of 1 / STEPS, so it is off by less than that."""
TYPES = 3
"""So many types of attack, the most frequent, are shown apart."""

_FLOWS = "All cleaned flows, training and test part together; shares of each class."


def histogram(value_counts: ValueCounts, bins: int = BINS) -> tuple[Floats, Floats, Floats]:
    """Edges, shape (bins + 1,), and the share of benign and of attack flows in each bin, shape (bins,).

    Bins are equally wide on the symmetric-log scale from the smallest to the largest value; the last one is closed.

    >>> edges, benign, attack = histogram(ValueCounts.of([0, 9, 9, 99], [False, False, True, True]), bins=2)
    >>> edges.round(6).tolist(), benign.tolist(), attack.tolist()
    ([0.0, 9.0, 99.0], [0.5, 0.5], [0.0, 1.0])
    """
    scaled = symmetric_log(value_counts.values)
    low, high = float(scaled[0]), float(scaled[-1])
    high = high if high > low else low + 1
    which = np.minimum(((scaled - low) / (high - low) * bins).astype(np.int64), bins - 1)
    benign, attack = (
        np.bincount(which, weights=counts, minlength=bins) / counts.sum()
        for counts in (value_counts.benign, value_counts.attack)
    )
    return inverse_symmetric_log(np.linspace(low, high, bins + 1)), benign, attack


def ecdf(value_counts: ValueCounts, steps: int = STEPS) -> tuple[Floats, Floats, Floats]:
    """Values and the share of benign and of attack flows at or below each; thinned where there are many values.

    >>> [part.tolist() for part in ecdf(ValueCounts.of([1, 2, 2, 3], [False, False, True, True]))]
    [[1.0, 2.0, 3.0], [0.5, 1.0, 1.0], [0.0, 0.5, 1.0]]
    """
    benign = np.cumsum(value_counts.benign) / value_counts.benign.sum()
    attack = np.cumsum(value_counts.attack) / value_counts.attack.sum()
    passes = np.zeros(len(value_counts.values), dtype=bool)
    for share in (benign, attack):
        level = np.floor(share * steps)
        passes |= np.diff(level, prepend=0) > 0
    passes[[0, -1]] = True
    return value_counts.values[passes], benign[passes], attack[passes]


def _histogram_rows(feature: str, value_counts: ValueCounts, types: Sequence[ValueCounts]) -> Iterator[dict[str, Any]]:
    edges, benign, attack = histogram(value_counts)
    each = [histogram(one)[2] for one in types]
    for i in range(len(benign)):
        yield {
            "bin": f"{feature}.{i + 1}", "feature": feature, "left": edges[i], "right": edges[i + 1],
            "benign": benign[i], "attack": attack[i], **{f"type_{j}": one[i] for j, one in enumerate(each, 1)},
        }  # fmt: skip


def _ecdf_rows(feature: str, value_counts: ValueCounts, types: Sequence[ValueCounts]) -> Iterator[dict[str, Any]]:
    points, *shares = ecdf(value_counts)
    place = np.searchsorted(value_counts.values, points)
    shares += [(np.cumsum(one.attack) / one.attack.sum())[place] for one in types]
    names = ["benign", "attack", *(f"type_{j}" for j in range(1, len(types) + 1))]
    for i, x in enumerate(points):
        yield {"point": f"{feature}.{i + 1}", "feature": feature, "x": x} | {
            name: share[i] for name, share in zip(names, shares, strict=True)
        }  # fmt: skip


def _spikes(record: Record, feature: str, value_counts: ValueCounts) -> None:
    """The most frequent value of each class: the spikes that a reader sees in the histogram."""
    n = int(value_counts.counts("all").sum())
    for population in ("benign", "attack"):
        counts = value_counts.counts(population)
        i = int(np.argmax(counts))
        key, where = f"distributions.{snake(feature)}.{population}", f"of {feature} among {population} flows"
        record.value(f"{key}.mode", float(value_counts.values[i]), "significant:4", f"most frequent value {where}", n=n)
        record.value(
            f"{key}.mode_share", float(counts[i] / counts.sum()), "fixed:3", unit="fraction", n=int(counts.sum()),
            definition=f"share of the most frequent value {where}",
        )  # fmt: skip


def tabulate(
    record: Record,
    by_feature: dict[str, ValueCounts],
    n: int | None = None,
    clusters: Sequence[Sequence[str]] = (),
    types: Mapping[str, Mapping[str, ValueCounts]] | None = None,
) -> None:
    """Histograms, ECDFs and the most frequent values of the features in ``by_feature``, from ``n`` flows.

    Without ``n`` no cell is missing. ``clusters`` are those features that say the same; ``types`` has by type of attack
    the value counts of the features with the attacks of that type alone, at the same values.
    """
    types = types or {}
    of = {name: members[0] for members in clusters for name in members}
    cluster = Column("cluster", "Cluster", "text", "left", definition="highest-ranked feature of its cluster")
    own = {feature: [one[feature] for one in types.values()] for feature in by_feature}
    found = [int(value_counts.counts("all").sum()) for value_counts in by_feature.values()]
    n = n or max(found)
    flows = _FLOWS if min(found) == n else f"{_FLOWS} Flows without a value are left out, feature by feature."
    shares = [Column("benign", "Benign", "fixed:4"), Column("attack", "Attack", "fixed:4")]
    shares += [Column(f"type_{i}", label, "fixed:4") for i, label in enumerate(types, 1)]
    record.table(
        "histograms",
        "Histograms of the features that are kept, by class",
        [
            Column("bin", "Bin", "text", "left"),
            FEATURE,
            cluster,
            Column("left", "From", "significant:4", unit="as in the release"),
            Column("right", "To", "significant:4", unit="as in the release"),
            *shares,
        ],
        [
            {"cluster": of.get(feature, feature)} | row
            for feature, value_counts in by_feature.items()
            for row in _histogram_rows(feature, value_counts, own[feature])
        ],
        notes=[
            flows,
            f"{BINS} bins of equal width in sign(x) log₁₀(1 + |x|); only the last one holds its right edge.",
        ],
    )
    record.table(
        "ecdf",
        "Empirical distribution functions of the features that are kept, by class",
        [
            Column("point", "Point", "text", "left"),
            FEATURE,
            cluster,
            Column("x", "x", "significant:4", unit="as in the release"),
            *shares,
        ],
        [
            {"cluster": of.get(feature, feature)} | row
            for feature, value_counts in by_feature.items()
            for row in _ecdf_rows(feature, value_counts, own[feature])
        ],
        notes=[flows, f"Exact at the values listed; between them neither class gains {1 / STEPS:g} or more."],
    )
    for feature, value_counts in by_feature.items():
        _spikes(record, feature, value_counts)
    same = [f for f, t in by_feature.items() if t.values[np.argmax(t.benign)] == t.values[np.argmax(t.attack)]]
    definition = "of the features kept whose most frequent value is the same in both classes"
    record.value("distributions.selected.same_mode", len(same), "integer", f"number {definition}", n=n)
    record.value("distributions.selected.same_mode_names", same, "list", f"those {definition}", n=n)


def read(paths: Sequence[Path], features: Sequence[str]) -> dict[str, ValueCounts]:
    """Value counts of ``features`` over the flow tables at ``paths`` together."""
    return {feature: ValueCounts.read(paths, feature) for feature in features}


def by_type(flows: Path, by_feature: Mapping[str, ValueCounts]) -> dict[str, dict[str, ValueCounts]]:
    """Of the most frequent types of attack the value counts of the features; none where all attacks are of one type.

    Every type has all benign flows beside it, so that its values are those of the whole feature. A type of which a
    feature has no value is left out.
    """
    scanned = pl.scan_parquet(checked(flows))
    counts = (
        scanned.filter("is_attack").group_by("Label").len().collect().sort("len", "Label", descending=[True, False])
    )
    if counts.height < 2:
        return {}
    found: dict[str, dict[str, ValueCounts]] = {label: {} for label in counts["Label"][:TYPES]}
    for feature, value_counts in by_feature.items():
        frame = scanned.filter("is_attack").select(pl.col(feature).cast(pl.Float64), "Label").collect()
        for label, one in found.items():
            values = frame.filter(pl.col("Label") == label)[feature].fill_nan(None).drop_nulls().to_numpy() + 0.0
            attack = np.bincount(np.searchsorted(value_counts.values, values), minlength=len(value_counts.values))
            one[feature] = ValueCounts(value_counts.values, value_counts.benign, attack)
    return {label: one for label, one in found.items() if all(each.attack.sum() for each in one.values())}


def step(flows: In, metadata: In, features: In, values: Out, tables: Outs) -> None:
    """The distributions of the ten features by class, as histograms on a symmetric-log scale and as ECDFs."""
    record = Record("distributions", read_json(metadata)["data"])
    kept = read_json(features)
    by_feature = read([flows], kept["selected"])
    tabulate(record, by_feature, class_sizes([flows])["all"], kept["clusters"], by_type(flows, by_feature))
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
