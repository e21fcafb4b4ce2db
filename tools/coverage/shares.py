"""Intervals of shares, and of what is made of shares of one sample."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.special import ndtr, ndtri

from analysis.detection.curves import areas
from analysis.detection.evaluation import Confusion, wilson
from analysis.detection.weighted import intervals
from analysis.detection.weighted import weights as of_labels
from analysis.evasion.trial import left, weights
from analysis.findings.clusters import counts, f1_interval
from analysis.findings.intervals import share
from analysis.findings.measured import average_precision_interval
from analysis.findings.prevalence import Rates, precision, precision_at
from analysis.findings.reliability import brier
from analysis.retraining.measures import area_under_time, f1, measured, over_time
from analysis.studies.measure import macro_f1, mcc, resampled
from tools.coverage.kind import RESAMPLES, Generator, Kind


def of_share(generator: Generator) -> bool:
    """Wilson's interval of a share."""
    low, high = wilson(int(generator.binomial(200, 0.2)), 200)
    return low <= 0.2 <= high


def of_rare_share(generator: Generator) -> bool:
    """Wilson's interval, and that of Clopper and Pearson without a false alarm, where two are to be expected."""
    _, low, high = share(generator.random(500) < 0.004, np.ones(500))
    return low <= 0.004 <= high


STILL, DETECTED, DRAWN = np.array([0.9, 0.5, 0.1]), np.array([600, 200, 50]), 50
"""Of each family the share that stays detected, the detected flows, and how many of them are attacked."""


def of_weighted_share(generator: Generator) -> bool:
    """Wilson's interval with Kish's effective number of flows."""
    families = np.repeat(np.arange(3), DETECTED)
    rows = np.concatenate([np.flatnonzero(families == one)[:DRAWN] for one in range(3)])
    weight = weights(families, np.ones(families.size, dtype=bool), rows)
    found = left(generator.random(rows.size) >= STILL[families[rows]], weight)
    return bool(found["low"] <= STILL @ DETECTED / DETECTED.sum() <= found["high"])


CELLS = np.array([0.6, 0.08, 0.05, 0.27])
"""Shares of true negatives, false alarms, misses and hits."""
F1 = 2 * CELLS[3] / (2 * CELLS[3] + CELLS[1] + CELLS[2])


def of_f1(generator: Generator) -> bool:
    """Wilson's interval carried to F1."""
    found = Confusion(*generator.multinomial(500, CELLS).tolist()).interval("f1")
    return bool(found["low"] <= F1 <= found["high"])


def of_f1_flows(generator: Generator) -> bool:
    """Bootstrap of F1 over flows."""
    drawn = generator.choice(4, 500, p=CELLS)
    low, high = f1_interval(counts(drawn >= 2, drawn % 2 == 1, None), RESAMPLES, generator)
    return low <= F1 <= high


LABELS = {"BENIGN": (8000, 0.02), "DoS Hulk": (1500, 0.9), "PortScan": (400, 0.6), "Bot": (100, 0.3)}
"""Flows of each label in a release, and the share of them that is called attacks."""
_CALLED = {label: n * rate for label, (n, rate) in LABELS.items()}
WEIGHTED_F1 = 2 * (sum(_CALLED.values()) - _CALLED["BENIGN"]) / (sum(_CALLED.values()) + 2000)


def of_weighted_f1(generator: Generator) -> bool:
    """F1 of flows drawn label by label, at the label shares of the release."""
    label = np.repeat(list(LABELS), 200)
    rate = np.repeat([rate for _, rate in LABELS.values()], 200)
    frame = pl.DataFrame({"label": label, "is_attack": label != "BENIGN", "predicted": generator.random(800) < rate})
    published = {name: n for name, (n, _) in LABELS.items()}
    _, low, high = intervals(frame, of_labels(published, frame["label"]), generator)["f1"]
    return low <= WEIGHTED_F1 <= high


def of_f1_campaigns(generator: Generator) -> bool:
    """Bootstrap of F1 over campaigns of six flows, half of them attacks, which are found or missed alike."""
    attack = generator.random(60) < 0.5
    called = np.where(attack, generator.beta(4, 1, 60), generator.beta(1, 19, 60))
    campaign = np.repeat(np.arange(60), 6)
    cells = counts(attack[campaign], generator.random(360) < called[campaign], campaign)
    low, high = f1_interval(cells, RESAMPLES, generator)
    # Four fifths of the attacks are found, and one benign flow of twenty is called one.
    return low <= 2 * 0.8 / (0.8 + 0.05 + 1) <= high


TYPES = np.array([[0.5, 0.02, 0.03], [0.03, 0.22, 0.05], [0.01, 0.04, 0.1]])
"""Shares of flows by type and answer."""


def of_macro_f1(generator: Generator) -> bool:
    """Bootstrap of macro F1 over flows."""
    found = resampled(generator.multinomial(500, TYPES.ravel()).reshape(3, 3), macro_f1, RESAMPLES, generator)
    return found.low <= float(macro_f1(TYPES)) <= found.high


def of_mcc(generator: Generator) -> bool:
    """Bootstrap of Matthews correlation over flows."""
    table = CELLS.reshape(2, 2)
    found = resampled(generator.multinomial(500, CELLS).reshape(2, 2), mcc, RESAMPLES, generator)
    return found.low <= float(mcc(table)) <= found.high


_RECALL = (np.arange(100_000) + 0.5) / 100_000
PRECISION = float(np.mean(0.2 * _RECALL / (0.2 * _RECALL + 0.8 * ndtr(ndtri(_RECALL) - 1.5))))
"""Average precision of normal scores, those of a fifth of the flows, the attacks, 1.5 deviations higher."""


def of_average_precision(generator: Generator) -> bool:
    """Wilson's interval with the attacks as trials."""
    attack = generator.random(500) < 0.2
    value = areas(attack, generator.normal(1.5 * attack))["pr_auc"]
    assert value is not None
    low, high = average_precision_interval(value, int(attack.sum()))
    return low <= PRECISION <= high


def of_precision(generator: Generator) -> bool:
    """Precision at another share of attacks, from the ends of the intervals of both rates."""
    rates = (share(generator.random(n) < p, np.ones(n)) for p, n in ((0.8, 100), (0.02, 400)))
    _, low, high = precision_at(Rates(*rates), 0.01)
    return low <= precision(0.8, 0.02, 0.01) <= high


def of_brier(generator: Generator) -> bool:
    """Normal interval of the Brier score, of scores that are probabilities, uniform ones: their mean of p (1 - p)."""
    score = generator.random(500)
    _, low, high = brier(generator.random(500) < score, score, np.ones(500))
    return low <= 1 / 6 <= high


RATES = ((0.9, 0.01), (0.5, 0.02), (0.7, 0.01), (0.3, 0.05))
"""Recall and false-positive rate in each of four windows of 30 attacks and 120 benign flows."""


def of_area(generator: Generator) -> bool:
    """Area under F1 over windows, from draws of the rates of each."""
    attack, windows = np.repeat([True, False], [30, 120]), []
    for recall, fpr in RATES:
        called = generator.random(150) < np.where(attack, recall, fpr)
        windows.append(measured(attack, called.astype(float), called, np.ones(150), generator))
    found = over_time(windows, "f1")
    assert found is not None
    truth = float(area_under_time(np.array([f1(recall, fpr, 30, 120) for recall, fpr in RATES])))
    return found[0][1] <= truth <= found[0][2]


KINDS = {
    "share": Kind(200, "a share of .2", True, of_share),
    "rare_share": Kind(500, "a false-positive rate of .004", False, of_rare_share),
    "weighted_share": Kind(150, "three families that differ", False, of_weighted_share),
    "f1": Kind(500, "an F1 of .81", True, of_f1),
    "f1_flows": Kind(500, "an F1 of .81", False, of_f1_flows),
    "f1_campaigns": Kind(360, "campaigns of six flows", False, of_f1_campaigns),
    "weighted_f1": Kind(800, "four labels, two hundred flows of each", False, of_weighted_f1),
    "macro_f1": Kind(500, "three types of flow", False, of_macro_f1),
    "mcc": Kind(500, "a Matthews correlation of .71", False, of_mcc),
    "average_precision": Kind(500, "normal scores of two classes", False, of_average_precision),
    "precision": Kind(500, "a recall of .8 and a false-positive rate of .02", False, of_precision),
    "brier": Kind(500, "scores that are probabilities", True, of_brier),
    "area": Kind(600, "four windows of unlike rates", False, of_area),
}
