"""Measured coverage: how often each kind of interval that the paper prints holds the truth, by simulation.

Each kind has a sampling distribution of which the truth is known, a fixed seed of its own and RUNS samples. What is
measured is kept in analysis/statistics/coverage.json, which the paper reads.
"""

from __future__ import annotations

import argparse
import math
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.stats import rankdata

from analysis.audit.verdicts.intervals import correlation, f1_difference, rank_correlation, superiority
from analysis.detection.evaluation import Confusion, wilson
from analysis.detection.nearest import Printed, distances
from analysis.record import write_json
from analysis.statistics.kolmogorov_smirnov import critical_d, two_sample
from analysis.statistics.moments import kurtosis_interval
from analysis.statistics.value_counts import ValueCounts

OUT = Path(__file__).resolve().parents[1] / "analysis/statistics/coverage.json"
RUNS, FIRST, SEED = 1000, 50, 20170703
RESAMPLES = 300
Generator = np.random.Generator


@dataclass(frozen=True)
class Kind:
    """One kind of interval at nominally 95%: its samples of ``flows``, whether theory promises the level, one trial."""

    flows: int
    sample: str
    promised: bool
    holds: Callable[[Generator], bool]
    meaning: str = "the interval holds the truth"


def of_share(generator: Generator) -> bool:
    """Wilson's interval of a share."""
    low, high = wilson(int(generator.binomial(200, 0.2)), 200)
    return low <= 0.2 <= high


def of_f1(generator: Generator) -> bool:
    """Wilson's interval carried to F1."""
    share = np.array([0.6, 0.08, 0.05, 0.27])
    truth = 2 * share[3] / (2 * share[3] + share[1] + share[2])
    found = Confusion(*generator.multinomial(500, share).tolist()).interval("f1")
    return bool(found["low"] <= truth <= found["high"])


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


def _normal(generator: Generator) -> tuple[np.ndarray, np.ndarray]:
    x, e = generator.normal(size=(2, 80))
    return x, 0.6 * x + 0.8 * e


def of_correlation(generator: Generator) -> bool:
    """Fisher's interval, of normal columns."""
    found = correlation(float(np.corrcoef(*_normal(generator))[0, 1]), 80)
    return found.low <= 0.6 <= found.high


def of_correlation_with_class(generator: Generator) -> bool:
    """Fisher's interval, of a skewed feature with the class: of each class exponential, with means 1 and 3."""
    attack = generator.random(400) < 0.2
    x = generator.exponential(np.where(attack, 3, 1))
    found = correlation(float(np.corrcoef(x, attack)[0, 1]), 400)
    # Covariance 0.2 (3 - 1.4), variances 3.24 and 0.16.
    return found.low <= 0.32 / math.sqrt(3.24 * 0.16) <= found.high


def of_rank_correlation(generator: Generator) -> bool:
    """Bonett and Wright's interval of Spearman's correlation."""
    ranks = [rankdata(column) for column in _normal(generator)]
    found = rank_correlation(float(np.corrcoef(*ranks)[0, 1]), 80)
    return found.low <= 6 / math.pi * math.asin(0.3) <= found.high


def of_superiority(generator: Generator) -> bool:
    """Hanley and McNeil's interval, of exponential samples, for which it is derived."""
    found = superiority(generator.exponential(1, 60), generator.exponential(3, 90))
    return found.low <= 0.75 <= found.high


def of_kurtosis(draw: Callable[[Generator], np.ndarray], truth: float) -> Callable[[Generator], bool]:
    """Percentile bootstrap of the excess kurtosis."""

    def holds(generator: Generator) -> bool:
        values, counts = np.unique(draw(generator), return_counts=True)
        found = kurtosis_interval(values, counts, RESAMPLES, 0.95, generator)
        return found is not None and found[0] <= truth <= found[1]

    return holds


def of_d(draw: Callable[[Generator], np.ndarray]) -> Callable[[Generator], bool]:
    """Whether D of two samples of one distribution, of 300 and 200 flows, stays below its critical value."""
    attack = np.arange(500) >= 300
    return lambda generator: two_sample(ValueCounts.of(draw(generator), attack)).d < critical_d(300, 200)


LOG_NORMAL = math.exp(4) + 2 * math.exp(3) + 3 * math.exp(2) - 6
"""Excess kurtosis where the logarithm has a deviation of 1."""
BELOW = "D is below its critical value"
KINDS = {
    "share": Kind(200, "a share of .2", True, of_share),
    "f1": Kind(500, "an F1 of .81", True, of_f1),
    "f1_difference": Kind(600, "two models", False, of_f1_difference),
    "distance": Kind(800, "two forests of attack types", False, of_distance),
    "correlation": Kind(80, "a normal distribution", True, of_correlation),
    "correlation_class": Kind(400, "a skewed feature and the class", False, of_correlation_with_class),
    "rank_correlation": Kind(80, "a normal distribution", True, of_rank_correlation),
    "superiority": Kind(150, "an exponential feature in two classes", True, of_superiority),
    "kurtosis_light": Kind(
        2000, "a uniform feature", False, of_kurtosis(lambda generator: generator.random(2000), -1.2)
    ),
    "kurtosis_skewed": Kind(
        2000, "an exponential feature", False, of_kurtosis(lambda generator: generator.exponential(size=2000), 6.0)
    ),
    "kurtosis_heavy": Kind(
        2000, "a log-normal feature", False, of_kurtosis(lambda generator: generator.lognormal(size=2000), LOG_NORMAL)
    ),
    "d": Kind(500, "a continuous feature", True, of_d(lambda generator: generator.random(500)), BELOW),
    "d_ties": Kind(
        500,
        "a feature of five values",
        False,
        of_d(lambda generator: generator.integers(0, 5, 500).astype(float)),
        BELOW,
    ),
}


def simulate(name: str, runs: int) -> list[bool]:
    """Whether the interval held the truth, sample by sample; fewer runs are the first of more."""
    generator = np.random.default_rng([SEED, zlib.crc32(name.encode())])
    return [bool(KINDS[name].holds(generator)) for _ in range(runs)]


def measured(name: str) -> dict[str, Any]:
    """What is kept of a kind: its coverage, and the hits of the first runs, which a test repeats."""
    hits = simulate(name, RUNS)
    kind = KINDS[name]
    told = {"flows": kind.flows, "sample": kind.sample, "meaning": kind.meaning, "promised": kind.promised}
    return told | {"coverage": sum(hits) / RUNS, "first": sum(hits[:FIRST])}


def main() -> int:
    """Command line: writes the file anew."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    found = {}
    for name in KINDS:
        found[name] = measured(name)
        print(f"{found[name]['coverage']:.3f}  {name}: {KINDS[name].sample}", flush=True)
    entry = {"nominal": 0.95, "runs": RUNS, "first": FIRST, "kinds": found}
    write_json(OUT, entry, noted=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
