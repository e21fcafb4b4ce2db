"""Fit and predict: the one way in which anything is fitted, on arrays."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from analysis.conditions import engine as engines
from analysis.conditions.answers import answers, ask_once, in_single
from analysis.conditions.engine import Engine, Told
from analysis.conditions.models import estimator_class
from analysis.conditions.preparation import fit_by_columns, preparation
from analysis.errors import UserError

EXACT = Engine("exact")
"""What fits where nothing is said: scikit-learn itself."""


@dataclass(frozen=True)
class Fitted:
    """A fitted pipeline, its answers, and whether its optimiser converged (None for one that iterates to no limit).

    ``predicted`` are the answers to the unseen flows, shape (n,), ``score`` the probability of an attack, where the
    question has two answers, and ``on_train`` the answers to those of the flows that it was fitted on whose places
    ``asked`` holds. ``told`` says what fitted it.
    """

    pipeline: Pipeline
    predicted: np.ndarray
    score: np.ndarray | None
    on_train: np.ndarray | None
    asked: np.ndarray
    converged: bool | None
    told: Told

    @property
    def estimator(self) -> Any:
        """The estimator behind the preparation."""
        return self.pipeline[-1]


@cache
def _libraries() -> ThreadpoolController:
    """The libraries of linear algebra in this process; to look for them takes as long as a small fit."""
    return ThreadpoolController()


def build(estimator: str, parameters: Mapping[str, Any], seed: int, workers: int = 1) -> Any:
    """The estimator at an import path; a forest's trees are grown by so many ``workers``, which changes none.

    Raises UserError for a hyperparameter that it does not have.
    """
    made: Any = estimator_class(estimator)()
    known = made.get_params()
    if unknown := set(parameters) - set(known):
        raise UserError(f"{type(made).__name__} has no hyperparameter {', '.join(sorted(unknown))}")
    made.set_params(**parameters)
    if "random_state" in known:
        made.set_params(random_state=seed)
    if isinstance(made, RandomForestClassifier):
        made.set_params(n_jobs=workers)
    return made


def fit_and_predict(
    estimator: Any,
    seen: np.ndarray,
    labels: np.ndarray,
    unseen: np.ndarray,
    *,
    prepared: str = "standardised",
    threads: int = 1,
    workers: int = 1,
    engine: Engine = EXACT,
) -> Fitted:
    """Fit on ``seen`` (n, k) and ``labels`` (n,), and answer for ``unseen`` (m, k).

    Boolean labels ask whether a flow is an attack; then there is a score, and the answers to ``seen``, or to as many
    of them as ``engine`` states a training score on. The number of BLAS ``threads`` changes last digits and is fixed;
    that of ``workers``, which share out the flows to answer for, changes nothing.
    """
    pipeline = Pipeline([("scaler", preparation(prepared, len(seen))), ("estimator", estimator)])
    two = labels.dtype == bool
    asked = engine.asked(len(seen))
    asked_flows = seen[asked] if two else None
    with warnings.catch_warnings(record=True) as caught, _libraries().limit(limits=threads):
        warnings.simplefilter("always")
        flows = [prepared_flows(pipeline[:-1], seen, engine, estimator)]
        # Where nobody keeps them, many flows are freed before a model learns, and so are those prepared on the way.
        del seen
        told = engines.fit(engine, estimator, flows.pop(), labels)
    stopped = False
    for warning in caught:
        if issubclass(warning.category, ConvergenceWarning):
            stopped = True
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    if isinstance(estimator, RandomForestClassifier):
        # Trees vote in one order: the sum of their shares would depend on the order in which threads finish.
        estimator.set_params(n_jobs=1)
    with _libraries().limit(limits=threads):
        predicted, score = answers(pipeline, unseen, two, workers)
        on_train = None if asked_flows is None else answers(pipeline, asked_flows, False, workers)[0]
    converged = not stopped if isinstance(estimator, LogisticRegression) else None
    return Fitted(pipeline, predicted, score, on_train, asked, converged, told)


def prepared_flows(preparation: Pipeline, seen: np.ndarray, engine: Engine, estimator: Any) -> np.ndarray:
    """``seen`` (n, k) as ``preparation``, which is fitted on it, has it; in single precision where the fast engine
    serves, which sees no more than that."""
    if engine.serves(estimator, len(seen)):
        if [type(step) for _, step in preparation.steps] == [StandardScaler]:
            fit_by_columns(preparation[-1], seen)
        else:
            preparation.fit(seen)
        return in_single(preparation, seen)
    prepared: np.ndarray = preparation.fit_transform(seen)
    return prepared


def scores(fitted: Fitted, flows: np.ndarray, threads: int = 1) -> np.ndarray:
    """The probability of an attack for further flows (m, k), shape (m,)."""
    with _libraries().limit(limits=threads):
        return ask_once(fitted.pipeline, "predict_proba", flows)[:, 1]


def describe(fitted: Fitted, features: Sequence[str]) -> dict[str, Any]:
    """What a reader may want to know of a fitted model, as JSON: engine, all hyperparameters, iterations, importances.

    ``defaults`` are the library's own hyperparameters, so that who reports the others needs no estimator.
    """
    estimator = fitted.estimator
    importances = getattr(estimator, "feature_importances_", None)
    iterations = getattr(estimator, "n_iter_", None)
    return {
        "estimator": f"{type(estimator).__module__.split('._')[0]}.{type(estimator).__name__}",
        "parameters": _plain(estimator.get_params()),
        **asdict(fitted.told),
        "defaults": _plain(type(estimator)().get_params()),
        "features": list(features),
        "converged": fitted.converged,
        "iterations": None if iterations is None else int(np.max(iterations)),
        "importances": None if importances is None else dict(zip(features, importances.tolist(), strict=True)),
    }


def _plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Hyperparameters as JSON knows them; another object as its text."""
    return {key: value if isinstance(value, bool | int | float | str | None) else repr(value)
            for key, value in parameters.items()}  # fmt: skip
