"""Step: retrain a detector in the order of time by one policy after another, and ask what that brings.

Flows are tested in windows, each by what was learnt before it began. Times of fitting are in the log alone, because no
result holds one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from analysis.command import In, Out, Outs, run
from analysis.conditions.campaigns import whereabouts
from analysis.conditions.condition import drawn
from analysis.conditions.split import fills
from analysis.dataset.input.inventory import shares
from analysis.dataset.parts import TEST, TRAIN, Part
from analysis.dataset.release import load
from analysis.dataset.texts import objects
from analysis.detection.weighted import weights
from analysis.record import Record, read_json
from analysis.retraining.controls import Permuted, Rung, permuted, rung
from analysis.retraining.forest import Forests, Stream
from analysis.retraining.losses import Lost, lost
from analysis.retraining.measures import Measured, measured
from analysis.retraining.policies import POLICIES
from analysis.retraining.replay import LEAST, Tested, beginning, replay
from analysis.retraining.report import Played, record_all
from analysis.retraining.windows import Windows, windows
from analysis.statistics.select import select

TOO_FEW = f"no window is left to test after {LEAST} attacks to begin with"
UNFIT = "the first windows do not allow a fit"


def play(
    flows: Part, found: Windows, weight: np.ndarray, parameters: Mapping[str, Any], rows: int, number: int, rule: str,
    typed: bool, min_type: int, seed: int, threads: int, main: bool = True,
) -> Played:  # fmt: skip
    """Policies and controls on one kind of windows: on the ``main`` one all of them.

    On others those that differ in when and on what they learn, all labels being there; and no labels are permuted.
    """
    told = flows.read("Label", "is_attack")
    label, attack = objects(told["Label"]), told["is_attack"].to_numpy()
    first = None if found.reason else beginning(attack, found)
    if first is None:
        return Played(found, found.reason or TOO_FEW)
    initial, began = first
    # What the first windows teach: which features the model has, and what fills their missing cells.
    roles = np.full(attack.size, TEST, dtype=np.uint8)
    roles[began] = TRAIN
    filled = Part(flows.flows, flows.rows, {one["feature"]: one["value"] for one in fills(flows, roles)})
    chosen = select(filled.only(began), number, rule)["selected"]
    if len(chosen) < number:
        return Played(found, "too few features vary in the first windows")
    stream = Stream(filled.matrix(chosen), label, attack)
    forests = Forests(stream, parameters, rows, min_type, seed, threads)
    model = forests.of(began)
    if model is None:
        return Played(found, UNFIT)
    tested: dict[str, list[Tested]] = {}
    measures: dict[str, list[Measured]] = {}
    for policy in POLICIES if main else [one for one in POLICIES if one.chosen == "all" and not one.delay]:
        before = forests.seconds
        tested[policy.key] = list(replay(found, initial, policy, forests, seed))
        measures[policy.key] = [
            measured(attack[one.rows], one.score, one.called, weight[one.rows], drawn(seed, f"retraining.{one.window}"))
            for one in tested[policy.key]
        ]
        print(f"{found.kind}, {policy.key}: {forests.seconds - before:.1f} s of fitting beyond what was fitted before")
    losses: Lost | None = None
    if typed:
        losses = lost(stream, tested["never"], weight, drawn(seed, "retraining.losses"))
    rang: list[Rung] = list(rung(found, initial, model, forests, seed))
    shuffled: Permuted | None = permuted(found, initial, forests, seed) if main else None
    print(f"{found.kind}: {forests.fits} fits, {forests.seconds:.1f} s with those of the controls")
    return Played(found, None, initial, chosen, stream, tested, measures, losses, rang, shuffled)


def step(
    forest: Any, rows: int, number: int, rule: str, typed: bool, min_type: int, seed: int, threads: int, flows: In,
    metadata: In, values: Out, tables: Outs,
) -> None:  # fmt: skip
    """Retrain a detector in the order of time by one policy after another, and ask what that brings."""
    about = read_json(metadata)
    part = Part.whole(flows)
    day, time, _ = whereabouts(part)
    label: pl.Series = part.column("Label")
    weight = np.ones(label.len())
    if about["weighted"]:
        of = weights(shares(load(about["release"]), label.unique().to_list()), label)
        weight = label.replace_strict(of, default=0.0, return_dtype=pl.Float64).to_numpy()
    played: list[Played] = []
    for found in windows(time, day):
        first = all(one.reason for one in played)
        played.append(play(part, found, weight, forest, rows, number, rule, typed, min_type, seed, threads, first))
    record = Record("retraining", about["data"])
    natural = about["weighted"] or about["sampling"] == "natural"
    record_all(record, played, typed, about["weighted"], natural)
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
