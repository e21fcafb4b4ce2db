"""How often each kind of interval held the truth in simulation, as values; ``make coverage`` measures it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analysis.record import Record, read_json

WHAT = {
    "share": "of a share", "f1": "of F1", "f1_difference": "of a difference of F1",
    "distance": "of a distance from printed numbers", "correlation": "of Pearson's correlation",
    "correlation_class": "of the correlation with the class", "rank_correlation": "of Spearman's correlation",
    "kurtosis_light": "of the kurtosis of light tails", "kurtosis_skewed": "of the kurtosis of a skewed distribution",
    "kurtosis_heavy": "of the kurtosis of heavy tails", "superiority": "of the probability of superiority",
    "d": "test of D", "d_ties": "test of D with ties",
}  # fmt: skip
"""What the interval or test of each kind is of."""
FILE = Path(__file__).with_name("coverage.json")


def of_coverage(data: str) -> Record:
    """Values ``coverage.<kind>``: share of simulated samples whose interval held the truth; how many, of what size."""
    record = Record("coverage", data)
    entry: dict[str, Any] = read_json(FILE)
    record.value("coverage.runs", entry["runs"], "integer", "simulated samples of each kind", unit="samples")
    record.value("coverage.nominal", entry["nominal"], "percent:0", "confidence at which intervals were simulated",
                 unit="fraction")  # fmt: skip
    for name, kind in entry["kinds"].items():
        record.value(f"coverage.{name}", kind["coverage"], "percent:1",
                     f"share of simulated samples of {kind['sample']} in which {kind['meaning']} ({WHAT[name]})",
                     unit="fraction", n=entry["runs"])  # fmt: skip
        record.value(f"coverage.{name}.flows", kind["flows"], "integer",
                     f"flows in each sample of {kind['sample']} ({WHAT[name]})",
                     unit="flows")  # fmt: skip
    return record
