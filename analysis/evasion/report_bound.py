"""What the paper is told of proofs: between which shares of detected flows the truth lies, whatever a search found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.evasion.bound import EVADES, OPEN, SAFE
from analysis.evasion.report import KISH, NOT_ASKED, PARTS, columns_of_target, target_cells
from analysis.evasion.targets import DEFENCES, FEATURES, Target
from analysis.evasion.trial import SHARES, Setting, left
from analysis.record import Column, Record


@dataclass(frozen=True)
class Proof:
    """What is decided of some of a target's attacked flows: ``status`` by share of the budget and flow, ``searched`` in
    the same way whether the search let a flow evade, and the weight of each flow."""

    target: Target
    status: np.ndarray
    searched: np.ndarray
    weight: np.ndarray


KINDS = {
    "safe": ("At least", "share of detected flows that no action of the sender within the budget lets evade, proven"),
    "most": ("At most", "share of detected flows for which no action of the sender within the budget was found that "
             "lets them evade, by the search or while proving"),
    "search": ("Search", "share of detected flows that the greedy search leaves detected"),
}  # fmt: skip
"""Shares that are told of each budget, by title and definition."""


def record_bound(record: Record, proofs: Sequence[Proof], reason: str | None, setting: Setting) -> None:
    """Table ``evasion_bound`` and values ``evasion.bound.*``."""
    rows: list[dict[str, Any]] = []
    for proof in proofs:
        for share, status, searched in zip(SHARES[1:], proof.status, proof.searched, strict=True):
            row: dict[str, Any] = {"id": f"{proof.target.id}.{PARTS[share]}", "n": status.size,
                                   "most_bytes": setting.budget.bytes * share,
                                   "most_seconds": setting.budget.seconds * share,
                                   "open": float(np.average(status == OPEN, weights=proof.weight))}  # fmt: skip
            for key, out in (("safe", status != SAFE), ("most", status == EVADES), ("search", searched)):
                cells = left(out, proof.weight)
                row |= {key: cells["still"], f"{key}_low": cells["low"], f"{key}_high": cells["high"]}
            rows.append(row | target_cells(proof.target))
    columns = [*columns_of_target(), Column("most_bytes", "Budget, bytes", "integer", unit="bytes"),
               Column("most_seconds", "Budget, seconds", "fixed:1", unit="seconds"),
               Column("n", "Flows", "integer", unit="flows")]  # fmt: skip
    for key, (title, what) in KINDS.items():
        columns += [Column(key, title, "percent:1", low=f"{key}_low", high=f"{key}_high", interval=KISH, n="n",
                           definition=what),
                    Column(f"{key}_low", f"{title}, 95% low", "percent:1"),
                    Column(f"{key}_high", f"{title}, 95% high", "percent:1")]  # fmt: skip
    columns.append(Column("open", "Undecided", "percent:1", n="n", definition="share of detected flows of which too "
                          "many sets of actions were left undecided"))  # fmt: skip
    note = ("All actions of the sender are split into sets until in each the least score that the trees allow is that "
            "of an attack, or an action of it is found that evades. What is left counts as undecided.")  # fmt: skip
    record.table("evasion_bound", "Between which shares what is still detected lies", columns, rows, id="id",
                 notes=[note])  # fmt: skip
    _names(record, proofs, reason)


def _names(record: Record, proofs: Sequence[Proof], reason: str | None) -> None:
    table = record.tables["evasion_bound"]
    known = {row.id for row in table.rows}
    undecided = dict(zip((row.id for row in table.rows), table.column("open"), strict=True))
    for features, defence in (("ranked", "none"), ("all", "none"), ("ranked", "retrained"), ("all", "retrained")):
        target = Target(features=features, defence=defence)
        for part in ("whole", "tenth"):
            name = ".".join(("evasion.bound", "retrained_" * (defence != "none") + features, "exact"))
            said = f"{part} of the budget, forest on {FEATURES[features]}, defence: {DEFENCES[defence]}"
            record.value(name + "_tenth" * (part == "tenth"), undecided.get(f"{target.id}.{part}") == 0, "text",
                         f"whether proofs decide every flow, so that both shares are one; {said}", unit="")  # fmt: skip
            for key, (_, what) in KINDS.items():
                name = ".".join(("evasion.bound", "retrained_" * (defence != "none") + features, key))
                said = f"{what}; {part} of the budget, forest on {FEATURES[features]}, defence: {DEFENCES[defence]}"
                name, row = name + "_tenth" * (part == "tenth"), f"{target.id}.{part}"
                if row in known:
                    record.name(name, "evasion_bound", row, key, definition=said)
                else:
                    record.value(name, None, "percent:1", said, unit="fraction", reason=reason or NOT_ASKED)
    said = f"upper end of the interval, whole of the budget, forest on {FEATURES['ranked']}: {KINDS['most'][1]}"
    if f"{Target().id}.whole" in known:
        record.name(
            "evasion.bound.ranked.most_high", "evasion_bound", f"{Target().id}.whole", "most_high", definition=said
        )
    else:
        record.value(
            "evasion.bound.ranked.most_high", None, "percent:1", said, unit="fraction", reason=reason or NOT_ASKED
        )
    main = next(iter(proofs), None)
    record.value("evasion.bound.flows", main.weight.size if main else None, "integer", "flows attacked of which it is "
                 "asked whether any action lets them evade the forest on the ranked features", unit="flows",
                 reason=reason)  # fmt: skip
