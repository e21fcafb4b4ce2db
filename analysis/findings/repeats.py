"""Step: test flows that have an identical training row, and what the best model scores on these and on the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from analysis.command import In, Ins, Out, Outs, run
from analysis.conditions.condition import drawn
from analysis.conditions.features import PORT
from analysis.conditions.sample import stratified_rows
from analysis.dataset.identical_rows import first_identical
from analysis.dataset.parts import Part, parts
from analysis.detection.evaluation import wilson
from analysis.detection.names import MODELS
from analysis.detection.predictions import Fit, binary, frames, load_fits, ranked
from analysis.record import Cell, Column, Record, Table, read_json

LEVELS = {"selected": "ranked features", "all": "all features", "all_but_port": "all but the port"}
"""The columns in which rows are compared, and the words for them."""
MODEL_OF = {"selected": "selected", "all": "all", "all_but_port": "all"}
"""The feature set of the model whose answers are told apart; none sees all columns but the port."""
NOT_COMPARABLE = "not comparable"
NO_PORT = f"the flows have no {PORT}"


def seen(train: Part, test: Part, columns: Sequence[str], fitted: np.ndarray | None = None) -> np.ndarray:
    """Which test flows are identical to a training flow in all ``columns``; boolean, shape (test flows,).

    ``fitted`` are numbers of training flows, where only these count.
    """
    either = Part(train.flows, train.rows | test.rows, train.filled)
    first = first_identical(either.column, columns, either.height)
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
    return {"share": k / n, "low": low, "high": high, "n": n}


def told_apart(frame: pl.DataFrame, known: np.ndarray, known_to_model: np.ndarray) -> dict[str, dict[str, Any]]:
    """Shares of attacks and benign flows with an identical training row; recall and FPR on flows seen and unseen."""
    attack, predicted = frame["is_attack"].to_numpy(), frame["predicted"].to_numpy()
    found = {"attacks": share(known, attack), "benign": share(known, ~attack)}
    for name, there in (("seen", known_to_model), ("unseen", ~known_to_model)):
        found[f"recall_{name}"] = share(predicted, attack & there)
        found[f"fpr_{name}"] = share(predicted, ~attack & there)
    return found


WORDS = {
    "attacks": ("Attacks repeated", "share of test attacks whose row is in the training part"),
    "benign": ("Benign repeated", "share of benign test flows whose row is in the training part"),
    "recall_seen": ("Recall, seen", "recall on attacks whose row is among those that the model was fitted on"),
    "recall_unseen": ("Recall, unseen", "recall on attacks whose row is not among those fitted on"),
    "fpr_seen": ("FPR, seen", "false-positive rate on benign flows whose row is among those fitted on"),
    "fpr_unseen": (
        "FPR, unseen",
        "false-positive rate on benign flows whose row is not among those fitted on",
    ),
}


def report_repeats(found: Mapping[str, Mapping[str, dict[str, Any]] | None], model: str, data: str) -> Record:
    """Table ``repeats``; None stands for columns that the flows do not have."""
    record = Record("repeats", data)
    rows = []
    for level, shares in found.items():
        row: dict[str, Any] = {"level": Cell(level, LEVELS[level]), "answer": verdict(shares)}
        for key in WORDS:
            one = shares[key] if shares else {"share": None, "low": None, "high": None, "n": 0}
            reason = NO_PORT if shares is None else "there are no such flows" if one["share"] is None else None
            for end in ("", "_low", "_high"):
                row[key + end] = Table.cell(one[end[1:] or "share"], "percent:1", reason=reason)
            row[f"{key}_n"] = one["n"]
        rows.append(row)
    columns = [Column("level", "Identical in", align="left", definition="columns in which rows are compared")]
    for key, (title, words) in WORDS.items():
        columns += [
            Column(key, title, "percent:1", unit="fraction", definition=words, low=f"{key}_low", high=f"{key}_high",
                   interval="Wilson", n=f"{key}_n"),
            Column(f"{key}_low", "95% low", "percent:1", unit="fraction", definition="lower end of its interval"),
            Column(f"{key}_high", "95% high", "percent:1", unit="fraction", definition="upper end of its interval"),
            Column(f"{key}_n", "n", "integer", unit="flows", definition="flows in question"),
        ]  # fmt: skip
    what = "recall on seen attacks beside that on unseen ones: higher or lower where their intervals lie apart"
    columns.append(Column("answer", "Seen against unseen", align="left", definition=what))
    notes = [
        f"Repeated: the row is in the training part. Seen: it is among those that the model, {MODELS[model]} on the "
        "ranked or on all features, was fitted on. Wilson's intervals."
    ]
    record.table("repeats", "Test flows that repeat a training row", columns, rows, notes=notes, id="level")
    for key in ("recall_seen", "recall_unseen"):
        record.name(f"repeats.{key}", "repeats", "selected", key, definition=f"{WORDS[key][1]}; {LEVELS['selected']}")
    compared = verdict(found["selected"]) != NOT_COMPARABLE
    record.value("repeats.compared", compared, "text", "whether the test part has attacks of both kinds", unit="")
    return record


def verdict(shares: Mapping[str, dict[str, Any]] | None) -> str:
    """Recall on seen attacks beside that on unseen ones: higher or lower where intervals lie apart, or undecided."""
    if not shares or shares["recall_seen"]["share"] is None or shares["recall_unseen"]["share"] is None:
        return NOT_COMPARABLE
    here, there = shares["recall_seen"], shares["recall_unseen"]
    return "higher" if here["low"] > there["high"] else "lower" if here["high"] < there["low"] else "undecided"


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
    """Test flows that have an identical training row, and the scores on these and on the others."""
    names = read_json(features)
    fits = binary(load_fits(predictions, descriptions, "source"))
    model = ranked(frames(fits["selected"]))[0]
    train, test = parts(flows, roles, split)
    without = [name for name in names["all"] if name != PORT]
    levels = {"selected": names["selected"], "all": names["all"],
              "all_but_port": without if len(without) < len(names["all"]) else None}  # fmt: skip
    found: dict[str, dict[str, dict[str, Any]] | None] = {}
    for level, columns in levels.items():
        fit = fits[MODEL_OF[level]][model]
        if columns is None:
            found[level] = None
            continue
        known, rows = seen(train, test, columns), rows_fitted(train, fit, seed)
        found[level] = told_apart(fit.frame, known, known if rows is None else seen(train, test, columns, rows))
    report_repeats(found, model, read_json(metadata)["data"]).write(values, tables)


if __name__ == "__main__":
    run(step)
