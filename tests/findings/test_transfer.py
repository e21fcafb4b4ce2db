"""The step transfer: models here and elsewhere, whether elsewhere is another network, and what is published of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sklearn.metrics import f1_score, matthews_corrcoef, roc_auc_score

from analysis.audit.condition import Condition
from analysis.audit.pitfalls import PLACE
from analysis.audit.pitfalls import load as pitfalls
from analysis.conditions.findings import ELSEWHERE
from analysis.dataset.release import load
from analysis.detection.predictions import Fit
from analysis.findings.transfer import YEARS, record_network, record_transfer
from analysis.record import Record
from analysis.studies.read import read_all

from .conftest import fit_of, predicted


def fits(seed: int, skill: float) -> dict[str, Fit]:
    thresholds = {"0.01": 0.9, "0.001": None}
    return {
        name: fit_of(
            name.partition(".")[2], predicted(900, seed + i, skill), thresholds=thresholds, features=["a", "b"]
        )
        for i, name in enumerate(ELSEWHERE)
    }


def recorded(collections: tuple[str | None, str | None]) -> tuple[Record, dict[str, Fit]]:
    record, there = Record("transfer", "test flows"), fits(20, 1)
    record_transfer(record, fits(1, 4), there, "other flows")
    record_network(record, there["all.random_forest"], collections)
    return record, there


@pytest.mark.parametrize(("collections", "other"), [
    (("CICIDS2017", "CICIDS2017"), False), (YEARS, True), (YEARS[::-1], True), (("CICIDS2017", None), False),
    ((None, None), False), ((None, "CSE-CIC-IDS2018"), False),
])  # fmt: skip
def test_another_network_is_another_collection_of_real_flows(collections: Any, other: bool) -> None:
    record, _ = recorded(collections)
    assert record.values["transfer.other_network"].value is other
    for measure in ("f1", "mcc", "roc_auc"):
        value = record.values[f"transfer.years.{measure}"]
        assert (value.value is not None) == (collections == YEARS)
        assert (value.reason is None) == (collections == YEARS)


def test_what_is_published_of_the_years_is_of_the_forest_on_all_features_as_scikit_learn_has_it() -> None:
    record, there = recorded(YEARS)
    frame = there["all.random_forest"].frame
    truth, said, score = (frame[name].to_numpy() for name in ("is_attack", "predicted", "score"))
    values = record.values
    assert values["transfer.years.f1"].value == pytest.approx(f1_score(truth, said))
    assert values["transfer.years.f1"].low < values["transfer.years.f1"].value < values["transfer.years.f1"].high  # type: ignore[operator]
    assert values["transfer.years.mcc"].value == pytest.approx(matthews_corrcoef(truth, said))
    assert values["transfer.years.roc_auc"].value == pytest.approx(roc_auc_score(truth, score))
    assert values["transfer.all.random_forest.there.f1"].value == values["transfer.years.f1"].value


def test_of_flows_without_an_attack_the_text_does_not_speak() -> None:
    record, there = Record("transfer", "test flows"), fits(20, 1)
    there = {name: Fit(fit.entry, fit.frame.filter(~fit.frame["is_attack"])) for name, fit in there.items()}
    record_transfer(record, fits(1, 4), there, "other flows")
    record_network(record, there["all.random_forest"], YEARS)
    assert record.values["transfer.measured"].value is False
    assert record.values["transfer.years.roc_auc"].reason
    assert recorded(YEARS)[0].values["transfer.measured"].value is True


def test_what_others_ask_of_this_step_it_records(root: Path) -> None:
    """An ordinary build has none of these values, so that a misspelt key would never be seen there."""
    record, _ = recorded(YEARS)
    checks = [check for one in pitfalls(root / "config/pitfalls.yaml") for check in one.checks]
    asked = {key for one in checks for key in (*Condition(one.holds).keys, *PLACE.findall(one.says + one.otherwise))}
    asked |= {claim.ours for study in read_all(root / "studies") for claim in study.claims if claim.ours}
    asked = {key for key in asked if key.startswith("transfer.")}
    assert len(asked) > 3
    assert asked <= record.values.keys()


def test_the_years_are_of_releases_that_there_are() -> None:
    assert [load(name).collection for name in ("original", "ids2018")] == list(YEARS)
