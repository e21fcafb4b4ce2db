from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from analysis.detection.evaluation import Confusion
from analysis.detection.names import MODELS
from analysis.detection.weighted import report_weighted, weighted_confusion, weights

PUBLISHED = {"BENIGN": 8000, "PortScan": 1500, "Bot": 500}


def frame(seed: int = 1) -> pl.DataFrame:
    """A hundred flows of each label; half of Bot and a tenth of PortScan are missed, 5 % of BENIGN are false alarms."""
    random = np.random.default_rng(seed)
    labels = np.repeat(list(PUBLISHED), 100)
    rate = np.array([{"BENIGN": 0.05, "PortScan": 0.9, "Bot": 0.5}[label] for label in labels])
    return pl.DataFrame({"label": labels, "is_attack": labels != "BENIGN", "predicted": random.random(300) < rate})


def test_each_flow_weighs_what_its_label_lacks():
    assert weights(PUBLISHED, frame()["label"]) == {"BENIGN": 80, "PortScan": 15, "Bot": 5}
    assert weights({"BENIGN": 10}, pl.Series(["BENIGN", "Odd"])) == {"BENIGN": 10, "Odd": 0}


def test_weighted_counts_by_hand():
    flows = pl.DataFrame({
        "label": ["BENIGN", "BENIGN", "Bot", "PortScan"],
        "is_attack": [False, False, True, True],
        "predicted": [False, True, False, True],
    })  # fmt: skip
    found = weighted_confusion(flows, weights(PUBLISHED, flows["label"]))
    assert found == Confusion(tn=4000, fp=4000, fn=500, tp=1500)
    assert found.precision == pytest.approx(1500 / 5500)


def test_the_weighted_sum_is_the_release():
    flows = frame()
    found = weighted_confusion(flows, weights(PUBLISHED, flows["label"]))
    assert found.n == 10_000
    assert found.fn + found.tp == 2_000


def test_rates_within_a_single_class_do_not_change():
    flows = frame().filter(pl.col("label") != "Bot")
    raw = Confusion.of(flows["is_attack"].to_numpy(), flows["predicted"].to_numpy())
    scaled = weighted_confusion(flows, weights(PUBLISHED, flows["label"]))
    assert scaled.recall == pytest.approx(raw.recall)
    assert scaled.fpr == pytest.approx(raw.fpr)
    assert scaled.precision < raw.precision


def test_the_report_says_what_is_not_covered():
    flows = frame().filter(pl.col("label") != "Bot")
    predictions = {features: dict.fromkeys(MODELS, flows) for features in ("ten", "all")}
    record = report_weighted(predictions, PUBLISHED, "test")
    assert record.values["weighted.uncovered"].value == 0.05
    assert record.values["weighted.prevalence"].value == pytest.approx(1500 / 9500)
    assert len(record.tables["binary_weighted"].rows) == 8


def test_the_best_model_is_that_of_the_ranked_features_as_drawn():
    good = frame().with_columns(predicted=pl.col("is_attack"))
    predictions = {"ten": dict.fromkeys(MODELS, frame()) | {"adaboost": good}, "all": dict.fromkeys(MODELS, frame())}
    values = report_weighted(predictions, PUBLISHED, "test").values
    assert values["weighted.best.f1"].value == 1
    assert values["weighted.ten.random_forest.f1"].value != 1
