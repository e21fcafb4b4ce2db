"""Settings of models, a part of those of a study: their hyperparameters, and what fits them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from analysis.conditions.models import demand_usable

Count = Annotated[int, Field(ge=1)]
Fraction = Annotated[float, Field(gt=0, lt=1)]


class Group(BaseModel):
    """Settings that belong together; a name that is none of them is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RandomForest(Group):
    """sklearn.ensemble.RandomForestClassifier."""

    n_estimators: Count = Field(100, description="trees")
    criterion: Literal["gini", "entropy", "log_loss"] = Field("gini", description="split criterion")
    max_depth: Count | None = Field(None, description="null: grown until leaves are pure")
    min_samples_split: int = Field(2, ge=2, description="least flows in a node to split it")
    min_samples_leaf: Count = Field(1, description="least flows in a leaf")
    max_features: Literal["sqrt", "log2"] | None = Field("sqrt", description="features tried at a split")
    min_weight_fraction_leaf: float = Field(0.0, ge=0, le=0.5, description="least share of the weight in a leaf")
    max_leaf_nodes: int | None = Field(None, ge=2, description="null: as many leaves as it takes")
    min_impurity_decrease: float = Field(0.0, ge=0, description="least gain of a split")
    ccp_alpha: float = Field(0.0, ge=0, description="cost-complexity pruning; 0: none")
    bootstrap: bool = Field(True, description="each tree sees a bootstrap sample")
    max_samples: float | None = Field(None, gt=0, le=1, description="share of flows in it; null: as many as there are")
    class_weight: Literal["balanced", "balanced_subsample"] | None = Field(None, description="null: flows weigh alike")

    @model_validator(mode="after")
    def _sample_of_a_bootstrap(self) -> RandomForest:
        if self.max_samples is not None and not self.bootstrap:
            raise ValueError("max_samples is a share of the bootstrap sample; it needs bootstrap: true")
        return self


class GradientBoosting(Group):
    """sklearn.ensemble.GradientBoostingClassifier."""

    n_estimators: Count = Field(100, description="trees")
    learning_rate: float = Field(0.1, gt=0, description="shrinkage of each tree")
    loss: Literal["log_loss", "exponential"] = Field("log_loss", description="loss that is lowered")
    max_depth: Count = Field(3, description="depth of each tree")
    min_samples_split: int = Field(2, ge=2, description="least flows in a node to split it")
    min_samples_leaf: Count = Field(1, description="least flows in a leaf")
    min_weight_fraction_leaf: float = Field(0.0, ge=0, le=0.5, description="least share of the weight in a leaf")
    max_leaf_nodes: int | None = Field(None, ge=2, description="null: as many leaves as the depth allows")
    min_impurity_decrease: float = Field(0.0, ge=0, description="least gain of a split")
    ccp_alpha: float = Field(0.0, ge=0, description="cost-complexity pruning; 0: none")
    n_iter_no_change: Count | None = Field(None, description="null: no early stopping")
    validation_fraction: Fraction = Field(0.1, description="share set aside for early stopping, where there is any")
    tol: float = Field(1e-4, gt=0, description="tolerance of early stopping")
    subsample: float = Field(1.0, gt=0, le=1, description="share of flows each tree sees")
    max_features: Literal["sqrt", "log2"] | None = Field(None, description="null: all features tried at a split")


class AdaBoost(Group):
    """sklearn.ensemble.AdaBoostClassifier over decision stumps."""

    n_estimators: Count = Field(100, description="stumps")
    learning_rate: float = Field(1.0, gt=0, description="weight of each stump")


class LogisticRegression(Group):
    """sklearn.linear_model.LogisticRegression."""

    C: float = Field(1.0, gt=0, description="inverse strength of the L2 penalty")
    max_iter: Count = Field(1_000, description="iterations at most; scikit-learn's 100 stops before convergence here")
    tol: float = Field(1e-4, gt=0, description="stopping tolerance")
    solver: Literal["lbfgs", "newton-cg", "newton-cholesky", "sag", "saga"] = Field("lbfgs", description="optimiser")
    l1_ratio: float = Field(0.0, ge=0, le=1, description="0: L2 penalty; 1: L1 (solver saga)")
    fit_intercept: bool = Field(True, description="the boundary need not pass through the mean")
    class_weight: Literal["balanced"] | None = Field(None, description="null: flows weigh alike")

    @model_validator(mode="after")
    def _solver_of_the_penalty(self) -> LogisticRegression:
        if self.l1_ratio > 0 and self.solver != "saga":
            raise ValueError("an l1_ratio above 0 needs solver: saga")
        return self


class OtherModel(Group):
    """A model that the source study does not have."""

    estimator: str = Field(description="import path within scikit-learn")
    name: str = Field(min_length=1, description="what readers call it")
    parameters: dict[str, Any] = Field({}, description="hyperparameters; those left out have the library's defaults")

    @model_validator(mode="after")
    def _usable(self) -> OtherModel:
        demand_usable(self.estimator, self.parameters)
        return self


class Models(Group):
    """Hyperparameters; scikit-learn's defaults, and 100 trees. A further one: its estimator, name and parameters"""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, OtherModel] = Field(init=False)

    random_forest: RandomForest = RandomForest()
    gradient_boosting: GradientBoosting = GradientBoosting()
    adaboost: AdaBoost = AdaBoost()
    logistic_regression: LogisticRegression = LogisticRegression()

    @model_validator(mode="before")
    @classmethod
    def _known_or_complete(cls, given: Any) -> Any:
        """A misspelt model is no further model: that says its estimator, and has a key that files can bear."""
        for key in given if isinstance(given, Mapping) else ():
            if key in cls.model_fields:
                continue
            if not isinstance(given[key], OtherModel) and "estimator" not in (given[key] or {}):
                near = get_close_matches(str(key), list(cls.model_fields), n=1)
                hint = f"did you mean {near[0]}? " if near else ""
                raise ValueError(f"unknown model {key}; {hint}a further one says its estimator and name")
            if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", str(key)):
                raise ValueError(f"the key {key} of a model: give small letters, digits and '_', a letter first")
        return given

    def further(self) -> dict[str, OtherModel]:
        """Those that the source study does not have, by key."""
        return dict(self.__pydantic_extra__ or {})


class Speed(Group):
    """What fits the models, and how much is predicted to state a training score"""

    kind: Literal["auto", "exact", "fast"] = Field(
        "auto",
        description="exact: scikit-learn as it is; fast: equal flows as weights, with boosting's answers unchanged and "
        "forests equal in distribution; auto: fast from so many training flows on",
    )
    from_rows: Count = Field(100_000, description="training flows from which auto is fast")
    score_rows: Count = Field(100_000, description="most training flows, evenly spaced, that F1 in training is over")
