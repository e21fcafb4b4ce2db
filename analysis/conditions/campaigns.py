"""Campaigns: flows that belong to one event, and a split that keeps each of them on one side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from analysis.conditions.draw import Draw, Flows, Roles, stratified
from analysis.dataset.parts import TEST, TRAIN, UNUSED, Part
from analysis.dataset.texts import objects

GAP = 10 * 60 * 1_000_000
"""Microseconds: attack flows further apart are of two campaigns, and benign flows are grouped by windows as long."""
NO_TIMES, NO_HOSTS = "the flows have no times", "the flows have no addresses"


def campaigns(label: np.ndarray, attack: np.ndarray, time: np.ndarray, hosts: np.ndarray) -> np.ndarray:
    """The number of each flow's campaign, shape (n,), from labels, classes, times in microseconds and pairs of hosts.

    Attack flows are of one campaign where they are of one type, of one day and between the same two hosts, and no gap
    between two that follow one another is longer than ten minutes. Benign flows are grouped by pair of hosts and by ten
    minutes of the clock.

    >>> minutes = np.array([0, 9, 30, 1, 9, 11]) * 60_000_000
    >>> attack = np.array([True] * 3 + [False] * 3)
    >>> campaigns(np.where(attack, "DDoS", "BENIGN"), attack, minutes, np.zeros(6, dtype=int)).tolist()
    [0, 0, 1, 2, 2, 3]
    """
    flows = pl.DataFrame({"label": label, "attack": attack, "time": time, "hosts": hosts}).with_row_index("row")
    flows = flows.with_columns(day=pl.col("time") // (24 * 3600 * 1_000_000)).sort("time", maintain_order=True)
    same = ("label", "day", "hosts")
    new = (pl.col("time").diff() > GAP).fill_null(False).cast(pl.Int64).cum_sum().over(*same)
    window = pl.when("attack").then(new).otherwise(pl.col("time") // GAP)
    # A window of the clock says the day itself, and a benign flow has no type but its own.
    group = pl.struct(pl.col("label"), pl.col("hosts"), pl.col("day"), window.alias("window"))
    numbered = flows.with_columns(group=group.rank("dense")).sort("row")
    of = numbered["group"].to_numpy()
    _, first, inverse = np.unique(of, return_index=True, return_inverse=True)
    # Numbered in the order of the flows, so that equal flows give equal numbers whatever they are called.
    place = np.empty(first.size, dtype=np.int64)
    place[np.argsort(first, kind="stable")] = np.arange(first.size)
    return np.asarray(place[inverse])


def pairs(source: pl.Series, target: pl.Series) -> np.ndarray:
    """A number for each pair of hosts, whichever of the two began, shape (n,)."""
    ends = pl.DataFrame({"a": source, "b": target})
    pair = ends.select(pl.concat_str(pl.min_horizontal("a", "b"), pl.max_horizontal("a", "b"), separator=" "))
    return np.unique(pair.to_series().fill_null("").to_numpy().astype(str), return_inverse=True)[1]


def whereabouts(flows: Part) -> tuple[np.ndarray | None, np.ndarray | None, np.ndarray | None]:
    """Day, time in microseconds and pair of hosts of each flow, each None where the flows do not tell."""
    day = objects(flows.column("day").fill_null("")) if "day" in flows.columns else None
    time = hosts = None
    if "timestamp" in flows.columns:
        stamp = flows.column("timestamp")
        time = None if stamp.null_count() else stamp.cast(pl.Datetime("us")).cast(pl.Int64).to_numpy()
    if {"Source IP", "Destination IP"} <= set(flows.columns):
        hosts = pairs(flows.column("Source IP"), flows.column("Destination IP"))
    return day, time, hosts


def campaigns_of(flows: Part) -> tuple[np.ndarray | None, str | None]:
    """The campaign of each flow, shape (n,), or why there is none."""
    told = flows.read("Label", "is_attack")
    _, time, hosts = whereabouts(flows)
    if time is None or hosts is None:
        return None, NO_TIMES if time is None else NO_HOSTS
    return campaigns(told["Label"].to_numpy(), told["is_attack"].to_numpy(), time, hosts), None


def apart(flows: Flows, draw: Draw) -> list[Roles]:
    """One fold: whole campaigns are drawn at random within types; a type of one campaign stays in the training part."""
    if flows.time is None or flows.hosts is None:
        return [Roles("campaigns", None, NO_TIMES if flows.time is None else NO_HOSTS)]
    rows = np.flatnonzero(flows.used)
    label = flows.label[rows]
    of = campaigns(label, flows.attack[rows], flows.time[rows], flows.hosts[rows])
    # Rare types are not pooled: one campaign would be tested that nothing of its type was trained for.
    test = stratified(label, replace(draw, min_type=1), of)
    roles = np.full(flows.used.size, UNUSED, dtype=np.uint8)
    roles[rows] = np.where(test, TEST, TRAIN)
    return [Roles("campaigns", roles)]
