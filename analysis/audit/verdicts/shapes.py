"""What the source says of the distributions in words, tested with the training part's flows."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import expon, kstest

from analysis.audit.verdicts.decisions import (
    IN_PART,
    NOT,
    OPEN,
    REPRODUCED,
    Finding,
    above,
    bracket,
    fixed,
    incomparable,
)
from analysis.audit.verdicts.evidence import Evidence
from analysis.audit.verdicts.intervals import superiority
from analysis.audit.verdicts.words import SPIKE

BINS = 20
FAR = 0.1
"""Distance D from the exponential of the same mean above which a distribution is not called exponential."""
SIZE, SPREAD, MEAN = "Average Packet Size", "Flow IAT Std", "Flow IAT Mean"
BURSTS = "DDoS"


def bins(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Share of ``values`` in each of the bins between ``edges``; what lies beyond the last is in none."""
    return np.histogram(values, edges)[0] / values.size


def edges_of(pooled: np.ndarray) -> np.ndarray:
    """BINS equal bins from the least to the 99.5 % quantile, as the histograms of the source would show them."""
    least, most = pooled.min(), np.quantile(pooled, 0.995, method="inverted_cdf")
    return np.linspace(least, most if most > least else least + 1, BINS + 1)


def decay(evidence: Evidence) -> Finding:
    """Benign flows follow an exponential on most features (D up to FAR); in part on some; on none it is no decay.

    The exponential starts at the feature's minimum and has the mean of the flows.
    """
    benign = evidence.train.filter(~pl.col("is_attack"))
    close, peak, distances = 0, 0, []
    for name in evidence.top:
        values = benign[name].to_numpy().astype(float)
        mean = values.mean() - values.min()
        if not mean > 0:
            continue
        distances.append(float(kstest(values, expon(values.min(), mean).cdf, method="asymp").statistic))
        close += distances[-1] <= FAR
        peak += int(np.argmax(bins(values, edges_of(evidence.train[name].to_numpy())))) == 0
    half = len(evidence.top) / 2
    verdict = REPRODUCED if close > half else IN_PART if close else NOT
    fact = f"Within a D of {FAR} of an exponential of that mean (least D {fixed(min(distances, default=1.0), 2)}); "
    fact += f"{peak} peak at the low end."
    return Finding(verdict, fact, f"{close} of {len(evidence.top)}")


def spikes(evidence: Evidence) -> Finding:
    """Attacks peak where benign flows do, and have spikes of their own at larger values, on most features kept.

    A spike is a bin above both its neighbours that holds SPIKE of the attacks or more, and twice the benign share.
    """
    attack = evidence.train["is_attack"].to_numpy()
    same, spiked = 0, 0
    for name in evidence.top:
        values = evidence.train[name].to_numpy()
        edges = edges_of(values)
        ours, theirs = bins(values[attack], edges), bins(values[~attack], edges)
        same += int(ours.argmax() == theirs.argmax())
        inner, left, right = ours[1:], ours[:-1], np.append(ours[2:], 0.0)
        spiked += bool(((inner >= SPIKE) & (inner > left) & (inner > right) & (inner >= 2 * theirs[1:])).any())
    half = len(evidence.top) / 2
    verdict = {2: REPRODUCED, 1: IN_PART, 0: NOT}[int(same > half) + int(spiked > half)]
    fact = f"Have a spike of attacks further up; on {same} both classes peak in the same of {BINS} bins."
    return Finding(verdict, fact, f"{spiked} of {len(evidence.top)}")


def bursts(evidence: Evidence) -> Finding:
    """Benign packets are smaller, and their gaps more regular, than those of DDoS flows: by P(benign < DDoS).

    Regular: a small coefficient of variation of the inter-arrival times within a flow.
    """
    train = evidence.train
    if BURSTS not in set(train["Label"]):
        return incomparable(f"no flow labelled {BURSTS}")
    if absent := [name for name in (SIZE, SPREAD, MEAN) if name not in train.columns]:
        return incomparable(f"the data have no {absent[0]}, or it never varies")
    flows = train.with_columns(irregular=pl.when(pl.col(MEAN) > 0).then(pl.col(SPREAD) / pl.col(MEAN)).otherwise(0.0))
    parts = [flows.filter(~pl.col("is_attack")), flows.filter(pl.col("Label") == BURSTS)]
    size = superiority(*(part[SIZE].to_numpy() for part in parts))
    gaps = superiority(*(part["irregular"].to_numpy() for part in parts))
    verdicts = [above(size, 0.5), above(gaps, 0.5)]
    verdict = REPRODUCED if verdicts == [REPRODUCED] * 2 else NOT if verdicts == [NOT] * 2 else OPEN
    verdict = IN_PART if REPRODUCED in verdicts and verdict == OPEN else verdict
    fact = f"Chance that a benign flow has the smaller packets; the more regular gaps: {bracket(gaps)}."
    return Finding(verdict, fact, bracket(size))
