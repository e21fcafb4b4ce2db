"""The estimators: scikit-learn's own, behind a StandardScaler, with every hyperparameter from the settings."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from analysis.errors import UserError

ESTIMATORS: dict[str, type] = {
    "random_forest": RandomForestClassifier,
    "gradient_boosting": GradientBoostingClassifier,
    "adaboost": AdaBoostClassifier,
    "logistic_regression": LogisticRegression,
}


@dataclass(frozen=True)
class Fitted:
    """A fitted pipeline and whether its optimiser converged (None for estimators that do not iterate to a limit)."""

    pipeline: Pipeline
    converged: bool | None

    @property
    def estimator(self) -> Any:
        """The estimator behind the scaler."""
        return self.pipeline[-1]


def build(model: str, parameters: Mapping[str, Any], seed: int, threads: int) -> Pipeline:
    """Pipeline of StandardScaler and the estimator named ``model``; ``threads`` bounds the forest's fitting only.

    Raises UserError for a hyperparameter that the estimator does not have.
    """
    estimator = ESTIMATORS[model]()
    unknown = set(parameters) - set(estimator.get_params())
    if unknown:
        raise UserError(
            f"models.{model}: {type(estimator).__name__} has no hyperparameter {', '.join(sorted(unknown))}"
        )
    estimator.set_params(**parameters, random_state=seed)
    if model == "random_forest":
        estimator.set_params(n_jobs=threads)
    return Pipeline([("scaler", StandardScaler()), ("estimator", estimator)])


def fit(pipeline: Pipeline, features: np.ndarray, labels: np.ndarray, threads: int) -> Fitted:
    """Fit on ``features`` of shape (n, k) and ``labels`` of shape (n,); the number of BLAS threads is fixed."""
    with warnings.catch_warnings(record=True) as caught, threadpool_limits(limits=threads):
        warnings.simplefilter("always")
        pipeline.fit(features, labels)
    stopped = False
    for warning in caught:
        if issubclass(warning.category, ConvergenceWarning):
            stopped = True
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    estimator = pipeline[-1]
    if isinstance(estimator, RandomForestClassifier):
        # Trees vote in one order: the sum of their shares would depend on the order in which threads finish.
        estimator.set_params(n_jobs=1)
    return Fitted(pipeline, not stopped if isinstance(estimator, LogisticRegression) else None)


def matrix(frame: pl.DataFrame, features: Sequence[str]) -> np.ndarray:
    """The feature columns as float64, shape (rows, features)."""
    return frame.select(pl.col(name).cast(pl.Float64) for name in features).to_numpy()


def describe(fitted: Fitted, features: Sequence[str]) -> dict[str, Any]:
    """What a reader may want to know of a fitted model, as JSON: all hyperparameters, iterations, importances."""
    estimator = fitted.estimator
    importances = getattr(estimator, "feature_importances_", None)
    iterations = getattr(estimator, "n_iter_", None)
    return {
        "estimator": f"{type(estimator).__module__.split('._')[0]}.{type(estimator).__name__}",
        "parameters": estimator.get_params(),
        "features": list(features),
        "converged": fitted.converged,
        "iterations": None if iterations is None else int(np.max(iterations)),
        "importances": None if importances is None else dict(zip(features, importances.tolist(), strict=True)),
    }
