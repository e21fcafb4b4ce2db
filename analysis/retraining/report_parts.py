"""Tables of types met, of losses and of controls, and the values that sentences ask of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from analysis.record import Column, Record, Table, snake
from analysis.retraining.controls import CONTROLS, PERMUTATIONS, PLANTED
from analysis.retraining.losses import PARTS
from analysis.retraining.policies import BASE
from analysis.retraining.types import Met, met
from analysis.statistics.drawn import DRAWN

if TYPE_CHECKING:
    from analysis.retraining.report import Played

UNTYPED = "the labels tell no types of attack apart"
NEVER = "none of its flows was called an attack"
NOT_AGAIN = "it comes in no later window"
UNTIMED = "the flows have no times"
NO_ATTACK = "the tested windows hold no attack"
MAIN = "main"
"""How the ids of rows end that are of the windows of the main text."""


def part_of(played: Played, able: Sequence[Played]) -> str:
    """How the id of a row ends: its kind of windows, or :data:`MAIN`."""
    return MAIN if played is able[0] else played.windows.kind


def record_types(record: Record, able: Sequence[Played], main: Played | None, typed: bool) -> None:
    """Table ``retraining_types``: each type that came after the detector began, under each policy."""
    rows = []
    for played in able if typed else []:
        assert played.stream is not None
        for policy in played.policies:
            for one in met(played.stream, played.windows, played.tested[policy.key]):
                rows.append(_type_row(played, policy.key, policy.words, one))
    columns = [Column("id", "Row", align="left"), Column("kind", "Windows", align="left"),
               Column("key", "Key", align="left"), Column("policy", "Policy", align="left"),
               Column("type", "Type", align="left"), Column("window", "First window", "integer", unit="windows"),
               Column("flows", "Flows", "integer"), Column("again", "Later windows", "integer", unit="windows"),
               Column("waited", "Windows to a detection", "integer", unit="windows"),
               Column("seconds", "Seconds to it", "fixed:0", unit="seconds"),
               Column("recall_first", "Recall in its first window", "fixed:3"),
               Column("recall_later", "Recall in later windows", "fixed:3"),
               Column("recall", "Recall", "fixed:3", definition="share of all its flows that are called attacks"),
               Column("alarms", "False alarms", "fixed:3",
                      definition="share of the benign flows of the same windows that are called attacks")]  # fmt: skip
    note = ("From a type's first flow to the first of its flows that is called an attack: windows between them, and "
            "time where the flows tell it. A single flow may be called one by chance.")  # fmt: skip
    record.table("retraining_types", "Types of attack that came after the detector began", columns, rows, id="id",
                 notes=[note])  # fmt: skip
    found = list(_met(main, BASE)) if main and typed else []
    again = [one for one in found if one.again]
    record.value("retraining.types.told", bool(found), "text", "whether types come that the first windows do not hold",
                 unit="")  # fmt: skip
    record.value("retraining.types.new", len(found), "integer", "types of attack that the first windows do not hold",
                 unit="types")  # fmt: skip
    record.value("retraining.types.again", len(again), "integer", "new types that come in a later window again",
                 unit="types", n=len(found))  # fmt: skip
    days = [one.type for one in found if main and _days(main, one.type) == 1]
    record.value("retraining.types.one_day", len(days), "integer", "new types whose flows are all of one day",
                 unit="types", n=len(found))  # fmt: skip
    for key in ("never", BASE):
        seen = list(_met(main, key)) if main and typed else []
        some = sum(one.recall > one.alarms for one in seen)
        how = "all of the past learnt" if key == BASE else "never retrained"
        what = f"new types that are called attacks more often than the benign flows of their windows, {how}"
        record.value(f"retraining.types.{key}.called", some, "integer", what, unit="types", n=len(seen))


def _met(main: Played, key: str) -> Sequence[Met]:
    assert main.stream is not None
    return list(met(main.stream, main.windows, main.tested[key]))


def _days(played: Played, label: str) -> int:
    assert played.stream is not None
    return len(set(played.windows.day[(played.stream.label == label) & played.stream.attack].tolist()))


def _type_row(played: Played, key: str, words: str, one: Met) -> dict[str, Any]:
    why = NEVER if one.waited is None else UNTIMED
    return {
        "id": f"{played.windows.kind}.{key}.{snake(one.type)}", "kind": played.windows.kind, "key": key,
        "policy": words, "type": one.type, "window": one.first + 1, "flows": one.flows, "again": one.again,
        "waited": Table.cell(one.waited, "integer", reason=NEVER if one.waited is None else None),
        "seconds": Table.cell(one.seconds, "fixed:0", reason=why if one.seconds is None else None),
        "recall_first": one.recall_first,
        "recall_later": Table.cell(one.recall_later, "fixed:3",
                                   reason=NOT_AGAIN if one.recall_later is None else None),
        "recall": one.recall, "alarms": one.alarms,
    }  # fmt: skip


def record_losses(
    record: Record, able: Sequence[Played], main: Played | None, typed: bool, reason: str | None
) -> None:  # fmt: skip
    """Table ``retraining_losses``: the loss of F1 without retraining by part, and names of those of the main text."""
    rows = []
    for played in able:
        if not (found := played.losses):
            continue
        for part, words in PARTS.items():
            loss, low, high = found.loss[part]
            there = found.sizes[part] > 0
            rows.append({
                "id": f"{part}.{part_of(played, able)}", "kind": played.windows.kind, "part": words,
                "held": found.held[part],
                "later": Table.cell(found.later[part] if there else None, "percent:1",
                                    reason=None if there else "the tested windows have none"),
                "loss": loss, "loss_low": low, "loss_high": high, "weight": found.sizes[part],
            })  # fmt: skip
    columns = [Column("id", "Row", align="left"), Column("kind", "Windows", align="left"),
               Column("part", "Flows", align="left"), Column("held", "Called, held back", "percent:1"),
               Column("later", "Called, later", "percent:1"),
               Column("loss", "Loss of F1", "fixed:3", low="loss_low", high="loss_high", interval=DRAWN),
               Column("loss_low", "95% low", "fixed:3"), Column("loss_high", "95% high", "fixed:3"),
               Column("weight", "Flows later, weighted", "integer", unit="flows")]  # fmt: skip
    note = ("Share called attacks among the flows held back from the first windows (new types: as known ones) and in "
            "later windows; the loss of F1 between them is shared out by Shapley's rule.")  # fmt: skip
    record.table("retraining_losses", "What is lost without retraining", columns, rows, id="id", notes=[note])
    found = main.losses if main else None
    why = reason or (NO_ATTACK if typed else UNTYPED)
    record.value("retraining.loss.told", bool(found), "text", "whether the loss can be shared out", unit="")
    record.value("retraining.loss.reason", "it can" if found else why, "text",
                 "why the loss of F1 cannot be shared out, where it cannot", unit="")  # fmt: skip
    for part, words in PARTS.items():
        what = f"loss of F1 by {words}, without retraining"
        if found and main:
            record.name(f"retraining.loss.{part}", "retraining_losses", f"{part}.{MAIN}", "loss",
                        definition=what)  # fmt: skip
        else:
            record.value(f"retraining.loss.{part}", None, "fixed:3", what, unit="fraction", reason=why)
    rest: dict[str, Any] = {"reason": why}
    if found:
        rest = {"low": found.total[1], "high": found.total[2], "interval": DRAWN}
    what = "loss of F1 from held-back flows to later windows, without retraining"
    record.value("retraining.loss.total", found.total[0] if found else None, "fixed:3", what, unit="fraction", **rest)
    for key, what in (("held", "held-back"), ("later", "later")):
        value = getattr(found, key)["benign"] if found else None
        record.value(f"retraining.loss.fpr_{key}", value, "percent:2", unit="fraction", reason=None if found else why,
                     definition=f"{what} benign flows called attacks without retraining")  # fmt: skip


def record_controls(record: Record, able: Sequence[Played], main: Played | None, reason: str | None) -> None:
    """Table ``retraining_controls``: in which windows detectors rang, and labels without meaning."""
    rows = []
    for played in able:
        for one in played.rang:
            missed = one.must is not None and one.must not in one.rang
            rows.append({
                "id": f"{played.windows.kind}.{one.control}.{one.detector}", "kind": played.windows.kind,
                "control": CONTROLS[one.control], "detector": one.detector, "compared": len(one.compared),
                "rang": len(one.rang),
                "where": ", ".join(played.windows.names[window] for window in one.rang) or "none",
                "must": "nowhere" if one.must is None else played.windows.names[one.must],
                "missed": "yes" if missed else "no",
            })  # fmt: skip
    columns = [Column("id", "Row", align="left"), Column("kind", "Windows", align="left"),
               Column("control", "Flows", align="left"), Column("detector", "Detector on", align="left"),
               Column("compared", "Windows compared", "integer", unit="windows"),
               Column("rang", "Rang in", "integer", unit="windows"), Column("where", "Which", align="left"),
               Column("must", "Must ring in", align="left"), Column("missed", "Missed", align="left")]  # fmt: skip
    note = f"Planted: from the middle of the tested windows on {PLANTED:.0%} of the flows are known attacks."
    record.table("retraining_controls", "Detectors of drift under controls", columns, rows, id="id", notes=[note])
    asked = {(one.control, one.detector): one for one in main.rang} if main else {}
    for control, words in CONTROLS.items():
        for detector in ("features", "scores"):
            found = asked.get((control, detector))
            record.value(f"retraining.control.{control}.{detector}", len(found.rang) if found else None, "integer",
                         f"windows in which the detector on {detector} rang: {words}", unit="windows",
                         n=len(found.compared) if found else None, reason=reason)  # fmt: skip
    any_ring = any(one.rang for (control, _), one in asked.items() if control == "benign")
    record.value("retraining.control.benign.any", any_ring, "text", "whether a detector of drift rings on benign flows "
                 "alone, in their order", unit="")  # fmt: skip
    planted = all(one.must in one.rang for one in asked.values() if one.must is not None)
    record.value("retraining.control.planted.found", bool(asked) and planted, "text", "whether both detectors rang "
                 "where a change was planted", unit="")  # fmt: skip
    known = main.permuted if main else None
    told = known is not None and known.found.size > 0
    why = None if told else reason or "no tested window holds both classes"
    what = f"area under time of the average precision, mean of {PERMUTATIONS} permutations of the labels in each window"
    for key, words in (("found", what), ("chance", f"{what}, of the same scores by chance")):
        value = float(getattr(known, key).mean()) if told else None
        record.value(f"retraining.control.permuted.{key}", value, "fixed:3", words, unit="fraction", reason=why)
