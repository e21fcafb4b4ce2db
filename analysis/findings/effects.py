"""Step: how far each type of attack lies from the benign flows, feature by feature, and benign flows from one another.

D and Cliff's delta tell sizes where a test at these numbers of flows only says that two distributions differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy.stats import spearmanr

from analysis.command import In, Out, Outs, run
from analysis.dataset.parts import Part
from analysis.record import FEATURE, Column, Record, Table, read_json
from analysis.statistics.effect import chance, days_apart, effects, interval
from analysis.statistics.value_counts import Counts, Floats, SortedColumn
from analysis.streams import stream

ALL = "All attacks"
HALVES = 20
"""Random halves of the benign flows that are compared."""
FENG_CLIFF = "Feng and Cliff, flows independent"
"""How the interval of delta is made."""
NO_DAYS = "the benign flows are of one day, or say none"


@dataclass(frozen=True)
class Groups:
    """The types of attack, most frequent first, and the number of each flow's: its type from 1 on, 0 if benign (n,).

    ``day`` numbers the days of benign flows from 0 on; None where there are no two.
    """

    types: Sequence[str]
    of: np.ndarray
    day: np.ndarray | None
    days: int

    @classmethod
    def read(cls, flows: Part) -> Groups:
        """The groups of all flows of a table."""
        told = flows.read("Label", "is_attack", "day")
        counts = told.filter("is_attack").group_by("Label").len().sort("len", "Label", descending=[True, False])
        types = counts["Label"].to_list()
        number = {label: i for i, label in enumerate(types, 1)}
        of = np.array([number[label] if attack else 0 for label, attack in told.select("Label", "is_attack").rows()])
        benign_days = told.filter(~pl.col("is_attack"))["day"]
        days = benign_days.drop_nulls().unique().sort().to_list()
        if len(days) < 2:
            return cls(types, of, None, len(days))
        place = {day: i for i, day in enumerate(days)}
        # Flows that do not say their day stand in a column of their own, which is no day.
        return cls(types, of, np.array([place.get(day, len(days)) for day in benign_days.to_list()]), len(days))


@dataclass(frozen=True)
class Effect:
    """D and delta of all attacks and of each type against the benign flows, each (1 + types,), NaN without a value.

    ``low`` and ``high`` are the ends of the 95 % interval of delta, NaN with fewer than two values.
    ``chance`` is the size of delta that random draws of as many flows reach; ``halves`` and ``days`` are the largest D
    and size of delta between random halves and between days of the benign flows.
    """

    d: Floats
    delta: Floats
    low: Floats
    high: Floats
    chance: Floats
    halves: tuple[float, float]
    days: tuple[float, float] | None

    @property
    def floor(self) -> Floats:
        """Size of delta up to which a group is not told from what benign flows differ among themselves."""
        return np.maximum(self.chance, max(self.halves[1], self.days[1] if self.days else 0.0))


def effect(values: np.ndarray, groups: Groups, halves: np.ndarray) -> Effect:
    """The effects of one feature, whose ``values`` have shape (n,).

    ``halves`` (draws, benign flows) says of each draw in which half a flow is, 0 or 1.
    """
    column = SortedColumn.of(pl.Series(values))
    counts = column.grouped(groups.of, len(groups.types) + 1)
    benign = counts[:, 0]
    others: Counts = np.column_stack([counts[:, 1:].sum(axis=1), counts[:, 1:]])
    d, delta = effects(benign, others)
    own = column.only(groups.of == 0)
    apart = []
    for half in halves:
        both = own.grouped(half, 2)
        if both.sum(axis=0).all():
            one, other = effects(both[:, 0], both[:, 1:])
            apart.append((float(one[0]), abs(float(other[0]))))
    largest = max((one for one, _ in apart), default=0.0), max((other for _, other in apart), default=0.0)
    by_day = None if groups.day is None else own.grouped(groups.day, groups.days + 1)[:, : groups.days]
    return Effect(
        d,
        delta,
        *interval(benign, others),
        chance(benign, others),
        largest,
        None if by_day is None else days_apart(by_day),
    )


def record_effects(
    record: Record, found: Mapping[str, Effect], groups: Groups, cluster: Mapping[str, str], sizes: Sequence[int]
) -> None:
    """Table ``effects``: every feature and type."""
    rows = []
    for name, one in found.items():
        for i, label in enumerate((ALL, *groups.types)):
            empty = bool(np.isnan(one.delta[i]))
            row = {key: Table.cell(None if empty else float(value), "fixed:3",
                                   reason="no flow of the type has a value" if empty else None)
                   for key, value in (("d", one.d[i]), ("delta", one.delta[i]), ("floor", one.floor[i]))}  # fmt: skip
            single = bool(np.isnan(one.low[i]))
            why = row["d"].reason or "fewer than two flows of the type have a value"
            row |= {key: Table.cell(None if single else float(value), "fixed:3", reason=why if single else None)
                    for key, value in (("low", one.low[i]), ("high", one.high[i]))}  # fmt: skip
            within = None if empty else bool(abs(one.delta[i]) <= one.floor[i])
            rows.append({"feature": name, "cluster": cluster[name], "label": label, "flows": sizes[i], **row,
                         "within": Table.cell(within, "text", reason=row["d"].reason)})  # fmt: skip
    columns = [
        FEATURE,
        Column("cluster", "Cluster", align="left", definition="highest-ranked feature of its cluster"),
        Column("label", "Type", align="left", definition="type of attack"),
        Column("flows", "Flows", "integer", unit="flows", definition="flows of the type"),
        Column("d", "D", "fixed:3", unit="fraction", n="flows",
               definition="Kolmogorov-Smirnov distance of the type from the benign flows"),
        Column("delta", "δ", "fixed:3", unit="1", n="flows", low="low", high="high", interval=FENG_CLIFF,
               definition="Cliff's delta of the type over benign flows"),
        Column("low", "δ, low", "fixed:3", unit="1", n="flows", definition="lower end of its 95% interval"),
        Column("high", "δ, high", "fixed:3", unit="1", n="flows", definition="upper end of its 95% interval"),
        Column("floor", "Floor", "fixed:3", unit="1", n="flows", definition="size of delta of benign flows among "
               "themselves: the largest of two days or random halves, or of 95% of random draws of as many flows"),
        Column("within", "Within", definition="whether delta is within the floor"),
    ]  # fmt: skip
    record.table("effects", "How far each type of attack lies from the benign flows", columns, rows,
                 notes=["All cleaned flows. Missing cells are left out."], id=("feature", "label"))  # fmt: skip


def record_noise(record: Record, found: Mapping[str, Effect]) -> None:
    """Table ``effects_noise`` and values ``effects.halves.*`` and ``effects.days.*``: benign against benign flows."""
    rows = []
    for name, one in found.items():
        days = one.days or (None, None)
        rows.append({"feature": name, "halves_d": one.halves[0], "halves_delta": one.halves[1]} | {
            key: Table.cell(value, "fixed:3", reason=NO_DAYS if value is None else None)
            for key, value in zip(("days_d", "days_delta"), days, strict=True)})  # fmt: skip
    columns = [FEATURE]
    for key, words in (("halves", "random halves"), ("days", "two days")):
        columns += [
            Column(f"{key}_d", f"D, {words}", "fixed:3", unit="fraction",
                   definition=f"largest D between {words} of the benign flows"),
            Column(f"{key}_delta", f"|δ|, {words}", "fixed:3", unit="1",
                   definition=f"largest size of delta between {words} of the benign flows"),
        ]  # fmt: skip
    notes = [f"Benign flows among themselves: the largest over {HALVES} random halvings and over all pairs of days."]
    table = record.table("effects_noise", "How far benign flows lie from benign flows", columns, rows, notes=notes)
    for key, words in (("halves", "random halves"), ("days", "two days")):
        there = key == "halves" or any(one.days for one in found.values())
        if key == "days":
            record.value("effects.days.any", there, "text", "whether benign flows are of several days", unit="")
        for measure, title in (("d", "D"), ("delta", "size of delta")):
            of = f"largest {title} between {words} of the benign flows, over features"
            column = table.column(f"{key}_{measure}")
            known = [(value, name) for value, name in zip(column, found, strict=True) if value is not None]
            if known:
                row, cell = max(known)[1], f"{key}_{measure}"
                record.name(f"effects.{key}.{measure}", "effects_noise", row, cell, definition=of)
            else:
                record.value(f"effects.{key}.{measure}", None, "fixed:3", of, reason=NO_DAYS)


def record_orders(record: Record, found: Mapping[str, Effect], f1: Mapping[str, float], own: Sequence[str]) -> None:
    """Table ``effect_orders`` and values ``effects.rho.*``: how D, delta and F1 rank the clusters ``own``."""
    known = [name for name in own if name in f1]
    measures = {
        "d": {name: float(found[name].d[0]) for name in known},
        "delta": {name: abs(float(found[name].delta[0])) for name in known},
        "f1": {name: f1[name] for name in known},
    }
    place = {key: {name: i for i, name in enumerate(sorted(known, key=of.__getitem__, reverse=True), 1)}
             for key, of in measures.items()}  # fmt: skip
    rows = [{"feature": name} | {key: of[name] for key, of in measures.items()}
            | {f"{key}_rank": of[name] for key, of in place.items()}
            for name in place["d"]]  # fmt: skip
    titles = {"d": ("D", "Kolmogorov-Smirnov distance of all attacks from the benign flows"),
              "delta": ("|δ|", "size of Cliff's delta of all attacks"),
              "f1": ("F1", "F1 on the test part of a threshold learnt on the training part")}  # fmt: skip
    columns = [FEATURE]
    columns += [Column(key, title, "fixed:3", unit="1", definition=words) for key, (title, words) in titles.items()]
    columns += [Column(f"{key}_rank", f"Rank, {title}", "integer", unit="place", definition=f"rank by {title}")
                for key, (title, _) in titles.items()]  # fmt: skip
    record.table("effect_orders", "D, delta and the F1 of a threshold rank the clusters differently", columns, rows,
                 notes=["The highest-ranked feature of each cluster, by descending D."])  # fmt: skip
    for key, (one, other) in {"d_delta": ("d", "delta"), "d_f1": ("d", "f1"), "delta_f1": ("delta", "f1")}.items():
        x, y = ([measures[of][name] for name in known] for of in (one, other))
        varies = len(set(x)) > 1 and len(set(y)) > 1
        record.value(f"effects.rho.{key}", float(spearmanr(x, y).statistic) if varies else None, "fixed:2",
                     f"Spearman correlation of {titles[one][0]} and {titles[other][0]} over clusters", n=len(known),
                     reason=None if varies else "too few features that differ")  # fmt: skip


def record_opposed(record: Record, found: Mapping[str, Effect], groups: Groups, own: Sequence[str], least: int,
                   sizes: Sequence[int]) -> None:  # fmt: skip
    """Values ``effects.opposed.*``, ``effects.leaders`` and ``effects.within``: what types do to the pooled number.

    Only types of ``least`` flows or more speak.
    """
    labels = [ALL, *groups.types]
    enough = [i for i in range(1, len(labels)) if sizes[i] >= least]
    record.value("effects.types", len(enough), "integer", f"types of attack with at least {least} flows", unit="types")
    what = f"whether two types or more have at least {least} flows"
    record.value("effects.several", len(enough) > 1, "text", what, unit="")
    cells = [(name, i) for name in own for i in enough if not np.isnan(found[name].delta[i])]
    beyond = {cell for cell in cells if abs(found[cell[0]].delta[cell[1]]) > found[cell[0]].floor[cell[1]]}
    share = (len(cells) - len(beyond)) / len(cells) if cells else None
    what = "share of pairs of cluster and type whose delta is within the floor"
    record.value("effects.within", share, "percent:0", what, unit="fraction", n=len(cells),
                 reason=None if cells else "no type has enough flows")  # fmt: skip
    record.value("effects.any_type", bool(enough), "text", f"whether a type has at least {least} flows", unit="")
    record.value("effects.clusters", len(own), "integer", "clusters of features compared", unit="clusters")
    sized = np.nan_to_num([np.abs(found[name].delta) for name in own])
    leaders = set(sized.argmax(axis=0)[enough].tolist())
    record.value("effects.leaders", len(leaders), "integer", "clusters that have the largest size of delta for a type",
                 unit="clusters")  # fmt: skip
    sides = {}
    for name in own:
        deltas = {i: float(found[name].delta[i]) for i in enough if (name, i) in beyond}
        if deltas and min(deltas.values()) < 0 < max(deltas.values()):
            sides[name] = max(deltas, key=deltas.__getitem__), min(deltas, key=deltas.__getitem__)
    record.value("effects.opposed", len(sides), "integer", "clusters on which types lie on both sides of the benign "
                 "flows, beyond the floor", unit="clusters", n=len(own))  # fmt: skip
    record.value(
        "effects.opposed.any",
        bool(sides),
        "text",
        "whether there are clusters with types on either side of the benign flows",
        unit="",
    )

    def hidden(name: str) -> float:
        """By how much the weaker of the two sides is larger than the pooled delta."""
        one = found[name]
        return float(min(abs(one.delta[i]) for i in sides[name]) - abs(one.delta[0]))

    most = max(sides, key=hidden, default=None)
    of = "feature on which two types on either side of the benign flows hide most behind all attacks together"
    why = None if most else "no feature has types on both sides"
    record.value("effects.opposed.feature", most, "text", of, unit="", reason=why)
    above, below = sides[most] if most else (0, 0)
    for key, i in {"all": 0, "above": above, "below": below}.items():
        words = f"the type {key}, on the {of}"
        record.value(f"effects.opposed.{key}.label", most and labels[i], "text", words, unit="", reason=why)
        for measure in ("d", "delta"):
            name, words = f"effects.opposed.{key}.{measure}", f"{measure} of the type {key}, on the {of}"
            if most:
                record.name(name, "effects", f"{most}.{labels[i]}", measure, definition=words)
            else:
                record.value(name, None, "fixed:3", words, reason=why)


def report_effects(
    flows: Part, clusters: Sequence[Sequence[str]], f1: Mapping[str, float], least: int, seed: int, data: str
) -> Record:
    """All tables and values; of each of the ``clusters`` the first feature speaks."""
    groups = Groups.read(flows)
    generator = stream(seed, "effects.halves")
    benign = int((groups.of == 0).sum())
    halves = np.array([generator.permutation(benign) % 2 for _ in range(HALVES)], dtype=np.uint8)
    cluster = {name: members[0] for members in clusters for name in members}
    found = {}
    for name in cluster:
        # One column at a time: all of them would be the whole release in memory.
        found[name] = effect(flows.column(name).cast(pl.Float64).fill_null(np.nan).to_numpy(), groups, halves)
    own = [members[0] for members in clusters]
    sizes = [int((groups.of > 0).sum()), *np.bincount(groups.of, minlength=len(groups.types) + 1)[1:].tolist()]
    record = Record("effects", data)
    record_effects(record, found, groups, cluster, sizes)
    record_noise(record, found)
    record_orders(record, found, f1, own)
    record_opposed(record, found, groups, own, least, sizes)
    return record


def step(
    flows: In, clusters: In, single: In, metadata: In, min_support: int, seed: int, values: Out, tables: Outs
) -> None:
    """How far each type of attack lies from the benign flows, feature by feature, and benign flows from one another."""
    alone: list[dict[str, Any]] = Table.from_json(read_json(single)).records()
    f1 = {row["feature"]: row["f1"] for row in alone}
    record = report_effects(Part.whole(flows), read_json(clusters), f1, min_support, seed, read_json(metadata)["data"])
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
