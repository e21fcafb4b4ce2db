"""Step: explain a forest on all columns, by clusters of columns that say the same, and try to refute it.

All that is fitted is fitted to training flows; test flows are explained, and their labels only say of which type a flow
is and whether an answer is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.command import In, Out, Outs, run
from analysis.conditions.features import SHORTCUTS
from analysis.conditions.sample import stratified_rows
from analysis.conditions.threshold import CALLED
from analysis.dataset.parts import Part, parts
from analysis.dataset.release import load
from analysis.evasion.attackers import QUERIES, Budget
from analysis.evasion.reach import Cheapest, cheapest
from analysis.evasion.scores import score_of
from analysis.evasion.trial import Setting
from analysis.explanation import alerts, controls
from analysis.explanation.forest import (
    BACKGROUND,
    EXPLAINED,
    Flows,
    Forest,
    Maker,
    errors,
    explained,
    summed,
)
from analysis.explanation.importance import DROPPED, agreement, left_out, permuted, sizes
from analysis.explanation.report import Explained, record_all
from analysis.explanation.stability import refits
from analysis.explanation.surrogate import surrogate
from analysis.record import Record, Table, read_json
from analysis.statistics.resampled import weights


def read(part: Part, names: Sequence[str]) -> Flows:
    """The flows of a part with these columns."""
    told = part.read("Label", "is_attack")
    return Flows(part.matrix(names), told["Label"].to_numpy().astype(str), told["is_attack"].to_numpy())


def explain(
    train: Flows, test: Flows, clusters: Sequence[Sequence[str]], deltas: Mapping[tuple[str, str], float | None],
    maker: Maker, resamples: int, typed: bool, setting: Setting,
) -> Explained:  # fmt: skip
    """All that is measured; the columns of the flows are those of the ``clusters``, one after another.

    ``deltas`` are Cliff's deltas by feature and type.
    """
    names = [name for members in clusters for name in members]
    players = [i for i, members in enumerate(clusters) for _ in members]
    forest = maker.of(train, players)
    called = forest.score(test.features) > CALLED
    drawn, weight = explained(test, EXPLAINED, maker.stream("explained"))
    beside = np.setdiff1d(errors(test, called, maker.stream("errors")), drawn)
    flows, own = test.only(np.append(drawn, beside)), test.only(drawn)
    # Benign flows: an alert is asked how it differs from them, however many attacks were learnt from.
    benign = np.flatnonzero(~train.attack)
    stands = np.sort(maker.stream("background").permutation(benign)[:BACKGROUND])
    background = train.features[stands]
    columns, base = forest.credit(flows.features, background)
    credit = summed(columns, players)
    drew = weights(np.arange(drawn.size), own.attack, resamples, maker.stream("resamples"))
    weighted = np.vstack([np.ones(drawn.size), drew]) * weight
    scores = {"shap": sizes(credit[: drawn.size], weighted),
              "permutation": permuted(forest, own, weighted, maker.stream("permutation"))}  # fmt: skip
    scores["drop"] = np.full_like(scores["shap"], np.nan)
    if len(clusters) > 1:
        some = np.argsort(-scores["shap"][0], kind="stable")[:DROPPED]
        scores["drop"][:, some] = left_out(maker, train, own, forest, weighted, some.tolist())
    told = [deltas.get((members[0], ALL)) for members in clusters]
    distance = np.abs(np.array([np.nan if one is None else one for one in told], dtype=float))
    scores["delta"] = np.tile(distance, (len(weighted), 1))
    again = refits(maker, train, players, flows.features, background)
    score = forest.score(flows.features)
    hits = np.flatnonzero((score[: drawn.size] > CALLED) & own.attack)
    some_hits = np.sort(maker.stream("deleted").permutation(hits)[: controls.MOST])
    told_of = alerts.cases(flows, score, score > CALLED, credit)
    return Explained(
        clusters=clusters,
        names=names,
        players=players,
        typed=typed,
        train=len(train.attack),
        flows=flows,
        weight=weight,
        weighted=weighted,
        background=background,
        base=base,
        score=score,
        columns=columns,
        credit=credit,
        scores=scores,
        played=sizes(forest.played(own.features, background), weighted)[0],
        agreed=agreement(scores),
        again=again,
        copied=controls.copied(maker, forest, train, own, weight, background, columns[: drawn.size]),
        planted=controls.planted(maker, forest, train, own, weight, stands),
        deleted=controls.deletion(
            forest, flows.features[some_hits], background, credit[some_hits], maker.stream("deletion")
        ),
        shortcuts=controls.shortcut_clusters(clusters, SHORTCUTS),
        cases=told_of,
        nearest=nearest(told_of, flows, names, forest, setting, maker.stream("nearest")),
        surrogate=surrogate(forest, train, test, called, names),
        deltas=deltas,
    )


def nearest(
    cases: Sequence[alerts.Case], flows: Flows, names: Sequence[str], forest: Forest, setting: Setting,
    chance: np.random.Generator,
) -> Cheapest | None:  # fmt: skip
    """What the sender of the hit that is told could have done to evade the forest; None without a hit."""
    row = next((case.row for case in cases if case.kind == "hit"), None)
    if row is None:
        return None
    flow = dict(zip(names, flows.features[row][:, None], strict=True))
    return cheapest(flow, score_of(forest.fitted.pipeline, names), setting, chance)


ALL = "All attacks"
"""What the table of effects calls all types together."""


def step(
    forest: Any, rows: int, resamples: int, octets: int, seconds: int, queries: int, typed: bool, seed: int,
    threads: int, flows: In, roles: In, split: In, clusters: In, effects: In, metadata: In, values: Out, tables: Outs,
) -> None:  # fmt: skip
    """Explain a forest on all columns, by clusters of columns that say the same, and try to refute it."""
    train, test = parts(flows, roles, split)
    maker = Maker(forest, seed, threads)
    groups: list[list[str]] = read_json(clusters)
    names = [name for members in groups for name in members]
    told = Table.from_json(read_json(effects)).records()
    deltas = {(row["feature"], row["label"]): row["delta"] for row in told}
    own = train.only(stratified_rows(train.column("Label").to_numpy(), rows, maker.stream("sample")))
    about = read_json(metadata)
    record = Record("explanation", about["data"])
    setting = Setting(load(about["release"]), Budget(octets, seconds), seed, (QUERIES[0], queries))
    found = explain(read(own, names), read(test, names), groups, deltas, maker, resamples, typed, setting)
    record_all(record, found, maker.stream("intervals"))
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
