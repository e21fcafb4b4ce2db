"""Reasons that the source gives for its results, each held against a model or a count that would show it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl

from analysis.audit.verdicts.decisions import (
    BETTER,
    EQUAL,
    IN_PART,
    NOT,
    OPEN,
    REPRODUCED,
    UNDECIDED,
    WORSE,
    Finding,
    above,
    against_margin,
    below,
    bracket,
    fixed,
    incomparable,
)
from analysis.audit.verdicts.evidence import Evidence
from analysis.audit.verdicts.intervals import Interval, share
from analysis.audit.verdicts.rankings import edges
from analysis.detection.low_end import look_alikes
from analysis.detection.names import MODELS
from analysis.detection.predictions import wrong
from analysis.detection.web_attacks import WEB
from analysis.record.display import show

FOREST = "random_forest"
ALARMS = 0.05
"""False-positive rate at which the threshold curve is read: many alarms by any measure."""
FEW_TREES = 30
HALF = 0.5


def scaling(evidence: Evidence) -> Finding:
    """Standardising raises F1 by more than the margin in every model; in part where it does in some.

    Standardising moves and stretches an axis and leaves outliers as far out as they were, so F1 on winsorised inputs
    and on ranks stands beside it.
    """
    found = {model: evidence.variants_differ(model, "standardised", "unscaled") for model in MODELS}
    states = {model: against_margin(difference, evidence.margin) for model, difference in found.items()}
    helped = [MODELS[model] for model, state in states.items() if state == BETTER]
    equal = sum(state in (EQUAL, WORSE) for state in states.values())
    verdict = NOT if equal == len(states) else OPEN
    verdict = REPRODUCED if len(helped) == len(states) else IN_PART if helped else verdict
    groups = {state: [MODELS[model] for model in states if states[model] == state] for state in set(states.values())}
    told = [
        f"{state} with {show(groups[state], 'list')}" for state in (BETTER, EQUAL, UNDECIDED, WORSE) if state in groups
    ]
    waiting = [model for model, state in states.items() if state == UNDECIDED]
    shown = max(waiting if verdict == OPEN else found, key=lambda model: found[model].value)
    fact = f"Gain of {MODELS[shown]}. Standardised against unscaled: {'; '.join(told)}. "
    logistic = [fixed(evidence.variant_f1("logistic_regression", name)) for name in
                ("unscaled", "standardised", "winsorised", "ranks")]  # fmt: skip
    fact += f"Logistic regression has an F1 of {logistic[0]} unscaled, {logistic[1]} standardised, {logistic[2]} "
    fact += f"winsorised, {logistic[3]} on ranks."
    gain = found[shown]
    return Finding(verdict, fact, bracket(gain), gain, edges(gain, evidence.margin), evidence.extra_train)


def trees(evidence: Evidence) -> Finding:
    """The largest forest beats one of FEW_TREES by more than the margin; in part where it beats only a single tree."""
    names = [name for name in evidence.extra[FOREST].columns if name.startswith("trees_")]
    last, few, first = names[-1], f"trees_{FEW_TREES}", names[0]
    many = evidence.variants_differ(FOREST, last, few)
    voting = evidence.variants_differ(FOREST, last, first)
    state = against_margin(many, evidence.margin)
    verdict = {BETTER: REPRODUCED, UNDECIDED: OPEN}.get(state, NOT)
    if verdict == NOT and against_margin(voting, evidence.margin) == BETTER:
        verdict = IN_PART
    steps = [f"{fixed(evidence.variant_f1(FOREST, name))} with {name.removeprefix('trees_')}" for name in names]
    fact = f"F1 is {', '.join(steps)} trees; the last against {FEW_TREES}: {state}."
    return Finding(verdict, fact, bracket(many), many, edges(many, evidence.margin), evidence.extra_train)


def no_overfit(evidence: Evidence) -> Finding:
    """F1 on the flows fitted on exceeds that on the test part by no more than the margin."""
    seen, test = evidence.value(f"binary.{FOREST}.train_f1"), evidence.f1("ten", FOREST)
    gap = Interval(seen - test.value, seen - test.high, seen - test.low, test.n, test.method, test.of)
    fact = f"F1 is {fixed(seen)} on the flows fitted on and {fixed(test.value)} on the test part; the gap may be "
    fact += f"{evidence.margin}."
    return Finding(below(gap, evidence.margin), fact, bracket(gap), gap, (-1.0, evidence.margin), evidence.trained_on)


def dimensions(evidence: Evidence) -> Finding:
    """With all features the forest loses no more than the margin; a reason to win only where another model loses."""
    gains = {model: evidence.models_differ(("all", model), ("ten", model)) for model in MODELS}
    forest = gains[FOREST]
    losers = [model for model in MODELS if model != FOREST and gains[model].high < -evidence.margin]
    verdict = above(forest, -evidence.margin)
    if verdict == REPRODUCED and not losers:
        verdict = IN_PART
    features = evidence.value("binary_all.features")
    lost = show([MODELS[model] for model in losers], "list")
    fact = f"Its gain in F1 from {len(evidence.ten)} to {features} features. Other models that lose: {lost}. The "
    fact += f"source's forest had only {len(evidence.ten)}."
    return Finding(verdict, fact, bracket(forest), forest, (-evidence.margin, 1.0),
                   evidence.value("binary_all.train_rows"))  # fmt: skip


def interactions(evidence: Evidence) -> Finding:
    """Boosting of trees that can hold interactions is better than boosting of stumps, which cannot, by the margin.

    A reason for the forest to win only where its closest rival is not boosting, which holds interactions too.
    """
    gain = evidence.variants_differ("gradient_boosting", "interacting", "stumps")
    state = against_margin(gain, evidence.margin)
    verdict = {BETTER: REPRODUCED, UNDECIDED: OPEN}.get(state, NOT)
    rival = max((model for model in MODELS if model != FOREST), key=lambda model: evidence.f1("ten", model).value)
    if verdict == REPRODUCED and rival == "gradient_boosting":
        verdict = IN_PART
    f1 = [evidence.variant_f1("gradient_boosting", name) for name in ("interacting", "stumps")]
    fact = f"Boosting has an F1 of {fixed(f1[0])} with trees that hold interactions, {fixed(f1[1])} with stumps of as "
    fact += f"many rounds: {state}. The forest's closest rival is {MODELS[rival]}."
    return Finding(verdict, fact, bracket(gain), gain, edges(gain, evidence.margin), evidence.extra_train)


def outliers(evidence: Evidence) -> Finding:
    """Taking the outliers away, by winsorising or ranks, changes the forest's F1 by less than the margin.

    A reason to win only where another model gains by it.
    """

    def gains(model: str) -> list[Interval]:
        return [evidence.variants_differ(model, name, "unscaled") for name in ("winsorised", "ranks")]

    def states(model: str) -> list[str]:
        return [against_margin(gain, evidence.margin) for gain in gains(model)]

    forest = states(FOREST)
    verdict = NOT if {BETTER, WORSE} & set(forest) else OPEN if UNDECIDED in forest else REPRODUCED
    sufferers = [MODELS[model] for model in MODELS if model != FOREST and BETTER in states(model)]
    if verdict == REPRODUCED and not sufferers:
        verdict = IN_PART
    steps = [fixed(evidence.variant_f1(FOREST, name)) for name in ("unscaled", "winsorised", "ranks")]
    fact = f"F1 is {steps[0]} as it is, {steps[1]} with outliers pulled in, {steps[2]} on ranks. Other models that "
    fact += f"gain by such inputs: {show(sufferers, 'list')}."
    shown = max(gains(FOREST), key=lambda gain: (gain.high - gain.low, gain.value))
    return Finding(verdict, fact, bracket(shown), shown, edges(shown, evidence.margin), evidence.extra_train)


def price(evidence: Evidence) -> Finding:
    """The missed attacks are the price of few false alarms: other thresholds regain them, other features do not.

    Not so where more than half of the missed are found with all features at no more false alarms, by interval.
    """
    ten, every = (evidence.binary[features][FOREST] for features in ("ten", "all"))
    attack = ten["is_attack"].to_numpy()
    missed = attack & ~ten["predicted"].to_numpy()
    if not missed.any():
        return incomparable("the forest misses no attack of the test part")
    regained = int((missed & called_at(ten["score"].to_numpy(), attack, ALARMS)).sum())
    alarms = evidence.count("ten", FOREST).fp / max(int((~attack).sum()), 1)
    found = int((missed & called_at(every["score"].to_numpy(), attack, alarms)).sum())
    n = int(missed.sum())
    other = share(found, n, attack.size)
    verdict = below(other, HALF)
    if verdict == REPRODUCED and regained <= n * HALF:
        verdict = OPEN
    fact = f"Share of the {show(n, 'integer')} missed attacks that a forest on all features finds at no more alarms; "
    fact += (
        f"another threshold on the ranked features regains {show(regained / n, 'percent:0')} at a false-positive rate "
    )
    fact += (
        f"of {show(ALARMS, 'percent:0')}. No rule on them exceeds an F1 of {fixed(evidence.value('low_end.f1_bound'))}."
    )
    return Finding(verdict, fact, bracket(other), other, (0.0, HALF) if verdict == OPEN else None, evidence.trained_on)


def called_at(score: np.ndarray, attack: np.ndarray, rate: float) -> np.ndarray:
    """Flows called attacks at the lowest threshold with a false-positive rate up to ``rate``; boolean, shape (n,)."""
    benign = np.sort(score[~attack])[::-1]
    allowed = int(np.floor(rate * benign.size + 1e-9))
    return np.asarray(score > benign[allowed]) if allowed < benign.size else np.ones(score.size, dtype=bool)


def tests_and_learning(evidence: Evidence) -> Finding:
    """From K-S tests that reject follows a boundary that can be learned: fails where attacks share all values kept.

    Refuted where every test rejects and yet more attacks than the margin have all their values in common with at least
    as many benign test flows, so that no rule can call them attacks and be right more often than wrong. D itself only
    says that the best threshold on one feature errs in (1 - D) / 2, classes weighing alike.
    """
    groups = look_alikes(evidence.test, evidence.ten)
    attacks = int(groups["attacks"].sum())
    hidden = int(groups.filter(2 * pl.col("attacks") <= pl.col("flows"))["attacks"].sum())
    ours = share(hidden, attacks, evidence.test.height)
    rejected = evidence.value("ks.ten.rejected")
    verdict = below(ours, evidence.margin)
    if verdict == NOT and rejected < len(evidence.ten):
        verdict = OPEN
    d, feature = evidence.value("ks.ten.max_d"), evidence.value("ks.ten.max_d.feature")
    fact = (
        f"Share of attacks that look like as many benign test flows or more in all {len(evidence.ten)} values, though "
    )
    fact += f"{rejected} of {len(evidence.ten)} tests reject. The largest D, {fixed(d)} ({feature}), leaves the best "
    fact += f"threshold an error of {show((1 - d) / 2, 'percent:0')}."
    return Finding(verdict, fact, bracket(ours), ours, (0.0, evidence.margin))


def more_features(evidence: Evidence) -> Finding:
    """At the low end of the first feature, all features mend more of the forest's errors than they make."""
    first = evidence.ten[0]
    there = evidence.test[first].to_numpy() <= evidence.train[first].to_numpy().min()
    ten, every = (wrong(evidence.binary[features][FOREST]) & there for features in ("ten", "all"))
    mended, made = int((ten & ~every).sum()), int((~ten & every).sum())
    if not mended + made:
        return incomparable("the forest errs alike there with ten and with all features")
    ours = share(mended, mended + made, there.size)
    fact = f"Where {first} is least, errors fall from {show(int(ten.sum()), 'integer')} to "
    fact += (
        f"{show(int(every.sum()), 'integer')}: of the flows on which the two differ, the share that all features mend."
    )
    return Finding(above(ours, HALF), fact, bracket(ours), ours, (HALF, 1.0), evidence.trained_on)


def web_confused(evidence: Evidence) -> Finding:
    """Of the web attacks given a wrong type, more than half are given another web attack."""
    reading = evidence.value("types.nearest")
    entry = evidence.values[f"types.web.{reading}.within_of_wrong"]
    labels = set(evidence.types[reading]["label"])
    web = {label for label in labels if label.startswith(WEB)}
    if len(web) < 2:
        return incomparable("fewer than two types of web attack in the test part")
    if web == labels:
        return incomparable("there is nothing else that web attacks could be taken for")
    if entry["value"] is None:
        return incomparable(entry["reason"])
    ours = share(round(entry["value"] * entry["n"]), entry["n"], evidence.test.height)
    fact = f"Of {show(entry['n'], 'integer')} web attacks given a wrong type, the share given another web attack."
    return Finding(above(ours, HALF), fact, bracket(ours), ours, (HALF, 1.0),
                   evidence.value(f"types.{reading}.train_rows"))  # fmt: skip


def web_alike(evidence: Evidence) -> Finding:
    """Web attacks look alike as flows: on all features they are told apart no better than by the commonest type."""
    frame = evidence.types["all_attacks_only"]
    frame = frame.filter(frame["label"].str.starts_with(WEB) & frame["predicted"].str.starts_with(WEB))
    if frame["label"].n_unique() < 2:
        return incomparable("fewer than two types of web attack in the test part")
    most = max(Counter(frame["label"]).values()) / frame.height
    ours = share(int((frame["label"] == frame["predicted"]).sum()), frame.height, evidence.test.height)
    fact = f"Of {show(frame.height, 'integer')} web attacks called web attacks on all features, the share of the right "
    fact += f"type; the commonest type is {fixed(most)} of them."
    return Finding(below(ours, most), fact, bracket(ours), ours, (0.0, most),
                   evidence.value("types.all_attacks_only.train_rows"))  # fmt: skip
