"""Models over splits, campaigns of each type, learning curves: what is told and what is said not to be available."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analysis.conditions.campaigns import campaigns_of
from analysis.conditions.learning import sizes
from analysis.dataset.parts import Part
from analysis.detection.names import MODELS
from analysis.detection.predictions import Fit
from analysis.findings.learning import curves, record_learning
from analysis.findings.uncertainty import (
    f1_by_split,
    of_test,
    record_attacks,
    record_models,
    record_pairs,
)  # fmt: skip
from analysis.record import Record

from .conftest import fit_of, predicted


def repeated(splits: int, n_train: int = 400) -> dict[str, Fit]:
    return {f"{k}.{model}": fit_of(model, predicted(2_000, k, 4 - i), n_train=n_train, n_train_all=8_000)
            for k in range(1, splits + 1) for i, model in enumerate(MODELS)}  # fmt: skip


def test_models_are_compared_two_by_two() -> None:
    record = Record("uncertainty", "synthetic twin")
    f1, ratio = f1_by_split(repeated(5))
    assert ratio == 0.25, "of the training part, not of the sub-sample that is fitted on"
    record_pairs(record, f1, ratio, 0.01)
    values = record.values
    assert values["uncertainty.best"].value == "the random forest"
    assert values["uncertainty.lead"].low < values["uncertainty.lead"].value < values["uncertainty.lead"].high
    assert values["uncertainty.lead_words"].value == "a lead that lasts"
    assert sum(values[f"uncertainty.pairs.{one}"].value for one in ("better", "equal", "undecided")) == 6
    assert len(record.tables["model_pairs"].rows) == 6


@pytest.mark.parametrize("splits", [0, 1])
def test_without_repetitions_models_are_not_compared(splits: int) -> None:
    record = Record("uncertainty", "synthetic twin")
    record_pairs(record, *f1_by_split(repeated(splits)), 0.01)
    assert record.values["uncertainty.compared"].value is False
    assert record.values["uncertainty.lead"].reason == "split and fit were not repeated"


def clean(folder: Path, *, times: bool = True, hosts: bool = True) -> Part:
    """Flows of the frame that ``predicted`` gives: DDoS in one campaign on one host, Bot in two campaigns on two."""
    frame = predicted(3_000, 1)
    label = frame["label"].to_list()
    start, bots = datetime(2017, 7, 5, 9), 0
    stamps, targets = [], []
    for i, one in enumerate(label):
        later = one == "Bot" and bots % 2
        bots += one == "Bot"
        stamps.append(start + timedelta(seconds=i / 10) + (timedelta(hours=3) if later else timedelta(0)))
        targets.append("b" if later else "a")
    columns = {"Label": label, "is_attack": frame["is_attack"], "source_file": frame["source_file"],
               "source_row": frame["source_row"]}  # fmt: skip
    columns |= {"timestamp": stamps} if times else {}
    columns |= {"Source IP": ["x"] * len(label), "Destination IP": targets} if hosts else {}
    pl.DataFrame(columns).write_parquet(folder / "clean.parquet")
    return Part.whole(folder / "clean.parquet")


def test_campaigns_and_targets_are_counted(tmp_path: Path, source: dict[str, Fit]) -> None:
    flows = clean(tmp_path)
    campaign, why = campaigns_of(flows)
    assert why is None
    assert campaign is not None
    record = Record("uncertainty", "corrected release (real)")
    record_attacks(record, flows, campaign, why, source["random_forest"].frame, typed=True, min_support=10)
    rows = {row["type"]: row for row in record.tables["campaigns"].records()}
    assert (rows["DDoS"]["campaigns"], rows["DDoS"]["targets"]) == (1, 1)
    assert (rows["Bot"]["campaigns"], rows["Bot"]["targets"]) == (2, 2)
    assert rows["DDoS"]["covers"] == "flows of one attack"
    assert rows["Bot"]["covers"] == "flows of these attacks"
    assert record.values["uncertainty.campaigns.single"].value == ["DDoS"]
    cluster = of_test(flows, campaign, source["random_forest"].frame)
    assert cluster.tolist() == campaign.tolist()
    f1, _ = f1_by_split(repeated(2))
    record_models(record, source, f1, cluster, 200, 1)
    assert record.values["uncertainty.unit"].value == "campaigns"
    assert record.values["uncertainty.flat"].value is False


@pytest.mark.parametrize(("least", "form"), [(1, r"\d\.\d{3}"), (10_000, r"\d+ of \d+")])
def test_recall_of_a_type_with_few_flows_is_told_as_counts(
    tmp_path: Path, source: dict[str, Fit], least: int, form: str
) -> None:
    flows, record = clean(tmp_path), Record("uncertainty", "x")
    record_attacks(record, flows, *campaigns_of(flows), source["random_forest"].frame, typed=True, min_support=least)
    assert all(re.fullmatch(form, row.cells[5].text) for row in record.tables["campaigns"].rows)


def test_an_interval_without_width_is_said_to_be_one() -> None:
    perfect = {model: fit_of(model, predicted(200, 1, 40)) for model in MODELS}
    record = Record("uncertainty", "corrected release (real)")
    record_models(record, perfect, f1_by_split({})[0], None, 200, 1)
    assert record.values["uncertainty.best_f1"].low == 1
    assert record.values["uncertainty.flat"].value is True


@pytest.mark.parametrize(("times", "hosts", "reason"), [(False, True, "the flows have no times"),
                                                        (True, False, "the flows have no addresses")])  # fmt: skip
def test_without_times_or_hosts_flows_are_drawn(
    tmp_path: Path, source: dict[str, Fit], times: bool, hosts: bool, reason: str
) -> None:
    flows = clean(tmp_path, times=times, hosts=hosts)
    campaign, why = campaigns_of(flows)
    assert (campaign, why) == (None, reason)
    record = Record("uncertainty", "original release (real)")
    record_attacks(record, flows, campaign, why, source["random_forest"].frame, typed=True, min_support=10)
    record_models(record, source, f1_by_split({})[0], None, 200, 1)
    assert record.values["uncertainty.unavailable"].value == reason
    assert record.values["uncertainty.campaigns.told"].value is False
    assert record.values["uncertainty.targets.told"].value is hosts
    assert "too narrow" in record.tables["model_intervals"].notes[0]


def test_untyped_attacks_are_no_campaigns_of_a_type(tmp_path: Path, source: dict[str, Fit]) -> None:
    flows = clean(tmp_path)
    record = Record("uncertainty", "x")
    record_attacks(record, flows, *campaigns_of(flows), source["random_forest"].frame, typed=False, min_support=10)
    assert "no types" in (record.values["uncertainty.campaigns.single"].reason or "")


def learnt(skills: dict[int, float], splits: int = 3) -> dict[str, Fit]:
    return {f"{k}.{size}.{model}": fit_of(model, predicted(4_000, k, skill), n_train=size, n_train_all=16_000)
            for k in range(1, splits + 1) for size, skill in skills.items() for model in MODELS}  # fmt: skip


@pytest.mark.parametrize(("last", "state"), [(4.0, "saturated"), (9.0, "rising")])
def test_a_curve_is_called_by_what_its_last_step_adds(last: float, state: str) -> None:
    record = Record("uncertainty", "synthetic twin")
    record_learning(record, learnt({100: 2.0, 200: 4.0, 400: last}), 0.01, 0.25)
    assert record.values["learning.best.state"].value == state
    assert (record.values["learning.half"].value, record.values["learning.most"].value) == (200, 400)
    assert record.values[f"learning.{state}"].value == list(MODELS.values())
    told = {key: record.values[f"learning.{key}"].value
            for key in ("saturated_any", "rising_any", "undecided_any", "decided")}  # fmt: skip
    named = {"saturated_any": state == "saturated", "rising_any": state == "rising", "undecided_any": False}
    assert told == named | {"decided": True}
    assert len(record.tables["learning_curves"].rows) == 3 * len(MODELS)


def test_curves_of_which_none_is_decided_are_said_to_be_none() -> None:
    record = Record("uncertainty", "synthetic twin")
    # What the last step adds differs in sign between the splits.
    lower = {name: fit for name, fit in learnt({400: 2.0}).items() if name.startswith("1.")}
    record_learning(record, learnt({100: 2.0, 200: 4.0, 400: 5.0}) | lower, 0.001, 0.25)
    assert record.values["learning.undecided_any"].value is True
    assert record.values["learning.decided"].value is False


@pytest.mark.parametrize("fits", [{}, learnt({100: 2.0}), learnt({100: 2.0, 200: 4.0}, splits=1)])
def test_without_a_curve_the_reason_is_told(fits: dict[str, Fit]) -> None:
    record = Record("uncertainty", "synthetic twin")
    record_learning(record, fits, 0.01, 0.25)
    assert record.values["learning.told"].value is False
    assert record.values["learning.best.gain"].reason


def test_sizes_that_the_training_part_cannot_tell_apart_are_one() -> None:
    fits = learnt({100: 2.0, 200: 3.0})
    fits |= {name.replace(".200.", ".400."): fit for name, fit in fits.items() if ".200." in name}
    assert {model: list(curve) for model, curve in curves(fits).items()} == {model: [100, 200] for model in MODELS}


def test_curves_end_where_the_other_models_are_fitted() -> None:
    assert sizes(2_000) == [125, 250, 500, 1_000, 2_000]
    assert sizes(0)[-1] == 0
    assert all(np.diff(sizes(3)) >= 0)
