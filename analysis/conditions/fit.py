"""Step: fit and predict all conditions of a batch, in one process, one group after another.

Each learns on the training part alone. What was fitted before under the same conditions is taken from the store, and
the log says what was. A condition that cannot be built says why, and the others are built.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analysis.command import In, Ins, Out, Threads, run
from analysis.conditions.condition import drawn, drawn_seed
from analysis.conditions.draw import Draw, stratified
from analysis.conditions.engine import Engine
from analysis.conditions.estimator import EXACT, Fitted, build, describe, fit_and_predict, scores
from analysis.conditions.features import chosen
from analysis.conditions.sample import stratified_rows
from analysis.conditions.store import Store
from analysis.conditions.threshold import HELD_BACK, RATES, threshold
from analysis.dataset.parts import Fold, Part, folds
from analysis.dataset.texts import objects
from analysis.record import checksums, read_json, write_atomically, write_json

BASE = ("source_file", "source_row", "Label", "is_attack")
"""Columns of the flows that predictions carry."""
ANSWERS = {"binary": pl.Boolean, "types": pl.String, "attack_types": pl.String}
"""What kind of answer each target has."""


class Matrices:
    """Features of parts as arrays; the last of either side is kept where conditions of a group share them."""

    def __init__(self, shared: bool = True) -> None:
        self._shared = shared
        self._kept: dict[str, tuple[Any, np.ndarray]] = {}

    def of(self, side: str, name: object, part: Part, features: Sequence[str]) -> np.ndarray:
        """The features of ``part``, which has this ``name`` among those of its side."""
        known, array = self._kept.get(side, (None, np.empty(0)))
        if known != (name, tuple(features)):
            self._kept.pop(side, None)  # before the next is read: both would be twice the memory
            array = part.matrix(features)
            if self._shared:
                self._kept[side] = ((name, tuple(features)), array)
        return array


def of_target(part: Part, target: str) -> Part:
    """The flows that a target is about: all, or the attacks alone."""
    return part.only(part.column("is_attack").to_numpy()) if target == "attack_types" else part


def shared_out(entry: Mapping[str, Any], train: Part, seed: int) -> tuple[Part, Part | None]:
    """Of a training part what a condition is fitted on, and what it holds back to set thresholds on, if anything."""
    labels = objects(train.column("Label"))
    held = None
    if entry["factors"]["validated"]:
        draw = Draw(HELD_BACK, entry["min_type"], drawn(seed, entry["streams"]["validation"]))
        kept = stratified(labels, draw)
        held, train, labels = train.only(kept), train.only(~kept), labels[~kept]
    rows = stratified_rows(labels, entry["factors"]["train_rows"], drawn(seed, entry["streams"]["sample"]))
    return train.only(rows) if rows.size < labels.size else train, held


def fit(
    entry: Mapping[str, Any],
    fold: Fold,
    features: Sequence[str],
    seed: int,
    threads: int,
    matrices: Matrices,
    engine: Engine = EXACT,
    workers: int = 1,
) -> tuple[dict[str, Any], pl.DataFrame | None]:
    """Description of a condition fitted on one fold, and its answers (``predicted`` and, of two classes, ``score``).

    Where it cannot be built the description holds the reason, and there are no answers.
    """
    target = entry["factors"]["target"]
    assert fold.train is not None
    assert fold.test is not None
    train, test = of_target(fold.train, target), of_target(fold.test, target)
    whole = train.height
    train, held = shared_out(entry, train, seed)
    truth = train.column("is_attack").to_numpy() if target == "binary" else objects(train.column("Label"))
    if not test.height:
        return {"reason": "there is no flow to test on"}, None
    if len(set(truth.tolist())) < 2:
        return {"reason": "the training part holds one class only"}, None
    name = (fold.name, held is not None, entry["streams"]["sample"] if train.height < whole else None)
    estimator = build(entry["estimator"], entry["parameters"], drawn_seed(seed, entry["streams"]["fit"]), workers)
    prepared = entry["factors"]["preparation"]
    found = fit_and_predict(
        estimator, matrices.of("train", name, train, features), truth, matrices.of("test", fold.name, test, features),
        prepared=prepared, threads=threads, workers=workers, engine=engine,
    )  # fmt: skip
    about: dict[str, Any] = {"reason": None, "n_train": train.height, "n_train_all": whole, "n_test": test.height}
    if held is not None:
        benign = held.only(~held.column("is_attack").to_numpy())
        about |= {"n_validation": held.height, "benign_validation": benign.height}
        score = scores(found, matrices.of("held", (fold.name, name), benign, features), threads)
        about |= {"thresholds": {str(rate): threshold(score, rate) for rate in RATES}}
    return about | learnt(found, truth) | describe(found, features), answers(found, target)


def learnt(found: Fitted, truth: np.ndarray) -> dict[str, Any]:
    """What a description says of the flows fitted on: their classes, and of two classes the counts of the answers."""
    names, counts = np.unique(truth, return_counts=True)
    if found.on_train is None:
        return {"train": dict(zip(names.tolist(), counts.tolist(), strict=True))}
    asked = truth[found.asked]
    pairs = {"tn": (False, False), "fp": (False, True), "fn": (True, False), "tp": (True, True)}
    return {
        "attack_share": float(truth.mean()),
        "on_train": {cell: int(np.count_nonzero((asked == label) & (found.on_train == answer)))
                     for cell, (label, answer) in pairs.items()},
    }  # fmt: skip


def answers(found: Fitted, target: str) -> pl.DataFrame:
    """The answers as columns."""
    columns = [pl.Series("predicted", found.predicted.tolist(), dtype=ANSWERS[target])]
    return pl.DataFrame(columns + ([] if found.score is None else [pl.Series("score", found.score)]))


def over_folds(
    entry: Mapping[str, Any], parts: Sequence[Fold], selections: Sequence[Mapping[str, Any] | None], seed: int,
    threads: int, matrices: Matrices, engine: Engine = EXACT, workers: int = 1,
) -> tuple[list[dict[str, Any]], pl.DataFrame]:  # fmt: skip
    """Descriptions of a condition fold by fold, and its answers, those of one fold below those of another."""
    target, told, found = entry["factors"]["target"], [], []
    schema = {"predicted": ANSWERS[target]} | ({"score": pl.Float64} if target == "binary" else {})
    for fold, selection in zip(parts, selections, strict=True):
        features, reason = chosen(entry["factors"]["features"], selection) if selection else ([], fold.reason)
        about, frame = (
            ({"reason": reason}, None)
            if reason
            else fit(entry, fold, features, seed, threads, matrices, engine, workers)
        )
        told.append({"fold": fold.name, **about})
        if frame is None and fold.test is not None:
            height = of_target(fold.test, target).height
            frame = pl.DataFrame({name: pl.Series([None] * height, dtype=kind) for name, kind in schema.items()})
        found += [] if frame is None else [frame]
    return told, pl.concat(found) if found else pl.DataFrame(schema=schema)


def tested(parts: Sequence[Fold], target: str) -> pl.DataFrame:
    """The flows that predictions are about: fold, place and label of each, fold after fold."""
    found = [
        of_target(fold.test, target).read(*BASE).select(pl.lit(fold.name).alias("fold"), pl.all())
        for fold in parts
        if fold.test is not None
    ]
    names = {"fold": pl.String, "source_file": pl.String, "source_row": pl.Int64, "Label": pl.String,
             "is_attack": pl.Boolean}  # fmt: skip
    return (pl.concat(found) if found else pl.DataFrame(schema=names)).rename({"Label": "label"})


@cache
def _sum(path: Path) -> str:
    return checksums.noted(path) or checksums.checksum(path)


@dataclass(frozen=True)
class SplitRead:
    """A split as it was read: its folds, the features that each selects, and the checksums of its files and flows."""

    parts: list[Fold]
    selections: list[dict[str, Any] | None]
    sums: list[str]

    @classmethod
    def read(cls, flows: Path, roles: Path, split: Path, features: Path, added: Path | None) -> SplitRead:
        """``added`` is what screening found, where a condition asks for it."""
        selections = read_json(features)["folds"]
        if added:
            found = read_json(added)["folds"]
            selections = [one and one | {"added": other} for one, other in zip(selections, found, strict=True)]
        return cls(folds(flows, roles, split), selections, [_sum(path) for path in (flows, roles, split)])


def fit_group(
    entries: Sequence[Mapping[str, Any]],
    of: SplitRead,
    made_of: Mapping[str, str],
    seed: int,
    threads: int,
    store: Store,
    engine: Engine = EXACT,
    workers: int = 1,
) -> tuple[dict[str, Any], pl.DataFrame, list[str]]:
    """Descriptions by id, answers, and which of them were taken from the store; of conditions that share arrays."""
    target = entries[0]["factors"]["target"]
    matrices, columns, told, kept = Matrices(len(entries) > 1), [tested(of.parts, target)], {}, []
    # Conditions that see the same flows follow one another, so that these are read once.
    for entry in sorted(entries, key=lambda one: one["factors"]["train_rows"]):
        about = {name: entry[name] for name in ("factors", "streams", "estimator", "parameters", "min_type")}
        # Of the features only those that it sees count: the ranking may change without the choice.
        seen = [chosen(entry["factors"]["features"], selection) if selection else None for selection in of.selections]
        own = checksums.key(about, seen, of.sums, made_of, seed, threads, asdict(engine))
        found = store.get(entry["id"], own)
        started, spent = time.monotonic(), time.process_time()
        if found is None:
            found = over_folds(entry, of.parts, of.selections, seed, threads, matrices, engine, workers)
            store.put(entry["id"], own, *found)
            wall, cpu = time.monotonic() - started, time.process_time() - spent
            print(f"fitted {entry['id']} in {wall:.1f} s, {cpu:.1f} s of CPU", flush=True)
        else:
            kept.append(entry["id"])
        of_folds, frame = found
        told[entry["id"]] = {**entry, "folds": of_folds}
        columns.append(frame.rename({name: f"{entry['id']}/{name}" for name in frame.columns}))
    return told, pl.concat(columns, how="horizontal"), kept


def step(
    flows: In, roles: Ins, splits: Ins, features: Ins, added: Ins, code: Ins, *, conditions: Any, seed: int,
    threads: int, engine: Any, store: Path, predictions: Out, descriptions: Out, workers: Threads = 1,
) -> None:  # fmt: skip
    """Fit and predict all conditions of a batch.

    ``conditions`` are their entries, ``code`` the files that this step is made of, ``added`` what screening found on
    splits of which a condition asks for it, ``engine`` the settings of speed. The predictions of one group stand below
    those of another; a flow for which a condition has none is null there.
    """
    screened = {read_json(path)["split"]: path for path in added}
    splits_read = {}
    for role, split, selected in zip(roles, splits, features, strict=True):
        name = read_json(split)["split"]
        splits_read[name] = SplitRead.read(flows, role, split, selected, screened.get(name))
    made_of = {path.as_posix(): _sum(path) for path in code}
    before, frames, kept = Store(store), [], []
    told: dict[str, Any] = {}
    grouped: dict[tuple[str, ...], list[Any]] = {}
    for entry in conditions:
        grouped.setdefault(tuple(entry["group"]), []).append(entry)
    for (split_id, *_), entries in grouped.items():
        of_group, frame, taken = fit_group(
            entries, splits_read[split_id], made_of, seed, threads, before, Engine(**engine), workers
        )
        told |= of_group
        frames.append(frame)
        kept += taken
    print(f"{len(told) - len(kept)} fitted, {len(kept)} kept: {', '.join(kept) or 'none'}")
    before.forget_others(told)
    with write_atomically(predictions) as temporary:
        pl.concat(frames, how="diagonal").write_parquet(temporary)
    write_json(descriptions, {one["id"]: told[one["id"]] for one in conditions})


if __name__ == "__main__":
    run(step)
