"""Step: what the page's explorer needs of each curve, thinned, and the state that it opens with as a table."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from analysis.command import In, Ins, Out, Outs, run
from analysis.conditions.condition import LEVELS, slug
from analysis.conditions.findings import ROWS
from analysis.dataset.input.inventory import shares
from analysis.dataset.release import load
from analysis.detection.names import MODELS, titled
from analysis.detection.predictions import Fit, binary, confusion, load_fits, ranked
from analysis.detection.weighted import weights
from analysis.findings.intervals import share
from analysis.findings.operating import BAND, INTERVAL, Weighing
from analysis.findings.prevalence import PREVALENCES, Ends, Rates, precision_at
from analysis.record import Column, Record, Table, read_json, write_json

GRID = 24
"""Points that a curve keeps along each of its three grids, at most."""
SOURCE = "source"
"""Key of the condition whose models were fitted as those of the source study."""
AS_SOURCE, HELD_BACK = "random split, fitted as the source’s", "random split, part held back"
ONE_CLASS = "the test part holds one class only"


@dataclass(frozen=True)
class Part:
    """One model on one test part: its key and words by what is chosen, its predictions and their weights (n,)."""

    key: Mapping[str, str]
    words: Mapping[str, str]
    frame: pl.DataFrame
    weight: np.ndarray


def parts(source: Mapping[str, Mapping[str, Fit]], findings: Mapping[str, Fit], told: Collection[str],
          weighing: Weighing) -> Iterator[Part]:  # fmt: skip
    """All that can be chosen: the source's models, then the conditions of the second part, each of its test parts."""

    def part(condition: tuple[str, str], features: str, model: str, frame: pl.DataFrame, weigh: Weighing) -> Part:
        key = {"condition": condition[0], "features": features, "model": model}
        words = {"condition": condition[1], "features": LEVELS["features"][features], "model": titled(MODELS[model])}
        return Part(key, words, frame, weigh.weight(frame))

    for features, fits in source.items():
        for model, fit in fits.items():
            yield part((SOURCE, AS_SOURCE), features, model, fit.frame, weighing)
    words: dict[str, str] = {}
    for row in ROWS:
        if row.lacking(told):
            continue
        split = row.condition.split_id
        said = words.setdefault(split, HELD_BACK if row.key == "random" else row.words)
        for model in row.models:
            fit = findings[f"{row.key}.{model}"]
            folds = [fold for fold in fit.entry["folds"] if not fold["reason"]]
            for fold in folds:
                whole = len(fit.entry["folds"]) == 1
                condition = (split, said) if whole else (f"{split}.{slug(fold['fold'])}", f"{said}: {fold['fold']}")
                frame = fit.frame.filter(pl.col("fold") == fold["fold"])
                # Shares of labels of the release are those of no day, and not of flows without their repeats.
                weigh = weighing if split == "random" else Weighing()
                yield part(condition, row.condition.features, model, frame, weigh)


def curve(label: np.ndarray, score: np.ndarray, predicted: np.ndarray, weight: np.ndarray) -> dict[str, Any] | None:
    """The operating points of a score, thinned: boolean labels and answers, scores and weights of shape (n,).

    A flow is called an attack where its score is at least ``t``; ``tp`` and ``fp`` count the flows that then are, of
    ``attacks`` and ``benign``. Every kept point is exact. Points are kept on a grid that is even in recall and in both
    the false-positive rate and its logarithm; ``own`` is the place of the model's own decision, or of the point that
    calls most nearly as many. Where flows weigh differently, ``recall`` and ``fpr`` are the weighted rates and
    ``effective`` the numbers of attacks and of benign flows that weigh alike and would tell as much (Kish 1965).
    None where a class is missing or weighs nothing.
    """
    if not weight[label].sum() or not weight[~label].sum():
        return None
    order = np.argsort(-score, kind="stable")
    attack, levels, heavy = label[order], score[order], weight[order]
    last = np.append(np.flatnonzero(levels[1:] != levels[:-1]), attack.size - 1)
    tp, fp = np.cumsum(attack)[last], np.cumsum(~attack)[last]
    recall, fpr = tp / tp[-1], fp / fp[-1]
    called = int(np.count_nonzero(predicted))
    own = int(np.argmin(np.abs(tp + fp - called)))
    keep = np.unique(np.concatenate([
        np.searchsorted(recall, np.linspace(0, 1, GRID)),
        np.searchsorted(fpr, np.linspace(0, 1, GRID)),
        np.searchsorted(fpr, np.geomspace(1 / fp[-1], 1, GRID)),
        [0, own, last.size - 1],
    ]).clip(0, last.size - 1))  # fmt: skip
    cuts = levels[last]
    below = np.append(cuts[1:], -math.inf)
    found: dict[str, Any] = {
        "attacks": int(tp[-1]),
        "benign": int(fp[-1]),
        "own": int(np.searchsorted(keep, own)),
        "t": [shortest(float(cuts[i]), float(below[i])) for i in keep],
        "tp": tp[keep].tolist(),
        "fp": fp[keep].tolist(),
    }
    if np.ptp(weight):
        for name, of, rate in (("recall", attack, recall), ("fpr", ~attack, fpr)):
            sums = np.cumsum(np.where(of, heavy, 0.0))
            rate = sums[last] / sums[-1]
            found[name] = [round(float(rate[i]), 9) for i in keep]
        found["effective"] = [float(w.sum() ** 2 / (w**2).sum()) for w in (weight[label], weight[~label])]
    return found


def shortest(cut: float, below: float) -> float:
    """The number with the fewest decimals that is no more than ``cut`` and more than ``below``: it cuts alike.

    >>> shortest(0.73218, 0.7301), shortest(0.5, 0.25), shortest(3.0, -math.inf)
    (0.732, 0.5, 3.0)
    """
    for digits in range(2, 16):
        value = math.floor(cut * 10**digits) / 10**digits
        if below < value <= cut:
            return value
    return cut


def rates(one: Part) -> Rates | None:
    """Recall and false-positive rate of the model's own decision; None where a class is missing."""
    attack, called = one.frame["is_attack"].to_numpy(), one.frame["predicted"].to_numpy()
    if not one.weight[attack].sum() or not one.weight[~attack].sum():
        return None
    return Rates(share(called[attack], one.weight[attack]), share(called[~attack], one.weight[~attack]))


def record_state(record: Record, one: Part, flows: int, prevalence: float) -> None:
    """Table ``explorer``: what the explorer shows when it opens, the best model at its own threshold."""
    found = rates(one)
    count = confusion(one.frame)
    shown: list[tuple[str, str, str, int | None, Ends | None]] = [
        ("recall", "Attacks found (recall)", "fixed:3", count.tp, found.recall if found else None),
        ("fpr", "Benign flows called attacks", "percent:2", count.fp, found.fpr if found else None),
        (
            "precision",
            "Alarms that are true (precision)",
            "fixed:3",
            None,
            precision_at(found, prevalence) if found else None,
        ),
    ]
    if found:
        alarms = tuple(flows * (1 - prevalence) * end for end in found.fpr)
        shown.append(("alarms", "False alarms a day", "integer", None, (alarms[0], alarms[1], alarms[2])))
    rows: list[dict[str, Any]] = []
    for key, words, display, counted, ends in shown:
        cells = {name: Table.cell(value, display, reason=None if ends else ONE_CLASS)
                 for name, value in zip(("value", "low", "high"), ends or (None, None, None), strict=True)}  # fmt: skip
        reason = "not a count of the test part"
        tested = Table.cell(counted, "integer", reason=None if counted is not None else reason)
        rows.append({"key": key, "measure": words, "counted": tested} | cells)
    columns = [Column("measure", "Measure", align="left"),
               Column("counted", "Flows of the test part", "integer", unit="flows"),
               Column("value", "Value", "significant:4", unit="fraction, or alarms a day", low="low", high="high"),
               Column("low", "95% low", "significant:4"), Column("high", "95% high", "significant:4")]  # fmt: skip
    notes = [f"Intervals: {INTERVAL}; of the precision: {BAND}."]
    record.table("explorer", "What the explorer opens with", columns, rows, notes=notes, id="key")


def step(
    predictions: Ins, descriptions: Ins, metadata: In, told: list[str], flows_a_day: int, attack_share: float,
    points: Out, values: Out, tables: Outs,
) -> None:  # fmt: skip
    """What the page's explorer needs of each curve, thinned, and the state that it opens with as a table."""
    about = read_json(metadata)
    record = Record("explorer", about["data"])
    source = binary(load_fits(predictions, descriptions, "source"))
    best = ranked({model: fit.frame for model, fit in source["selected"].items()})[0]
    labels = source["selected"][best].frame["label"]
    of = weights(shares(load(about["release"]), labels.unique().to_list()), labels) if about["weighted"] else None
    words: dict[str, dict[str, str]] = {"condition": {}, "features": {}, "model": {}}
    start = {"condition": SOURCE, "features": "selected", "model": best}
    found: list[dict[str, Any]] = []
    for one in parts(source, load_fits(predictions, descriptions, "findings"), told, Weighing(of)):
        label, score, predicted = (one.frame[name].to_numpy() for name in ("is_attack", "score", "predicted"))
        if points_of := curve(label, score, predicted, one.weight):
            found.append({**one.key, **points_of})
            for kind, key in one.key.items():
                words[kind][key] = one.words[kind]
        if one.key == start:
            record_state(record, one, flows_a_day, attack_share)
    entry = {
        "data": about["data"],
        "start": start | {"prevalence": attack_share},
        "flows": flows_a_day,
        "stops": sorted({*PREVALENCES, attack_share}),
        "words": words,
        "curves": found,
    }
    write_json(points, entry)
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
