"""Step: whether labels of the test part leak into the fits, tested by fits to shuffled labels.

The labels of training and test flows are permuted, each part for itself, in a copy of the flows, which goes the way of
all flows: parts, preparation, fit, scores. What a model has then learnt has nothing to do with the labels that it is
judged by, whatever the features are, unless these labels reach it. Only if both parts are shuffled is the average
precision of chance the prevalence: with true test labels it lies above, because flows of one attack look alike and are
ranked together.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analysis.command import In, Ins, Out, Outs, run
from analysis.conditions.condition import Condition, drawn
from analysis.conditions.findings import ROWS
from analysis.conditions.fit import Matrices, over_folds
from analysis.conditions.models import SOURCE
from analysis.conditions.sample import stratified_rows
from analysis.dataset.parts import TEST, TRAIN, Fold, Part, folds
from analysis.record import Column, Record, Table, read_json, write_atomically, write_json
from analysis.statistics.kolmogorov_smirnov import holm

PERMUTATIONS = 20
LEVEL = 0.001
"""Of the test, after Holm's adjustment over the conditions: the complement of a one-sided bound of 99.9 %."""
FLOWS = 1_000
"""Flows of a part that are used at most."""
TREES = 5
PLACE = ("source_file", "source_row", "attempted")
FLOWS_FILE, ROLES, SPLIT = "flows.parquet", "roles.parquet", "split.json"


@dataclass(frozen=True)
class Shuffled:
    """A split asked with shuffled labels: average precisions, and those of the same scores by chance, shape (k,)."""

    name: str
    found: np.ndarray
    chance: np.ndarray
    reason: str | None = None

    @property
    def p(self) -> float:
        """One-sided p-value of the mean difference (Student's paired t); 1 where there is none."""
        from scipy.stats import t

        difference = self.found - self.chance
        mean, spread = float(difference.mean()), float(difference.std(ddof=1))
        if not spread:
            return 0.0 if mean > 0 else 1.0
        return float(t.sf(mean / (spread / np.sqrt(difference.size)), difference.size - 1))

    @property
    def bound(self) -> float:
        """What the mean may reach by chance, with a probability of 99.9 %."""
        from scipy.stats import t

        difference = self.found - self.chance
        reach = t.isf(LEVEL, difference.size - 1) * float(difference.std(ddof=1)) / np.sqrt(difference.size)
        return float(self.chance.mean() + reach)


def permuted(attack: np.ndarray, label: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Classes and labels of a part in an order drawn at random, both of shape (n,)."""
    order = generator.permutation(attack.size)
    return attack[order], label[order]


@dataclass(frozen=True)
class Copy:
    """Few flows of both parts of a fold, and the folder from whose files a copy with other labels is read."""

    frame: pl.DataFrame
    roles: np.ndarray
    folder: Path

    @classmethod
    def of_each(
        cls, usable: Sequence[Fold], features: Sequence[str], folder: Path, generator: np.random.Generator
    ) -> list[Copy]:  # fmt: skip
        """A stratified sub-sample of either part of each fold; the flows are read once for all."""
        few = []
        for part in (part for fold in usable for part in (fold.train, fold.test)):
            assert part is not None
            few.append(part.only(stratified_rows(part.column("Label").to_numpy(), FLOWS, generator)))
        place = [name for name in PLACE if name in few[0].columns]
        frames = Part.read_each(few, *place, "Label", "is_attack", *features)
        copies = []
        for number, both in enumerate(zip(frames[::2], frames[1::2], strict=True)):
            own = folder / str(number)
            roles = np.repeat([TRAIN, TEST], [frame.height for frame in both]).astype(np.uint8)
            _write(own / ROLES, pl.DataFrame({"0": roles}))
            # Cells were filled when the flows were read, and attempted attacks have the labels of the condition.
            write_json(own / SPLIT, {"folds": [{"name": "shuffled", "reason": None, "filled": []}]})
            copies.append(cls(pl.concat(both), roles, own))
        return copies

    def folds(self, generator: np.random.Generator) -> tuple[list[Fold], np.ndarray]:
        """The parts of a copy whose labels are permuted within either part, and the classes of its test part."""
        attack, label = (self.frame[name].to_numpy().copy() for name in ("is_attack", "Label"))
        for role in (TRAIN, TEST):
            here = self.roles == role
            attack[here], label[here] = permuted(attack[here], label[here], generator)
        frame = self.frame.with_columns(is_attack=pl.Series(attack), Label=pl.Series(label.tolist(), dtype=pl.String))
        flows, roles, split = (self.folder / name for name in (FLOWS_FILE, ROLES, SPLIT))
        _write(flows, frame)
        return folds(flows, roles, split), attack[self.roles == TEST]


def _write(path: Path, table: pl.DataFrame) -> None:
    with write_atomically(path) as temporary:
        table.write_parquet(temporary, compression="uncompressed")


def entry() -> dict[str, Any]:
    """The condition that is fitted: a small forest on all features."""
    condition = Condition(features="all")
    return {
        "factors": condition.factors(),
        "streams": condition.streams() | {"fit": "shuffled.fit"},
        "estimator": SOURCE["random_forest"].estimator,
        "parameters": {"n_estimators": TREES},
        "min_type": 2,
    }


def shuffle(name: str, parts: Sequence[Fold], seed: int, threads: int) -> Shuffled:
    """Test one split, with its folds in turn."""
    from sklearn.metrics import average_precision_score

    usable = [fold for fold in parts if fold.train is not None and _both(fold)]
    if not usable:
        reason = next((fold.reason for fold in parts if fold.reason), "no test part holds both classes")
        return Shuffled(name, np.empty(0), np.empty(0), reason)
    generator, found, chance = drawn(seed, f"shuffled.{name}"), [], []
    features = usable[0].train.features if usable[0].train else []
    with tempfile.TemporaryDirectory() as folder:
        copies = Copy.of_each(usable[:PERMUTATIONS], features, Path(folder), generator)
        for k in range(PERMUTATIONS):
            parted, truth = copies[k % len(copies)].folds(generator)
            _, frame = over_folds(entry(), parted, [{"all": features}], seed + k, threads, Matrices())
            score = frame["score"].to_numpy()
            found.append(average_precision_score(truth, score))
            # What the same scores reach by chance: with labels that nothing can have seen.
            chance.append(average_precision_score(generator.permutation(truth), score))
    return Shuffled(name, np.array(found), np.array(chance))


def _both(fold: Fold) -> bool:
    return all(part is not None and part.column("is_attack").n_unique() == 2 for part in (fold.train, fold.test))


def report_shuffled(asked: Sequence[Shuffled], words: Mapping[str, str], data: str) -> Record:
    """Table ``shuffled`` and values ``leak.*``."""
    record = Record("shuffled", data)
    tested = [one for one in asked if one.reason is None]
    p = holm(np.array([one.p for one in tested])).tolist() if tested else []
    adjusted = dict(zip((one.name for one in tested), p, strict=True))
    leaks = [one.name for one in tested if adjusted[one.name] < LEVEL]
    rows = []
    for one in asked:
        known = one.reason is None
        cells = {
            "average_precision": float(one.found.mean()) if known else None,
            "chance": float(one.chance.mean()) if known else None,
            "bound": one.bound if known else None,
            "p_holm": adjusted.get(one.name),
        }
        row: dict[str, Any] = {"id": one.name, "condition": words[one.name]}
        for key, cell in cells.items():
            row[key] = Table.cell(cell, "p" if key == "p_holm" else "fixed:3", reason=one.reason)
        row["leak"] = Table.cell(one.name in leaks if known else None, "text", reason=one.reason)
        rows.append(row)
    columns = [Column("id", "Split", align="left"), Column("condition", "Condition", align="left"),
               Column("average_precision", "Average precision", "fixed:3"), Column("chance", "By chance", "fixed:3"),
               Column("bound", "99.9% bound", "fixed:3"), Column("p_holm", "p (Holm)", "p"),
               Column("leak", "Leak", align="left")]  # fmt: skip
    notes = [
        f"A forest of {TREES} trees on all features, at most {FLOWS:,} flows of either part, labels permuted "
        f"{PERMUTATIONS} times within training and test part: mean average precision. By chance: of the same scores "
        "with labels permuted again, which is the prevalence but for what few flows add. Bound: before adjustment."
    ]
    record.table("shuffled", "Fits to shuffled labels", columns, rows, notes=notes, id="id")
    _values(record, tested, adjusted, leaks, words)
    return record


def _values(
    record: Record, tested: Sequence[Shuffled], adjusted: Mapping[str, float], leaks: Sequence[str],
    words: Mapping[str, str],
) -> None:  # fmt: skip
    reason = None if tested else "no split could be asked"
    record.value("leak.tested", len(tested), "integer", "splits asked with shuffled labels", unit="splits")
    record.value(
        "leak.any", bool(leaks), "text", "whether fits to shuffled labels say more than chance in a split", unit=""
    )
    what = "splits in which fits to shuffled labels say more than chance"
    record.value("leak.found", len(leaks), "integer", f"number of {what}", unit="splits", n=len(tested))
    record.value("leak.where", [words[name] for name in leaks], "list", what, unit="", n=len(tested))
    record.value("leak.permutations", PERMUTATIONS, "integer", "permutations of the labels", unit="permutations")
    record.value("leak.level", LEVEL, "significant:1", "level of the one-sided test", unit="fraction")
    closest = min(tested, key=lambda one: adjusted[one.name]) if tested else None
    record.value("leak.p", adjusted[closest.name] if closest else None, "p", "least p-value over the splits, adjusted "
                 "by Holm's method", n=len(tested), reason=reason)  # fmt: skip
    for key, value, what in (
        ("average_precision", closest and float(closest.found.mean()), "mean average precision with shuffled labels"),
        ("chance", closest and float(closest.chance.mean()), "mean average precision by chance"),
    ):
        record.value(f"leak.{key}", value, "fixed:3", f"{what}, in the split with the least p-value", unit="fraction",
                     reason=reason)  # fmt: skip


def step(roles: Ins, splits: Ins, flows: In, metadata: In, seed: int, threads: int, values: Out, tables: Outs) -> None:
    """Whether labels of the test part leak into the fits, tested by fits to shuffled labels."""
    about = read_json(metadata)
    words = {row.condition.split_id: row.words for row in reversed(ROWS)}
    asked = []
    for role, split in zip(roles, splits, strict=True):
        name = read_json(split)["split"]
        asked.append(shuffle(name, folds(flows, role, split), seed, threads))
    report_shuffled(asked, {one.name: words.get(one.name, one.name) for one in asked}, about["data"]).write(
        values, tables
    )


if __name__ == "__main__":
    run(step)
