"""Models as entries: the estimator, what readers call it, and how its line looks. The four of the source are built in.

Further ones come from the settings (``models: {hist: {estimator: ..., name: ...}}``) and need no line of code.
"""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any


@dataclass(frozen=True)
class Look:
    """How a model's line is drawn: a colour of the palette, dashes in points (none: a full line) and a marker."""

    colour: str
    dashes: tuple[float, ...]
    marker: str


@dataclass(frozen=True)
class Model:
    """An entry: key for machines, import path of the estimator, words for readers, and its look."""

    key: str
    estimator: str
    name: str
    look: Look


SOURCE = {
    model.key: model
    for model in (
        Model("random_forest", "sklearn.ensemble.RandomForestClassifier", "random forest",
              Look("blue", (), "o")),
        Model("gradient_boosting", "sklearn.ensemble.GradientBoostingClassifier", "gradient boosting",
              Look("vermilion", (5, 1.5), "s")),
        Model("adaboost", "sklearn.ensemble.AdaBoostClassifier", "AdaBoost",
              Look("green", (1, 1), "^")),
        Model("logistic_regression", "sklearn.linear_model.LogisticRegression", "logistic regression",
              Look("purple", (4, 1.5, 1, 1.5), "D")),
    )
}  # fmt: skip
"""The four models of the source study, by key."""

FURTHER = (
    Look("ink", (7, 2), "v"),
    Look("grey", (3, 1, 1, 1, 1, 1), "P"),
    Look("blue", (2, 2), "X"),
    Look("green", (9, 1.5, 1, 1.5), "<"),
)
"""Looks of models that the settings add, in their order; from the fifth on they repeat."""


def look(key: str, position: int) -> Look:
    """The look of a model: its own, or that of a further model at this ``position`` (from 0) among those drawn."""
    return SOURCE[key].look if key in SOURCE else FURTHER[(position - len(SOURCE)) % len(FURTHER)]


def estimator_class(path: str) -> type:
    """The class at an import path within scikit-learn. ValueError where there is none that can be used, with the
    nearest."""
    module_name, _, name = path.rpartition(".")
    if module_name.split(".")[0] != "sklearn":
        raise ValueError(f"an estimator is given as sklearn.<module>.<class>, such as {_EXAMPLE}")
    try:
        module = importlib.import_module(module_name)
    except ImportError:
        raise ValueError(f"scikit-learn has no module {module_name}") from None
    found = getattr(module, name, None)
    if not (inspect.isclass(found) and hasattr(found, "fit") and hasattr(found, "get_params")):
        near = get_close_matches(name, [one for one in dir(module) if one[:1].isupper()], n=1)
        raise ValueError(f"{module_name} has no estimator {name}" + (f"; did you mean {near[0]}?" if near else ""))
    return found


def demand_usable(path: str, parameters: dict[str, Any]) -> None:
    """ValueError where the estimator cannot be used here, or does not have one of the ``parameters``."""
    kind: Any = estimator_class(path)
    try:
        made = kind()
    except TypeError:
        raise ValueError(f"the estimator {kind.__name__} cannot be made from hyperparameters alone") from None
    known = made.get_params()
    for name in parameters:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            raise ValueError(
                f"the estimator {kind.__name__} has no hyperparameter {name}"
                + (f"; did you mean {near[0]}?" if near else "")
            )
    from sklearn.base import is_classifier

    if not is_classifier(made) or not hasattr(made.set_params(**parameters), "predict_proba"):
        raise ValueError(f"the estimator {kind.__name__} gives no probability of an attack (predict_proba)")


_EXAMPLE = "sklearn.ensemble.HistGradientBoostingClassifier"
