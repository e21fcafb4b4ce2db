"""Numbers that the source prints: our interval against what the rounding allows, widened by the tolerance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from analysis.audit.verdicts.decisions import (
    IN_PART,
    INCOMPARABLE,
    NOT,
    OPEN,
    REPRODUCED,
    Finding,
    above,
    bracket,
    fixed,
    incomparable,
    within,
)
from analysis.audit.verdicts.evidence import Evidence
from analysis.audit.verdicts.intervals import Interval, allowed, measure, share
from analysis.detection.evaluation import Confusion
from analysis.detection.names import MODELS, VARIANT_NAMES_SHORT
from analysis.record import snake
from analysis.record.display import show

NEAR = 0.95
"""F1 from which on 'near perfect' is taken at its word."""


def printed_number(evidence: Evidence, path: str) -> Finding:
    """The verdict on a number; ``path`` says where it stands in config/source-study.yaml, and so what measures it."""
    group, _, rest = path.partition(".")
    if group == "models":
        model, _, metric = rest.partition(".")
        found = measure(evidence.count("selected", model), metric)
        if found is None:
            return incomparable(f"{MODELS[model]} calls no flow an attack, so its {metric} is not defined")
        return _against(evidence, found, evidence.printed["models"][model][metric], evidence.trained_on)
    variant = evidence.value("types.nearest")
    frame, n_train = evidence.types[variant], evidence.value(f"types.{variant}.train_rows")
    if rest == "accuracy":
        right = int((frame["label"] == frame["predicted"]).sum())
        found = share(right, frame.height, evidence.test.height)
        return _against(evidence, found, evidence.printed["types"]["accuracy"], n_train, variant)
    label = rest.removeprefix("f1.")
    scored = of_type(evidence, variant, label)
    if isinstance(scored, Finding):
        return scored
    return _against(evidence, scored, evidence.printed["types"]["f1"][label], n_train, variant)


def of_type(evidence: Evidence, variant: str, label: str) -> Interval | Finding:
    """Interval of a type's F1 in a variant, or the finding that it has none; where test flows are few, it counts them.

    Its ``n`` are all test flows, also where the variant leaves the benign ones out, so that numbers of test flows mean
    the same everywhere.
    """
    entry = evidence.values.get(f"types.{variant}.f1.{snake(label)}")
    if entry is None:
        return incomparable(f"the release has no type {label}")
    if entry["value"] is None:
        return incomparable(str(entry["reason"]))
    frame = evidence.types[variant]
    count = Confusion.of(*((frame[column] == label).to_numpy() for column in ("label", "predicted")))
    support, least = count.tp + count.fn, evidence.value("split.min_support")
    if support < least:
        fact = f"Test flows of the type that are given it; for an F1 they are too few ({VARIANT_NAMES_SHORT[variant]})."
        return Finding(INCOMPARABLE, fact, f"{count.tp} of {support}", why_not=f"fewer than {least} test flows")
    found = measure(count, "f1")
    assert found is not None, "a type with test flows has an F1"
    return replace(found, n=evidence.test.height)


def _against(evidence: Evidence, ours: Interval, printed: float, n_train: int, variant: str = "") -> Finding:
    low, high = allowed(printed, evidence.printed["half_unit"], evidence.tolerance)
    where = {"within": "inside", "above": "above", "below": "below", "across": "across an edge of"}
    place = "above" if ours.low > high else "below" if ours.high < low else "across"
    place = "within" if low <= ours.low and ours.high <= high else place
    fact = f"The interval lies {where[place]} {fixed(low)} to {fixed(min(high, 1.0))}"
    fact += f" ({VARIANT_NAMES_SHORT[variant]})." if variant else "."
    return Finding(within(ours, low, high), fact, bracket(ours), ours, n_train)


def benign_recall(evidence: Evidence) -> Finding:
    """Recall of the forest on benign flows prints as 100 %: .995 or more, without tolerance, since a print is exact."""
    count = evidence.count("selected", evidence.printed["best_model"])
    ours = share(count.tn, count.tn + count.fp, count.n)
    fact = f"Prints as {show(ours.value, 'percent:0')}; {show(count.fp, 'integer')} of "
    fact += f"{show(count.tn + count.fp, 'integer')} benign test flows raise an alarm."
    return Finding(above(ours, 0.995), fact, bracket(ours, 4), ours, evidence.trained_on)


def near_perfect(evidence: Evidence, kind: str) -> Finding:
    """F1 of one type, or of every type of a family (``kind`` ends in a blank), reaches NEAR by its interval."""
    variant = evidence.value("types.nearest")
    n_train = evidence.value(f"types.{variant}.train_rows")
    known = sorted(set(evidence.types[variant]["label"]))
    labels = [label for label in known if label.startswith(kind)] if kind.endswith(" ") else [kind]
    scored = {label: of_type(evidence, variant, label) for label in labels}
    found = {label: f1 for label, f1 in scored.items() if isinstance(f1, Interval)}
    if not found:
        reasons = [why for why in scored.values() if isinstance(why, Finding)]
        return reasons[0] if reasons else incomparable("no flow of these types in the test part")
    if len(found) == 1:
        [(label, f1)] = found.items()
        support = int((evidence.types[variant]["label"] == label).sum())
        fact = f"On {show(support, 'integer')} test flows ({VARIANT_NAMES_SHORT[variant]}); near perfect means {NEAR}."
        return Finding(above(f1, NEAR), fact, bracket(f1), f1, n_train)
    return _family(found, n_train, VARIANT_NAMES_SHORT[variant])


def _family(found: Mapping[str, Interval], n_train: int, variant: str) -> Finding:
    """All evaluable members reach NEAR, none does, some do while others do not, or it is open."""
    verdicts = {label: above(f1, NEAR) for label, f1 in found.items()}
    reached, missed = (sum(v == wanted for v in verdicts.values()) for wanted in (REPRODUCED, NOT))
    verdict = REPRODUCED if reached == len(found) else NOT if missed == len(found) else OPEN
    verdict = IN_PART if reached and missed else verdict
    lowest = min(found, key=lambda label: (found[label].low, label))
    fact = f"{lowest}, lowest of {len(found)} evaluable types; with the whole interval {reached} above {NEAR}, "
    fact += f"{missed} below ({variant})."
    return Finding(verdict, fact, bracket(found[lowest]), found[lowest], n_train)
