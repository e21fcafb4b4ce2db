"""Step: how firm the ranking of the features is, by four measures and per cluster of features that say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.command import In, Out, Outs, run
from analysis.conditions.campaigns import campaigns_of
from analysis.conditions.sample import stratified_rows
from analysis.dataset.parts import Part, parts
from analysis.findings.associations import MEASURES, REPEATS, Associations, associations, clusters_of
from analysis.findings.survival import NO_DAYS, NO_VERSION, Survivor, cells, survivors
from analysis.record import FEATURE, Column, Record, Table, read_json, write_json
from analysis.record.value import out_of
from analysis.statistics.rank import CLUSTER, order
from analysis.statistics.resampled import ranks, weights
from analysis.streams import stream

HELD = 0.2
"""Share of the flows held back, on which permutations cost precision."""
TAIL = 0.025
FIRM = 0.95
"""Share of resamples from which a feature is firmly among those kept."""
SELDOM = 0.05
"""Share of resamples up to which it hardly is."""
PERCENTILE = "percentile bootstrap"


def ends(values: np.ndarray, point: float) -> tuple[float, float]:
    """Percentile interval (95 %) of resampled ``values``, reaching as far as the ``point``."""
    low, high = np.quantile(values, [TAIL, 1 - TAIL])
    return min(float(low), point), max(float(high), point)


def among(tied: Associations, names: Sequence[str], copies: set[str], count: int) -> np.ndarray:
    """Which features each resample keeps, (1 + resamples, m): the first by |r|, ``copies`` of others left out."""
    scores = tied.features["r"].copy()
    scores[:, [name in copies for name in names]] = -1
    return ranks(scores) <= count


def record_clusters(
    record: Record, clusters: Sequence[Sequence[str]], tied: Associations, kept: np.ndarray, place: Mapping[str, int],
    top: Sequence[str], notes: list[str],
) -> None:  # fmt: skip
    """Table ``rank_intervals``: each cluster's rank by each measure, and how often one of it is among those kept."""
    by = {key: ranks(scores) for key, scores in tied.clusters.items()}
    rows = []
    for i, members in enumerate(clusters):
        numbers = [place[name] for name in members]
        row: dict[str, Any] = {
            "cluster": members[0], "members": ", ".join(members), "size": len(members),
            "selected": sum(name in top for name in members), "chance": float(kept[1:, numbers].any(axis=1).mean()),
        }  # fmt: skip
        for key, found in by.items():
            low, high = ends(found[1:, i], found[0, i])
            row |= {key: float(tied.clusters[key][0, i]), f"{key}_rank": int(found[0, i]),
                    f"{key}_low": low, f"{key}_high": high}  # fmt: skip
        rows.append(row)
    columns = [
        Column("cluster", "Cluster", align="left", definition="the cluster's highest-ranked feature"),
        Column("size", "Features", "integer", unit="features", definition="features of the cluster"),
        Column("selected", "Kept", "integer", unit="features", definition="of them, features that are kept"),
        Column("chance", "Among the kept", "percent:0", unit="fraction",
               definition="share of resamples in which a feature of the cluster is among those kept"),
    ]  # fmt: skip
    for key, (title, definition) in MEASURES.items():
        columns += [
            Column(key, title, "fixed:3", unit="1", definition=f"{definition}, of the cluster's best feature"
                   if key != "importance" else definition),
            Column(f"{key}_rank", f"Rank, {title}", "integer", unit="place", low=f"{key}_low", high=f"{key}_high",
                   interval=PERCENTILE, definition=f"rank of the cluster by {title}"),
            Column(f"{key}_low", "95% low", "fixed:1", unit="place", definition="lower end of its interval"),
            Column(f"{key}_high", "95% high", "fixed:1", unit="place", definition="upper end of its interval"),
        ]  # fmt: skip
    columns.append(Column("members", "Members", align="left", definition="its features, by descending |r|"))
    record.table("rank_intervals", "How firm the rank of each cluster of features is, by measure", columns, rows,
                 notes=notes)  # fmt: skip


def record_features(
    record: Record, names: Sequence[str], tied: Associations, kept: np.ndarray, top: Sequence[str],
    of: Mapping[str, str], notes: list[str],
) -> None:  # fmt: skip
    """Table ``rank_features``: each feature's rank by |r| with its interval, and how often it is among those kept."""
    found = ranks(tied.features["r"])
    rows = []
    for i, name in enumerate(names):
        low, high = ends(found[1:, i], found[0, i])
        rows.append({"position": i + 1, "feature": name, "cluster": of[name], "kept": name in top,
                     "rank": int(found[0, i]), "low": low, "high": high, "chance": float(kept[1:, i].mean()),
                     **{key: float(tied.features[key][0, i]) for key in tied.features}})  # fmt: skip
    columns = [
        Column("position", "Place", "integer", unit="place", definition="rank by |r| on the whole training part"),
        FEATURE,
        Column("cluster", "Cluster", align="left", definition="highest-ranked feature of its cluster"),
        Column("kept", "Kept", definition="whether it is kept"),
        Column("rank", "Rank", "integer", unit="place", low="low", high="high", interval=PERCENTILE,
               definition="rank by |r| on the flows that are resampled"),
        Column("low", "95% low", "fixed:1", unit="place", definition="lower end of its interval"),
        Column("high", "95% high", "fixed:1", unit="place", definition="upper end of its interval"),
        Column("chance", "Among the kept", "percent:0", unit="fraction",
               definition="share of resamples in which it is among the features kept"),
        *(Column(key, MEASURES[key][0], "fixed:3", unit="1", definition=MEASURES[key][1]) for key in tied.features),
    ]  # fmt: skip
    record.table("rank_features", "How firm the rank of each feature is", columns, rows, notes=notes, id="feature")


def record_survival(record: Record, found: Sequence[Survivor], top: Sequence[str]) -> None:
    """Table ``rank_survival`` and values ``ranks.<kind>.*``: how many of those kept come out of other rankings."""
    rows = []
    for one in found:
        kept = one.kept or []
        lost, came = [name for name in top if name not in kept], [name for name in kept if name not in top]
        told = {"same": len(top) - len(lost), "lost": ", ".join(lost) or "none", "came": ", ".join(came) or "none"}
        row = {key: Table.cell(one.kept and value, "text" if key != "same" else "integer", reason=one.reason)
               for key, value in told.items()}  # fmt: skip
        rows.append({"kind": one.kind, "name": one.name, "flows": one.flows, "attacks": one.attacks, **row})
    columns = [
        Column("kind", "Ranking", align="left", definition="what the other ranking is made on"),
        Column("name", "Which", align="left", definition="day, file or version of the labels"),
        Column("flows", "Flows", "integer", unit="flows", definition="training flows of that ranking"),
        Column("attacks", "Attacks", "integer", unit="flows", definition="attacks among them"),
        Column("same", "Kept again", "integer", unit="features", definition="of the features kept, those kept again"),
        Column("lost", "Lost", align="left", definition="features kept that are not kept again"),
        Column("came", "In their place", align="left", definition="features that are kept instead"),
    ]
    record.table("rank_survival", "How many of the features that are kept other rankings keep", columns, rows,
                 notes=["Rankings by |r| on flows of the training part."], id=("kind", "name"))  # fmt: skip
    for key, kind, none in (
        ("without", "without", NO_DAYS),
        ("alone", "one", NO_DAYS),
        ("labels", "labels", NO_VERSION),
    ):
        _worst(record, key, [one for one in found if one.kind.startswith(kind)], top, none)


OTHER = {
    "without": "all days or files but one",
    "alone": "one day or file alone",
    "labels": "another version of the labels",
}
"""What the other rankings are made on, by kind."""


def _worst(record: Record, key: str, found: Sequence[Survivor], top: Sequence[str], none: str) -> None:
    """Values of the ranking of its kind that keeps fewest of the ``top``, or why there is none."""
    made = [one for one in found if one.kept]
    why = None if made else next((one.reason for one in found if one.reason), none)
    kind = OTHER[key]
    record.value(f"ranks.{key}.any", bool(made), "text", f"whether there is a ranking on {kind}", unit="")
    record.value(f"ranks.{key}.reason", why or "available", "text", f"why there is no ranking on {kind}", unit="")
    record.value(f"ranks.{key}.rankings", len(made), "integer", f"rankings on {kind}", unit="rankings")
    worst = min(made, key=lambda one: len({*top} & {*one.kept}) if one.kept else 0, default=None)
    fewest = f"fewest of the features kept that a ranking on {kind} keeps"
    if worst is None:
        record.value(f"ranks.{key}.least", None, "integer", fewest, unit="features", reason=why)
    else:
        record.name(f"ranks.{key}.least", "rank_survival", f"{worst.kind}.{worst.name}", "same", definition=fewest)
    record.value(f"ranks.{key}.worst", worst and worst.name, "text",
                 f"ranking on {kind} that keeps fewest of the features kept", unit="", reason=why)  # fmt: skip


def record_values(record: Record, names: Sequence[str], kept: np.ndarray, top: Sequence[str], n: int) -> None:
    """Values ``ranks.*``: whether the features kept come out of resamples."""
    own = np.array([name in top for name in names])
    again = kept[1:, own].sum(axis=1)
    low, high = ends(again, float(again.mean()))
    record.value("ranks.n", n, "integer", "training flows that are resampled", unit="flows")
    record.value("ranks.resamples", len(again), "integer", "resamples", unit="resamples")
    record.value("ranks.same", float((again == len(top)).mean()), "percent:0", unit="fraction", n=len(again),
                 definition="share of resamples that keep exactly the features kept")  # fmt: skip
    record.value("ranks.again", float(again.mean()), "fixed:1", "mean number of the features kept in a resample",
                 unit="features", low=low, high=high, interval=PERCENTILE, n=len(again))  # fmt: skip
    chances = kept[1:].mean(axis=0)
    for key, which, words in (
        ("firm", own & (chances >= FIRM), f"features kept that at least {FIRM:.0%} of the resamples keep"),
        ("contenders", ~own & (chances > SELDOM), f"other features that more than {SELDOM:.0%} of the resamples keep"),
        ("loose", own & (chances < FIRM), f"features kept that fewer than {FIRM:.0%} of the resamples keep"),
    ):
        record.value(f"ranks.{key}", int(which.sum()), "integer", f"number of {words}", unit="features", n=len(again))
        listed = [name for name, chosen in zip(names, which, strict=True) if chosen]
        record.value(f"ranks.{key}_names", listed, "list", words, unit="", n=len(again))
    firm = int((own & (chances >= FIRM)).sum())
    words = f"how many of the features kept at least {FIRM:.0%} of the resamples keep, in words"
    record.value("ranks.firm_words", out_of(firm, len(top), "ranked features"), "text", words, unit="", n=len(again))
    record.value(
        "ranks.firm_share", FIRM, "percent:0", "share of resamples from which a feature is firm", unit="fraction"
    )


def record_measures(record: Record, clusters: Sequence[Sequence[str]], tied: Associations, top: Sequence[str]) -> None:
    """Values ``ranks.clusters*`` and ``ranks.first.*``: which cluster leads by each measure."""
    holding = [members for members in clusters if {*members} & {*top}]
    record.value("ranks.clusters", len(clusters), "integer", "clusters of all ranked features: complete linkage, "
                 f"absolute Pearson correlation at least {CLUSTER}", unit="clusters")  # fmt: skip
    record.value("ranks.clusters_selected", len(holding), "integer",
                 "clusters of ranked features with a feature that is kept", unit="clusters")  # fmt: skip
    led = {}
    for key, (title, _) in MEASURES.items():
        i = int(np.argmax(tied.clusters[key][0]))
        led[key] = i
        record.value(f"ranks.first.{key}", clusters[i][0], "text", f"cluster that leads by {title}", unit="")
        record.name(f"ranks.first.{key}_by_r", "rank_intervals", clusters[i][0], "r_rank",
                    definition=f"rank by |r| of the cluster that leads by {title}")  # fmt: skip
    by_importance = ranks(tied.clusters["importance"])[0]
    most_important = [members for members, place in zip(clusters, by_importance, strict=True) if place <= len(holding)]
    both = sum(members in holding for members in most_important)
    what = "of as many clusters of the highest permutation importance, those with a feature that is kept"
    record.value("ranks.important_selected", both, "integer", what, unit="clusters")
    record.value("ranks.important_words", out_of(both, len(holding), "clusters"), "text", f"{what}, in words", unit="")


def report_rank_intervals(
    train: Part, sample: Part, held: np.ndarray, groups: np.ndarray, ranked: Sequence[str], copies: set[str],
    top: Sequence[str], resamples: int, seed: int, data: str,
) -> tuple[Record, list[list[str]]]:  # fmt: skip
    """All tables and values, and the clusters; ``ranked`` are the features of the ``train`` part by descending |r|.

    The flows of ``sample`` are resampled by their ``groups`` (n,), and of them those ``held`` back judge importance.
    """
    record = Record("rank_intervals", data)
    values, attack = sample.matrix(ranked), sample.column("is_attack").to_numpy()
    clusters = clusters_of(ranked, values)
    place = {name: i for i, name in enumerate(ranked)}
    drawn = weights(groups, attack, resamples, stream(seed, "rank_intervals.resamples"))
    weighted = np.vstack([np.ones(len(attack)), drawn])
    numbers = [[place[name] for name in members] for members in clusters]
    tied = associations(values, attack, held, numbers, weighted, stream(seed, "rank_intervals.importance"))
    kept = among(tied, ranked, copies, len(top))
    unit = "flows" if len(np.unique(groups)) == len(attack) else "campaigns"
    notes = [
        f"{len(attack):,} training flows, a stratified sub-sample; intervals: {resamples} resamples of their {unit}. "
        f"Clusters: complete linkage, |r| of at least {CLUSTER}; a cluster's score is that of its best feature. "
        f"Importance: loss of average precision of histogram boosting on {HELD:.0%} of them, held back, where all "
        f"features of the cluster are permuted together, mean of {REPEATS} permutations."
    ]
    record_clusters(record, clusters, tied, kept, place, top, notes)
    record_features(record, ranked, tied, kept, top, {n: m[0] for m in clusters for n in m}, notes)
    record_survival(record, list(survivors(cells(train, ranked), candidates(ranked, copies), len(top))), top)
    record_values(record, ranked, kept, top, len(attack))
    record_measures(record, clusters, tied, top)
    record.value("ranks.unit", unit, "text", "what is resampled", unit="")
    return record, clusters


def candidates(ranked: Sequence[str], copies: set[str]) -> list[str]:
    """The features among which are kept: all that vary, without ``copies`` of others."""
    return [name for name in ranked if name not in copies]


def step(
    flows: In, roles: In, split: In, selection: In, metadata: In, rows: int, resamples: int, seed: int, clusters: Out,
    values: Out, tables: Outs,
) -> None:  # fmt: skip
    """How firm the ranking of the features is, by four measures and per cluster of features that say the same."""
    train, _ = parts(flows, roles, split)
    (selected,) = read_json(selection)["folds"]
    copies = {copy for _, copy in selected["identical"]} if selected["rule"] == "distinct" else set()
    chosen = stratified_rows(train.column("Label").to_numpy(), rows, stream(seed, "rank_intervals.sample"))
    sample = train.only(chosen)
    campaign, _ = campaigns_of(Part.whole(flows))
    labels = sample.column("Label").to_numpy()
    groups = np.arange(labels.size) if campaign is None else np.unique(campaign[sample.rows], return_inverse=True)[1]
    held = stratified_rows(labels, round(HELD * labels.size), stream(seed, "rank_intervals.held"))
    record, found = report_rank_intervals(train, sample, held, groups, order(selected["correlations"]), copies,
                           selected["selected"], resamples, seed, read_json(metadata)["data"])  # fmt: skip
    record.write(values, tables)
    write_json(clusters, found)


if __name__ == "__main__":
    run(step)
