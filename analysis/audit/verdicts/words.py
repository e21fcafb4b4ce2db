"""What the source says of the data in words, each tested with statistics of the cleaned flows."""

from __future__ import annotations

from analysis.audit.verdicts.decisions import (
    IN_PART,
    NOT,
    REPRODUCED,
    Finding,
    above,
    bracket,
    fixed,
    incomparable,
    of_features,
)
from analysis.audit.verdicts.evidence import Evidence
from analysis.audit.verdicts.intervals import share
from analysis.detection.names import BENIGN
from analysis.record.display import show

HIGH = 0.75
"""Share from which on a class is overwhelming, and an accuracy is high."""
SKEWED = 2.0
"""Skewness G1 above which it is extreme: that of an exponential, twice Bulmer's (1979) bound for highly skewed."""
FENCE = 3.0
"""Interquartile ranges beyond the third quartile from which on a value is far out (Tukey 1977)."""
TINY = 1e-10
"""p-values below this are practically zero."""
SPIKE = 0.05
"""A value that holds this share of a class is a spike; two spikes nearly alike differ by no more."""
KINDS = ("Packet Length", "IAT", "Flow Duration", "Fwd Packet", "Bwd Packet")


def many_flows(evidence: Evidence) -> Finding:
    """The data hold more than 2.8 million flows; only the complete release can say."""
    flows = evidence.value("data.flows")
    if not evidence.value("release.complete"):
        return incomparable(f"the data are no complete release, but {show(flows, 'integer')} flows")
    return Finding(REPRODUCED if flows > 2_800_000 else NOT, "The flows of the complete release, counted.",
                   show(flows, "integer"))  # fmt: skip


def many_types(evidence: Evidence) -> Finding:
    """Flows are benign or of one of 14 types; a part of the release may lack some."""
    found = len(set(evidence.train["Label"]) | set(evidence.test["Label"])) - 1
    if found < 14 and not evidence.value("release.complete"):
        return incomparable(f"a part of the release need not hold every type, and {found} are here")
    return Finding(REPRODUCED if found == 14 else NOT, f"Labels beside {BENIGN}.", str(found))


def kinds_of_features(evidence: Evidence) -> Finding:
    """Features on lengths, timing, duration and both directions exist."""
    names = evidence.metadata["features"]
    found = [kind for kind in KINDS if any(kind in name for name in names)]
    fact = f"Kinds of feature among the {len(names)} names."
    return Finding(of_features(len(found), len(KINDS)), fact, f"{len(found)} of {len(KINDS)}")


def imbalance(evidence: Evidence) -> Finding:
    """The share of benign flows is above HIGH by its interval."""
    flows = evidence.value("data.flows")
    benign = share(evidence.value("data.benign"), flows)
    fact = f"Benign among {show(flows, 'integer')} flows; overwhelming means {HIGH} or more."
    return Finding(above(benign, HIGH), fact, bracket(benign), benign)


def always_benign(evidence: Evidence) -> Finding:
    """Calling every flow benign is right in more than HIGH of the test flows, and finds no attack."""
    count = evidence.count("selected", evidence.printed["best_model"])
    right = share(count.tn + count.fp, count.n)
    fact = f"Its accuracy on {show(count.n, 'integer')} test flows; recall and F1 are 0."
    return Finding(above(right, HIGH), fact, bracket(right), right)


def large_deviations(evidence: Evidence) -> Finding:
    """The largest standard deviation of the features kept reaches a million."""
    most, feature = (evidence.value(f"describe.selected.sd_max.{key}") for key in ("all", "all_feature"))
    many = evidence.value("describe.selected.sd_over_million.all")
    fact = f"That of {feature}; {many} of {len(evidence.top)} features reach a million."
    return Finding(REPRODUCED if most >= 1e6 else NOT, fact, show(most, "significant:3"))


def skewness(evidence: Evidence) -> Finding:
    """G1 of every feature kept is above SKEWED, all flows pooled."""
    g1 = [evidence.cell("shape_selected", "g1", feature=name, flows="all") for name in evidence.top]
    hold = sum(g is not None and g > SKEWED for g in g1)
    alone = evidence.value("describe.selected.skew_over_1.attack")
    fact = f"Have a G1 above {fixed(SKEWED, 0)}, all flows pooled; among attacks {alone} are above 1."
    return Finding(of_features(hold, len(g1)), fact, f"{hold} of {len(g1)}")


def leptokurtic(evidence: Evidence) -> Finding:
    """The interval of G2 lies above 0 for every feature kept, pooled and in each class."""
    kept = len(evidence.top)
    hold = {who: evidence.value(f"describe.selected.leptokurtic.{who}") for who in ("all", "benign", "attack")}
    verdict = IN_PART if hold["all"] == kept else NOT
    verdict = REPRODUCED if all(n == kept for n in hold.values()) else verdict
    negative = evidence.value("describe.selected.negative_g2.attack")
    fact = f"Have a G2 above 0 by interval, pooled; {hold['benign']} do among benign flows, {hold['attack']} among "
    fact += f"attacks ({negative} negative)."
    return Finding(verdict, fact, f"{hold['all']} of {kept}")


def near_zero(evidence: Evidence) -> Finding:
    """On every feature kept most flows lie in the lowest part of the range, and the largest is far out (FENCE)."""
    low = set(evidence.value("describe.selected.mostly_low.all_names"))
    far = set()
    for name in evidence.top:
        q1, q3, most = (
            evidence.cell("descriptives_selected", column, feature=name, flows="all") for column in ("q1", "q3", "max")
        )
        if most > q3 + FENCE * (q3 - q1):
            far.add(name)
    hold = len(low & far)
    fact = f"Both: most flows in the lowest part of the range ({len(low)} features), and the largest "
    fact += f"{fixed(FENCE, 0)} interquartile ranges out ({len(far)})."
    return Finding(of_features(hold, len(evidence.top)), fact, f"{hold} of {len(evidence.top)}")


def tests_reject(evidence: Evidence) -> Finding:
    """The largest adjusted p of the features kept is below TINY."""
    p, d = evidence.value("ks.selected.max_p_holm"), evidence.value("ks.selected.min_d")
    fact = f"The largest adjusted p; D is at least {fixed(d)}, where {fixed(evidence.value('ks.critical_d'))} would "
    fact += "be enough for 0.05."
    return Finding(REPRODUCED if p < TINY else NOT, fact, show(p, "p"))


def alike_at_minimum(evidence: Evidence) -> Finding:
    """Both classes have a spike at the minimum of most features kept, and the two are nearly of one height."""
    spikes, alike = 0, 0
    for name in evidence.top:
        heights = [evidence.cell("at_minimum", who, feature=name) for who in ("benign", "attack")]
        both = min(heights) >= SPIKE
        spikes += both
        alike += both and abs(heights[0] - heights[1]) <= SPIKE
    half = len(evidence.top) / 2
    verdict = REPRODUCED if alike > half else IN_PART if spikes > half else NOT
    errors = evidence.value("at_minimum.first.share_errors_selected")
    fact = f"Have spikes in both classes at the minimum ({spikes}), within {SPIKE} of one another"
    if errors is not None:
        fact += f"; {show(errors, 'percent:0')} of the best model's errors lie at that of {evidence.top[0]}"
    return Finding(verdict, f"{fact}.", f"{alike} of {len(evidence.top)}")
