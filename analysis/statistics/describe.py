"""Step: descriptive statistics of all cleaned flows, for the ten features by class and for every feature pooled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.command import In, Ins, Out, Outs, run
from analysis.record import FEATURE, Cell, Column, Record, Table, read_json, repeated, snake
from analysis.statistics.moments import (
    DOMINANT,
    ONE_VALUE,
    Moments,
    kurtosis_interval,
    kurtosis_word,
    moments,
    quantile,
)
from analysis.statistics.value_counts import POPULATIONS, Counts, Floats, ValueCounts, class_sizes
from analysis.streams import stream

MILLION = 1_000_000
LOWEST = 0.05
"""Lowest part of a feature's range: a feature whose flows mostly lie there huddles near its minimum."""
FEW = "undefined for a constant and for fewer than 3 (G1) or 4 (G2) flows"
NO_INTERVAL = "no interval: a resample, or all the flows, hold one value only"

_QUARTILES = {"q1": 0.25, "median": 0.5, "q3": 0.75}
_NAMES = {
    "mean": "mean",
    "sd": "standard deviation (divisor n - 1)",
    "min": "minimum",
    "q1": "first quartile (inverted CDF)",
    "median": "median (inverted CDF)",
    "q3": "third quartile (inverted CDF)",
    "max": "maximum",
    "g1": "skewness G1 (adjusted Fisher-Pearson)",
    "g2": "excess kurtosis G2 (adjusted)",
}


@dataclass(frozen=True)
class Description:
    """Statistics of one feature in one population; an undefined one is None."""

    moments: Moments
    min: float
    q1: float
    median: float
    q3: float
    max: float
    share_at_minimum: float
    share_low: float
    commonest: float
    interval: tuple[float, float] | None = None

    @property
    def word(self) -> str:
        """The kurtosis in a word."""
        return kurtosis_word(self.interval, self.commonest)

    def __getitem__(self, name: str) -> Any:
        return getattr(self if hasattr(self, name) else self.moments, name)


def describe(values: Floats, counts: Counts, interval: tuple[float, float] | None = None) -> Description:
    """Statistics of a sample with ``counts`` flows at each of the ascending ``values``.

    ``share_low`` is the share of flows in the lowest ``LOWEST`` of the range; a constant has all of them there.
    ``commonest`` is the share of the flows that have the most frequent value.

    >>> import numpy as np
    >>> found = describe(np.array([0.0, 1.0, 100.0]), np.array([3, 4, 1]))
    >>> found.median, found.q3, found.share_at_minimum, found.share_low, found.commonest
    (1.0, 1.0, 0.375, 0.875, 0.5)
    """
    n = counts.sum()
    low = values <= values[0] + LOWEST * (values[-1] - values[0])
    return Description(
        moments=moments(values, counts),
        min=float(values[0]),
        max=float(values[-1]),
        **{name: quantile(values, counts, share) for name, share in _QUARTILES.items()},
        share_at_minimum=float(counts[0] / n),
        share_low=float(counts[low].sum() / n),
        commonest=float(counts.max() / n),
        interval=interval,
    )


Top = Mapping[str, Mapping[str, Description]]


def describe_top(
    paths: Sequence[Path], top: Sequence[str], resamples: int, confidence: float, seed: int
) -> dict[str, dict[str, Description]]:
    """Descriptions of the features ``top``, each in every population, with the bootstrap interval of G2."""
    found: dict[str, dict[str, Description]] = {}
    for feature in top:
        value_counts = ValueCounts.read(paths, feature)
        found[feature] = {}
        for population in POPULATIONS:
            values, counts = value_counts.present(population)
            rng = stream(seed, f"describe.{snake(feature)}.{population}")
            interval = kurtosis_interval(values, counts, resamples, confidence, rng)
            found[feature][population] = describe(values, counts, interval)
    return found


def _cell(value: float | None, display: str, reason: str) -> Cell:
    return Table.cell(value, display, reason=reason if value is None else None)


N = Column("n", "n", "integer", unit="flows", definition="flows with a value of the feature")
FLOWS = Column("flows", "Flows", "text", "left", definition="whose flows: all, benign or attack")
AT_MINIMUM = Column(
    "share_at_minimum", "At minimum", "percent:1", unit="fraction", n="n",
    definition="share of flows at the population's smallest value of the feature",
)  # fmt: skip
TITLES = {
    "mean": "Mean", "sd": "SD", "min": "Min", "q1": "Q1", "median": "Median", "q3": "Q3", "max": "Max", "g1": "G1",
    "g2": "G2",
}  # fmt: skip


def _statistic(name: str, n: str | None) -> Column:
    """The column of one of the statistics; ``n`` is the column that says from how many flows, where there is one."""
    unit = "1" if name in ("g1", "g2") else "as in the release"
    return Column(name, TITLES[name], "significant:3", unit=unit, definition=_NAMES[name], n=n)


def _left_out(described: Iterable[Description], n: int) -> str:
    """A sentence for the notes where some feature has fewer than ``n`` values, else nothing."""
    return " Missing cells are left out; n: flows with a value." if any(d.moments.n < n for d in described) else ""


def _top_tables(record: Record, top: Top, resamples: int, confidence: float, sizes: Mapping[str, int]) -> None:
    rows = [(feature, population) for feature in top for population in POPULATIONS]

    def labels(feature: str, population: str) -> dict[str, Any]:
        return {"feature": repeated(feature, population == "all"), "flows": population}

    shown = ", ".join(f"{n:,} {'flows' if p == 'all' else p}" for p, n in sizes.items())
    left_out = _left_out((by["all"] for by in top.values()), sizes["all"])
    note = f"All cleaned flows, training and test part together: {shown}.{left_out}"
    location = ["mean", "sd", "min", "q1", "median", "q3", "max"]
    record.table(
        "descriptives_selected",
        "Location and spread of the features that are kept, pooled and by class",
        [
            FEATURE,
            FLOWS,
            *([N] if left_out else []),
            *(_statistic(name, "n" if left_out else None) for name in location),
        ],
        [
            labels(f, p)
            | {"n": top[f][p].moments.n}
            | {k: _cell(top[f][p][k], "significant:3", "undefined for one flow") for k in location}
            for f, p in rows
        ],
        notes=[
            note,
            "SD: standard deviation with divisor n − 1. Quartiles by the inverted CDF. Units as in the release.",
        ],
        id=("feature", "flows"),
    )
    record.table(
        "shape_selected",
        "Shape of the features that are kept, pooled and by class",
        [
            FEATURE,
            FLOWS,
            N,
            _statistic("g1", "n"),
            _statistic("g2", "n"),
            Column(
                "g2_low",
                "Lower",
                "significant:3",
                unit="1",
                n="n",
                definition="lower end of the bootstrap interval of G2",
            ),
            Column(
                "g2_high",
                "Upper",
                "significant:3",
                unit="1",
                n="n",
                definition="upper end of the bootstrap interval of G2",
            ),
            Column(
                "word",
                "Kurtosis",
                "text",
                "left",
                n="n",
                definition="kurtosis in a word, given where the bootstrap interval of G2 excludes 0 and less than "
                f"{DOMINANT:.0%} of the flows have the same value",
            ),
            AT_MINIMUM,
        ],
        [
            labels(f, p)
            | {
                "n": d.moments.n,
                "g1": _cell(d.moments.g1, "significant:3", FEW),
                "g2": _cell(d.moments.g2, "significant:3", FEW),
                "g2_low": _cell(d.interval and d.interval[0], "significant:3", NO_INTERVAL),
                "g2_high": _cell(d.interval and d.interval[1], "significant:3", NO_INTERVAL),
                "word": d.word,
                "share_at_minimum": d.share_at_minimum,
            }
            for f, p in rows
            for d in [top[f][p]]
        ],
        notes=[
            note,
            "G1: adjusted Fisher-Pearson skewness. G2: adjusted excess kurtosis, 0 for a normal distribution.",
            f"Lower, Upper: {100 * confidence:g}% percentile bootstrap interval of G2 from {resamples:,} resamples of "
            "single flows; flows are not independent, so it is too narrow. The word is given only where it excludes 0, "
            f"and where less than {DOMINANT:.0%} of the flows have the same value (else: {ONE_VALUE}).",
            "At minimum: share of the flows that have the population's smallest value.",
        ],
        id=("feature", "flows"),
    )


def _all_table(record: Record, everything: Mapping[str, Description], n: int) -> None:
    left_out = _left_out(everything.values(), n)
    record.table(
        "descriptives_all",
        "Descriptive statistics of every numeric feature, classes pooled",
        [
            FEATURE,
            *([N] if left_out else []),
            *(_statistic(name, "n" if left_out else None) for name in TITLES),
            replace(AT_MINIMUM, n="n" if left_out else None),
        ],
        [
            {"feature": f, "n": d.moments.n, "share_at_minimum": d.share_at_minimum}
            | {key: _cell(d[key], "significant:3", FEW) for key in TITLES}
            for f, d in everything.items()
        ],
        notes=[
            f"All cleaned flows, training and test part together: {n:,}.{left_out} Definitions as for the features "
            "kept."
        ],
    )


def _summary_values(record: Record, top: Top, sizes: Mapping[str, int]) -> None:
    """How many of the ten have a property: what a sentence about 'the features' may claim."""
    properties: dict[str, tuple[str, Callable[[Description], bool]]] = {
        "leptokurtic": ("interval of G2 above 0, no dominant value", lambda d: d.word == "leptokurtic"),
        "platykurtic": ("interval of G2 below 0, no dominant value", lambda d: d.word == "platykurtic"),
        "undetermined": ("interval of G2 containing 0, or none", lambda d: d.word == "undetermined"),
        "dominated": (f"{DOMINANT:.0%} or more of the flows at one value", lambda d: d.word == ONE_VALUE),
        "negative_g2": ("negative G2", lambda d: (d.moments.g2 or 0) < 0),
        "positive_skew": ("positive G1", lambda d: (d.moments.g1 or 0) > 0),
        "skew_over_1": ("G1 above 1", lambda d: (d.moments.g1 or 0) > 1),
        "sd_over_million": ("standard deviation of a million or more", lambda d: (d.moments.sd or 0) >= MILLION),
        "median_at_minimum": ("median equal to the minimum", lambda d: d.median == d.min),
        "mostly_low": (
            f"at least half the flows in the lowest {LOWEST:.0%} of the range",
            lambda d: d.share_low >= 0.5,
        ),
    }
    for population, words in POPULATIONS.items():
        found = {feature: by[population] for feature, by in top.items()}
        n = sizes[population]
        for name, (meaning, holds) in properties.items():
            having = [feature for feature, d in found.items() if holds(d)]
            key, definition = f"describe.selected.{name}.{population}", f"of the features kept, in {words}: {meaning}"
            record.value(key, len(having), "integer", f"number {definition}", n=n)
            record.value(f"{key}_names", having, "list", f"those {definition}", n=n)
        for statistic, reads in (
            ("sd", "significant:3"),
            ("g1", "significant:3"),
            ("g2", "significant:3"),
            ("share_at_minimum", "fixed:3"),
        ):
            _extremes(record, found, statistic, reads, population, n)


def _extremes(
    record: Record, found: Mapping[str, Description], statistic: str, display: str, population: str, n: int
) -> None:
    defined = {feature: d[statistic] for feature, d in found.items() if d[statistic] is not None}
    unit = {"unit": "fraction"} if statistic.startswith("share") else {}
    for end, pick, word in (("min", min, "smallest"), ("max", max, "largest")):
        key = f"describe.selected.{statistic}_{end}.{population}"
        name = _NAMES.get(statistic, "share of flows at the minimum")
        of = f"{word} {name} among the features kept, {POPULATIONS[population]}"
        feature = pick(defined, key=lambda f: defined[f]) if defined else None
        reason = None if defined else FEW
        where = "descriptives_selected" if statistic == "sd" else "shape_selected"
        if feature:
            row = f"{feature}.{population}"
            record.name(key, where, row, statistic, definition=of, display=display, n=found[feature].moments.n)
        else:
            record.value(key, None, display, of, n=n, reason=FEW, **unit)
        record.value(f"{key}_feature", feature, "text", f"feature with the {of}", n=n, reason=reason)


def step(
    flows: Ins, metadata: In, features: In, resamples: int, confidence: float, seed: int, values: Out, tables: Outs
) -> None:
    """Descriptive statistics of all cleaned flows, for the ten features by class and for every feature pooled."""
    kept, sizes = read_json(features), class_sizes(flows)
    record = Record("describe", read_json(metadata)["data"])
    top = describe_top(flows, kept["selected"], resamples, confidence, seed)
    everything = {name: describe(*ValueCounts.read(flows, name).present("all")) for name in kept["all"]}
    _top_tables(record, top, resamples, confidence, sizes)
    _all_table(record, everything, sizes["all"])
    _summary_values(record, top, sizes)
    record.value("describe.resamples", resamples, "integer", "bootstrap resamples of G2")
    record.value("describe.dominant", DOMINANT, "percent:0", "share of flows from which on one value dominates",
                 unit="fraction")  # fmt: skip
    record.value("describe.confidence", confidence, "fixed:2", "confidence of the intervals", unit="fraction")
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
