"""Step: what a detector costs those who look at its alerts, and what the false alarms of a benign day are.

The day is tried on a model that learnt nothing of it: neither features nor thresholds nor what fills missing cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from analysis.command import In, Ins, Out, Outs, run
from analysis.conditions.campaigns import whereabouts
from analysis.conditions.engine import Engine
from analysis.conditions.features import PORT, chosen
from analysis.conditions.fit import Matrices, fit
from analysis.conditions.split import fills
from analysis.conditions.threshold import RATES
from analysis.dataset.parts import TEST, TRAIN, UNUSED, Fold, Part, parts
from analysis.dataset.release import load
from analysis.detection.names import MODELS, the
from analysis.detection.predictions import Fit, binary, frames, load_fits, ranked
from analysis.record import Record, Table, read_json
from analysis.statistics.select import select
from analysis.tooling.day import Day, benign_day, same
from analysis.tooling.report import Supposed, record_all
from analysis.tooling.report_day import Seen, ends_of
from analysis.tooling.services import services


def tried(
    flows: Path, day: np.ndarray, name: str, entry: Mapping[str, Any], number: int, rule: str, seed: int, threads: int,
    engine: Engine,
) -> tuple[Day | None, str | None]:  # fmt: skip
    """The day ``name`` as the model of a condition's ``entry`` answers it that learnt from all other days; or why not.

    ``day`` (n,) is that of each flow. Flows of unknown days are left out: they might be of this one.
    """
    roles = np.where(day == name, TEST, np.where(day == "", UNUSED, TRAIN)).astype(np.uint8)
    filled = {one["feature"]: one["value"] for one in fills(Part.whole(flows), roles)}
    train, test = (Part(flows, roles == role, filled) for role in (TRAIN, TEST))
    features, reason = chosen(entry["factors"]["features"], select(train, number, rule))
    if reason:
        return None, reason
    about, frame = fit(entry, Fold(name, train, test), features, seed, threads, Matrices(), engine)
    if frame is None:
        return None, str(about["reason"])
    thresholds = {rate: about["thresholds"][str(rate)] for rate in RATES}
    if None in thresholds.values():
        return None, "no benign flow was held back"
    told = {"Source IP": None, "Protocol": None} | {
        name: test.column(name) for name in ("Source IP", "Protocol") if name in test.columns
    }  # fmt: skip
    known = test.read(*test.features)
    port = known[PORT] if PORT in known.columns else None
    service = np.full(test.height, "no port is told") if port is None else services(port, told["Protocol"])
    hosts = told["Source IP"]
    return Day(
        name, frame["score"].to_numpy(), thresholds, same(known, features), same(known, known.columns), service,
        None if hosts is None else np.unique(hosts.fill_null("").to_numpy().astype(str), return_inverse=True)[1],
    ), None  # fmt: skip


def learnt_from(found: Fit, tested: Part, day: np.ndarray, name: str) -> Seen | None:
    """False alarms on the day's test flows by the model of a random split, which learnt from others of that day.

    None where no test flow is of the day. ``day`` (n,) is that of each flow of the table.
    """
    here = day[tested.rows] == name
    threshold = found.description["thresholds"][str(RATES[0])]
    if not here.any() or threshold is None:
        return None
    return Seen(int(here.sum()), ends_of((found.frame["score"] > threshold).to_numpy()[here]))


def step(
    predictions: Ins, descriptions: Ins, thresholds: In, flows: In, roles: In, split: In, metadata: In, number: int,
    rule: str, flows_a_day: int, attack_share: float, alerts_a_day: int, seed: int, threads: int, engine: Any,
    values: Out, tables: Outs,
) -> None:  # fmt: skip
    """Say what a detector costs those who look at its alerts, and what the false alarms of a benign day are."""
    about, told = read_json(metadata), load_fits(predictions, descriptions, "source")
    best = ranked(frames(binary(told)["selected"]))[0]
    frozen = Table.from_json(read_json(thresholds))
    points = {row.id: cells for row, cells in zip(frozen.rows, frozen.records(), strict=True)}
    base = load_fits(predictions, descriptions, "findings")[f"random.{best}"]
    part = Part.whole(flows)
    day, _, _ = whereabouts(part)
    attack = (part.column("is_attack") | part.column("attempted").fill_null(False)).to_numpy()
    name, reason = benign_day(day, attack)
    found: Day | None = None
    seen: Seen | None = None
    if day is not None and not reason:
        found, reason = tried(flows, day, name, base.entry, number, rule, seed, threads, Engine(**engine))
        seen = learnt_from(base, parts(flows, roles, split)[1], day, name)
    supposed = Supposed.of(load(about["release"]), flows_a_day, attack_share, alerts_a_day)
    record = Record("tooling", about["data"])
    record_all(record, the(MODELS[best]), {key: points[f"{best}.{key}"] for key in ("one_percent", "one_per_mille")},
               supposed, found, reason, seen)  # fmt: skip
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
