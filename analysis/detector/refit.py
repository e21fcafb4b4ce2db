"""A model of a finished build fitted again from its description, and compared with what the build predicted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analysis.conditions.condition import drawn_seed
from analysis.conditions.engine import Engine
from analysis.conditions.estimator import Fitted, build, fit_and_predict
from analysis.conditions.fit import of_target, shared_out
from analysis.dataset.parts import Part
from analysis.detection.predictions import answers
from analysis.detector.built import Built
from analysis.errors import UserError


@dataclass(frozen=True)
class Refit:
    """A model fitted again: the flows that it was fitted on and tested on, and the build's answers to the latter.

    ``seen`` (n, k) and ``unseen`` (m, k) are its features as they are measured, ``truth`` (n,) the labels learnt;
    ``train`` and ``test`` have all columns of these flows.
    """

    entry: dict[str, Any]
    found: Fitted
    seen: np.ndarray
    truth: np.ndarray
    unseen: np.ndarray
    answered: pl.DataFrame
    train: Part | None = None
    test: Part | None = None

    @property
    def description(self) -> dict[str, Any]:
        """What the build says of the model."""
        (fold,) = self.entry["folds"]
        return dict(fold)

    @property
    def features(self) -> list[str]:
        """Its features, in the order of its columns."""
        return list(self.description["features"])


def refit(built: Built, entry: dict[str, Any], predictions: Path) -> Refit:
    """Fit the model of ``entry`` again; UserError where it does not answer as the build's did, to the last bit."""
    fold, target, settings = built.fold(), entry["factors"]["target"], built.settings
    if fold.train is None or fold.test is None:
        raise UserError(f"{built.results}: its split cannot be made ({fold.reason}), so there is nothing to fit")
    train, test = of_target(fold.train, target), of_target(fold.test, target)
    train, _ = shared_out(entry, train, settings["seed"])
    features = entry["folds"][0]["features"]
    seen, unseen = train.matrix(features), test.matrix(features)
    truth = _labels(train, target)
    estimator = build(
        entry["estimator"], entry["parameters"], drawn_seed(settings["seed"], entry["streams"]["fit"]),
        settings["threads"],
    )  # fmt: skip
    found = fit_and_predict(
        estimator, seen, truth, unseen, prepared=entry["factors"]["preparation"], threads=settings["threads"],
        engine=Engine(**settings["engine"]),
    )  # fmt: skip
    answered = answers(predictions, entry["id"])
    same = np.array_equal(answered["predicted"].to_numpy(), found.predicted)
    if found.score is not None:
        same = same and np.array_equal(answered["score"].to_numpy(), found.score)
    if not same:
        raise UserError(
            f"{entry['id']}: fitted again, it does not answer as it did in the build {built.results.name} (other "
            "versions, or another kind of processor?); run 'make paper' again here, and then 'make detector'"
        )
    return Refit(entry, found, seen, truth, unseen, answered, train, test)


def _labels(train: Part, target: str) -> np.ndarray:
    return train.column("is_attack" if target == "binary" else "Label").to_numpy()
