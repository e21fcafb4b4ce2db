"""What a build learnt besides its models is learnt again, by another route, from training flows alone.

The ranking, the threshold of each feature, its minimum and median, and the port's rule. The same learnt from all flows
is seen.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, precision_recall_curve

from analysis.record import read_json
from tests.build.test_refit import parts

PORT = "Destination Port"


def best_f1(values: np.ndarray, attack: np.ndarray) -> float:
    """Highest F1 of a threshold on ``values``, attacks above it or up to it."""
    found = []
    for side in (values, -values):
        precision, recall, _ = precision_recall_curve(attack, side)
        found.append((2 * precision * recall / np.maximum(precision + recall, 1e-12)).max())
    return float(max(found))


def differing(
    tables: dict[str, pd.DataFrame], values: dict[str, Any], train: pd.DataFrame, test: pd.DataFrame
) -> list[str]:
    """What is otherwise in a build than learnt from ``train`` (and, for an F1, asked of ``test``)."""
    attack, truth = train["is_attack"].to_numpy(), test["is_attack"].to_numpy()
    found = []
    for row in tables["ranking"].itertuples():
        r = np.corrcoef(train[row.feature].astype(float), attack)[0, 1]
        if not np.isclose(row.r, r, atol=1e-9):
            found.append(f"ranking: {row.feature}")
    for row in tables["single_features"].itertuples():
        seen, unseen = (part[row.feature].to_numpy(dtype=float) for part in (train, test))
        called, asked = ((x > row.threshold) == (row.side == "above") for x in (seen, unseen))
        if not np.isclose(f1_score(attack, called), best_f1(seen, attack)):
            found.append(f"single_features: {row.feature}")
        assert row.f1 == pytest.approx(f1_score(truth, asked, zero_division=0)), row.feature
    for row in tables["at_minimum"].itertuples():
        if row.threshold != train[row.feature].min():
            found.append(f"at_minimum: {row.feature}")
    for row in tables["up_to_median"].itertuples():
        if row.threshold != train.loc[~attack, row.feature].quantile(0.5, interpolation="lower"):
            found.append(f"up_to_median: {row.feature}")
    if PORT in train:
        share = train.groupby(PORT)["is_attack"].mean()
        called = test[PORT].map(share).fillna(0) > 0.5
        if not np.isclose(values["overlap.port.f1"]["value"], f1_score(truth, called)):
            found.append("port")
    return found


def check(results: Path, build: Path) -> None:
    """A build's tables against its training flows, and against all flows, of which most is learnt otherwise."""
    names = ("ranking", "single_features", "at_minimum", "up_to_median")
    tables = {name: pd.read_csv(results / f"tables/{name}.csv") for name in names}
    values = read_json(results / "values.json")["values"]
    train, test = (pd.DataFrame(part.to_dict(as_series=False)) for part in parts(build))
    assert differing(tables, values, train, test) == []
    leaking = differing(tables, values, pd.concat([train, test], ignore_index=True), test)
    kinds = {name.partition(":")[0] for name in leaking}
    assert kinds >= {"ranking", "single_features"} | ({"port"} if PORT in train else set()), "a leak would not be seen"


def test_what_is_learnt_besides_models_is_learnt_from_training_flows_alone(results: Path) -> None:
    check(results, results.parents[1] / "build" / results.name)
