"""What the explorer is given: points that are exact at their thresholds, few enough for a page, and a first state."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from analysis.conditions.findings import ROWS
from analysis.detection.names import MODELS
from analysis.findings.explorer import Part, curve, parts, record_state, shortest
from analysis.findings.intervals import share
from analysis.findings.operating import Weighing, record_alarms
from analysis.findings.prevalence import precision
from analysis.record import Record

from .conftest import fit_of, predicted


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=2, max_size=60).filter(
        lambda flows: len({attack for attack, _ in flows}) == 2
    )
)
def test_every_point_counts_the_flows_at_its_threshold(flows: list[tuple[bool, int]]) -> None:
    label, score = np.array([attack for attack, _ in flows]), np.array([level / 12 for _, level in flows])
    found = curve(label, score, score > 0.5, np.ones(label.size))
    assert found is not None
    for t, tp, fp in zip(found["t"], found["tp"], found["fp"], strict=True):
        counts = confusion_matrix(label, score >= t, labels=[False, True])
        assert (counts[1, 1], counts[0, 1]) == (tp, fp)
    # From the least that can be called to all, and the model's own decision where it calls any.
    assert (found["tp"][-1], found["fp"][-1]) == (found["attacks"], found["benign"])
    assert found["t"] == sorted(set(found["t"]), reverse=True)
    if (score > 0.5).any():
        own = confusion_matrix(label, score > 0.5, labels=[False, True])
        assert (found["tp"][found["own"]], found["fp"][found["own"]]) == (own[1, 1], own[0, 1])


@given(st.floats(-40, 40), st.floats(0, 1, exclude_min=True))
def test_a_shortened_threshold_cuts_as_the_score_does(cut: float, step: float) -> None:
    below = cut - step
    if below < cut:
        assert below < shortest(cut, below) <= cut


def test_weighted_rates_are_those_of_the_operating_points() -> None:
    frame = predicted(4_000, 3)
    label, score = frame["is_attack"].to_numpy(), frame["score"].to_numpy()
    weight = np.where(frame["label"] == "Bot", 5.0, np.where(label, 0.5, 2.0))
    found = curve(label, score, score > 0.5, weight)
    assert found is not None
    for i in range(0, len(found["t"]), 9):
        called = score >= found["t"][i]
        assert found["recall"][i] == pytest.approx(share(called[label], weight[label])[0], abs=1e-8)
        assert found["fpr"][i] == pytest.approx(share(called[~label], weight[~label])[0], abs=1e-8)
    attacks = weight[label]
    assert found["effective"][0] == pytest.approx(attacks.sum() ** 2 / (attacks**2).sum())
    assert found["effective"][1] == pytest.approx((~label).sum())
    assert "recall" not in (curve(label, score, score > 0.5, np.full(label.size, 3.0)) or {"recall": 0})


def test_a_test_part_of_one_class_has_no_curve() -> None:
    ones = np.ones(5)
    assert curve(np.ones(5, dtype=bool), ones, ones > 0, ones) is None
    assert curve(np.arange(5) > 2, ones, ones > 0, np.where(np.arange(5) > 2, 0.0, 1.0)) is None


def test_curves_of_a_complete_release_take_no_more_than_their_room_in_the_page() -> None:
    """A hundred of them, of a score without ties and with counts of a million, in a page that has 300 kB for all."""
    generator = np.random.default_rng(4)
    label = np.arange(1_000_000) % 5 == 0
    score = generator.normal(0, 1, label.size) + 2 * label
    one = json.dumps(curve(label, score, score > 1, np.ones(label.size)), separators=(",", ":"))
    assert 1_000 < len(one) < 2_600


def test_all_that_was_fitted_can_be_chosen_once() -> None:
    frame = predicted(500, 5)
    source = {features: {model: fit_of(model, frame) for model in MODELS} for features in ("selected", "all")}
    findings = {f"{row.key}.{model}": fit_of(model, frame, fold="random") for row in ROWS for model in row.models}
    told = ("types", "times", "hosts", "attempted", "files")
    found = [tuple(part.key.values()) for part in parts(source, findings, told, Weighing())]
    assert len(found) == len(set(found)) == 8 + len(findings)
    # What flows do not tell of themselves is not asked for.
    fewer = [part.key["condition"] for part in parts(source, findings, (), Weighing())]
    assert "random" in fewer
    assert not {"chronological", "type_out"} & set(fewer)


def test_weights_of_the_release_are_for_the_random_split_alone() -> None:
    frame = predicted(500, 5)
    source = {"selected": {"random_forest": fit_of("random_forest", frame)}}
    findings = {f"{row.key}.{model}": fit_of(model, frame) for row in ROWS for model in row.models}
    weighing = Weighing({"BENIGN": 4.0, "DDoS": 2.0, "Bot": 1.0})
    for part in parts(source, findings, ("types", "times"), weighing):
        assert (np.ptp(part.weight) > 0) == (part.key["condition"] in ("source", "random"))


def test_the_first_state_is_that_of_the_text() -> None:
    frame = predicted(3_000, 6)
    weighing, record = Weighing(), Record("explorer", "synthetic twin")
    part = Part({}, {}, frame, weighing.weight(frame))
    record_state(record, part, 1_000_000, 0.001)
    cells = {row["measure"]: row for row in record.tables["explorer"].records()}
    rates = weighing.rates(frame, frame["predicted"].to_numpy())
    assert rates is not None
    text = Record("operating", "synthetic twin")
    record_alarms(text, rates, "random_forest", 1_000_000, 0.001, (9, 99))
    alarms, told = cells["False alarms a day"], text.values["operator.alarms.false"]
    assert (alarms["value"], alarms["low"], alarms["high"]) == pytest.approx((told.value, told.low, told.high))
    assert cells["Alarms that are true (precision)"]["value"] == precision(rates.recall[0], rates.fpr[0], 0.001)
    assert cells["Attacks found (recall)"]["counted"] == int((frame["is_attack"] & frame["predicted"]).sum())


def test_a_first_state_without_attacks_says_why_it_is_empty() -> None:
    frame = predicted(300, 6).filter(~pl.col("is_attack"))
    record = Record("explorer", "synthetic twin")
    record_state(record, Part({}, {}, frame, np.ones(frame.height)), 1_000_000, 0.001)
    rows = record.tables["explorer"].rows
    assert {cell.reason for row in rows for cell in row.cells[2:]} == {"the test part holds one class only"}
