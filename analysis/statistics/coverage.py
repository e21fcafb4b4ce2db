"""How often each kind of interval held the truth in simulation, as values; ``make coverage`` measures it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analysis.record import Record, read_json

WHAT = {
    "share": "of a share", "rare_share": "of a rare share", "weighted_share": "of a share of weighted flows",
    "f1": "of F1", "f1_flows": "of F1 by bootstrap over flows", "f1_campaigns": "of F1 by bootstrap over campaigns",
    "weighted_f1": "of F1 at the label shares of a release",
    "macro_f1": "of macro F1", "mcc": "of MCC", "average_precision": "of average precision",
    "precision": "of precision at a prevalence of .01", "brier": "of the Brier score",
    "area": "of the area under F1 over windows", "f1_difference": "of a difference of F1",
    "distance": "of a distance from printed numbers", "splits": "of a difference over repeated splits",
    "correlation": "of Pearson's correlation", "correlation_class": "of the correlation with the class",
    "rank_correlation": "of Spearman's correlation", "superiority": "of the probability of superiority",
    "delta": "of Cliff's delta", "rank": "of a feature's rank", "kurtosis_light": "of the kurtosis of light tails",
    "kurtosis_skewed": "of the kurtosis of a skewed distribution",
    "kurtosis_heavy": "of the kurtosis of heavy tails", "d": "test of D", "d_ties": "test of D with ties",
    "credit": "of a share of credit", "tau": "of Kendall's tau",
    "tau_same": "of Kendall's tau where the order is the same", "fall": "of a mean fall",
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
