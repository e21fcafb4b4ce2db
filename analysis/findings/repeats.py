"""Step: test flows that have an identical training row, and whether such repeats inflate what the best model scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from analysis.command import In, Ins, Out, Outs, run
from analysis.conditions.condition import drawn
from analysis.conditions.features import PORT
from analysis.conditions.sample import stratified_rows
from analysis.conditions.splits import repeats
from analysis.dataset.parts import Part, parts
from analysis.detection.evaluation import wilson
from analysis.detection.names import MODELS
from analysis.detection.predictions import Fit, binary, frames, load_fits, ranked
from analysis.record import Column, Record, Table, read_json

LEVELS = {"ten": "ranked features", "all": "all features", "all_but_port": "all but the port"}
"""The columns in which rows are compared, and the words for them."""
MODEL_OF = {"ten": "ten", "all": "all", "all_but_port": "all"}
"""The feature set of the model whose answers are told apart; none sees all columns but the port."""
NO_PORT = f"the flows have no {PORT}"


def seen(train: Part, test: Part, columns: Sequence[str], fitted: np.ndarray | None = None) -> np.ndarray:
    """Which test flows are identical to a training flow in all ``columns``; boolean, shape (test flows,).

    ``fitted`` are numbers of training flows, where only these count.
    """
    either = Part(train.flows, train.rows | test.rows, train.filled)
    first = repeats(either, columns)
    is_test = test.rows[either.rows]
    of_train = first[~is_test]
    return np.isin(first[is_test], of_train if fitted is None else of_train[fitted])


def share(part: np.ndarray, of: np.ndarray) -> dict[str, Any]:
    """How many of the flows ``of`` are ``part``, as a share with Wilson's interval; masks of shape (n,).

    >>> share(np.array([True, True]), np.array([True, False]))["share"]
    1.0
    """
    k, n = int(np.count_nonzero(part & of)), int(np.count_nonzero(of))
    if not n:
        return {"share": None, "low": None, "high": None, "n": 0}
    low, high = wilson(k, n)
    return {"share": k / n, "low": min(low, k / n), "high": max(high, k / n), "n": n}


def told_apart(frame: pl.DataFrame, known: np.ndarray, known_to_model: np.ndarray) -> dict[str, dict[str, Any]]:
    """Shares of attacks and benign flows with an identical training row; recall and FPR on flows seen and unseen."""
    attack, predicted = frame["is_attack"].to_numpy(), frame["predicted"].to_numpy()
    found = {"attacks": share(known, attack), "benign": share(known, ~attack)}
    for name, there in (("seen", known_to_model), ("unseen", ~known_to_model)):
        found[f"recall_{name}"] = share(predicted, attack & there)
        found[f"fpr_{name}"] = share(predicted, ~attack & there)
    return found


WORDS = {
    "attacks": ("Attacks repeated", "share of test attacks with an identical training row in the"),
    "benign": ("Benign repeated", "share of benign test flows with an identical training row in the"),
    "recall_seen": ("Recall, seen", "recall of the model on attacks whose row is among those fitted on, in the"),
    "recall_unseen": ("Recall, unseen", "recall of the model on attacks whose row is not, in the"),
    "fpr_seen": ("FPR, seen", "false-positive rate on benign flows whose row is among those fitted on, in the"),
    "fpr_unseen": ("FPR, unseen", "false-positive rate on benign flows whose row is not, in the"),
}  # fmt: skip


def report(found: Mapping[str, Mapping[str, dict[str, Any]] | None], model: str, data: str) -> Record:
    """Table ``repeats`` and values ``repeats.*``; None stands for columns that the flows do not have."""
    record = Record("repeats", data)
    rows = []
    for level, shares in found.items():
        row: dict[str, Any] = {"id": level, "columns": LEVELS[level]}
        for key, (_, words) in WORDS.items():
            one = shares[key] if shares else {"share": None, "low": None, "high": None, "n": 0}
            display = "percent:1"
            reason = NO_PORT if shares is None else "there are no such flows" if one["share"] is None else None
            for end in ("", "_low", "_high"):
                row[key + end] = Table.cell(one[end[1:] or "share"], display, reason=reason)
            row[f"{key}_n"] = one["n"]
            rest = {} if reason else {"low": one["low"], "high": one["high"], "interval": "Wilson"}
            record.value(f"repeats.{level}.{key}", one["share"], display, f"{words} {LEVELS[level]}", unit="fraction",
                         n=one["n"], reason=reason, **rest)  # fmt: skip
        rows.append(row)
        inflates, deflates = verdict(shares)
        for key, value, words in (("higher", inflates, "above"), ("lower", deflates, "below")):
            record.value(f"repeats.{level}.{key}", value, "text", f"whether recall on seen attacks lies {words} that "
                         "on unseen ones, interval and all", unit="")  # fmt: skip
    columns = [Column("columns", "Identical in", align="left")]
    for key, (title, _) in WORDS.items():
        columns += [Column(key, title, "percent:1"), Column(f"{key}_low", "95% low", "percent:1"),
                    Column(f"{key}_high", "95% high", "percent:1"), Column(f"{key}_n", "n", "integer")]  # fmt: skip
    notes = [
        f"Repeated: an identical row is in the training part. Seen: one is among the flows that the model, "
        f"{MODELS[model]} on the ranked or on all features, was fitted on. Wilson's intervals."
    ]
    record.table("repeats", "Test flows that repeat a training row", columns, rows, notes=notes, id="id")
    return record


def verdict(shares: Mapping[str, dict[str, Any]] | None) -> tuple[bool, bool]:
    """Whether recall on seen attacks is higher, and whether it is lower, by intervals that do not overlap."""
    if not shares or shares["recall_seen"]["share"] is None or shares["recall_unseen"]["share"] is None:
        return False, False
    here, there = shares["recall_seen"], shares["recall_unseen"]
    return here["low"] > there["high"], here["high"] < there["low"]


def rows_fitted(train: Part, fit: Fit, seed: int) -> np.ndarray | None:
    """Numbers of the training flows that a model was fitted on; None where it was all."""
    entry = fit.entry
    rows = stratified_rows(
        train.column("Label").to_numpy(), entry["factors"]["train_rows"], drawn(seed, entry["streams"]["sample"])
    )
    return None if rows.size == train.height else rows


def step(
    seed: int, predictions: Ins, descriptions: Ins, flows: In, roles: In, split: In, features: In, metadata: In,
    values: Out, tables: Outs,
) -> None:  # fmt: skip
    """Test flows that have an identical training row, and whether they inflate the scores."""
    names = read_json(features)
    fits = binary(load_fits(predictions, descriptions, "source"))
    model = ranked(frames(fits["ten"]))[0]
    train, test = parts(flows, roles, split)
    without = [name for name in names["all"] if name != PORT]
    levels = {"ten": names["ten"], "all": names["all"],
              "all_but_port": without if len(without) < len(names["all"]) else None}  # fmt: skip
    found: dict[str, dict[str, dict[str, Any]] | None] = {}
    for level, columns in levels.items():
        fit = fits[MODEL_OF[level]][model]
        if columns is None:
            found[level] = None
            continue
        known, rows = seen(train, test, columns), rows_fitted(train, fit, seed)
        found[level] = told_apart(fit.frame, known, known if rows is None else seen(train, test, columns, rows))
    report(found, model, read_json(metadata)["data"]).write(values, tables)


if __name__ == "__main__":
    run(step)
