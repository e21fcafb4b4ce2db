"""What an operator would see: thresholds of the validation, and what cannot be estimated is said not to be."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.detection.names import MODELS
from analysis.detection.predictions import Fit
from analysis.findings.intervals import clopper_pearson
from analysis.findings.operating import (
    ASKED,
    NOT_ESTIMABLE,
    Weighing,
    record_alarms,
    record_precision,
    record_thresholds,
)  # fmt: skip
from analysis.findings.reliability import record_reliability
from analysis.record import Record

from .conftest import fit_of, predicted

PRINTED = {"half_unit": 0.005, "models": {model: {"precision": 0.98} for model in MODELS}}


def asked(n: int = 3_000, threshold: float = 0.8) -> dict[str, Fit]:
    thresholds = {"0.01": threshold, "0.001": 0.95}
    return {name: fit_of(model, predicted(n, 2), thresholds=thresholds) for name, (_, model) in ASKED.items()}


def measured(fits: dict[str, Fit]) -> Record:
    record = Record("operating", "synthetic twin")
    record_thresholds(record, fits, Weighing(), "random_forest")
    return record


def test_recall_and_realised_rate_at_the_frozen_threshold() -> None:
    record = measured(asked())
    frame = predicted(3_000, 2)
    called, attack = (frame["score"] > 0.8).to_numpy(), frame["is_attack"].to_numpy()
    assert record.values["operator.best.one_percent.recall"].value == pytest.approx(called[attack].mean())
    assert record.values["operator.best.one_percent.fpr"].value == pytest.approx(called[~attack].mean())
    assert record.values["operator.one_percent.told"].value is True
    many = measured(asked(20_000))
    assert many.values["operator.one_percent.kept"].value is True, "0.8 gives about 1 % here"
    assert measured(asked(threshold=0.6)).values["operator.one_percent.kept"].value is False
    ranked = [row["recall"] for row in record.tables["thresholds"].records()
              if row["rate"] == 0.01 and row["features"] == "ranked"]  # fmt: skip
    assert record.values["operator.one_percent.least"].value == min(ranked)
    assert record.values["operator.one_percent.most"].value == max(ranked)


@pytest.mark.parametrize(
    ("benign", "alarms", "kept", "lost"),
    [(1_926, 26, True, False), (1_926, 30, False, True), (1_000, 14, False, False), (9_000, 90, True, False),
     (9_000, 250, False, True), (9_000, 120, True, False), (1_000, 1, False, True)],
)  # fmt: skip
def test_a_threshold_is_kept_only_where_the_interval_is_narrow_enough(
    benign: int, alarms: int, kept: bool, lost: bool
) -> None:
    """26 of 1,926 are 1.35 % [0.92, 1.97], within half and twice 1 %; 14 of 1,000 may be 2.34 % and may be 1 %."""
    score = np.concatenate([np.ones(500), np.where(np.arange(benign) < alarms, 0.9, 0.1)])
    attack = np.arange(500 + benign) < 500
    frame = pl.DataFrame({"label": np.where(attack, "Bot", "BENIGN"), "is_attack": attack, "score": score,
                          "predicted": score > 0.5})  # fmt: skip
    fits = {name: fit_of(model, frame, thresholds={"0.01": 0.8, "0.001": 0.95}) for name, (_, model) in ASKED.items()}
    values = measured(fits).values
    assert (values["operator.one_percent.kept"].value, values["operator.one_percent.lost"].value) == (kept, lost)


def test_the_threshold_is_not_chosen_on_the_test_part() -> None:
    """Other scores of the test part leave the threshold as it is."""
    fits = asked()
    other = {name: fit_of(fit.entry["factors"]["model"], predicted(3_000, 9), **fit.entry["folds"][0])
             for name, fit in fits.items()}  # fmt: skip
    first, second = (measured(one).tables["thresholds"].column("threshold") for one in (fits, other))
    assert first == second


def test_a_rate_of_which_few_alarms_are_to_be_expected_is_not_estimable() -> None:
    record = measured(asked(1_400))  # some 980 benign flows: 9.8 false alarms at 1 %
    assert record.values["operator.best.one_percent.recall"].reason == NOT_ESTIMABLE
    assert record.values["operator.one_percent.told"].value is False
    assert set(record.tables["thresholds"].column("fpr")) == {None}


@pytest.mark.parametrize("changes", [{"reason": "the training part holds one class only"},
                                     {"thresholds": {"0.01": None, "0.001": None}}])  # fmt: skip
def test_a_condition_without_a_threshold_says_why(changes: dict[str, Any]) -> None:
    fits = asked()
    fits = {name: fit_of(fit.entry["factors"]["model"], fit.frame, **({**fit.entry["folds"][0], **changes}))
            for name, fit in fits.items()}  # fmt: skip
    assert measured(fits).values["operator.best.one_percent.fpr"].reason


def test_without_a_false_alarm_the_rate_is_bounded(source: dict[str, Fit]) -> None:
    frame = predicted(3_000, 1).with_columns(predicted=pl.col("is_attack"))
    record = Record("operating", "synthetic twin")
    fits = source | {"random_forest": fit_of("random_forest", frame)}
    rates = record_precision(record, fits, Weighing(), PRINTED, "random_forest")
    record_alarms(record, rates["random_forest"], "random_forest", 1_000_000, 0.001, (9, 99))
    bound = clopper_pearson(0, int((~frame["is_attack"]).sum()))[1]
    assert record.values["operator.zero_false"].value is True
    assert record.values["operator.best.fpr"].high == pytest.approx(bound)
    assert record.values["operator.alarms.false"].high == pytest.approx(999_000 * bound)
    precision = record.values["operator.best.precision.one_per_mille"]
    assert (precision.value, precision.high) == (1.0, 1.0)
    assert precision.low is not None
    assert precision.low < 0.6


def test_alarms_of_a_day_by_hand() -> None:
    record = Record("operating", "synthetic twin")
    found = Weighing().rates(predicted(3_000, 1), (predicted(3_000, 1)["score"] > 0.5).to_numpy())
    assert found is not None
    record_alarms(record, found, "adaboost", 10_000, 0.01, (900, 2_100))
    false = record.values["operator.alarms.false"]
    assert false.definition == (
        "false alarms a day of the best model on the ranked features at its own threshold, among 10,000 flows of which "
        "1.0% are attacks"
    )
    assert (false.n, record.values["operator.alarms.true"].n) == (2_100, 900)
    assert record.values["operator.alarms.true"].value == pytest.approx(100 * found.recall[0])
    assert record.values["operator.alarms.false"].value == pytest.approx(9_900 * found.fpr[0])


def test_one_class_has_no_rates() -> None:
    frame = predicted(50, 1).filter("is_attack")
    assert Weighing().rates(frame, np.ones(frame.height, dtype=bool)) is None
    record = Record("operating", "x")
    record_precision(record, {"random_forest": fit_of("random_forest", frame)}, Weighing(), PRINTED, "random_forest")
    record_alarms(record, None, "random_forest", 10, 0.5, (50, 0))
    assert record.values["operator.best.precision.one_percent"].reason
    assert record.values["operator.alarms.false"].reason


def test_flows_drawn_per_label_weigh_as_in_the_release() -> None:
    frame = pl.DataFrame({"label": ["DDoS", "DDoS", "Bot", "Bot", "BENIGN"], "is_attack": [True] * 4 + [False]})
    found = Weighing({"DDoS": 9.0, "Bot": 1.0, "BENIGN": 5.0}).rates(frame, np.array([1, 1, 0, 0, 0], dtype=bool))
    assert found is not None
    assert found.recall[0] == pytest.approx(0.9)


def test_scores_that_are_right_have_a_brier_score_of_none(source: dict[str, Fit]) -> None:
    record = Record("operating", "x")
    frame = predicted(300, 1).with_columns(score=pl.col("is_attack").cast(pl.Float64))
    models = {model: (fit.frame, np.ones(fit.frame.height)) for model, fit in source.items()}
    record_reliability(record, models | {"adaboost": (frame, np.ones(frame.height))})
    assert record.values["operator.brier.best"].value == 0
    assert record.values["operator.brier.best_name"].value == "AdaBoost"
    assert record.values["operator.brier.worst"].value > 0
