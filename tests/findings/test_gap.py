"""The columns that close the gap, as the report tells them."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.conditions.screen import paths, unavailable
from analysis.detection.evaluation import Confusion
from analysis.detection.predictions import Fit
from analysis.findings.gap import report_gap
from tests.findings.test_screen import score, selection

RIGHT = {"ranked": 60, "all": 90, "without_shortcuts": 80, "any.1": 89, "any.2": 90, "plain.1": 79}
"""Attacks found, of 100."""


def fit(found: int | None) -> Fit:
    """A model that finds so many of 100 attacks and raises no false alarm; None: one that could not be fitted."""
    attack = np.arange(300) < 100
    frame = pl.DataFrame({"is_attack": attack, "predicted": np.arange(300) < (found or 0)})
    reason = "fewer columns close the gap" if found is None else None
    fold: dict[str, Any] = {"fold": "random", "reason": reason}
    if found is not None:
        fold |= {"n_train": 900, "features": ["a", "Destination Port"]}
    return Fit({"folds": [fold]}, frame if found is not None else frame.clear())


def fits(**changes: int | None) -> dict[str, Fit]:
    names = ["ranked", "all", "without_shortcuts", "plain.0", *(f"{p}.{k}" for p in ("any", "plain") for k in (1, 2))]
    return {name: fit((RIGHT | changes).get(name)) for name in names}


SCREENED = {"n_train": 800, "n_validation": 200} | paths(selection(["a"]), score, 0.1, 2)


def test_f1_column_by_column() -> None:
    record = report_gap(SCREENED, fits(), 0.01, 2, "synthetic twin")
    rows = record.tables["gap"].records()
    assert [(row["path"], row["place"], row["feature"]) for row in rows] == [
        ("any", "0", "ranked features"), ("any", "1", "Destination Port"), ("any", "2", "b"),
        ("any", "all", "all columns"),
        ("plain", "0", "ranked features"), ("plain", "1", "b"), ("plain", "all", "all columns"),
    ]  # fmt: skip
    assert [row["f1"] for row in rows[:4]] == pytest.approx([2 * k / (100 + k) for k in (60, 89, 90, 90)])
    interval = Confusion(200, 0, 11, 89).interval("f1")
    assert (rows[1]["low"], rows[1]["high"]) == (interval["low"], interval["high"])
    values = {key: one.value for key, one in record.values.items()}
    assert values["gap.any.first.feature"] == "Destination Port"
    assert (values["gap.any.ranked.closes"], values["gap.any.first.closes"]) == (False, True)
    assert values["gap.any.gain"] == pytest.approx(rows[2]["f1"] - rows[0]["f1"])
    assert (values["gap.plain.features"], values["gap.plain.last.closes"]) == (["b"], True)
    assert record.tables["gap_columns"].column("feature") == ["Destination Port", "b", "c", "d"]
    assert record.tables["gap_columns"].column("shortcut") == [True, False, False, False]
    assert record.tables["gap_columns"].column("gain") == pytest.approx([0.5, 0.1, 0.05, 0])


def test_whether_the_gap_is_closed_is_decided_on_the_test_part() -> None:
    values = report_gap(SCREENED, fits(**{"any.1": 70, "plain.1": 61}), 0.01, 2, "x").values
    assert not values["gap.any.first.closes"].value
    assert values["gap.any.last.closes"].value
    assert not values["gap.plain.last.closes"].value
    assert report_gap(SCREENED, fits(ranked=90), 0.01, 2, "x").values["gap.any.ranked.closes"].value
    for plain, matches in ((80, False), (89, True), (None, False)):
        found = report_gap(SCREENED, fits(without_shortcuts=plain), 0.01, 2, "x").values["gap.plain.matches"].value
        assert found is matches


def test_what_could_not_be_screened_or_fitted_says_why() -> None:
    none = dict.fromkeys(RIGHT)
    record = report_gap(unavailable("too few attacks"), fits(**none), 0.01, 2, "x")
    assert record.values["gap.any.available"].value is False
    assert record.values["gap.any.reason"].text == "too few attacks"
    assert record.values["gap.any.first.f1"].reason == "too few attacks"
    assert record.values["gap.any.ranked.f1"].reason == "fewer columns close the gap"
    assert record.tables["gap_columns"].rows == ()
    assert record.values["gap.any.needed"].value is False
    nothing = SCREENED | {"any": SCREENED["any"] | {"steps": []}}
    record = report_gap(nothing, fits(), 0.01, 2, "x")
    assert record.values["gap.any.added"].value is False
    assert record.values["gap.any.needed"].value is True
    assert record.values["gap.any.first.feature"].value is None
    assert record.values["gap.any.last.closes"].value is False
    assert record.values["gap.any.gain"].reason == "no further column raises F1 on the validation part"


def test_columns_that_raise_f1_by_less_than_the_margin_are_not_said_to_raise_none() -> None:
    """All columns have 0.95 on the validation part and the ranked feature 0.3: within a margin of 0.7 none is added."""
    near = {"n_train": 800, "n_validation": 200} | paths(selection(["a"]), score, 0.7, 2)
    record = report_gap(near, fits(), 0.7, 2, "x")
    assert record.values["gap.any.steps"].value == 0
    assert max(record.tables["gap_columns"].column("gain")) == pytest.approx(0.5)
    assert record.values["gap.any.needed"].value is False
    assert record.values["gap.any.first.f1"].reason == "all columns add no more than 0.7 to F1 on the validation part"
