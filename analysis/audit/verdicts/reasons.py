"""Reasons that the source gives for its results, each tested with a model or a count that would show it."""

from __future__ import annotations

from collections import Counter

import numpy as np

from analysis.audit.verdicts.decisions import (
    BETTER,
    DESCRIPTION,
    EQUAL,
    IN_PART,
    NO_CONSEQUENCE,
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
from analysis.audit.verdicts.intervals import Interval, rank_correlation, share
from analysis.detection.names import MODELS
from analysis.detection.predictions import wrong
from analysis.detection.web_attacks import WEB
from analysis.record.display import show

FOREST = "random_forest"
ALARMS = (0.05, 0.10)
"""False-positive rates at which the threshold curve is read: many alarms by any measure."""
AGREE = 0.9
"""Rank correlation from which on two rankings of features are taken to be one."""
FEW_TREES = 30
HALF = 0.5


def scaling(evidence: Evidence) -> Finding:
    """Standardising raises F1 by more than the margin in every model; in part where it does in some.

    Standardising moves and stretches an axis and leaves outliers as far out as they were, so F1 on winsorised inputs
    stands beside it.
    """
    found = {model: evidence.variants_differ(model, "standardised", "unscaled") for model in MODELS}
    states = {model: against_margin(difference, evidence.margin) for model, difference in found.items()}
    helped = [MODELS[model] for model, state in states.items() if state == BETTER]
    equal = sum(state in (EQUAL, WORSE) for state in states.values())
    verdict = NOT if equal == len(states) else OPEN
    verdict = REPRODUCED if len(helped) == len(states) else IN_PART if helped else verdict
    waiting = [model for model, state in states.items() if state == UNDECIDED]
    shown = max(waiting if verdict == OPEN else found, key=lambda model: found[model].value)
    pulled = fixed(evidence.variant_f1(shown, "winsorised"))
    fact = f"Gain of {MODELS[shown]} by standardising (F1 {pulled} with outliers pulled in); {len(helped)} of "
    fact += f"{len(states)} models gain, {equal} do not."
    gain = found[shown]
    return Finding(verdict, fact, bracket(gain), gain, evidence.extra_train)


def trees(evidence: Evidence) -> Finding:
    """That hundreds of trees vote describes a forest; beside it stands how far F1 grows with their number."""
    names = sorted(
        (name for name in evidence.extra[FOREST].columns if name.startswith("trees_")),
        key=lambda name: int(name.removeprefix("trees_")),
    )
    many = evidence.variants_differ(FOREST, names[-1], f"trees_{FEW_TREES}")
    steps = [f"{fixed(evidence.variant_f1(FOREST, name))} with {name.removeprefix('trees_')}" for name in names]
    fact = f"F1 of the last less that of {FEW_TREES} trees; F1 is {', '.join(steps)} trees."
    return Finding(DESCRIPTION, fact, bracket(many), many, evidence.extra_train)


def no_overfit(evidence: Evidence) -> Finding:
    """Larger leaves, which keep a tree from fitting single flows, raise F1 on the test part by no more than the margin.

    Where leaves of any of the sizes fitted help, the forest as it is fits its training flows too closely.
    """
    names = [name for name in evidence.extra[FOREST].columns if name.startswith("leaf_")]
    gains = {name: evidence.variants_differ(FOREST, name, "standardised") for name in names}
    verdicts = [below(gain, evidence.margin) for gain in gains.values()]
    verdict = NOT if NOT in verdicts else OPEN if OPEN in verdicts else REPRODUCED
    shown = max(names, key=lambda name: gains[name].high)
    steps = [f"{fixed(evidence.variant_f1(FOREST, name))} with {name.removeprefix('leaf_')}" for name in names]
    fact = f"Gain by leaves of {shown.removeprefix('leaf_')} flows or more; F1 is "
    fact += f"{fixed(evidence.variant_f1(FOREST, 'standardised'))} with one, {show(steps, 'list')}."
    return Finding(verdict, fact, bracket(gains[shown]), gains[shown], evidence.extra_train)


def dimensions(evidence: Evidence) -> Finding:
    """With all features the forest loses no more than the margin; a reason to win only where another model loses."""
    gains = {model: evidence.models_differ(("all", model), ("selected", model)) for model in MODELS}
    forest = gains[FOREST]
    losers = [model for model in MODELS if model != FOREST and gains[model].high < -evidence.margin]
    verdict = above(forest, -evidence.margin)
    if verdict == REPRODUCED and not losers:
        verdict = IN_PART
    features = evidence.value("binary_all.features")
    lost = show([MODELS[model] for model in losers], "list")
    fact = f"Gain in F1 from {len(evidence.top)} to {features} features; other models that lose: {lost}."
    return Finding(verdict, fact, bracket(forest), forest,
                   evidence.value("binary_all.train_rows"))  # fmt: skip


def interactions(evidence: Evidence) -> Finding:
    """Boosting of trees that can hold interactions is better than boosting of stumps, which cannot, by the margin.

    A reason for the forest to win only where its closest rival is not boosting, which holds interactions too.
    """
    gain = evidence.variants_differ("gradient_boosting", "interacting", "stumps")
    state = against_margin(gain, evidence.margin)
    verdict = {BETTER: REPRODUCED, UNDECIDED: OPEN}.get(state, NOT)
    rival = max((model for model in MODELS if model != FOREST), key=lambda model: evidence.f1("selected", model).value)
    if verdict == REPRODUCED and rival == "gradient_boosting":
        verdict = IN_PART
    f1 = [evidence.variant_f1("gradient_boosting", name) for name in ("interacting", "stumps")]
    fact = f"Boosted trees less stumps ({fixed(f1[0])}, {fixed(f1[1])}); the forest's closest rival is {MODELS[rival]}."
    return Finding(verdict, fact, bracket(gain), gain, evidence.extra_train)


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
    fact = f"F1 is {steps[0]}, {steps[1]} with outliers pulled in, {steps[2]} on ranks; other models that gain: "
    fact += f"{show(sufferers, 'list')}."
    shown = max(gains(FOREST), key=lambda gain: (gain.high - gain.low, gain.value))
    return Finding(verdict, fact, bracket(shown), shown, evidence.extra_train)


def price(evidence: Evidence) -> Finding:
    """The missed attacks are the price of few false alarms: at other thresholds the same forest finds most of them.

    Read off its curve on the test part, by the share of the missed attacks that it finds at each rate of ALARMS;
    confirmed at the lower rate, in part at the higher one only. Nothing is chosen by it.
    """
    frame = evidence.binary["selected"][FOREST]
    attack, score, called = (frame[name].to_numpy() for name in ("is_attack", "score", "predicted"))
    missed, count = attack & ~called, evidence.count("selected", FOREST)
    if not missed.any():
        return incomparable("the forest misses no attack of the test part")
    if (count.fpr or 0.0) >= ALARMS[0]:
        return incomparable("the forest already raises many false alarms")
    found = [called_at(score, attack, rate) for rate in ALARMS]
    regained = [share(int((missed & calls).sum()), count.fn, count.n) for calls in found]
    few, many = (above(ours, HALF) for ours in regained)
    verdict = few if few == REPRODUCED else IN_PART if many == REPRODUCED else many
    recalls = [fixed(int((attack & (called | calls)).sum()) / (count.tp + count.fn)) for calls in found]
    rates = [show(rate, "percent:0") for rate in ALARMS]
    fact = (
        f"Of {show(count.fn, 'integer')} missed attacks, found by the same forest at an FPR of {rates[1]}; recall is "
    )
    fact += f"{fixed(count.recall or 0.0)}, at {rates[0]} {recalls[0]}, at {rates[1]} {recalls[1]}."
    return Finding(verdict, fact, bracket(regained[1]), regained[1], evidence.trained_on)


def called_at(score: np.ndarray, attack: np.ndarray, rate: float) -> np.ndarray:
    """Flows called attacks at the lowest threshold with a false-positive rate up to ``rate``; boolean, shape (n,)."""
    benign = np.sort(score[~attack])[::-1]
    allowed = int(np.floor(rate * benign.size + 1e-9))
    return np.asarray(score > benign[allowed]) if allowed < benign.size else np.ones(score.size, dtype=bool)


def tests_and_learning(evidence: Evidence) -> Finding:
    """From tests that reject it follows that a boundary can be learnt: only if F1 goes with what they find.

    It does not follow where a test rejects on a feature whose threshold, learnt on the training part, is no better
    than calling every flow an attack, nor where D and the F1 of such thresholds rank the features differently.
    """
    rho, features = evidence.value("single.spearman"), evidence.value("single.features")
    if rho is None:
        return incomparable("too few features to rank")
    rejected, idle = evidence.value("single.rejected"), evidence.value("single.rejected_idle")
    ranks = rank_correlation(rho, features)
    verdict = NO_CONSEQUENCE if idle or ranks.high < AGREE else REPRODUCED if ranks.low >= AGREE else OPEN
    fact = (
        f"Rank correlation of D and the F1 of single features ({features}); on {idle} of {rejected} rejected, F1 is no "
    )
    fact += "better than by always saying attack."
    return Finding(verdict, fact, bracket(ranks), ranks)


def more_features(evidence: Evidence) -> Finding:
    """At the minimum of the first feature, all features mend more of the forest's errors than they make."""
    first = evidence.top[0]
    there = evidence.test[first].to_numpy() <= evidence.train[first].to_numpy().min()
    top, every = (wrong(evidence.binary[features][FOREST]) & there for features in ("selected", "all"))
    mended, made = int((top & ~every).sum()), int((~top & every).sum())
    if not mended + made:
        return incomparable("the forest errs alike there with ten and with all features")
    ours = share(mended, mended + made, there.size)
    fact = f"Mended by all features, of flows at the minimum of {first} on which the forests differ; errors fall from "
    fact += f"{show(int(top.sum()), 'integer')} to {show(int(every.sum()), 'integer')}."
    return Finding(above(ours, HALF), fact, bracket(ours), ours, evidence.trained_on)


def web_confused(evidence: Evidence) -> Finding:
    """Of the web attacks given a wrong type, more than half are given another web attack."""
    variant = evidence.value("types.nearest")
    entry = evidence.values[f"types.web.{variant}.within_of_wrong"]
    labels = set(evidence.types[variant]["label"])
    web = {label for label in labels if label.startswith(WEB)}
    if len(web) < 2:
        return incomparable("fewer than two types of web attack in the test part")
    if web == labels:
        return incomparable("there is nothing else that web attacks could be taken for")
    if entry["value"] is None:
        return incomparable(entry["reason"])
    ours = share(round(entry["value"] * entry["n"]), entry["n"], evidence.test.height)
    fact = f"Given another web attack, of the web attacks given a wrong type ({show(entry['n'], 'integer')})."
    return Finding(above(ours, HALF), fact, bracket(ours), ours,
                   evidence.value(f"types.{variant}.train_rows"))  # fmt: skip


def web_alike(evidence: Evidence) -> Finding:
    """Web attacks look alike as flows: on all features they are told apart no better than by the commonest type.

    Types of which a synthetic twin holds but a sketch are left out, as they are of the confusion.
    """
    sketched = evidence.values.get("twin.sketched", {"value": []})["value"]
    frame = evidence.types["all_attacks_only"]
    frame = frame.filter(~frame["label"].is_in(sketched))
    frame = frame.filter(frame["label"].str.starts_with(WEB) & frame["predicted"].str.starts_with(WEB))
    if frame["label"].n_unique() < 2:
        return incomparable("fewer than two types of web attack in the test part")
    most = max(Counter(frame["label"]).values()) / frame.height
    ours = share(int((frame["label"] == frame["predicted"]).sum()), frame.height, evidence.test.height)
    fact = f"Given their own type, of {show(frame.height, 'integer')} web attacks called web attacks; the commonest "
    fact += f"is {fixed(most)} of them."
    return Finding(below(ours, most), fact, bracket(ours), ours,
                   evidence.value("types.all_attacks_only.train_rows"))  # fmt: skip
