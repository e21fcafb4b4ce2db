"""Intervals of differences: of two models on one test part, of two forms of a forest, over repeated splits."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from scipy.special import ndtr

from analysis.audit.verdicts.intervals import f1_difference
from analysis.detection.nearest import Printed, distances
from analysis.findings.intervals import corrected_t
from tools.coverage.kind import RESAMPLES, Generator, Kind

KINDS_OF_FLOW = np.array([0.62, 0.02, 0.03, 0.03, 0.03, 0.04, 0.07, 0.16])
"""Shares of flows by label (4), first (2) and second (1) model's decision."""


def of_f1_difference(generator: Generator) -> bool:
    """Paired bootstrap of a difference in F1."""
    by = [np.array([kind & bit != 0 for kind in range(8)]) for bit in (4, 2, 1)]
    f1 = [2 * KINDS_OF_FLOW[by[0] & one].sum() / (KINDS_OF_FLOW[by[0]].sum() + KINDS_OF_FLOW[one].sum())
          for one in by[1:]]  # fmt: skip
    kinds = np.repeat(np.arange(8), generator.multinomial(600, KINDS_OF_FLOW))
    found = f1_difference(*(kinds & bit != 0 for bit in (4, 2, 1)), RESAMPLES, generator)
    return found.low <= f1[0] - f1[1] <= found.high


LABELS = ("BENIGN", "DDoS", "Bot")


def of_distance(generator: Generator) -> bool:
    """Paired bootstrap of the difference in distance between two forms of the attack-type forest."""
    answers = [(label, first, second) for label in range(3) for first in range(3) for second in range(3)]
    share = np.array([(0.5, 0.3, 0.2)[k] * (0.9 if a == k else 0.05) * (0.8 if b == k else 0.1) for k, a, b in answers])
    printed = Printed(0.95, {"DDoS": 0.97, "Bot": 0.9})

    def frames(counts: np.ndarray) -> dict[str, pl.DataFrame]:
        columns = np.array(LABELS)[np.repeat(np.array(answers), counts, axis=0)]
        return {name: pl.DataFrame({"label": columns[:, 0], "predicted": columns[:, i]})
                for i, name in ((1, "a"), (2, "b"))}  # fmt: skip

    exact = distances(frames(np.round(share * 20_000).astype(int)), printed, 0, generator)
    found = distances(frames(generator.multinomial(800, share)), printed, RESAMPLES, generator)
    low, high = np.quantile(found["b"][1:] - found["a"][1:], [0.025, 0.975])
    return bool(low <= exact["b"][0] - exact["a"][0] <= high)


APART, OF_A_CLASS, TESTED, SPLITS = np.array([1.2, 0.8]), 150, 30, 5
"""Deviations between the classes in either feature, flows of each class, those tested, and splits."""


def of_splits(generator: Generator) -> bool:
    """Corrected resampled t: two rules, learnt anew in each split, that cut a feature midway between its means."""
    classes = generator.normal(np.array([np.zeros(2), APART])[:, None], 1, (2, OF_A_CLASS, 2))
    differences = []
    for _ in range(SPLITS):
        drawn = classes[:, generator.permutation(OF_A_CLASS)]
        cut = drawn[:, TESTED:].mean(axis=(0, 1))
        right = (drawn[0, :TESTED] <= cut).mean(axis=0) + (drawn[1, :TESTED] > cut).mean(axis=0)
        differences.append((right[0] - right[1]) / 2)
    _, low, high = corrected_t(np.array(differences), TESTED / (OF_A_CLASS - TESTED))
    # A cut is normal around the middle, with half the variance of a class's mean.
    accuracy = ndtr(APART / 2 / math.sqrt(1 + 1 / (2 * (OF_A_CLASS - TESTED))))
    return bool(low <= accuracy[0] - accuracy[1] <= high)


KINDS = {
    "f1_difference": Kind(600, "two models", False, of_f1_difference),
    "distance": Kind(800, "two forests of attack types", False, of_distance),
    "splits": Kind(2 * OF_A_CLASS, "two rules learnt anew in each of five splits", False, of_splits),
}
