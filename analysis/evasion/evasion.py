"""Step: attack the models as one would who adapts, within budgets, and say what they still detect; then defend them.

An attacker acts on flows of the test part. What acts without answers of the model learns from flows of its own: those
that are held back from training.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from analysis.command import In, Out, Outs, run
from analysis.conditions.condition import drawn, drawn_seed
from analysis.conditions.draw import Draw, stratified
from analysis.conditions.estimator import build, fit_and_predict
from analysis.conditions.models import SOURCE
from analysis.conditions.sample import stratified_rows
from analysis.conditions.threshold import CALLED, HELD_BACK
from analysis.dataset.meter import Flows
from analysis.dataset.parts import Part, folds
from analysis.dataset.release import Release, load
from analysis.detection.evaluation import Confusion
from analysis.evasion.attackers import QUERIES, Budget
from analysis.evasion.bound import decided
from analysis.evasion.identities import broken
from analysis.evasion.reach import lacking
from analysis.evasion.report import Outcome, record_all
from analysis.evasion.report_bound import Proof, record_bound
from analysis.evasion.scores import score_of
from analysis.evasion.targets import FOREST, TARGETS, Learnt, Target, fitted
from analysis.evasion.trial import SHARES, Setting, Surrogate, attacks, chosen, family_of, some_of, weights
from analysis.record import Record, read_json

TESTED = 50_000
"""Flows of the test part that a model's cost to unattacked flows is measured on, at most."""
PROVEN = 200
"""Attacked flows of which it is asked what can be proven, at most."""


def learnt(part: Part, release: Release) -> Learnt:
    """The flows of a part as arrays."""
    names = part.features
    families = np.array([family_of(release, label) for label in part.column("Label").to_list()])
    columns = dict(zip(names, part.matrix(names).T, strict=True))
    attack = part.column("is_attack").to_numpy()
    return Learnt(columns, attack, families, attack & ~broken(columns, release))


def surrogate(own: Learnt, columns: Sequence[str], parameters: Mapping[str, Any], most: int, setting: Setting
              ) -> Surrogate | None:  # fmt: skip
    """What an attacker knows of their ``own`` flows; None where these hold one class, or no attack to act on."""
    if len(set(own.attack.tolist())) < 2:
        return None
    estimator = build(SOURCE[FOREST].estimator, parameters, drawn_seed(setting.seed, "evasion.surrogate.fit"))
    features = np.column_stack([own.flows[name] for name in columns])
    score = score_of(fit_and_predict(estimator, features, own.attack, features[:1]).pipeline, columns)
    sound = own.sound.copy()
    sound[sound] = score(chosen(own.flows, sound)) > CALLED
    rows = some_of(own.families, sound, most, setting.seed)
    return Surrogate(chosen(own.flows, rows), score) if rows.size else None


def attacked(
    target: Target, columns: Sequence[str], parts: Mapping[str, Learnt], parameters: Mapping[str, Any], most: int,
    setting: Setting, threads: int,
) -> tuple[Outcome, Proof | None]:  # fmt: skip
    """A target fitted, measured on unattacked flows, and attacked; ``parts`` are own, held and test.

    Of a forest also what can be proven.
    """
    own, held, test = (parts[name] for name in ("own", "held", "test"))
    pipeline = fitted(target, columns, own, parameters, most, setting, threads)
    score = score_of(pipeline, columns)
    called = score(test.flows) > CALLED
    rows = some_of(test.families, test.sound & called, most, setting.seed)
    flows, families = chosen(test.flows, rows), test.families[rows]
    benign = chosen(held.flows, ~held.attack)
    knows = surrogate(held, columns, parameters, most, setting) if target.main else None
    found = list(attacks(flows, benign, score, knows, setting, target.main)) if rows.size else []
    weight = weights(test.families, test.sound & called, rows)
    unattacked = Confusion.of(test.attack, called)
    outcome = Outcome(target, list(columns), unattacked, test, called, rows, families, weight, found, knows is not None)
    return outcome, proven(outcome, flows, pipeline, setting) if target.model == FOREST and rows.size else None


def proven(outcome: Outcome, flows: Flows, pipeline: Pipeline, setting: Setting) -> Proof:
    """What can be proven of at most ``PROVEN`` of the attacked ``flows``."""
    few = np.arange(0, outcome.rows.size, -(-outcome.rows.size // PROVEN))
    attack = outcome.of("greedy", "sender", max(setting.queries))
    assert attack
    evaded = np.array([attack.tried.within(share)[few] for share in SHARES[1:]])
    status = decided(chosen(flows, few), evaded, pipeline, outcome.columns, setting)
    weight = weights(outcome.test.families, outcome.test.sound & outcome.called, outcome.rows[few])
    return Proof(outcome.target, status, evaded, weight)


def step(
    models: Any, rows: int, most: int, octets: int, seconds: int, queries: int, min_type: int, seed: int, threads: int,
    flows: In, roles: In, split: In, features: In, metadata: In, values: Out, tables: Outs,
) -> None:  # fmt: skip
    """Attack the models within budgets, and say what they still detect; then defend them."""
    about = read_json(metadata)
    release = load(about["release"])
    record = Record("evasion", about["data"])
    (fold,), (selection,) = folds(flows, roles, split), read_json(features)["folds"]
    setting = Setting(release, Budget(octets, seconds), seed, (QUERIES[0], queries))
    outcomes: list[Outcome] = []
    proofs: list[Proof] = []
    reason = fold.reason
    if fold.train is not None and fold.test is not None:
        reason = lacking(release, fold.train.features)
    if reason is None and fold.train is not None and fold.test is not None:
        labels = fold.train.column("Label").to_numpy()
        kept = stratified(labels, Draw(HELD_BACK, min_type, drawn(seed, "evasion.held")))
        taken = {
            "own": fold.train.only(~kept).only(stratified_rows(labels[~kept], rows, drawn(seed, "evasion.own"))),
            "held": fold.train.only(kept).only(stratified_rows(labels[kept], rows, drawn(seed, "evasion.other"))),
            "test": tested(fold.test, seed),
        }
        parts = {name: learnt(part, release) for name, part in taken.items()}
        if len(set(parts["own"].attack.tolist())) < 2:
            reason = "the training part holds one class only"
        for target in TARGETS if reason is None else ():
            began = time.process_time()
            columns = target.columns(selection["selected"], selection["all"])
            outcome, proof = attacked(target, columns, parts, models[target.model], most, setting, threads)
            outcomes.append(outcome)
            proofs += [proof] if proof else []
            print(f"{target.id}: {time.process_time() - began:.1f} s", flush=True)
        if any(not one.rows.size for one in outcomes):
            reason = "a model detects no attack of the test part that can be acted on"
    record_all(record, outcomes, reason, selection["selected"], most, setting)
    record_bound(record, [] if reason else proofs, reason, setting)
    record.write(values, tables)


def tested(part: Part, seed: int) -> Part:
    """At most ``TESTED`` flows of the test part, with the shares of their labels."""
    labels = part.column("Label").to_numpy()
    return part.only(stratified_rows(labels, TESTED, drawn(seed, "evasion.tested")))


if __name__ == "__main__":
    run(step)
