"""Whatever learns is given training flows and nothing else: other test flows change nothing that was learnt."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from analysis.dataset.split import fill
from analysis.detection.binary import fit_and_predict
from analysis.detection.models import build, fit, matrix
from tests.detection.conftest import FEATURES


def other(test: pl.DataFrame) -> pl.DataFrame:
    """The same test flows, except that every number is far off."""
    return test.with_columns(pl.col(FEATURES) * 1000 + 7)


def test_what_fills_cells_is_learnt_from_training_flows(train: pl.DataFrame, test: pl.DataFrame) -> None:
    holes = [part.with_columns(pl.when(pl.col("source_row") % 3 == 0).then(None).otherwise(pl.col(FEATURES[1]))
                               .alias(FEATURES[1])) for part in (train, test)]  # fmt: skip
    first, _, learnt = fill(holes[0], holes[1])
    second, _, again = fill(holes[0], other(holes[1]))
    assert first.equals(second)
    assert [one.value for one in learnt] == [one.value for one in again]


@pytest.mark.parametrize("model", ["random_forest", "logistic_regression"])
def test_a_model_is_learnt_from_training_flows(model: str, train: pl.DataFrame, test: pl.DataFrame) -> None:
    parameters = {"n_estimators": 10} if model == "random_forest" else {"max_iter": 200}
    mixed = pl.concat([test, other(test)])
    alone, described = fit_and_predict(model, parameters, train, test, FEATURES, seed=1, threads=1)
    beside, again = fit_and_predict(model, parameters, train, mixed, FEATURES, seed=1, threads=1)
    assert alone.equals(beside[: test.height]), "what a flow gets depends on the flows beside it"
    assert described == again
    # Far-off test flows would have shown a scaler that had seen them.
    pipeline = fit(build(model, parameters, 1, 1), matrix(train, FEATURES), train["is_attack"].to_numpy(), 1).pipeline
    assert pipeline[0].mean_ == pytest.approx(matrix(train, FEATURES).mean(axis=0))


def test_a_planted_leak_is_caught(train: pl.DataFrame, test: pl.DataFrame) -> None:
    """The check above can fail: a scaler that sees test flows too gives a flow another answer beside others."""

    def leaky(part: pl.DataFrame) -> np.ndarray:
        pipeline = build("logistic_regression", {"max_iter": 200}, 1, 1)
        pipeline.fit(matrix(train, FEATURES), train["is_attack"].to_numpy())
        pipeline[0].fit(matrix(part, FEATURES))
        found: np.ndarray = pipeline.predict_proba(matrix(part, FEATURES))[: test.height, 1]
        return found

    assert not np.allclose(leaky(test), leaky(pl.concat([test, other(test)])))
