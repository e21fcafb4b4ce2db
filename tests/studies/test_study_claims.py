"""Claims of publications beside ours: measures by independent routes; only a complete release gives verdicts."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, matthews_corrcoef, roc_auc_score

from analysis.audit.verdicts.decisions import NOT, OPEN, REPRODUCED
from analysis.audit.verdicts.intervals import Interval
from analysis.detection.predictions import Fit
from analysis.studies import study_claims
from analysis.studies.measure import classes, macro_f1, mcc, measured, resampled
from analysis.studies.read import Claim, Protocol, StudyFile
from analysis.studies.study_claims import CANNOT, NO_PART, TEST, Ours, band, ours, report_study_claims, verdict

ORIGINAL = {"data": "test", "release": "original", "synthetic": False}


def claim(**keys: Any) -> Claim:
    number = {} if {"printed", "at_least", "at_most"} & keys.keys() else {"printed": "0.90"}
    return Claim.model_validate({"id": "one", "place": "Table 1", "measure": "f1"} | number | keys)


def flows(truth: list[bool], said: list[bool], score: list[float] | None = None) -> pl.DataFrame:
    return pl.DataFrame({"fold": ["random"] * len(truth), "is_attack": truth, "predicted": said,
                         "score": score or [float(one) for one in said], "label": ["DDoS"] * len(truth)})  # fmt: skip


def fit(frame: pl.DataFrame, **fold: Any) -> Fit:
    one = {"fold": "random", "reason": None, "n_train": 70, "thresholds": {"0.01": 0.5, "0.001": None}} | fold
    return Fit({"folds": [one], "name": "random forest"}, frame)


PAIRS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60)


@pytest.mark.filterwarnings("ignore:A single label")
@given(PAIRS)
def test_of_two_classes_measures_are_those_of_scikit_learn(pairs: list[tuple[bool, bool]]) -> None:
    truth, said = (list(column) for column in zip(*pairs, strict=True))
    counts = classes(flows(truth, said), "binary")
    assert float(macro_f1(counts)) == pytest.approx(f1_score(truth, said, average="macro", zero_division=0))
    assert float(mcc(counts)) == pytest.approx(matthews_corrcoef(truth, said))


@pytest.mark.filterwarnings("ignore:A single label")
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), min_size=1, max_size=60))
def test_of_several_types_macro_f1_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    truth, said = (list(column) for column in zip(*pairs, strict=True))
    counts = classes(pl.DataFrame({"label": truth, "predicted": said}), "types")
    assert float(macro_f1(counts)) == pytest.approx(f1_score(truth, said, average="macro", zero_division=0))


def test_the_table_of_classes_is_drawn_as_flows_are() -> None:
    """The percentiles agree with those of a bootstrap that draws the flows themselves."""
    generator = np.random.default_rng(1)
    truth = generator.random(600) < 0.3
    said = truth ^ (generator.random(600) < 0.1)
    found = resampled(classes(flows(truth.tolist(), said.tolist()), "binary"), mcc, 4000, generator)
    drawn = []
    for _ in range(1500):
        rows = generator.integers(0, 600, 600)
        drawn.append(matthews_corrcoef(truth[rows], said[rows]))
    assert [found.low, found.high] == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.012)
    assert found.low < found.value < found.high


def test_each_measure_has_its_value_and_interval() -> None:
    generator = np.random.default_rng(2)
    truth = generator.random(300) < 0.4
    score = np.clip(truth * 0.4 + generator.random(300) * 0.6, 0, 1)
    frame = flows(truth.tolist(), (score > 0.5).tolist(), score.tolist())
    for measure in ("accuracy", "precision", "recall", "f1", "fpr", "mcc", "macro_f1", "pr_auc", "roc_auc"):
        found = measured(frame, "binary", measure, None, None, 200, generator)
        assert found is not None
        assert found.low <= found.value <= found.high
        assert found.n == 300
    assert found is not None
    assert found.value == pytest.approx(roc_auc_score(truth, score))
    wide = measured(frame, "binary", "recall", None, 0.2, 200, generator)
    assert wide is not None
    assert wide.value == pytest.approx((score > 0.2)[truth].mean()), "at a threshold, not at the model's own"
    alone = flows([False, False], [False, False])
    assert [measured(alone, "binary", name, None, None, 9, generator) for name in ("recall", "pr_auc", "roc_auc")] == [
        None, None, None,
    ]  # fmt: skip


def test_of_a_single_type_f1_is_measured() -> None:
    frame = pl.DataFrame({"label": ["Bot", "Bot", "DDoS", "BENIGN"], "predicted": ["Bot", "BENIGN", "DDoS", "Bot"]})
    found = measured(frame, "types", "f1", "Bot", None, 9, np.random.default_rng(0))
    assert found is not None
    assert found.value == pytest.approx(0.5)
    assert measured(frame, "types", "f1", "Heartbleed", None, 9, np.random.default_rng(0)) is None
    accuracy = measured(frame, "types", "accuracy", None, None, 9, np.random.default_rng(0))
    assert accuracy is not None
    assert accuracy.value == 0.5


@pytest.mark.parametrize(
    ("low", "high", "keys", "complete", "said"),
    [
        (0.89, 0.91, {}, True, REPRODUCED),
        (0.87, 0.89, {}, True, OPEN),
        (0.70, 0.80, {}, True, NOT),
        (0.70, 0.80, {"departs": ["a sub-sample"]}, True, OPEN),
        (0.70, 0.80, {}, False, TEST),
        (0.89, 0.91, {}, False, TEST),
        (0.96, 0.97, {"at_least": "0.95"}, True, REPRODUCED),
        (0.90, 0.94, {"at_least": "0.95"}, True, NOT),
        (0.90, 0.96, {"at_least": "0.95"}, True, OPEN),
        (0.90, 0.94, {"at_most": "0.95"}, True, REPRODUCED),
        (0.96, 0.97, {"at_most": "0.95"}, True, NOT),
        (0.63, 0.66, {"at_least": "0.63", "at_most": "0.68"}, True, REPRODUCED),
        (0.50, 0.60, {"at_least": "0.63", "at_most": "0.68"}, True, NOT),
    ],
)
def test_a_verdict_is_by_the_interval_and_counts_on_a_complete_release(
    low: float, high: float, keys: dict[str, Any], complete: bool, said: str
) -> None:
    middle = (low + high) / 2
    found = Ours(None, middle, Interval(middle, low, high, 100, "Wilson"))
    assert verdict(claim(**keys), found, complete, 0.02) == said


def test_about_a_low_rate_of_false_alarms_the_band_is_narrow() -> None:
    assert band(claim(measure="fpr", printed="0.0060"), 0.02) == pytest.approx((0.00295, 0.00905))
    assert band(claim(printed="0.90"), 0.02) == pytest.approx((0.875, 0.925))


FRAME = flows([True, True, False, False], [True, False, False, False])


@pytest.mark.parametrize(
    ("keys", "one", "why"),
    [
        ({"protocol": {"release": "corrected"}}, fit(FRAME), "the corrected release was not read"),
        ({"missing": "LightGBM is none of the models"}, None, "LightGBM is none of the models"),
        ({"protocol": {"split": "chronological"}}, None, "the flows have no times"),
        ({}, None, "this build fits no such condition"),
        ({}, fit(FRAME, reason="all flows are of one day"), "all flows are of one day"),
        ({"protocol": {"part": "Friday"}}, fit(FRAME), NO_PART),
        ({"protocol": {"part": "Friday"}}, fit(FRAME, reason="no days"), "no days"),
        ({"protocol": {"threshold": "0.001"}}, fit(FRAME), "no benign flow was held back to set a threshold on"),
        ({"ours": "a.b", "missing": "no other build was named"}, None, "no other build was named"),
    ],
)
def test_what_cannot_run_says_what_is_missing(keys: dict[str, Any], one: Fit | None, why: str) -> None:
    found = ours(claim(**keys), one, {}, ORIGINAL, ("types",), 50, 1, "smith.one")
    assert found.why == why
    assert verdict(claim(**keys), found, True, 0.02) == CANNOT


@pytest.mark.parametrize(("read", "why"), [
    ("original", None), ("cleaned", None), ("wtmc2021", None), ("ids2018", "no flows of CICIDS2017 were read"),
])  # fmt: skip
def test_what_is_claimed_of_a_collection_is_judged_on_its_releases_alone(read: str, why: str | None) -> None:
    one = claim(protocol={"release": "CICIDS2017"})
    assert ours(one, fit(FRAME), {}, ORIGINAL | {"release": read}, ("types",), 50, 1, "smith.one").why == why


def test_a_value_stands_in_with_its_interval() -> None:
    values = {"a.b": {"value": 0.5, "low": 0.4, "high": 0.6, "n": 9, "interval": "Wilson"}}
    found = ours(claim(ours="a.b"), None, values, ORIGINAL, (), 50, 1, "smith.one")
    assert found.why is None
    assert found.interval == Interval(0.5, 0.4, 0.6, 9, "Wilson")


def test_every_claim_is_listed_with_what_ours_is_or_why_not() -> None:
    claims = (claim(id="one", printed="0.67"), claim(id="two", missing="it has no model"),
              claim(id="three", protocol={"features": "selected"}))  # fmt: skip
    file = StudyFile(id="smith", study="<script>alert(1)</script>", reference="Smith", claims=claims)
    fits = {"smith.one": fit(FRAME), "smith.three": fit(FRAME)}
    for complete in (False, True):
        record = report_study_claims([file], fits, {}, ORIGINAL, ("types",), complete, 0.02, 50, 1)
        assert record.step == study_claims.__name__.rpartition(".")[2], "by which its source file is found"
        (one, _), (two,) = (record.tables[name].records() for name in ("studies", "studies_cannot"))
        assert one["value"] == pytest.approx(2 / 3)
        assert one["verdict"] == (OPEN if complete else TEST)
        assert (two["id"], two["note"]) == ("smith.two", "it has no model")
        values = {key: value.value for key, value in record.values.items()}
        assert [values[f"studies.{key}"] for key in ("claims", "run", "left", "outside")] == [3, 2, 1, 1]
        assert values["studies.verdicts.cannot_run"] == 1
        assert values["studies.counts"] is complete
    assert one["protocol"] == "random split, all features, random forest"
    assert "<script>" not in record.tables["studies"].to_markdown()
    alone = StudyFile(id="smith", study="Smith", reference="Smith", claims=claims[2:])
    record = report_study_claims([alone], fits, {}, ORIGINAL, ("types",), True, 0.02, 50, 1)
    assert record.values["studies.outside"].value == 0, "the source's own condition"


def test_a_protocol_says_what_it_departs_from_the_baseline_in() -> None:
    from analysis.studies.study_claims import protocol_words

    one = claim(protocol=Protocol(split="later_days", part="Wednesday", duplicates="drop", threshold="0.001"))
    assert protocol_words(one, None) == (
        "days after Wednesday, repeats dropped, all features, random forest, threshold at 0.1% false alarms"
    )
