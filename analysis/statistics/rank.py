"""Step: tables and values of the feature ranking on the source's split, and of correlations among the top ten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.command import In, Out, Outs, run
from analysis.dataset.parts import Part, parts
from analysis.errors import UserError
from analysis.record import FEATURE, Column, Record, Table, read_json, show, snake, write_json
from analysis.statistics.value_counts import Counts, Floats, ValueCounts

RULES = ("source", "distinct")
CLUSTER = 0.9
"""Features with an absolute Pearson correlation of at least this are linked into one cluster."""
MONOTONE = 0.9999
"""Spearman correlation from which a feature counts as a strictly increasing function of another; below 1 because the
release prints few digits of large numbers, which makes ties that the function does not have."""
SAME = 1e-9
"""Relative difference up to which two numbers count as equal: some copies are printed with another last digit."""

_REFERENCE = "Pearson's correlation with a variable of two values is the point-biserial correlation"


def point_biserial(value_counts: ValueCounts) -> float | None:
    """Pearson correlation of a feature with the class (benign 0, attack 1); None where the feature is constant.

    r = (M1 - M0) sqrt(n1 n0) / (n s), M the class means and s the standard deviation with divisor n (Tate 1954).

    >>> round(point_biserial(ValueCounts.of([1, 2, 3, 4], [False, False, True, True])), 3)
    0.894
    """
    if len(value_counts.values) < 2:
        return None
    n0, n1 = int(value_counts.benign.sum()), int(value_counts.attack.sum())
    # Centring and scaling first keeps the sums small, so that the digits lost are the same at any unit.
    centre = _mean(value_counts.values, value_counts.counts("all"))
    scale = float(np.abs(value_counts.values - centre).max())
    shifted = (value_counts.values - centre) / scale
    spread = _mean(shifted**2, value_counts.counts("all")) - _mean(shifted, value_counts.counts("all")) ** 2
    if spread <= 0:
        return None
    gap = _mean(shifted, value_counts.attack) - _mean(shifted, value_counts.benign)
    return float(np.clip(gap * np.sqrt(n1 / (n0 + n1) * (n0 / (n0 + n1))) / np.sqrt(spread), -1, 1))


def order(correlations: Mapping[str, float]) -> list[str]:
    """Features by descending |r|; features equal to twelve decimals stay in the order given, which is column order.

    >>> order({"a": 0.2, "b": -0.5, "c": -0.2})
    ['b', 'a', 'c']
    """
    return sorted(correlations, key=lambda name: -round(abs(correlations[name]), 12))


def identical_pairs(summaries: Mapping[str, Sequence[float]], flows: Part) -> list[tuple[str, str]]:
    """Pairs of columns of ``flows`` equal in every row (up to SAME), each copy with its first column.

    Only columns whose :func:`summary` agrees are compared row by row.
    """
    told, names = np.array(list(summaries.values())), list(summaries)
    pairs: list[tuple[str, str]] = []
    for j, name in enumerate(names):
        known = {copy for _, copy in pairs}
        alike = np.isclose(told[:j], told[j], rtol=10 * SAME, atol=0).all(axis=1)
        for first in (names[i] for i in np.flatnonzero(alike) if names[i] not in known):
            x, y = flows.matrix([first, name]).T
            if np.allclose(x, y, rtol=SAME, atol=0):
                pairs.append((first, name))
                break
    return pairs


def summary(value_counts: ValueCounts) -> list[float]:
    """Extremes of a column and its mean size in either class, which equal columns share."""
    return [
        float(value_counts.values[0]),
        float(value_counts.values[-1]),
        _mean(np.abs(value_counts.values), value_counts.benign),
        _mean(np.abs(value_counts.values), value_counts.attack),
    ]


def components(linked: NDArray[np.bool_], names: Sequence[str]) -> list[list[str]]:
    """Groups of ``names`` that chains of links join (single linkage); ``linked`` is symmetric, shape (m, m).

    >>> components(np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]], dtype=bool), ["a", "b", "c"])
    [['a', 'c'], ['b']]
    """
    from scipy.sparse.csgraph import connected_components

    return _by_label(names, connected_components(linked, directed=False)[1])


def correlation_matrix(columns: NDArray[Any]) -> Floats:
    """Pearson correlations of the columns of an (n, m) array, shape (m, m), ones on the diagonal.

    >>> correlation_matrix(np.array([[1, 4], [2, 4], [3, 1]])).round(3).tolist()
    [[1.0, -0.866], [-0.866, 1.0]]
    """
    centred = columns - columns.mean(axis=0)
    norms = np.sqrt((centred**2).sum(axis=0))
    m = centred.shape[1]
    matrix = np.eye(m)
    for i, j in combinations(range(m), 2):
        matrix[i, j] = matrix[j, i] = np.clip((centred[:, i] * centred[:, j]).sum() / (norms[i] * norms[j]), -1, 1)
    return matrix


def complete_linkage(correlations: Floats, names: Sequence[str]) -> list[list[str]]:
    """Clusters in which any two features have |r| of at least CLUSTER, in the order of ``names``.

    >>> complete_linkage(np.array([[1, 0.2, -0.95], [0.2, 1, 0.1], [-0.95, 0.1, 1]]), ["a", "b", "c"])
    [['a', 'c'], ['b']]
    """
    # Takes a second to load, and who only ranks does without.
    from scipy.cluster.hierarchy import fcluster, linkage

    distance = 1 - np.abs(correlations)
    tree = linkage(distance[np.triu_indices(len(names), 1)], "complete")
    return _by_label(names, fcluster(tree, 1 - CLUSTER, "distance"))


def _by_label(names: Sequence[str], labels: NDArray[Any]) -> list[list[str]]:
    found: dict[int, list[str]] = {}
    for name, label in zip(names, labels.tolist(), strict=True):
        found.setdefault(label, []).append(name)
    return list(found.values())


def _mean(values: Floats, counts: Counts) -> float:
    return float((values * counts).sum() / counts.sum())


def _named(names: Iterable[Sequence[str]], joint: str) -> str:
    """Groups of names in words, for a sentence."""
    return "; ".join(joint.join(group) for group in names) or "none"


def _bracketed(groups: Iterable[Sequence[str]]) -> str:
    """The same, each group of several in brackets.

    >>> _bracketed([["a", "b"], ["c"]])
    '(a, b) and c'
    """
    return show([f"({', '.join(group)})" if len(group) > 1 else group[0] for group in groups], "list")


def rank(selection: Mapping[str, Any], train: Part, record: Record) -> dict[str, object]:
    """Fill ``record`` from what was learnt on ``train`` (``analysis.statistics.select``).

    Returns what data/features.json holds. Raises UserError where fewer features can be ranked than were asked for.
    """
    correlations, pairs = selection["correlations"], [(first, copy) for first, copy in selection["identical"]]
    rule, count, ranked = selection["rule"], selection["count"], order(correlations)
    chosen = {name: selection[name] for name in RULES}
    for name, features in chosen.items():
        if len(features) < count:
            raise UserError(
                f"features.count: {count} features are asked for, but only {len(features)} can be ranked by the rule "
                f"'{name}' in the training part; lower features.count"
            )
    n, top = train.height, chosen[rule]
    _ranking_tables(record, ranked, correlations, pairs, chosen, n)
    _ranking_values(record, ranked, correlations, len(selection["all"]), top, rule, n)
    _choice_values(record, chosen, top, pairs, n)
    clusters = _redundancy(record, top, train.matrix(top), n)
    return {"selected": top, **chosen, "all": selection["all"], "identical": selection["identical"], "rule": rule,
            "clusters": clusters}  # fmt: skip


def _ranking_tables(
    record: Record,
    ranked: Sequence[str],
    r: Mapping[str, float],
    pairs: Sequence[tuple[str, str]],
    chosen: Mapping[str, Sequence[str]],
    n: int,
) -> None:
    first = {name: name for name in ranked} | {copy: name for name, copy in pairs}
    same = {name: [other for other in ranked if other != name and first[other] == first[name]] for name in ranked}
    note = f"Training part only, {n:,} flows. {_REFERENCE}."
    record.table(
        "ranking",
        "All numeric features ranked by absolute correlation with the label",
        [
            Column("rank", "Rank", "integer", unit="", definition="rank among all features by |r|", n=n),
            FEATURE,
            Column("r", "r", "fixed:3", unit="1", definition="Pearson correlation with the label", n=n),
            Column("abs_r", "|r|", "fixed:3", unit="1", definition="size of that correlation", n=n),
            Column("identical_to", "Same column as", "text", "left"),
        ],
        [
            {
                "rank": position,
                "feature": name,
                "r": r[name],
                "abs_r": abs(r[name]),
                "identical_to": ", ".join(same[name]) or Table.cell(None, "text", reason="no other column is the same"),
            }
            for position, name in enumerate(ranked, 1)
        ],
        id="feature",
        notes=[
            note,
            "Ties are broken by column order. 'Same column as' is measured: equal in every training flow, to 1 in 10⁹.",
        ],
    )
    record.table(
        "top_ten",
        "The features that are kept, by the two rules",
        [
            Column("position", "Rank", "integer"),
            Column("source", "Rule 'source'", "text", "left"),
            Column("source_r", "r", "fixed:3"),
            Column("distinct", "Rule 'distinct'", "text", "left"),
            Column("distinct_r", "r", "fixed:3"),
        ],
        [
            {"position": i, "source": a, "source_r": r[a], "distinct": b, "distinct_r": r[b]}
            for i, (a, b) in enumerate(zip(chosen["source"], chosen["distinct"], strict=True), 1)
        ],
        notes=[note, "Rule 'source' ranks identical columns separately; rule 'distinct' ranks only the first of them."],
    )


def _ranking_values(
    record: Record,
    ranked: Sequence[str],
    r: Mapping[str, float],
    features: int,
    top: Sequence[str],
    rule: str,
    n: int,
) -> None:
    record.value("rank.top10", list(top), "list", f"features kept by the rule '{rule}', by descending |r|", n=n)
    record.value("rank.count", len(top), "integer", "number of features kept")
    record.value("rank.rule", rule, "text", "rule by which the features are kept")
    record.value("rank.features", len(ranked), "integer", "number of features ranked", table="ranking")
    record.value(
        "rank.constant", features - len(ranked), "integer", "number of features constant in the training part", n=n
    )
    for place, name in (("first", top[0]), ("last", top[-1])):
        of = f"the {place} of the features kept"
        record.value(f"rank.{place}.feature", name, "text", of, n=n)
        definition = f"Pearson correlation of {of} with the label"
        record.name(f"rank.{place}.r", "ranking", name, "r", definition=definition)
    negative = [name for name in top if r[name] < 0]
    record.value("rank.first.r_squared", r[top[0]] ** 2, "fixed:3", "square of the highest correlation: share of the "
                 "label's variance that a straight line on that feature explains", n=n)  # fmt: skip
    what = "number of the features kept with a negative r"
    record.value("rank.selected.negative", len(negative), "integer", what, n=n)
    iat = [name for name in top if "IAT" in name]
    what = "number of inter-arrival times (IAT) among the features kept"
    record.value("rank.selected.iat", len(iat), "integer", what)
    record.value("rank.selected.iat_names", iat, "list", "the inter-arrival times (IAT) among the features kept")


def _choice_values(
    record: Record, chosen: Mapping[str, Sequence[str]], top: Sequence[str], pairs: Sequence[tuple[str, str]], n: int
) -> None:
    within = [pair for pair in pairs if set(pair) <= set(top)]
    for key, found, where in (
        ("rank.identical_pairs", pairs, "all features"),
        ("rank.selected.identical_pairs", within, "the features kept"),
    ):
        record.value(key, len(found), "integer", f"pairs of columns equal in every training flow, among {where}", n=n)
        record.value(f"{key}_words", _named(found, " = "), "text", f"the pairs of equal columns among {where}", n=n)
    record.value(
        "rank.rules_agree",
        chosen["source"] == chosen["distinct"],
        "text",
        "whether the two rules keep the same features",
    )
    for key, a, b in (("left_out", "source", "distinct"), ("admitted", "distinct", "source")):
        names = [name for name in chosen[a] if name not in chosen[b]]
        record.value(f"rank.distinct.{key}", names, "list", f"kept by the rule '{a}' and not by '{b}'", n=n)


def _redundancy(record: Record, top: Sequence[str], columns: NDArray[Any], n: int) -> list[list[str]]:
    """How far the features kept say the same thing: correlations, clusters, monotone functions of one another.

    Returns the clusters of complete linkage.
    """
    from scipy.stats import rankdata

    pearson = correlation_matrix(columns)
    spearman = correlation_matrix(rankdata(columns, axis=0))
    keys = [snake(name) for name in top]
    record.table(
        "top_ten_correlations",
        "Correlations among the features that are kept",
        [FEATURE, *(Column(key, name, "fixed:2") for key, name in zip(keys, top, strict=True))],
        [{"feature": a, **dict(zip(keys, row, strict=True))} for a, row in zip(top, pearson.tolist(), strict=True)],
        notes=[f"Pearson correlations in the training part, {n:,} flows."],
    )

    near = np.abs(pearson) >= CLUSTER
    clusters = components(near, top)
    record.value(
        "rank.selected.clusters", len(clusters), "integer", n=n, unit="clusters",
        definition=f"clusters among the features kept: single linkage, absolute Pearson correlation at least {CLUSTER}",
    )  # fmt: skip
    record.value(
        "rank.selected.clusters_words",
        _bracketed(clusters),
        "text",
        "members of the clusters among the features kept, by single linkage",
        n=n,
    )
    largest = max(map(len, clusters))
    record.value("rank.selected.largest_cluster", largest, "integer", "features in the largest cluster", n=n)
    tight = complete_linkage(pearson, top)
    record.value(
        "rank.selected.tight_clusters", len(tight), "integer", n=n, unit="clusters",
        definition="clusters among the features kept: complete linkage, so that any two features of a cluster have an "
        f"absolute Pearson correlation of at least {CLUSTER}",
    )  # fmt: skip
    record.value(
        "rank.selected.tight_clusters_words",
        _bracketed(tight),
        "text",
        "members of the clusters among the features kept, by complete linkage",
        n=n,
    )
    record.value("rank.cluster_threshold", CLUSTER, "fixed:2", "absolute correlation from which features are linked")
    pairs = int(near[np.triu_indices(len(top), 1)].sum())
    record.value("rank.selected.linked_pairs", pairs, "integer", f"pairs of features kept with |r| >= {CLUSTER}", n=n)
    functions = components(spearman >= MONOTONE, top)
    record.value(
        "rank.selected.functions", len(top) - len(functions), "integer", n=n,
        definition="features kept that are a strictly increasing function of another one (the same column, a square): "
        f"Spearman correlation at least {MONOTONE}; in a group of such features one is not counted",
    )  # fmt: skip
    record.value(
        "rank.selected.functions_words", _named([g for g in functions if len(g) > 1], " and "), "text",
        "groups of features kept that are strictly increasing functions of one another", n=n,
    )  # fmt: skip
    off = pearson[~np.eye(len(top), dtype=bool)]
    record.value(
        "rank.selected.smallest_r", float(off.min()), "fixed:2", "smallest correlation among the features kept", n=n
    )
    return tight


def step(
    flows: In, roles: In, split: In, selection: In, metadata: In, features: Out, values: Out, tables: Outs
) -> None:
    """The ranking of the features of the source's split as tables and values, and how far the ten say the same."""
    train, _ = parts(flows, roles, split)
    (selected,) = read_json(selection)["folds"]
    record = Record("rank", read_json(metadata)["data"])
    kept = rank(selected, train, record)
    record.write(values, tables)
    write_json(features, kept)


if __name__ == "__main__":
    run(step)
