"""The step robustness: measures against other routes, and what each kind of data lets it say."""

from __future__ import annotations

import datetime
import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score, matthews_corrcoef, recall_score
from statsmodels.stats.proportion import proportion_confint

from analysis.conditions.findings import FOREST, ROWS, TOLD, conditions, rows_of
from analysis.detection.predictions import Fit
from analysis.findings.measured import average_precision_interval, frozen, measured, measures
from analysis.findings.robustness import record_conditions, record_summary, record_unseen
from analysis.findings.week import record_week
from analysis.record import Record
from analysis.settings import load

TYPES = ("BENIGN", "DDoS", "DoS Hulk", "Bot")


def frame(skill: float, seed: int, folds: tuple[str, ...] = ("one",), n: int = 200) -> pl.DataFrame:
    """Answers with scores that tell attacks by so many standard deviations."""
    random, found = np.random.default_rng(seed), []
    for fold in folds:
        label = random.choice(TYPES, n, p=[0.6, 0.15, 0.15, 0.1])
        attack = label != "BENIGN"
        score = 1 / (1 + np.exp(-random.normal(skill * (attack - 0.5), 1)))
        found.append(pl.DataFrame({"fold": fold, "label": label, "is_attack": attack, "predicted": score > 0.5,
                                   "score": score}))  # fmt: skip
    return pl.concat(found)


def made(told: tuple[str, ...], gone: str = "", skill: float = 3.0) -> dict[str, Fit]:
    """What all rows would have been fitted to; the splits of the row ``gone`` cannot be built."""
    found = {}
    for number, row in enumerate(ROWS):
        if row.lacking(told):
            continue
        folds = {"day_forward": ("Wednesday", "Friday"), "type_out": ("DDoS", "DoS Hulk"),
                 "family_out": ("Bot", "denial of service")}.get(row.condition.split, ("one",))  # fmt: skip
        for model in row.models:
            about = {"n_train": 100, "benign_validation": 40, "thresholds": {"0.01": 0.9, "0.001": None}}
            if row.key == gone:
                entry = [{"fold": row.condition.split, "reason": "all flows are of one day"}]
                answers = frame(1, 1).clear()
            else:
                entry = [{"fold": fold, "reason": None, **about} for fold in folds]
                answers = frame(skill if row.key == "random" else 1, number, folds)
            found[f"{row.key}.{model}"] = Fit({"folds": entry}, answers)
    return found


def recorded(told: tuple[str, ...], gone: str = "") -> Record:
    record, found = Record("robustness", "test flows"), list(measured(made(told, gone), told))
    record_conditions(record, found)
    record_unseen(record, found, 10)
    record_summary(record, found, 100, 10)
    return record


def test_measures_are_those_of_scikit_learn() -> None:
    answers = frame(2, 3)
    attack, score = answers["is_attack"].to_numpy(), answers["score"].to_numpy()
    found = measures(answers, 0.8)
    assert found["f1"][0] == pytest.approx(f1_score(attack, score > 0.5))
    assert found["pr_auc"][0] == pytest.approx(average_precision_score(attack, score))
    assert found["recall"][0] == pytest.approx(recall_score(attack, score > 0.8))
    assert found["fpr"][0] == pytest.approx(recall_score(~attack, score > 0.8))
    assert found["mcc"] == (pytest.approx(matthews_corrcoef(attack, score > 0.5)), None, None)
    assert found["own_fpr"][0] == pytest.approx(recall_score(~attack, score > 0.5)) != found["fpr"][0]
    hits, n = int((score[attack] > 0.8).sum()), int(attack.sum())
    assert found["recall"][1:] == pytest.approx(proportion_confint(hits, n, method="wilson"))
    assert frozen(answers, None) is None


def test_flows_of_one_class_have_no_average_precision() -> None:
    assert set(measures(frame(2, 3).filter(~pl.col("is_attack")), 0.5)) <= {"fpr", "own_fpr", "f1"}


@given(st.integers(1, 5000), st.floats(0, 1))
def test_the_interval_of_average_precision_is_wilson_s_for_whole_numbers_of_attacks(n: int, share: float) -> None:
    hits = round(share * n)
    low, high = average_precision_interval(hits / n, n)
    assert (low, high) == pytest.approx(proportion_confint(hits, n, method="wilson"), abs=1e-9)
    assert 0 <= low <= hits / n <= high <= 1


def test_it_covers_the_average_precision_of_many_flows() -> None:
    """Of 300 draws of 400 flows, of which a fifth are attacks, most intervals hold that of a very large draw."""
    random = np.random.default_rng(5)

    def drawn(n: int) -> tuple[np.ndarray, np.ndarray]:
        attack = np.arange(n) % 5 == 0
        return attack, random.normal(1.5 * attack, 1)

    truth = average_precision_score(*drawn(400_000))
    inside = 0
    for _ in range(300):
        attack, score = drawn(400)
        low, high = average_precision_interval(float(average_precision_score(attack, score)), int(attack.sum()))
        inside += low <= truth <= high
    assert inside / 300 > 0.93


def test_every_row_is_built_or_says_why() -> None:
    for told in (TOLD, (), ("types",), ("types", "times")):
        record = recorded(told)
        table = {row["id"]: row for row in record.tables["conditions"].records()}
        for row in ROWS:
            mine = [one for one in table.values() if one["row"] == row.key]
            if row.lacking(told) and row.key != "by_file":
                assert {one["available"] for one in mine} == {row.lacking(told)}
                assert all(one["f1"] is None for one in mine)
            elif row.lacking(told):
                assert not mine, "what stands in for days says nothing where they are told"
            else:
                assert {one["key"] for one in mine} == set(row.models)
                assert {one["available"] for one in mine} == {"yes"}
        assert record.values["findings.any_unavailable"].value == (told != TOLD)


@pytest.mark.parametrize("kept", [True, False], ids=["attacks alone", "benign flows alone"])
def test_a_test_part_of_one_class_is_not_available(kept: bool) -> None:
    """Where the only campaign stays in training, what is held apart from it holds no attack, and has no F1 to print."""
    fits = made(TOLD)
    for key, fit in fits.items():
        if key.startswith("campaigns."):
            fits[key] = Fit(fit.entry, fit.frame.filter(pl.col("is_attack") == kept))
    record = Record("robustness", "test flows")
    record_summary(record, list(measured(fits, TOLD)), 100, 10)
    assert record.values["findings.campaigns.built"].value is False
    assert "campaigns apart (the flows to test on are of one class)" in record.values["findings.unavailable"].value
    if not kept:
        assert record.values["findings.campaigns.pr_auc"].reason == "the flows to test on are of one class"


def test_what_falls_and_where_it_is_lowest() -> None:
    record = recorded(TOLD)
    values = {key: value.value for key, value in record.values.items()}
    days = {row["part"]: (row["f1"], row["f1_low"], row["f1_high"]) for row in record.tables["conditions"].records()
            if row["row"] == "day_forward" and row["key"] == FOREST[0]}  # fmt: skip
    told = " and ".join(f"{f1:.3f} [{low:.3f}, {high:.3f}] ({day})" for day, (f1, low, high) in days.items())
    assert values["findings.day_forward.f1_by_part"] == told
    assert values["findings.day_forward.below_count"] == 2, "skill is far less than on the random split"
    assert values["findings.day_forward.below_words"] == "both later days"
    table = record.tables["unseen"]
    assert {row["type"]: row["family"] for row in table.records()} == {
        "Bot": "alone", "DDoS": "denial of service", "DoS Hulk": "denial of service",
    }  # fmt: skip
    (bot,) = [row for row in table.rows if row.id == "Bot"]
    reasons = {column.key: cell.reason for column, cell in zip(table.columns, bot.cells, strict=True)}
    assert reasons["type_out"] is None or reasons["type_out"] == "no sibling in training"


def texts(record: Record, table: str, column: str) -> dict[str, str]:
    made = record.tables[table]
    at = [one.key for one in made.columns].index(column)
    return {row.id: row.cells[at].text for row in made.rows}


def test_recall_of_a_type_with_few_flows_is_told_as_counts() -> None:
    found = list(measured(made(TOLD), TOLD))
    for least, form in ((1, r"\d\.\d\d \[.*\]"), (10_000, r"[\d,]+ of [\d,]+")):
        record = Record("robustness", "x")
        record_unseen(record, found, least)
        assert all(re.fullmatch(form, text) for text in texts(record, "unseen", "family_out").values())


def test_a_split_without_parts_gives_its_reason_to_every_value() -> None:
    record = recorded(TOLD, gone="day_forward")
    assert record.values["findings.day_forward.built"].value is False
    for name in ("f1", "constant", "recall", "fpr", "roc_auc"):
        assert record.values[f"findings.day_forward.{name}_by_part"].reason == "all flows are of one day"
    assert "later day (all flows are of one day)" in record.values["findings.unavailable"].text


def test_the_second_part_is_no_part_of_the_source_study() -> None:
    assert not list(conditions(load({"study": "source"}), TOLD))
    found = list(conditions(load({}), TOLD))
    assert all(one.validated and one.train_rows == 2_000 for _, _, one in found), "the twin's"
    assert rows_of(load({"data": "x.csv"})) == 10_000
    four = {name.split(".")[0] for _, name, one in found if one.model == "adaboost"}
    assert four == {"random", "day_forward", "family_out"}


def test_the_week_holds_each_attack_of_each_day(tmp_path) -> None:
    start = datetime.datetime(2017, 7, 3, 9)
    hours = [0, 1, 24, 25, 26.5, 48]
    pl.DataFrame({
        "Label": ["BENIGN", "BENIGN", "DDoS", "Bot", "DDoS", "BENIGN"],
        "is_attack": [False, False, True, True, True, False], "day": ["Monday"] * 2 + ["Tuesday"] * 3 + ["Wednesday"],
        "timestamp": [start + datetime.timedelta(hours=hour) for hour in hours],
    }).write_parquet(tmp_path / "clean.parquet")  # fmt: skip
    record = Record("robustness", "test flows")
    record_week(record, tmp_path / "clean.parquet", [], ("times",))
    told = [(row["day"], row["type"], row["first"], row["last"], row["flows"])
            for row in record.tables["week"].records()]  # fmt: skip
    assert told == [
        ("Monday", "none", None, None, None), ("Tuesday", "DDoS", 9, 11.5, 2), ("Tuesday", "Bot", 10, 10, 1),
        ("Wednesday", "none", None, None, None),
    ]  # fmt: skip
    assert record.values["findings.week"].value is True
    pl.read_parquet(tmp_path / "clean.parquet").filter(pl.col("day") == "Tuesday").write_parquet(
        tmp_path / "tuesday.parquet"
    )
    one = Record("robustness", "test flows")
    record_week(one, tmp_path / "tuesday.parquet", [], ("times",))
    assert one.values["findings.week"].value is False, "one day is no week"
    without = Record("robustness", "test flows")
    record_week(without, tmp_path / "clean.parquet", [], ())
    assert not without.tables
    assert without.values["findings.week"].value is False
