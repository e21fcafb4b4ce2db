"""What is said of conditions with several test parts, on planted collapses of ranking, of threshold and of neither."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from analysis.conditions.findings import ROWS
from analysis.findings.by_part import ranking, record_days, record_flattered, record_left_out
from analysis.findings.measured import Measured, measures
from analysis.record import Record
from analysis.record.value import out_of

ROW = {row.key: row for row in ROWS}


def part(attacks: int, benign: int, shift: float, called: float, *, row: str = "day_forward", fold: str = "Friday",
         model: str = "random_forest", threshold: float = 3.0) -> Measured:  # fmt: skip
    """Scores of attacks lie ``shift`` deviations above those of benign flows; above ``called`` is an attack."""
    random = np.random.default_rng(1)
    attack = np.arange(attacks + benign) < attacks
    score = random.normal(shift * attack, 1)
    frame = pl.DataFrame({"label": np.where(attack, "Bot", "BENIGN"), "is_attack": attack, "score": score,
                          "predicted": score > called})  # fmt: skip
    return Measured(ROW[row], fold, model, None, 100, 40, threshold, frame, measures(frame, threshold))


BASE = part(2_000, 8_000, 5, 2.5, row="random", fold="random")


def days(*found: Measured) -> Record:
    record = Record("robustness", "test flows")
    record_days(record, "day_forward", [BASE, *found])
    return record


def test_a_threshold_that_fails_is_told_from_a_ranking_that_does() -> None:
    """Where nearly all are attacks, average precision is high without skill, and little of it is won by any."""
    lost = part(9_400, 600, 0, 2.5)
    kept = part(9_400, 600, 3, 6, fold="Thursday")
    assert lost.measures is not None
    assert lost.measures["pr_auc"][0] > 0.9
    assert abs(ranking(lost) or 0) < 0.1
    assert kept.frame is not None
    precision = average_precision_score(kept.frame["is_attack"].to_numpy(), kept.frame["score"].to_numpy())
    assert ranking(kept) == pytest.approx((precision - 0.94) / 0.06)
    assert (ranking(kept) or 0) > 0.9
    assert ranking(part(100, 0, 1, 1)) is None
    values = days(kept, lost).values
    assert values["findings.day_forward.ranking"].value == ranking(lost)
    assert values["findings.day_forward.below_words"].value == "both later days"


def test_areas_may_be_large_where_few_false_alarms_find_next_to_nothing() -> None:
    """A tenth of the benign flows score above all attacks: nine pairs in ten are in order, and none at the top."""
    attack = np.arange(4_000) < 3_600
    score = np.where(attack, 0.5, np.where(np.arange(4_000) % 10 == 0, 0.9, 0.1))
    frame = pl.DataFrame({"label": np.where(attack, "Bot", "BENIGN"), "is_attack": attack, "score": score,
                          "predicted": score > 0.95})  # fmt: skip
    top = Measured(ROW["day_forward"], "Friday", "random_forest", None, 100, 40, 0.9, frame, measures(frame, 0.9))
    kept = part(3_600, 400, 4, 6, fold="Thursday")
    values = days(kept, top).values
    assert (ranking(top) or 0) > 0.5
    assert roc_auc_score(attack, score) == pytest.approx(0.9)
    assert values["findings.day_forward.reach"].value == 0
    assert kept.frame is not None
    own, scores = (kept.frame[name].to_numpy() for name in ("is_attack", "score"))
    fpr, recall, _ = roc_curve(own, scores, drop_intermediate=False)
    assert days(kept).values["findings.day_forward.reach"].value == recall[fpr <= 0.01].max() > 0.9
    assert values["findings.day_forward.reach_by_part"].value == f"{recall[fpr <= 0.01].max():.1%} and 0.0%"


def test_days_are_told_in_their_order() -> None:
    first, second = part(500, 500, 2, 1, fold="Thursday", threshold=2), part(600, 400, 1, 1, threshold=2)
    values = days(first, second).values
    one, two = ("{:.3f} [{:.3f}, {:.3f}] ({})".format(*day.measures["f1"], day.fold)
                for day in (first, second) if day.measures)  # fmt: skip
    assert values["findings.day_forward.f1_by_part"].value == f"{one} and {two}"
    areas = [roc_auc_score(day.frame["is_attack"].to_numpy(), day.frame["score"].to_numpy())
             for day in (first, second) if day.frame is not None]  # fmt: skip
    assert values["findings.day_forward.roc_auc_by_part"].value == " and ".join(f"{area:.3f}" for area in areas)
    # Calling all 1,000 flows attacks: F1 = 2 · 500 / (500 + 1,000), then 2 · 600 / (600 + 1,000).
    assert values["findings.day_forward.constant_by_part"].value == "0.667 and 0.750"


def test_days_without_held_back_flows_have_no_rates_at_a_threshold() -> None:
    day = part(500, 500, 2, 1)
    assert day.frame is not None
    bare = Measured(day.row, day.fold, day.model, None, 100, 0, None, day.frame, measures(day.frame, None))
    values = days(bare).values
    assert values["findings.day_forward.recall_by_part"].reason == "no benign flow was held back"
    assert values["findings.day_forward.f1_by_part"].value
    assert days().values["findings.day_forward.f1_by_part"].reason == "no day has flows of both classes"


@pytest.mark.parametrize(("attacks", "called", "any_"), [(900, -9, True), (300, -9, False), (900, 1.6, False)])
def test_a_model_is_flattered_where_it_calls_nearly_all_attacks_and_most_are(
    attacks: int, called: float, any_: bool
) -> None:
    """Of 1,000 flows so many are attacks; a model that calls all of them so is held against one that misses most."""
    forest = part(attacks, 1000 - attacks, 2, 4)
    other = part(attacks, 1000 - attacks, 2, called, model="logistic_regression")
    record = Record("robustness", "test flows")
    record_flattered(record, "day_forward", [forest, other])
    values = record.values
    assert values["findings.day_forward.flattered.any"].value is any_
    if any_:
        assert values["findings.day_forward.flattered.name"].value == "logistic regression"
        assert values["findings.day_forward.flattered.fpr"].value == "100%"
        assert values["findings.day_forward.flattered.f1"].value == "0.947 (Friday)"


def test_a_handful_of_attacks_is_no_family_of_which_nothing_is_found() -> None:
    few = part(6, 500, -3, 2, row="family_out", fold="Bot")
    some = part(200, 500, 1, 2, row="family_out", fold="scans")
    many = part(2_000, 500, 0.5, 2, row="family_out", fold="denial of service")
    found = part(50, 500, 9, 2, row="family_out", fold="web attacks")
    record = Record("robustness", "test flows")
    worst = record_left_out(record, "family_out", "families", [few, some, many, found], 10)
    values = {key.removeprefix("findings.family_out."): value.value for key, value in record.values.items()}
    assert (values["parts"], values["low_words"]) == (3, "two of three families")
    assert (values["missed.part"], values["missed.n"]) == ("denial of service", 2_000)
    assert worst is many
    none = Record("robustness", "test flows")
    assert record_left_out(none, "family_out", "families", [few], 10) is None
    assert none.values["findings.family_out.built"].value is False


@pytest.mark.parametrize(
    ("some", "whole", "words"), [(13, 13, "all 13 days"), (0, 3, "none of three days"), (2, 2, "both days")]
)
def test_a_few_of_some_in_words(some: int, whole: int, words: str) -> None:
    assert out_of(some, whole, "days") == words
