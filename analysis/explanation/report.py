"""What the paper is told of explanation: its tables of clusters, types and agreement, with their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.conditions.features import SHORTCUTS
from analysis.conditions.threshold import CALLED
from analysis.detection.names import BENIGN
from analysis.evasion.reach import Cheapest
from analysis.explanation.alerts import Case
from analysis.explanation.controls import Copied, Planted
from analysis.explanation.forest import Flows
from analysis.explanation.importance import DROPPED, METHODS, REPEATS, sizes
from analysis.explanation.report_parts import (
    record_alerts,
    record_cases,
    record_controls,
    record_nearest,
    record_surrogate,
)
from analysis.explanation.stability import REFITS, TIMES
from analysis.explanation.surrogate import Surrogate
from analysis.record import FEATURE, Column, Record, Table
from analysis.statistics.resampled import ranks
from analysis.statistics.value_counts import Floats

PERCENTILE = "percentile bootstrap over the explained flows"
"""How intervals are made, where nothing else is said."""
ALL = "All attacks"
NOT_DROPPED = f"no forest is fitted without it: it is not among the {DROPPED} clusters of the most credit"
NO_DELTA = "the cluster's first feature has no value in these flows"
BENIGN_ITSELF = "benign flows are what types are compared with"


@dataclass(frozen=True)
class Explained:
    """All that was measured.

    ``flows`` are the explained ones, the first ``weight.size`` of which were drawn and stand for so many flows of the
    test part; the others are further errors. ``columns`` and ``credit`` are Shapley values of columns and clusters,
    ``scores`` what each method gives the clusters in each resample, ``again`` the credit by forests fitted again;
    ``nearest`` is what the sender of the hit that is told could have done to evade.
    """

    clusters: Sequence[Sequence[str]]
    names: Sequence[str]
    players: Sequence[int]
    typed: bool
    train: int
    flows: Flows
    weight: Floats
    weighted: Floats
    background: Floats
    base: float
    score: Floats
    columns: Floats
    credit: Floats
    scores: Mapping[str, Floats]
    played: Floats
    agreed: Mapping[tuple[str, str], tuple[int, Floats]]
    again: Mapping[str, list[Floats]]
    copied: Copied
    planted: Planted
    deleted: Mapping[int, tuple[Floats, Floats]]
    shortcuts: Sequence[int]
    surrogate: Surrogate
    cases: Sequence[Case] = ()
    nearest: Cheapest | None = None
    deltas: Mapping[tuple[str, str], float | None] = field(default_factory=dict)

    @property
    def drawn(self) -> int:
        """How many flows were drawn to be explained."""
        return self.weight.size

    @property
    def called(self) -> np.ndarray:
        """Which explained flows the forest calls attacks, shape (n,)."""
        return np.asarray(self.score > CALLED)

    @property
    def order(self) -> list[int]:
        """Clusters by descending credit."""
        return [int(i) for i in np.argsort(ranks(self.scores["shap"])[0])]


def span(point: float, values: Floats) -> tuple[float, float]:
    """Percentile interval (95 %) of resampled ``values``, reaching as far as the ``point``."""
    low, high = np.quantile(values, [0.025, 0.975])
    return min(float(low), point), max(float(high), point)


def record_all(record: Record, found: Explained, chance: np.random.Generator) -> None:
    """All tables and values; ``chance`` draws for the intervals of shares."""
    _setting(record, found)
    record_clusters(record, found)
    record_columns(record, found)
    record_types(record, found)
    record_agreement(record, found)
    record_controls(record, found, chance)
    record_cases(record, found)
    record_nearest(record, found.nearest)
    record_alerts(record, found)
    record_surrogate(record, found, chance)


def _setting(record: Record, found: Explained) -> None:
    for key, value, what, unit in (
        ("flows", found.drawn, "test flows that are explained", "flows"),
        ("background", len(found.background), "benign training flows that explained flows are compared with", "flows"),
        ("train", found.train, "training flows of the forest that is explained", "flows"),
        ("columns", len(found.names), "columns of the forest that is explained", "columns"),
        ("clusters", len(found.clusters), "clusters of columns that credit is summed over", "clusters"),
        ("refits", TIMES, "forests fitted again, of either kind", "forests"),
    ):
        record.value(f"explanation.{key}", value, "integer", what, unit=unit)
    record.value("explanation.base", found.base, "fixed:3", "mean score of the background", unit="fraction")
    whole = float(np.abs(found.columns.sum(axis=1) + found.base - found.score).max())
    record.value("explanation.left", whole, "scientific:0", "largest size of what credit and the background's mean "
                 "score leave of a flow's score", unit="fraction")  # fmt: skip


def record_clusters(record: Record, found: Explained) -> None:
    """Table ``explanation``: credit and ranks of each cluster, and what other methods say of it."""
    by = {key: ranks(np.nan_to_num(scores, nan=-np.inf)) for key, scores in found.scores.items()}
    refits = {kind: np.vstack([ranks(sizes(one[: found.drawn], found.weight)[None]) for one in credits])
              for kind, credits in found.again.items()}  # fmt: skip
    whole = float(found.scores["shap"][0].sum())
    rows = []
    for i in found.order:
        row: dict[str, Any] = {
            "cluster": found.clusters[i][0], "members": ", ".join(found.clusters[i]), "size": len(found.clusters[i]),
            "shortcut": "yes" if i in found.shortcuts else "no", "rank": int(by["shap"][0, i]),
            "share": float(found.scores["shap"][0, i] / whole) if whole else 0.0, "played": float(found.played[i]),
        }  # fmt: skip
        row["rank_low"], row["rank_high"] = span(row["rank"], by["shap"][1:, i])
        for kind, ranked in refits.items():
            row[f"{kind}_low"], row[f"{kind}_high"] = int(ranked[:, i].min()), int(ranked[:, i].max())
        for key in METHODS:
            scores = found.scores[key][:, i]
            none = {"drop": NOT_DROPPED, "delta": NO_DELTA}.get(key) if np.isnan(scores[0]) else None
            low, high = (0.0, 0.0) if none else span(float(scores[0]), scores[1:])
            for name, value in ((key, scores[0]), (f"{key}_low", low), (f"{key}_high", high)):
                row[name] = Table.cell(None if none else float(value), "fixed:3", reason=none)
            row[f"{key}_rank"] = Table.cell(None if none else int(by[key][0, i]), "integer", reason=none)
        rows.append(row)
    columns = [
        Column("rank", "Rank", "integer", unit="place", low="rank_low", high="rank_high", interval=PERCENTILE,
               definition="rank of the cluster by credit"),
        Column("cluster", "Cluster", align="left", definition="the cluster's highest-ranked feature"),
        Column("size", "Columns", "integer", unit="columns", definition="columns of the cluster"),
        Column("shortcut", "Shortcut", align="left", definition="whether a column of it is named as a shortcut"),
        Column("share", "Share", "percent:0", unit="fraction", definition="share of the cluster in all credit"),
        Column("rank_low", "95% low", "fixed:1", unit="place", definition="lower end of its rank's interval"),
        Column("rank_high", "95% high", "fixed:1", unit="place", definition="upper end of its rank's interval"),
    ]  # fmt: skip
    for kind, words in REFITS.items():
        columns += [Column(f"{kind}_{end}", f"{which} rank, {kind}", "integer", unit="place",
                           definition=f"{which.lower()} rank by credit among forests {words}")
                    for end, which in (("low", "Best"), ("high", "Worst"))]  # fmt: skip
    for key, (title, what) in METHODS.items():
        columns += [
            Column(key, title, "fixed:3", unit="1", low=f"{key}_low", high=f"{key}_high", interval=PERCENTILE,
                   definition=f"{what}; of the cluster"),
            Column(f"{key}_low", f"{title}, 95% low", "fixed:3", definition=f"lower end of it: {what}"),
            Column(f"{key}_high", f"{title}, 95% high", "fixed:3", definition=f"upper end of it: {what}"),
            Column(f"{key}_rank", f"Rank, {title}", "integer", unit="place",
                   definition=f"rank of the cluster by: {what}"),
        ]  # fmt: skip
    columns += [Column("played", "Played", "fixed:3", unit="1",
                       definition="mean size of the credit where whole clusters are the players"),
                Column("members", "Members", align="left", definition="its columns, by descending |r|")]  # fmt: skip
    note = (f"Test flows weigh as in the test part. Permuted: mean of {REPEATS} permutations. Ranks among {TIMES} "
            "forests of other seeds and as many of bootstrap samples of the training flows are the "
            "best and the worst; they are no interval of a stated coverage.")  # fmt: skip
    title = "What the forest's scores come from, by cluster of columns"
    record.table("explanation", title, columns, rows, id="cluster", notes=[note])  # fmt: skip
    _leading(record, found, rows)


def _leading(record: Record, found: Explained, rows: Sequence[Mapping[str, Any]]) -> None:
    """Values of the cluster of the most credit, of shortcuts, and of how firm the first ranks are."""
    first = rows[0]
    of = "cluster of the most credit"
    record.value("explanation.first", first["cluster"], "text", of, unit="")
    record.name("explanation.first.share", "explanation", first["cluster"], "share", definition=f"share of the {of}")
    firm = first["seeds_high"] == 1 and first["bootstrap_high"] == 1
    record.value("explanation.first.firm", firm, "text", f"whether all forests fitted again have one {of}", unit="")
    top = rows[: min(5, len(rows))]
    record.value("explanation.top", len(top), "integer", "clusters of the most credit whose ranks are looked at",
                 unit="clusters")  # fmt: skip
    worst = max(max(row["seeds_high"], row["bootstrap_high"]) for row in top)
    record.value("explanation.top.worst", worst, "integer", "worst rank that a forest fitted again gives one of the "
                 "clusters that lead by credit", unit="place")  # fmt: skip
    short = [row for row in rows if row["shortcut"] == "yes"]
    record.value("explanation.shortcut.any", bool(short), "text", "whether the forest has columns that are named as "
                 "shortcuts", unit="")  # fmt: skip
    why = None if short else "the flows have none of the columns that are named as shortcuts"
    record.value("explanation.shortcut.clusters", len(short), "integer", "clusters that hold a shortcut",
                 unit="clusters", n=len(rows))  # fmt: skip
    members = [name for name in _by_credit(found) if short and name in short[0]["members"].split(", ")]
    named = next((name for name in members if name in SHORTCUTS), None)
    record.value("explanation.shortcut.leads", bool(short) and named == members[0], "text", "whether a shortcut is the "
                 "column of the most credit in the first cluster by credit that holds one", unit="")  # fmt: skip
    record.value("explanation.shortcut.first", named, "text", "shortcut of the most credit in the first cluster by "
                 "credit that holds one", unit="", reason=why)  # fmt: skip
    record.value("explanation.shortcut.rank", short[0]["rank"] if short else None, "integer", "best rank by credit of "
                 "a cluster that holds a shortcut", unit="place", reason=why)  # fmt: skip
    whole = found.scores["shap"].sum(axis=1)
    part = found.scores["shap"][:, list(found.shortcuts)].sum(axis=1) / np.where(whole > 0, whole, 1)
    ends = span(float(part[0]), part[1:])
    rest: dict[str, Any] = {"low": ends[0], "high": ends[1], "interval": PERCENTILE} if short else {"reason": why}
    record.value("explanation.shortcut.share", float(part[0]) if short else None, "percent:0",
                 "share of all credit that clusters with a shortcut have", unit="fraction", **rest)  # fmt: skip


def _by_credit(found: Explained) -> list[str]:
    """Columns by descending size of their own credit."""
    size = sizes(found.columns[: found.drawn], found.weight)
    return [found.names[i] for i in np.argsort(-size, kind="stable")]


def record_columns(record: Record, found: Explained) -> None:
    """Table ``explanation_columns``: credit of each column by itself."""
    size = sizes(found.columns[: found.drawn], found.weight)
    rows = [{"feature": found.names[i], "cluster": found.clusters[found.players[i]][0], "credit": float(size[i])}
            for i in np.argsort(-size, kind="stable")]  # fmt: skip
    columns = [FEATURE, Column("cluster", "Cluster", align="left", definition="highest-ranked feature of its cluster"),
               Column("credit", "Credit", "fixed:4", unit="1",
                      definition="mean size of the column's Shapley value")]  # fmt: skip
    record.table("explanation_columns", "Credit of single columns", columns, rows, id="feature",
                 notes=["Columns that say the same share their credit."])  # fmt: skip


def labels(found: Explained) -> list[tuple[str, np.ndarray]]:
    """All attacks, each type by frequency, and benign flows: which of the drawn flows each has, shape (drawn,)."""
    label, attack = found.flows.label[: found.drawn], found.flows.attack[: found.drawn]
    types = sorted(set(label[attack].tolist())) if found.typed else []
    types.sort(key=lambda name: (-float(found.weight[label == name].sum()), name))
    return [(ALL, attack), *((name, attack & (label == name)) for name in types), (BENIGN, ~attack)]


def record_types(record: Record, found: Explained) -> None:
    """Table ``explanation_types``: mean credit of each cluster for each type, beside Cliff's delta of the type."""
    rows, same, several = [], 0, 0
    for name, of in labels(found):
        if not of.any():
            continue
        part, weight = found.credit[: found.drawn][of], found.weight[of]
        mean, size = weight @ part / weight.sum(), weight @ np.abs(part) / weight.sum()
        deltas = [found.deltas.get((members[0], name)) for members in found.clusters]
        for i in found.order:
            none = BENIGN_ITSELF if name == BENIGN else NO_DELTA if deltas[i] is None else None
            rows.append({"cluster": found.clusters[i][0], "label": name, "flows": int(of.sum()),
                         "credit": float(mean[i]), "size": float(size[i]),
                         "delta": Table.cell(None if none else deltas[i], "fixed:3", reason=none)})  # fmt: skip
        if name not in (ALL, BENIGN):
            several += 1
            same += int(np.argmax(mean)) == int(np.argmax([abs(one or 0) for one in deltas]))
    columns = [
        Column("cluster", "Cluster", align="left", definition="the cluster's highest-ranked feature"),
        Column("label", "Type", align="left", definition="type of traffic"),
        Column("flows", "Flows", "integer", unit="flows", definition="explained flows of the type"),
        Column("credit", "Mean credit", "fixed:3", unit="1", n="flows",
               definition="mean credit of the cluster in the type's scores"),
        Column("size", "Mean size", "fixed:3", unit="1", n="flows",
               definition="mean size of the credit of the cluster in the type's scores"),
        Column("delta", "δ", "fixed:3", unit="1",
               definition="Cliff's delta of the type over benign flows on the cluster's first feature"),
    ]  # fmt: skip
    record.table("explanation_types", "Credit of clusters by type of traffic", columns, rows, id=("cluster", "label"),
                 notes=["All attacks weigh as in the test part."])  # fmt: skip
    record.value("explanation.types", several, "integer", "types of attack that are explained", unit="types")
    record.value("explanation.types.any", several > 0, "text", "whether types of attack are told apart and explained",
                 unit="")  # fmt: skip
    record.value("explanation.types.same", same, "integer", "types whose cluster of the most mean credit has their "
                 "largest size of delta", unit="types", n=several)  # fmt: skip


def record_agreement(record: Record, found: Explained) -> None:
    """Table ``explanation_agreement``: Kendall's tau between methods."""
    rows = []
    for (one, other), (clusters, tau) in found.agreed.items():
        low, high = span(float(tau[0]), tau[1:])
        rows.append({"id": f"{one}.{other}", "one": METHODS[one][0], "other": METHODS[other][0], "clusters": clusters,
                     "tau": float(tau[0]), "low": low, "high": high})  # fmt: skip
    columns = [
        Column("id", "Pair", align="left"), Column("one", "Method", align="left"),
        Column("other", "Other", align="left"), Column("clusters", "Clusters", "integer", unit="clusters"),
        Column("tau", "τ", "fixed:2", unit="1", low="low", high="high", interval=PERCENTILE, n="clusters",
               definition="Kendall's tau-b of the two methods over clusters"),
        Column("low", "95% low", "fixed:2"), Column("high", "95% high", "fixed:2"),
    ]  # fmt: skip
    note = f"Left out: the {DROPPED} clusters of the most credit alone, so that less of the range is there to agree on."
    record.table("explanation_agreement", "How far methods rank the clusters alike", columns, rows, id="id",
                 notes=[note])  # fmt: skip
    for one, other in (("shap", "permutation"), ("shap", "drop"), ("permutation", "drop"), ("shap", "delta")):
        key, what = f"explanation.tau.{one}_{other}", f"Kendall's tau of {METHODS[one][0]} and {METHODS[other][0]}"
        if (one, other) in found.agreed:
            record.name(key, "explanation_agreement", f"{one}.{other}", "tau", definition=f"{what} over clusters")
        else:
            record.value(key, None, "fixed:2", f"{what} over clusters", reason="too few clusters to rank")
    key, pair = "explanation.tau.shap_permutation_low", ("shap", "permutation")
    what = "lower end of the interval of Kendall's tau of credit and permuted clusters"
    if pair in found.agreed:
        record.name(key, "explanation_agreement", ".".join(pair), "low", definition=what)
    else:
        record.value(key, None, "fixed:2", what, reason="too few clusters to rank")
    several = bool(found.agreed)
    record.value("explanation.tau.any", several, "text", "whether there are clusters enough to rank", unit="")
