from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from analysis.detection.evaluation import Confusion
from analysis.detection.names import MODELS
from analysis.detection.weighted import intervals, report_weighted, weighted_confusion, weights

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
    predictions = {features: dict.fromkeys(MODELS, flows) for features in ("selected", "all")}
    record = report_weighted(predictions, PUBLISHED, "test", 1)
    assert record.values["weighted.uncovered"].value == 0.05
    assert record.values["weighted.prevalence"].value == pytest.approx(1500 / 9500)
    assert len(record.tables["binary_weighted"].rows) == 8


def test_the_best_model_is_that_of_the_ranked_features_as_drawn():
    good = frame().with_columns(predicted=pl.col("is_attack"))
    predictions = {
        "selected": dict.fromkeys(MODELS, frame()) | {"adaboost": good},
        "all": dict.fromkeys(MODELS, frame()),
    }
    values = report_weighted(predictions, PUBLISHED, "test", 1).values
    assert values["weighted.best.f1"].value == 1
    assert values["weighted.selected.random_forest.f1"].value != 1


def called(flows: list[tuple[str, int, int]]) -> pl.DataFrame:
    """So many flows of each label, so many of them called attacks."""
    labels = np.repeat([label for label, _, _ in flows], [n for _, n, _ in flows])
    predicted = np.concatenate([np.arange(n) < k for _, n, k in flows])
    return pl.DataFrame({"label": labels, "is_attack": labels != "BENIGN", "predicted": predicted})


def of(flows: pl.DataFrame) -> dict[str, tuple[float, float, float]]:
    return intervals(flows, weights(PUBLISHED, flows["label"]), np.random.default_rng(3))


def test_the_interval_of_a_single_labels_rate_is_that_of_jeffreys():
    found = of(called([("BENIGN", 200, 10), ("Bot", 50, 20)]))
    assert found["recall"][1:] == pytest.approx(stats.beta(20.5, 30.5).ppf([0.025, 0.975]), abs=0.01)
    assert found["fpr"][1:] == pytest.approx(stats.beta(10.5, 190.5).ppf([0.025, 0.975]), abs=0.005)


def test_the_interval_is_as_wide_as_the_flows_of_the_heaviest_label_are_few():
    """Whatever else is known well: three of four attacks of the release are PortScan here."""
    few = of(called([("BENIGN", 2000, 10), ("PortScan", 20, 10), ("Bot", 2000, 1000)]))["recall"]
    many = of(called([("BENIGN", 2000, 10), ("PortScan", 2000, 1000), ("Bot", 20, 10)]))["recall"]
    assert few[0] == many[0] == 0.5
    # The rates are independent: the variances add up by the squares of the labels' shares.
    beta = stats.beta(10.5, 10.5).var(), stats.beta(1000.5, 1000.5).var()
    for (_, low, high), (first, second) in ((few, beta), (many, beta[::-1])):
        deviation = np.sqrt(0.75**2 * first + 0.25**2 * second)
        assert (high - low) / (2 * 1.96) == pytest.approx(deviation, rel=0.06)


def test_intervals_hold_the_measure_at_the_edge_too():
    perfect = of(called([("BENIGN", 100, 0), ("Bot", 100, 100)]))
    assert perfect["precision"][0] == perfect["precision"][2] == 1
    assert perfect["precision"][1] < perfect["precision"][2]
    assert perfect["fpr"][:2] == (0, 0)


def test_what_is_not_defined_has_no_interval_and_its_reason():
    silent = called([("BENIGN", 100, 0), ("Bot", 100, 0)])
    assert "precision" not in of(silent)
    predictions = {features: dict.fromkeys(MODELS, silent) for features in ("selected", "all")}
    record = report_weighted(predictions, PUBLISHED, "test", 1)
    cells = dict(zip([column.key for column in record.tables["binary_weighted"].columns],
                     record.tables["binary_weighted"].rows[0].cells, strict=True))  # fmt: skip
    assert cells["precision_weighted"].text == cells["precision_low"].text
    assert cells["precision_weighted"].value is None
    high = cells["recall_high"]
    assert high.value == pytest.approx(stats.beta(0.5, 100.5).ppf(0.975), abs=0.003)
    assert cells["recall_weighted"].text == f"0.000 [0.000, {high.text}]"


def test_the_best_models_values_have_the_ends_of_their_interval():
    predictions = {features: dict.fromkeys(MODELS, frame()) for features in ("selected", "all")}
    found = report_weighted(predictions, PUBLISHED, "test", 1).values["weighted.best.f1"]
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high
    assert found.text == f"{found.value:.3f}"
