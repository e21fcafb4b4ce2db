"""What the paper is told of evasion: its tables, and the values that sentences and claims ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.conditions.models import SOURCE
from analysis.detection.evaluation import WILSON, Confusion
from analysis.evasion.owners import GROWS, owners
from analysis.evasion.targets import DEFENCES, FEATURES, FOREST, ROUNDS, Learnt, Target
from analysis.evasion.trial import ALL, SHARES, Attack, Setting, left, rows_of
from analysis.record import Cell, Column, Record, Table, snake

PARTS = dict(zip(SHARES, ("nothing", "hundredth", "tenth", "whole"), strict=True))
"""How ids of rows end, by the share of the budget."""
ATTACKERS = {
    "greedy": "greedy by score", "random": "at random, by answers", "blind": "one action, chosen on own flows",
    "surrogate": "own model", "mimic": "sets any column (no flow)",
}  # fmt: skip
"""Attackers in words; others are one action for all flows, and called by it."""
REACHES = {"sender": "sender", "both": "both ends", "any column": "any column"}
KISH = f"{WILSON}, families weighted (Kish's effective number)"
NONE_OUT = "no flow evaded"
NO_SURROGATE = "the flows held back do not allow a model of the attacker's own"
SHORT = {"ranked": "ranked", "all": "all", "unowned": "not the sender’s", "grow": "not the sender’s, or only growing"}
"""Sets of features as tables show them."""
OF_DEFENCES = {
    "sender": "detected flows still detected when the sender attacks anew",
    "both": "detected flows still detected when whoever decides on both ends attacks anew",
    "f1": "F1 on unattacked test flows", "fpr": "false-positive rate on unattacked test flows",
}  # fmt: skip
"""What is told of each defence, with words for definitions."""
NOT_ASKED = "this model was not attacked"
MEASURES = {"precision": "Precision", "recall": "Recall", "f1": "F1", "fpr": "FPR"}


@dataclass(frozen=True)
class Outcome:
    """A target and all that was found: on unattacked flows of the test part, and under attack.

    ``called`` are flows of the test part called attacks, ``rows`` the numbers of those attacked with their ``families``
    and weights.
    """

    target: Target
    columns: list[str]
    unattacked: Confusion
    test: Learnt
    called: np.ndarray
    rows: np.ndarray
    families: np.ndarray
    weight: np.ndarray
    attacks: list[Attack]
    has_surrogate: bool

    def of(self, attacker: str, reach: str, queries: int) -> Attack | None:
        """An attack by its keys."""
        keys = (attacker, reach, queries)
        return next((one for one in self.attacks if (one.attacker, one.reach, one.queries) == keys), None)


def record_all(
    record: Record, outcomes: Sequence[Outcome], reason: str | None, ranked: Sequence[str], most: int, setting: Setting
) -> None:
    """All tables and values; with a ``reason`` why nothing was attacked there are only those that say so."""
    able = [] if reason else list(outcomes)
    _recall(record, able, setting)
    _families(record, able)
    _defences(record, able, setting)
    _flows(record, able)
    _owners(record, ranked)
    _setting(record, able, reason, most, setting)
    _names(record, able, reason, setting)
    _owned(record, ranked)


def columns_of_target() -> list[Column]:
    """The columns that say what was attacked."""
    return [Column("id", "Row", align="left"), Column("model", "Model", align="left"),
            Column("features", "Features", align="left"), Column("defence", "Defence", align="left")]  # fmt: skip


def target_cells(target: Target) -> dict[str, Any]:
    """Cells of :func:`columns_of_target` but for the id."""
    return {"model": SOURCE[target.model].name, "features": Cell(target.features, SHORT[target.features]),
            "defence": DEFENCES[target.defence]}  # fmt: skip


STILL = [Column("n", "Flows attacked", "integer", unit="flows"),
         Column("still", "Still detected", "percent:1", low="low", high="high", interval=KISH, n="n"),
         Column("low", "95% low", "percent:1"), Column("high", "95% high", "percent:1")]  # fmt: skip


def _costs(cells: dict[str, Any]) -> dict[str, Any]:
    for name, display in (("bytes", "integer"), ("seconds", "fixed:2")):
        cells[name] = Table.cell(cells[name], display, reason=NONE_OUT if cells[name] is None else None)
    return cells


COSTS = [Column("bytes", "Bytes, median", "integer", unit="bytes"),
         Column("seconds", "Seconds, median", "fixed:2", unit="seconds")]  # fmt: skip


def _each(able: Sequence[Outcome], pooled: bool) -> Iterator[tuple[Outcome, Attack, str, float, dict[str, Any]]]:
    """Rows of the pooled families, or of single ones."""
    for outcome in able:
        for attack, family, share, cells in rows_of(outcome.attacks, outcome.families, outcome.weight):
            if (family == ALL) == pooled:
                yield outcome, attack, family, share, cells


def _recall(record: Record, able: Sequence[Outcome], setting: Setting) -> None:
    """Table ``evasion``: what is still detected by attacker and budget."""
    rows = []
    for outcome, attack, _, share, cells in _each(able, True):
        name = ".".join((outcome.target.id, snake(attack.attacker), snake(attack.reach), str(attack.queries)))
        rows.append({"id": f"{name}.{PARTS[share]}", "attacker": ATTACKERS.get(attack.attacker, attack.attacker),
                     "reach": REACHES[attack.reach], "queries": attack.queries,
                     "most_bytes": setting.budget.bytes * share, "most_seconds": setting.budget.seconds * share}
                    | target_cells(outcome.target) | _costs(cells))  # fmt: skip
    columns = [*columns_of_target(), Column("attacker", "Attacker", align="left"),
               Column("reach", "Decides on", align="left"), Column("queries", "Queries", "integer", unit="queries"),
               Column("most_bytes", "Budget, bytes", "integer", unit="bytes"),
               Column("most_seconds", "Budget, seconds", "fixed:1", unit="seconds"), *STILL, *COSTS]  # fmt: skip
    notes = ["Of the flows that were detected before, the share that still is; families weigh as among the detected "
             "flows of the test part. Bytes and seconds: what the cheapest evasion that was found added, for the flows "
             "that evaded. The mimic sets columns to those of a benign flow, which no packets need have."]  # fmt: skip
    record.table("evasion", "Detected flows that are still detected when attacked", columns, rows, id="id", notes=notes)


def _families(record: Record, able: Sequence[Outcome]) -> None:
    """Table ``evasion_families``: the same by family, with the whole budget."""
    rows = []
    for outcome, attack, family, _, cells in _each(able, False):
        name = ".".join((outcome.target.id, snake(attack.attacker), snake(attack.reach), str(attack.queries)))
        rows.append({"id": f"{name}.{snake(family)}", "family": family, "reach": REACHES[attack.reach],
                     "attacker": ATTACKERS.get(attack.attacker, attack.attacker), "queries": attack.queries}
                    | target_cells(outcome.target) | _costs(cells))  # fmt: skip
    columns = [*columns_of_target(), Column("family", "Family", align="left"),
               Column("attacker", "Attacker", align="left"), Column("reach", "Decides on", align="left"),
               Column("queries", "Queries", "integer", unit="queries"), *STILL, *COSTS]  # fmt: skip
    record.table("evasion_families", "Detected flows that are still detected, by family", columns, rows, id="id")


def _ends_in_model(target: Target) -> str:
    """An id by whose end the paper chooses rows."""
    return ".".join((target.features, target.defence, target.model))


def _defences(record: Record, able: Sequence[Outcome], setting: Setting) -> None:
    """Table ``evasion_defences``: what each target finds unattacked, and what is left of it under attack."""
    rows = []
    for outcome in able:
        row: dict[str, Any] = {"id": _ends_in_model(outcome.target), "columns": len(outcome.columns),
                               "n_test": outcome.unattacked.n} | target_cells(outcome.target)  # fmt: skip
        for key in MEASURES:
            value, ends = getattr(outcome.unattacked, key), outcome.unattacked.interval(key)
            for name, cell in ((key, value), (f"{key}_low", ends.get("low")), (f"{key}_high", ends.get("high"))):
                row[name] = Table.cell(cell, "fixed:3", reason=None if cell is not None else "no flow to divide by")
        for reach in ("sender", "both"):
            attack = outcome.of("greedy", reach, max(setting.queries))
            cells = left(attack.tried.evaded, outcome.weight) if attack else {}
            number = attack.tried.evaded.size if attack else None
            row[f"{reach}_n"] = Table.cell(number, "integer", reason=None if attack else "no flow was detected")
            for name, key in ((reach, "still"), (f"{reach}_low", "low"), (f"{reach}_high", "high")):
                row[name] = Table.cell(cells.get(key), "percent:1", reason=None if cells else "no flow was detected")
        rows.append(row)
    columns = [*columns_of_target(), Column("columns", "Columns", "integer", unit="features")]
    for key, title in MEASURES.items():
        columns += [Column(key, title, "fixed:3", low=f"{key}_low", high=f"{key}_high", interval=WILSON, n="n_test",
                           definition=f"{title} on unattacked flows of the test part"),
                    Column(f"{key}_low", f"{title}, 95% low", "fixed:3"),
                    Column(f"{key}_high", f"{title}, 95% high", "fixed:3")]  # fmt: skip
    for key, title in (("sender", "Sender"), ("both", "Both")):
        columns += [Column(key, title, "percent:1", low=f"{key}_low", high=f"{key}_high", interval=KISH, n=f"{key}_n",
                           definition=f"share of detected flows still detected, {REACHES[key]}, greedy search"),
                    Column(f"{key}_low", f"{title}, 95% low", "percent:1"),
                    Column(f"{key}_high", f"{title}, 95% high", "percent:1"),
                    Column(f"{key}_n", f"{title}, flows attacked", "integer", unit="flows")]  # fmt: skip
    columns.append(Column("n_test", "Test flows", "integer"))
    note = "Sender, both (ends): detected flows that are still detected, greedy search with the whole budget."
    record.table("evasion_defences", "Unattacked and attacked, by defence", columns, rows, id="id", notes=[note])


def _flows(record: Record, able: Sequence[Outcome]) -> None:
    """Table ``evasion_flows``: attacks of the test part by family, those left out, detected and attacked."""
    rows = []
    for outcome in able:
        test = outcome.test
        for family in sorted(set(test.families[test.attack].tolist())):
            here = test.attack & (test.families == family)
            rows.append({
                "id": f"{outcome.target.id}.{snake(family)}", "family": family, "attacks": int(here.sum()),
                "broken": int((here & ~outcome.test.sound).sum()), "detected": int((here & outcome.called).sum()),
                "drawn": int(np.count_nonzero(outcome.families == family)),
            } | target_cells(outcome.target))  # fmt: skip
    columns = [*columns_of_target(), Column("family", "Family", align="left"),
               Column("attacks", "Attacks", "integer", unit="flows"),
               Column("broken", "Left out", "integer", unit="flows"),
               Column("detected", "Detected", "integer", unit="flows"),
               Column("drawn", "Attacked", "integer", unit="flows")]  # fmt: skip
    note = "Left out: flows that break an identity of the release before anything is done to them."
    record.table("evasion_flows", "Flows that are attacked", columns, rows, id="id", notes=[note])


def _owners(record: Record, ranked: Sequence[str]) -> None:
    """Table ``evasion_owners``: who decides on each column."""
    rows = [{"column": name, "owner": owner, "ranked": "yes" if name in ranked else "no",
             "grows": "yes" if name in GROWS else "no"} for name, owner in owners().items()]  # fmt: skip
    columns = [Column("column", "Column", align="left"), Column("owner", "Decides", align="left"),
               Column("ranked", "Ranked highest", align="left"),
               Column("grows", "Only grows", align="left")]  # fmt: skip
    note = ("Attacker: the sender of the flow alone; server: the other end alone; derived: both, by way of other "
            "columns or because one answers the other; nobody: what is attacked fixes it. Only grows: no action of the "
            "sender lowers it.")  # fmt: skip
    record.table("evasion_owners", "Who decides on each column", columns, rows, id="column", notes=[note])


def _owned(record: Record, ranked: Sequence[str]) -> None:
    for owner, words in (("server", "the server alone decides on"), ("attacker", "the sender alone decides on"),
                         ("derived", "both ends decide on")):  # fmt: skip
        count = sum(owners().get(name) == owner for name in ranked)
        record.value(f"evasion.ranked.{owner}", count, "integer", f"highest-ranked features that {words}",
                     unit="features", n=len(ranked))  # fmt: skip


def _setting(record: Record, able: Sequence[Outcome], reason: str | None, most: int, setting: Setting) -> None:
    record.value("evasion.available", bool(able), "text", "whether flows can be acted on as an attacker would", unit="")
    record.value("evasion.reason", reason or "it can be done", "text", "why no attacker was tried, where none was",
                 unit="")  # fmt: skip
    for key, value, what, unit in (
        ("flows", most, "flows of a family that are attacked at most", "flows"),
        ("bytes", int(setting.budget.bytes), "bytes that an attacker may add to a flow", "bytes"),
        ("seconds", int(setting.budget.seconds), "seconds by which an attacker may lengthen a flow", "seconds"),
        ("few", setting.queries[0], "answers that the shorter search asks for", "answers"),
        ("tenth", int(setting.budget.bytes * SHARES[2]), "bytes of a tenth of the attacker's budget", "bytes"),
        ("rounds", ROUNDS, "rounds of attack and fit in adversarial retraining", "rounds"),
        ("queries", setting.queries[-1], "answers that the longer search asks for", "answers"),
    ):
        record.value(f"evasion.{key}", value, "integer", what, unit=unit)
    main = able[0] if able else None
    for key, count, what in (
        ("attacks", main and int(main.test.attack.sum()), "attacks of the test part among which flows are attacked"),
        ("broken", main and int((main.test.attack & ~main.test.sound).sum()),
         "attacks of the test part left out, because they break an identity before anything is done to them"),
        ("drawn", main and main.rows.size, "flows attacked of those that the forest on the ranked features detects"),
    ):  # fmt: skip
        record.value(f"evasion.{key}", count, "integer", what, unit="flows", reason=reason)
    some = main is not None and bool((main.test.attack & ~main.test.sound).any())
    record.value("evasion.some_broken", some, "text", "whether attacks of the test part break an identity before "
                 "anything is done to them", unit="")  # fmt: skip


def _names(record: Record, able: Sequence[Outcome], reason: str | None, setting: Setting) -> None:
    """Names of cells that sentences and claims ask for."""
    known = {row.id for row in record.tables["evasion"].rows}
    few, most = setting.queries
    asked = {
        "sender": (f"greedy.sender.{most}.whole", "the sender, greedy search, whole budget"),
        "both": (f"greedy.both.{most}.whole", "an attacker who decides on both ends, greedy search, whole budget"),
        "few": (f"greedy.sender.{few}.whole", "the sender, greedy search of few answers, whole budget"),
        "tenth": (f"greedy.sender.{most}.tenth", "the sender, greedy search, a tenth of the budget"),
        "random": (f"random.sender.{most}.whole", "the sender, search at random, whole budget"),
        "random_tenth": (f"random.sender.{most}.tenth", "the sender, search at random, a tenth of the budget"),
        "blind": ("blind.sender.0.whole", "the sender without answers, one action for all, whole budget"),
        "surrogate": ("surrogate.sender.0.whole", "the sender without answers, own model, whole budget"),
        "mimic": ("mimic.any_column.0.whole", "one who may set any column, which is no flow"),
    }
    for features, words in (("ranked", "the ranked"), ("all", "all")):
        for key, (row, what) in asked.items():
            name, said = (
                f"evasion.{features}.{key}",
                f"share still detected by the forest on {words} features: {what}",
            )
            full = f"random_forest.{features}.none.{row}"
            if full in known:
                record.name(name, "evasion", full, "still", definition=said)
            else:
                why = reason or (NO_SURROGATE if key in ("blind", "surrogate") else NOT_ASKED)
                record.value(name, None, "percent:1", said, unit="fraction", reason=why)
    name, full = "evasion.ranked.both_high", f"random_forest.ranked.none.{asked['both'][0]}"
    said = f"upper end of the interval of what the forest on the ranked features still detects: {asked['both'][1]}"
    if full in known:
        record.name(name, "evasion", full, "high", definition=said)
    else:
        record.value(name, None, "percent:1", said, unit="fraction", reason=reason or NOT_ASKED)
    told = {row.id for row in record.tables["evasion_defences"].rows}
    for key, target in (("retrained_ranked", "ranked.retrained"), ("retrained_all", "all.retrained"),
                        ("unowned", "unowned.unowned"), ("monotone", "grow.monotone"), ("plain_ranked", "ranked.none"),
                        ("plain_all", "all.none")):  # fmt: skip
        for column, display in (("sender", "percent:1"), ("both", "percent:1"), ("f1", "fixed:3"), ("fpr", "fixed:3")):
            name, row = f"evasion.defence.{key}.{column}", f"{target}.{FOREST}"
            seen, defence = target.split(".")
            what = (f"{OF_DEFENCES[column]}, forest on {FEATURES[seen]}; defence: {DEFENCES[defence]}")  # fmt: skip
            if row in told:
                record.name(name, "evasion_defences", row, column, definition=what)
            else:
                record.value(name, None, display, what, unit="fraction", reason=reason or NOT_ASKED)
    main = able[0] if able else None
    recall = main.unattacked.recall if main else None
    still = record.values["evasion.ranked.sender"]
    what = "recall of the forest on the ranked features, flows of the test part"
    ends = main.unattacked.interval("recall") if main else {}
    record.value("evasion.unattacked", recall, "fixed:3", f"{what}, unattacked", unit="fraction", reason=reason, **ends)
    under = recall * still.value if recall is not None and still.value is not None else None
    rest: dict[str, Any] = {"reason": reason or still.reason}
    if under is not None and recall is not None and still.low is not None and still.high is not None:
        rest = {
            "low": recall * still.low,
            "high": recall * still.high,
            "interval": f"{KISH}, of what is still detected",
        }
    record.value("evasion.recall_high", rest.get("high"), "fixed:3", f"upper end of the interval of it: {what}, when "
                 "the sender attacks", unit="fraction", reason=rest.get("reason"))  # fmt: skip
    record.value("evasion.recall", under, "fixed:3", f"{what}, when the sender attacks with the whole budget and the "
                 "longer search", unit="fraction", **rest)  # fmt: skip
