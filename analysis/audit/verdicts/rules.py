"""The rule that decides each claim, by the claim's id; all printed numbers share one rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from analysis.audit.verdicts import numbers, rankings, reasons, shapes, words
from analysis.audit.verdicts.claims import UNTYPED, SourceClaim, barrier, judged, without_verdict
from analysis.audit.verdicts.decisions import INCOMPARABLE, OPINION, SYNTHETIC, Finding, incomparable
from analysis.audit.verdicts.evidence import Evidence

ANOTHER = "another data set than the source's"

RULES: dict[str, Callable[[Evidence], Finding]] = {
    "many_flows": words.many_flows,
    "fourteen_types": words.many_types,
    "kinds_of_features": words.kinds_of_features,
    "imbalance": words.imbalance,
    "always_benign": words.always_benign,
    "named_features": rankings.named_features,
    "large_deviations": words.large_deviations,
    "extreme_skewness": words.skewness,
    "leptokurtic": words.leptokurtic,
    "near_zero": words.near_zero,
    "exponential_decay": shapes.decay,
    "attack_spikes": shapes.spikes,
    "bursts": shapes.bursts,
    "ks_p_zero": words.tests_reject,
    "ks_learning": reasons.tests_and_learning,
    "alike_at_minimum": words.alike_at_minimum,
    "more_features": reasons.more_features,
    "scaling": reasons.scaling,
    "forest_wins": rankings.wins,
    "forest_wins_clearly": rankings.wins_by_margin,
    "boosting_over_adaboost": partial(rankings.before, first="gradient_boosting", second="adaboost"),
    "adaboost_over_logistic": partial(rankings.before, first="adaboost", second="logistic_regression"),
    "benign_recall": numbers.benign_recall,
    "price": reasons.price,
    "dimensions": reasons.dimensions,
    "interactions": reasons.interactions,
    "outliers": reasons.outliers,
    "no_overfit": reasons.no_overfit,
    "hundreds_of_trees": reasons.trees,
    "near_perfect_ddos": partial(numbers.near_perfect, kind="DDoS"),
    "near_perfect_dos": partial(numbers.near_perfect, kind="DoS "),
    "near_perfect_bot": partial(numbers.near_perfect, kind="Bot"),
    "web_confused": reasons.web_confused,
    "web_alike": reasons.web_alike,
}


def judge(claim: SourceClaim, evidence: Evidence) -> Finding:
    """The finding on a claim: what was computed, and a verdict where these data can give one.

    A printed number that they cannot speak to keeps ours beside it.
    """
    metadata = evidence.metadata
    if (barred := barrier(claim, metadata)) is not None and not claim.printed:
        return barred
    found = _found(claim, evidence)
    if metadata["synthetic"]:
        return without_verdict(found, SYNTHETIC)
    if barred is not None:
        return replace(barred, here=found.here, interval=found.interval, n_train=found.n_train)
    return found if judged(metadata) else without_verdict(found, INCOMPARABLE, ANOTHER)


def _found(claim: SourceClaim, evidence: Evidence) -> Finding:
    if claim.kind == "opinion":
        return Finding(OPINION, claim.test, None)
    if "types" in claim.needs and not evidence.types:
        return incomparable(UNTYPED)
    return numbers.printed_number(evidence, claim.printed) if claim.printed else RULES[claim.id](evidence)
