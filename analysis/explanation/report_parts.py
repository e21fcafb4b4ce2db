"""Tables of controls, cases, alerts and the surrogate, and the values that sentences ask of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.detection.evaluation import Confusion, score_interval, wilson
from analysis.explanation.alerts import ALIKE, CASES, MOST_OF, alike, constant, needed
from analysis.explanation.controls import DELETED, DRAWS, REPLACED, WRONG
from analysis.explanation.surrogate import DEPTH
from analysis.findings.clusters import f1_interval
from analysis.record import Column, Record, Table, show
from analysis.record.value import out_of

if TYPE_CHECKING:
    from analysis.evasion.reach import Cheapest
    from analysis.explanation.alerts import Case
    from analysis.explanation.report import Explained

DRAWN = 2_000
"""Draws of an interval."""
RESAMPLED = "percentile bootstrap over test flows"
OVER_HITS = "percentile bootstrap over the flows"
WHOLE = 1_000_000
"""Whole numbers below it are shown to the last digit."""
MAIN = 3
"""Clusters deleted in the deletion that the text tells, where there are so many."""


def record_controls(record: Record, found: Explained, chance: np.random.Generator) -> None:
    """Tables ``explanation_controls`` and ``explanation_deletion``, with their values."""
    copied, planted = found.copied, found.planted
    column, cluster = found.names[copied.column], found.clusters[found.players[copied.column]][0]
    new = "it is not there before"
    rows = [
        ("copy.column", f"{column}, beside a copy", copied.before[0], copied.after[0]),
        ("copy.copy", f"the copy of {column}", None, copied.after[1]),
        ("copy.cluster", f"cluster of {cluster}", copied.before[1], copied.after[2]),
        ("planted.shortcut", "a planted shortcut", None, planted.shortcut[0]),
        ("planted.noise", "noise", None, planted.noise[0]),
    ]
    columns = [Column("id", "Control", align="left"), Column("what", "Column or cluster", align="left"),
               Column("before", "Credit before", "fixed:3", unit="1"),
               Column("after", "Credit after", "fixed:3", unit="1")]  # fmt: skip
    cells = [{"id": key, "what": what, "after": after,
              "before": Table.cell(before, "fixed:3", reason=new if before is None else None)}
             for key, what, before, after in rows]  # fmt: skip
    note = f"A planted shortcut says the class of all but {WRONG:.0%} of the flows, training and test flows alike."
    record.table("explanation_controls", "Credit under controls", columns, cells, id="id", notes=[note])
    record.value("explanation.copy.column", column, "text", "column of the most credit, which is copied", unit="")
    for key, before, after, what in (
        ("kept", copied.before[0], copied.after[0], "column of the most credit"),
        ("cluster_kept", copied.before[1], copied.after[2], "cluster of the column of the most credit"),
    ):
        record.value(f"explanation.copy.{key}", after / before if before else None, "percent:0", "credit beside a copy "
                     f"as a share of that without it: {what}", unit="fraction",
                     reason=None if before else "no column has credit")  # fmt: skip
    record.value("explanation.planted.rank", planted.shortcut[1], "integer", "rank by credit of a planted "
                 "shortcut among clusters", unit="place", n=len(found.clusters) + 2)  # fmt: skip
    record.value("explanation.planted.column_rank", planted.by_column, "integer", "rank of a planted shortcut by "
                 "credit of single columns", unit="place", n=len(found.names) + 2)  # fmt: skip
    record.value("explanation.planted.leads", planted.by_column == 1, "text", "whether a planted shortcut has the most "
                 "credit of single columns", unit="")  # fmt: skip
    record.value("explanation.planted.noise_rank", planted.noise[1], "integer", "rank by credit of planted noise",
                 unit="place", n=len(found.clusters) + 2)  # fmt: skip
    record.value("explanation.planted.wrong", WRONG, "percent:0", "share of flows of which a planted shortcut says the "
                 "wrong class", unit="fraction")  # fmt: skip
    _deletion(record, found, chance)


def _deletion(record: Record, found: Explained, chance: np.random.Generator) -> None:
    rows: list[dict[str, Any]] = []
    for number, (top, other) in found.deleted.items():
        if not top.size:
            continue
        drawn = chance.multinomial(top.size, np.full(top.size, 1 / top.size), size=DRAWN) / top.size
        more = top - other
        again = drawn @ more
        low, high = (float(one) for one in np.quantile(again, [0.025, 0.975]))
        mean = float(more.mean())
        rows.append({"clusters": number, "flows": top.size, "top": float(top.mean()), "random": float(other.mean()),
                     "more": mean, "low": min(low, mean), "high": max(high, mean)})  # fmt: skip
    columns = [Column("clusters", "Clusters deleted", "integer", unit="clusters"),
               Column("flows", "Hits", "integer", unit="flows"),
               Column("top", "Fall, most credit", "fixed:3"), Column("random", "Fall, at random", "fixed:3"),
               Column("more", "Difference", "fixed:3", low="low", high="high", interval=OVER_HITS, n="flows"),
               Column("low", "95% low", "fixed:3"), Column("high", "95% high", "fixed:3")]  # fmt: skip
    note = (f"Mean fall of the score of hits where clusters take the values of {REPLACED} background flows, one after "
            f"another: those of the flow's most credit, and as many drawn at random, {DRAWS} times.")  # fmt: skip
    record.table("explanation_deletion", "What deleting clusters does to the scores of hits", columns, rows,
                 id="clusters", notes=[note])  # fmt: skip
    told = next((row for row in rows if row["clusters"] == MAIN), None)
    record.value("explanation.deletion.told", told is not None, "text", "whether there are hits and clusters to delete "
                 "from", unit="")  # fmt: skip
    record.value("explanation.deletion.clusters", MAIN, "integer", "clusters of a hit that are deleted in the deletion "
                 "that the text tells", unit="clusters")  # fmt: skip
    why = None if told else f"there is no hit, or no more than {max(DELETED[0], MAIN)} clusters"
    for key, column, what in (("top", "top", "clusters of its most credit are deleted"),
                              ("random", "random", "clusters drawn at random are deleted"),
                              ("more", "more", "clusters of its most credit are deleted, less the same at "
                               "random")):  # fmt: skip
        definition = f"mean fall of a hit's score where {what}"
        if told:
            record.name(f"explanation.deletion.{key}", "explanation_deletion", str(MAIN), column, definition=definition)
        else:
            record.value(f"explanation.deletion.{key}", None, "fixed:3", definition, unit="fraction", reason=why)
    record.value("explanation.deletion.low", told["low"] if told else None, "fixed:3", "lower end of the 95% "
                 "interval of what deleting by credit costs a hit's score beyond chance", unit="fraction",
                 reason=why)  # fmt: skip


def record_cases(record: Record, found: Explained) -> None:
    """Table ``explanation_cases``: what is credited in a hit, a missed attack and a false alarm; in words as values."""
    rows: list[dict[str, Any]] = []
    words: dict[str, list[str]] = {}
    middle = np.quantile(found.background, 0.5, axis=0, method="inverted_cdf")
    for one in found.cases:
        score, label = float(found.score[one.row]), str(found.flows.label[one.row])
        rest = float(found.score[one.row] - found.base)
        for cluster in one.leading:
            own = [i for i, player in enumerate(found.players) if player == cluster]
            column = own[int(np.argmax(np.abs(found.columns[one.row, own])))]
            credit = float(found.credit[one.row, cluster])
            rest -= credit
            value, usual = float(found.flows.features[one.row, column]), float(middle[column])
            rows.append({"id": f"{one.kind}.{found.clusters[cluster][0]}", "case": CASES[one.kind], "label": label,
                         "score": score, "cluster": found.clusters[cluster][0], "column": found.names[column],
                         "value": Table.cell(value, _rule(value)), "usual": Table.cell(usual, _rule(usual)),
                         "credit": credit})  # fmt: skip
            words.setdefault(one.kind, []).append(
                f"{'plus' if credit >= 0 else 'less'} {show(abs(credit), 'fixed:2')} for {found.names[column]} "
                f"({show(value, _rule(value))}; background {show(usual, _rule(usual))})")  # fmt: skip
        rows.append({"id": f"{one.kind}.rest", "case": CASES[one.kind], "label": label, "score": score,
                     "cluster": "all others", "credit": rest,
                     **{key: Table.cell(None, display, reason="of several clusters")
                        for key, display in (("column", "text"), ("value", "significant:3"),
                                             ("usual", "significant:3"))}})  # fmt: skip
    columns = [
        Column("id", "Row", align="left"), Column("case", "Case", align="left"), Column("label", "Label", align="left"),
        Column("score", "Score", "fixed:2"), Column("cluster", "Cluster", align="left"),
        Column("column", "Column", align="left", definition="column of the cluster with the most credit in this flow"),
        Column("value", "Value", "significant:3", unit="1", definition="the flow's value in that column"),
        Column("usual", "Background", "significant:3", unit="1", definition="median of the background in that column"),
        Column("credit", "Credit", "fixed:2", unit="1", definition="credit of the cluster in the flow's score"),
    ]  # fmt: skip
    note = (
        "The background's mean score and a flow's credits add up to its score. Units are those of the flows' columns."
    )
    record.table("explanation_cases", "What is credited in three flows", columns, rows, id="id", notes=[note])
    there = {case.kind: case for case in found.cases}
    for kind, title in CASES.items():
        case: Case | None = there.get(kind)
        what, why = f"the {title.lower()} that is told", None if case else f"there is no {title.lower()}"
        record.value(f"explanation.case.{kind}.there", case is not None, "text", f"whether there is {what}", unit="")
        record.value(f"explanation.case.{kind}.label", str(found.flows.label[case.row]) if case else None, "text",
                     f"label of {what}", unit="", reason=why)  # fmt: skip
        record.value(f"explanation.case.{kind}.score", float(found.score[case.row]) if case else None, "fixed:2",
                     f"score of {what}", unit="fraction", reason=why)  # fmt: skip
        record.value(f"explanation.case.{kind}.words", "; ".join(words[kind][:MAIN]) if case else None, "text",
                     f"the largest credits in {what}, in words", unit="", reason=why)  # fmt: skip


def record_nearest(record: Record, found: Cheapest | None) -> None:
    """Values ``explanation.nearest.*``: the cheapest action found by which the hit that is told would have evaded."""
    why = found.why if found else "there is no hit"
    there = found is not None and why is None
    record.value("explanation.nearest.there", there, "text", "whether an action was found by which the hit that is "
                 "told evades the forest", unit="")  # fmt: skip
    record.value("explanation.nearest.reason", why or "one was found", "text", "why no action by which the hit that is "
                 "told evades was found, where none was", unit="")  # fmt: skip
    of = "cheapest action found by which the hit that is told evades the forest"
    for key, display, what, unit in (
        ("words", "text", f"{of}, in words", ""), ("bytes", "integer", f"bytes that are added by the {of}", "bytes"),
        ("seconds", "significant:2", f"seconds that are added by the {of}", "seconds"),
        ("score", "fixed:2", f"score after the {of}", "fraction"),
    ):  # fmt: skip
        value = getattr(found, key) if there else None
        record.value(f"explanation.nearest.{key}", value, display, what, unit=unit, reason=why)


def _rule(value: float) -> str:
    """How a flow's value is shown: whole numbers that are not too long as they are."""
    return "integer" if value.is_integer() and abs(value) < WHOLE else "significant:3"


def record_alerts(record: Record, found: Explained) -> None:
    """Values ``explanation.alerts.*``: what whoever is handed an alert has of its explanation."""
    alert = found.called
    hits, alarms = np.flatnonzero(alert & found.flows.attack), np.flatnonzero(alert & ~found.flows.attack)
    count = int(alert.sum())
    none = None if count else "no explained flow is called an attack"
    record.value("explanation.alerts", count, "integer", "explained flows that the forest calls attacks", unit="flows")
    record.value("explanation.alerts.any", count > 0, "text", "whether the forest calls an explained flow an attack",
                 unit="")  # fmt: skip
    record.value("explanation.alerts.most", MOST_OF, "percent:0", "share of the sizes of its credits that counts as "
                 "most of a flow's", unit="fraction")  # fmt: skip
    taken = int(np.quantile(needed(found.credit[alert]), 0.5, method="inverted_cdf")) if count else None
    record.value("explanation.alerts.needed", taken, "integer", "median number of clusters that have most of an "
                 "alert's credit", unit="clusters", n=count, reason=none)  # fmt: skip
    for kind, words in (("seeds", "of other seeds"), ("bootstrap", "of bootstrap samples of the training flows")):
        same = constant(found.credit[alert], [one[alert] for one in found.again[kind]]) if count else None
        rest: dict[str, Any] = {"reason": none}
        if same is not None:
            low, high = score_interval(same, count)
            rest = {"low": low, "high": high, "interval": "Wilson, each alert a trial"}
        record.value(f"explanation.alerts.{kind}", same, "percent:0", "share of pairs of an alert and a forest "
                     f"{words} in which that forest names the alert's leading cluster again", unit="fraction", n=count,
                     **rest)  # fmt: skip
        record.value(f"explanation.alerts.{kind}_low", rest.get("low"), "percent:0", "lower end of the interval of the "
                     f"share of alerts whose leading cluster forests {words} name again", unit="fraction",
                     reason=none)  # fmt: skip
    near = alike(found.credit[hits], found.credit[alarms])
    told = near is not None and alarms.size > 0
    record.value("explanation.alarms.told", told, "text", "whether there are false alarms and hits to compare them "
                 "with", unit="")  # fmt: skip
    record.value("explanation.alarms", alarms.size, "integer", "false alarms among the explained flows and the errors "
                 "beside them", unit="flows")  # fmt: skip
    record.value("explanation.alarms.limit", ALIKE, "percent:0", "share of hits that lie as near to another hit as a "
                 "false alarm must to be explained like one", unit="fraction")  # fmt: skip
    why = None if told else "there is no false alarm, or there are fewer than two hits"
    record.value("explanation.alarms.words", out_of(near or 0, alarms.size, "false alarms") if told else None, "text",
                 "how many of the false alarms are explained like a hit, in words", unit="", n=alarms.size,
                 reason=why)  # fmt: skip
    ends = wilson(near or 0, alarms.size) if told else None
    rest = {"low": ends[0], "high": ends[1], "interval": "Wilson"} if ends else {"reason": why}
    record.value("explanation.alarms.alike", (near or 0) / alarms.size if told else None, "percent:0",
                 "share of false alarms that are explained like a hit", unit="fraction", n=alarms.size,
                 **rest)  # fmt: skip
    record.value("explanation.alarms.alike_low", rest.get("low"), "percent:0", "lower end of the interval of the "
                 "share of false alarms that are explained like a hit", unit="fraction", reason=why)  # fmt: skip


def record_surrogate(record: Record, found: Explained, chance: np.random.Generator) -> None:
    """Values ``explanation.surrogate.*``: a small tree in the forest's place."""
    own = found.surrogate
    record.value("explanation.surrogate.depth", DEPTH, "integer", "depth of the tree that stands in for the forest",
                 unit="questions")  # fmt: skip
    record.value("explanation.surrogate.asked", own.asked, "list", "columns that the tree in the forest's place asks",
                 unit="")  # fmt: skip
    same = own.copied.n - own.copied.errors
    low, high = wilson(same, own.copied.n)
    record.value("explanation.surrogate.fidelity", same / own.copied.n, "percent:1", "share of test flows of which a "
                 "small tree says what the forest says", unit="fraction", n=own.copied.n, low=low, high=high,
                 interval="Wilson")  # fmt: skip
    for key, counts, words in (("f1", own.own, "F1 of a small tree in the forest's place"),
                               ("forest_f1", own.forest, "F1 of the forest that is explained"),
                               ("fidelity_f1", own.copied, "F1 of a small tree where the forest's answers count as "
                                "the truth")):  # fmt: skip
        value = counts.f1
        rest: dict[str, Any] = {"reason": "no flow is called an attack, and none is one"}
        if value is not None:
            low, high = f1_interval(_cells(counts), DRAWN, chance)
            rest = {"low": min(low, value), "high": max(high, value), "interval": RESAMPLED}
        record.value(f"explanation.surrogate.{key}", value, "fixed:3", f"{words}, on the test part", unit="fraction",
                     n=counts.n, **rest)  # fmt: skip
        record.value(f"explanation.surrogate.{key}_low", rest.get("low"), "fixed:3", "lower end of the interval: "
                     f"{words}", unit="fraction", reason=rest.get("reason"))  # fmt: skip


def _cells(counts: Confusion) -> np.ndarray:
    """True positives, false positives and misses of each flow, shape (n, 3)."""
    kinds = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]])
    return np.repeat(kinds, [counts.tn, counts.fp, counts.fn, counts.tp], axis=0)
