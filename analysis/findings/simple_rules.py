"""Step: rules that anybody could write beside the forest, on the flows and features that the forest has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from analysis.command import In, Ins, Out, Outs, run
from analysis.conditions.condition import drawn
from analysis.conditions.features import PORT, chosen
from analysis.conditions.findings import FOREST, ROWS, Row
from analysis.conditions.fit import shared_out
from analysis.dataset.parts import Fold, folds
from analysis.detection.evaluation import Confusion, f1_differences
from analysis.detection.names import MODELS
from analysis.detection.plain_rules import learn, look_up, value_rule
from analysis.detection.predictions import Fit, load_fits
from analysis.record import Cell, Column, Record, Table, Value, read_json, show

LEAST = {
    "gain": "F1 of the forest less that of the best rule of one line",
    "one_line": "F1 of the best rule of one line",
    "forest": "F1 of the random forest",
}
"""What is told of the condition in which the forest adds least."""
RULES = {
    "constant": ("All attacks", "calling every flow an attack"),
    "threshold": ("Threshold", "the best threshold on one feature"),
    "service": ("Port or protocol", "the better of the port rule and the protocol rule"),
    "tree": ("Tree", "a decision tree of depth 3"),
    "look_up": ("Look-up", "a table of the training flows"),
    "one_line": ("Chosen", "the best rule of one line"),
    "forest": ("Forest", f"the {MODELS[FOREST[0]]}"),
}
"""Rules of one line; which of them is best is decided on training flows."""
SERVICE = {PORT: "port", "Protocol": "protocol"}
DEPTH = 3
COMPARED = tuple(row for row in ROWS if row.condition.features not in ("port", "best_single"))
"""Rows in which there is something to compare: a forest on one column is little else than a rule."""
PAIRED = "paired bootstrap over test flows, percentiles"
NO_ATTACK = "no attack in the test part"
NO_SERVICE = "the flows have neither port nor protocol"


@dataclass(frozen=True)
class Answered:
    """What the rules say of the test part of a fold, arrays of shape (n,), and which of one line is the best there."""

    truth: np.ndarray
    answers: Mapping[str, np.ndarray]
    words: Mapping[str, str]
    known: np.ndarray
    tree: Sequence[Mapping[str, Any]] = field(default=())


def answered(entry: Mapping[str, Any], fold: Fold, features: Sequence[str], seed: int) -> Answered:
    """The rules learnt on the flows that the condition's model is fitted on, and asked of the test part.

    A rule has the features of the model; port and protocol it has everywhere. The kind of rule of one line is chosen on
    the flows that the condition holds back, or where it holds back none on those that it is fitted on.
    """
    assert fold.train is not None
    assert fold.test is not None
    train, held = shared_out(entry, fold.train, seed)
    judge = held if held is not None and held.height else train
    attack, truth, judged = (part.column("is_attack").to_numpy() for part in (train, fold.test, judge))
    seen, unseen = train.matrix(features), fold.test.matrix(features)
    answers = {"constant": np.ones(truth.size, dtype=bool)}
    held_back = {"constant": np.ones(judged.size, dtype=bool)}
    words = {"constant": "every flow is an attack"}
    rules = [learn(column, attack) for column in seen.T]
    best = int(np.argmax([_f1(attack, rule.calls(column)) for rule, column in zip(rules, seen.T, strict=True)]))
    answers["threshold"] = rules[best].calls(unseen[:, best])
    held_back["threshold"] = rules[best].calls(judge.column(features[best]).to_numpy())
    sign = ">" if rules[best].above else "≤"
    words["threshold"] = f"{features[best]} {sign} {show(rules[best].threshold, 'significant:4')}"
    services = [name for name in SERVICE if name in train.columns and not train.column(name).null_count()]
    tried = {name: value_rule(train.column(name), attack, judge.column(name)) for name in services}
    if tried:
        name = max(tried, key=lambda name: _f1(judged, tried[name]))
        answers["service"] = value_rule(train.column(name), attack, fold.test.column(name))
        held_back["service"], words["service"] = tried[name], f"{SERVICE[name]} at which attacks prevail"
    kind = max(held_back, key=lambda kind: _f1(judged, held_back[kind]))
    answers["one_line"], words["one_line"] = answers[kind], words[kind]
    answers["tree"], nodes = tree(seen, attack, unseen, features)
    answers["look_up"], known = look_up(seen, attack, unseen)
    return Answered(truth, answers, words, known, nodes)


def tree(
    seen: np.ndarray, attack: np.ndarray, unseen: np.ndarray, features: Sequence[str]
) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Answers of a decision tree of depth 3, and its nodes from the root down.

    A node is named by the way to it, ``l`` where the feature is at or below the threshold: ``n``, ``nl``, ``nlr``.
    """
    from sklearn.tree import DecisionTreeClassifier

    fitted = DecisionTreeClassifier(max_depth=DEPTH, random_state=0).fit(seen, attack)
    inner, nodes = fitted.tree_, []
    waiting = [(0, "n", np.ones(attack.size, dtype=bool))]
    while waiting:
        number, name, here = waiting.pop(0)
        leaf = inner.children_left[number] < 0
        share = float(attack[here].mean())
        node: dict[str, Any] = {"id": name, "depth": len(name) - 1, "feature": None, "threshold": None,
                                "flows": int(here.sum()), "attack": share, "answer": None}  # fmt: skip
        if leaf:
            node["answer"] = "attack" if share > 0.5 else "benign"
        else:
            low = seen[:, inner.feature[number]] <= inner.threshold[number]
            node |= {"feature": features[inner.feature[number]], "threshold": float(inner.threshold[number])}
            waiting.append((inner.children_left[number], f"{name}l", here & low))
            waiting.append((inner.children_right[number], f"{name}r", here & ~low))
        nodes.append(node)
    return np.asarray(fitted.predict(unseen)), nodes


def _f1(truth: np.ndarray, called: np.ndarray) -> float:
    return Confusion.of(truth, called).f1 or 0.0


@dataclass(frozen=True)
class Compared:
    """A row of the table: the rules and the forest on the test parts of all folds of one condition together."""

    row: Row
    folds: Sequence[Answered]
    forest: np.ndarray
    reason: str | None = None

    def of(self, rule: str) -> np.ndarray | None:
        """Answers of one rule on all folds; None where a fold does not have it."""
        if rule == "forest":
            return self.forest
        if not all(rule in fold.answers for fold in self.folds):
            return None
        return np.concatenate([fold.answers[rule] for fold in self.folds])

    @property
    def truth(self) -> np.ndarray:
        """The labels."""
        return np.concatenate([fold.truth for fold in self.folds])

    def words(self, rule: str) -> str:
        """The rule, or how many different ones the folds have."""
        said = list(dict.fromkeys(fold.words[rule] for fold in self.folds))
        return said[0] if len(said) == 1 else f"one for each of {len(self.folds)} parts"


def compared(row: Row, fit: Fit, parts: Sequence[Fold], selections: Sequence[Any], seed: int) -> Compared:
    """The rules beside the answers of ``fit``, the condition's forest, on the folds for which it has any."""
    found, forest, reason = [], [], None
    for fold, selection, told in zip(parts, selections, fit.entry["folds"], strict=True):
        if told["reason"]:
            reason = told["reason"]
            continue
        features, _ = chosen(fit.entry["factors"]["features"], selection)
        found.append(answered(fit.entry, fold, features, seed))
        forest.append(fit.frame.filter(pl.col("fold") == fold.name)["predicted"].to_numpy())
    whole = np.concatenate(forest) if forest else np.empty(0, dtype=bool)
    if found and not any(one.truth.any() for one in found):
        return Compared(row, (), whole[:0], NO_ATTACK)
    return Compared(row, found, whole, None if found else reason or "no part could be built")


def record_rules(record: Record, found: Sequence[Compared], resamples: int, seed: int) -> None:
    """Table ``rules`` of what could be built, and values ``rules.<row>.*`` of every row."""
    rows = []
    for one in found:
        key, reason = one.row.key, one.reason
        built = reason is None
        record.value(
            f"rules.{key}.built", built, "text", f"whether simple rules could be compared: {one.row.words}", unit=""
        )
        row: dict[str, Any] = {"id": key, "condition": one.row.words}
        for rule, (_, words) in RULES.items():
            called = one.of(rule) if built else None
            count = None if called is None else Confusion.of(one.truth, called)
            why = None if count and count.f1 is not None else reason or NO_SERVICE
            f1, ends = (count.f1, count.interval("f1")) if count else (None, {})
            where = {"table": "rules", "cell": f"{key}/{rule}"} if built else {}
            record.value(f"rules.{key}.{rule}", f1, "fixed:3", f"F1 of {words}; {one.row.where}", unit="fraction",
                         n=one.truth.size if built else None, reason=why, **where, **ends)  # fmt: skip
            row[rule] = Table.cell(f1, "fixed:3", reason=why)
            row |= {f"{rule}_{end}": Table.cell(ends.get(end), "fixed:3", reason=why) for end in ("low", "high")}
        row |= _gain(record, one, resamples, seed)
        for rule in ("threshold", "one_line"):
            said = one.words(rule) if built else None
            row[f"{rule}_rule"] = Table.cell(said, "text", reason=reason)
            record.value(f"rules.{key}.{rule}_rule", said, "text", f"what {RULES[rule][1]} says; {one.row.where}",
                         unit="", reason=reason)  # fmt: skip
        if built:
            rows.append(row)
    columns = [Column("id", "Row", align="left"), Column("condition", "Condition", align="left")]
    for rule, (title, _) in RULES.items():
        columns += [Column(rule, title, "fixed:3"), Column(f"{rule}_low", f"{title}, 95% low", "fixed:3"),
                    Column(f"{rule}_high", f"{title}, 95% high", "fixed:3")]  # fmt: skip
    columns += [Column("gain", "Forest adds", "fixed:3"), Column("gain_low", "Forest adds, 95% low", "fixed:3"),
                Column("gain_high", "Forest adds, 95% high", "fixed:3"),
                Column("threshold_rule", "The threshold", align="left"),
                Column("one_line_rule", "The rule of one line", align="left")]  # fmt: skip
    notes = [
        "F1 on the test part, that of several parts over the flows of all. Rules are learnt on the flows that the "
        "forest is fitted on and see its features; port and protocol are seen everywhere. All attacks: every flow is "
        "called one. Threshold: on one feature. Port or protocol: a list of those at which attacks prevail. Chosen: of "
        f"these three, on held-back training flows; the forest adds what it has beyond that. Tree: of depth {DEPTH}. "
        "Look-up: a table of the training flows. A port or vector that is in no list has the commoner class."
    ]
    record.table("rules", "Rules that anybody could write, beside the forest", columns, rows, notes=notes, id="id")


def _gain(record: Record, one: Compared, resamples: int, seed: int) -> dict[str, Cell]:
    """What the forest adds to the best rule of one line, as value and cells."""
    key, value, ends = one.row.key, None, {}
    line = None if one.reason else one.of("one_line")
    if line is not None and one.truth.any():
        value, differences = f1_differences(one.truth, one.forest, line, resamples, drawn(seed, f"rules.gain.{key}"))
        low, high = np.quantile(differences, [0.025, 0.975])
        ends = {"low": min(float(low), value), "high": max(float(high), value)}
    reason = None if ends else one.reason or NO_ATTACK
    where = {"table": "rules", "cell": f"{key}/gain"} if one.reason is None else {}
    record.value(f"rules.{key}.gain", value, "fixed:3",
                 f"F1 of the forest less that of the best rule of one line; {one.row.where}", unit="",
                 n=None if one.reason else one.truth.size, reason=reason, **where, **ends,
                 **({"interval": PAIRED} if ends else {}))  # fmt: skip
    cells = {"gain": value, "gain_low": ends.get("low"), "gain_high": ends.get("high")}
    return {name: Table.cell(cell, "fixed:3", reason=reason) for name, cell in cells.items()}


def record_tree(record: Record, found: Sequence[Compared]) -> None:
    """Table ``tree``: the nodes of the tree on all features, or on those of the first condition that was built."""
    built = {one.row.key: one for one in found if one.reason is None}
    one = built.get("all") or next(iter(built.values()), None)
    nodes = one.folds[0].tree if one else []
    rows = []
    for node in nodes:
        why, inner = ("a leaf asks nothing", None) if node["answer"] else (None, "an inner node asks on")
        rows.append(dict(node) | {
            "feature": Table.cell(node["feature"], "text", reason=why),
            "threshold": Table.cell(node["threshold"], "significant:4", reason=why),
            "answer": Table.cell(node["answer"], "text", reason=inner),
        })  # fmt: skip
    columns = [Column("id", "Way", align="left"), Column("depth", "Depth", "integer", unit="splits"),
               Column("feature", "Feature", align="left"),
               Column("threshold", "Threshold", "significant:4", unit="as in the release"),
               Column("flows", "Training flows", "integer"), Column("attack", "Attacks", "percent:1"),
               Column("answer", "Answer", align="left")]  # fmt: skip
    notes = [f"Condition: {one.row.words if one else 'none'}. Way: n is the root, l where the feature is at or below "
             "the threshold, r where it is above. Counts are of the training flows."]  # fmt: skip
    record.table("tree", "A decision tree of depth 3", columns, rows, notes=notes)
    used = list(dict.fromkeys(node["feature"] for node in nodes if node["feature"]))
    record.value("rules.tree.features", used, "list", "features that the drawn tree asks for", unit="", n=len(used))
    record.value("rules.tree.condition", one.row.words if one else None, "text", "condition of the drawn tree", unit="",
                 reason=None if one else "no condition could be built")  # fmt: skip


def record_summary(record: Record, found: Sequence[Compared]) -> None:
    """In how many conditions a rule of one line beats the forest, and calling every flow an attack beats both."""
    known: dict[str, dict[str, Value]] = {}
    for one in found:
        mine = {key: record.values[f"rules.{one.row.key}.{key}"] for key in ("gain", "constant", "one_line", "forest")}
        if mine["gain"].value is not None:
            known[one.row.words] = mine
    record.value("rules.depth", DEPTH, "integer", "depth of the trees at most", unit="questions")
    record.value("rules.conditions", len(known), "integer", "conditions in which rules and forest are compared",
                 unit="conditions")  # fmt: skip
    better = sum((one["gain"].high or 0) < 0 for one in known.values())
    what = "conditions in which the rule of one line has the higher F1, by an interval of the difference below zero"
    record.value("rules.line_better", better, "integer", what, unit="conditions", n=len(known))
    more = sum(one["constant"].value > max(one["one_line"].value, one["forest"].value) for one in known.values())
    what = "conditions in which calling every flow an attack has a higher F1 than both"
    record.value("rules.constant_more", more, "integer", what, unit="conditions", n=len(known))
    least = min(known, key=lambda words: known[words]["gain"].value) if known else None
    reason = None if known else "no condition could be built"
    what = "the condition in which the forest adds least to a rule of one line"
    record.value("rules.least.where", least, "text", what, unit="", reason=reason)
    for key in ("gain", "one_line", "forest"):
        own = known[least][key] if least else None
        rest = {"low": own.low, "high": own.high, "interval": own.interval} if own else {"reason": reason}
        record.value(f"rules.least.{key}", own.value if own else None, "fixed:3",
                     f"{LEAST[key]}, in the condition in which the forest adds least to a rule of one line",
                     unit="fraction", **rest)  # fmt: skip


def step(
    predictions: Ins, descriptions: Ins, roles: Ins, splits: Ins, features: Ins, flows: In, metadata: In,
    told: list[str], resamples: int, seed: int, values: Out, tables: Outs,
) -> None:  # fmt: skip
    """Rules that anybody could write beside the forest, on the flows and features that the forest has."""
    record = Record("simple_rules", read_json(metadata)["data"])
    fits = load_fits(predictions, descriptions, "findings")
    files = {read_json(split)["split"]: (role, split, chosen) for role, split, chosen in
             zip(roles, splits, features, strict=True)}  # fmt: skip
    found = []
    for row in COMPARED:
        if reason := row.lacking(told):
            found.append(Compared(row, (), np.empty(0, dtype=bool), reason))
            continue
        fit = fits[f"{row.key}.{FOREST[0]}"]
        role, split, selected = files[row.condition.split_id]
        parts = folds(flows, role, split)
        found.append(compared(row, fit, parts, read_json(selected)["folds"], seed))
    record_rules(record, found, resamples, seed)
    record_tree(record, found)
    record_summary(record, found)
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
