"""Which conditions a study has: the source's, its ledger's, its repetitions', and the rows of the settings.

Each is in the list once; ``names`` say by which subset it is asked for, and what it is called there. Reports of the
source study read their own subset by these names, so that no further row can change them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import product
from typing import TYPE_CHECKING, Any

from analysis.conditions import added, findings, learning
from analysis.conditions.condition import LEVELS, WITH_PARAMETER, Condition
from analysis.conditions.models import SOURCE
from analysis.errors import UserError

if TYPE_CHECKING:
    from analysis.settings import Study

STEPS = (1, 3, 10, 30, 100)
"""Numbers of trees of the ledger's forests, besides the largest."""
LEAVES = (5, 20)
"""Flows that each leaf of the ledger's regularised forests holds at least."""
VARIANTS = {
    "all_with_benign": ("all", "types"),
    "all_attacks_only": ("all", "attack_types"),
    "selected_with_benign": ("selected", "types"),
    "selected_attacks_only": ("selected", "attack_types"),
}
"""The source's attack-type model, which can be understood in four ways: features and target."""
STREAMS = {"selected": "ten", "all": "all"}
"""What random streams call the feature sets of the source's models; seeds follow from the names, so they stay."""


@dataclass(frozen=True)
class Planned:
    """A condition with all that its fit needs: estimator, its name, hyperparameters; and what it is called where."""

    condition: Condition
    estimator: str
    model_name: str
    parameters: Mapping[str, Any]
    names: tuple[tuple[str, str], ...]
    min_type: int = 5

    def entry(self) -> dict[str, Any]:
        """As JSON, for the step that fits it."""
        return {
            "id": self.condition.id,
            "group": list(self.condition.group),
            "factors": self.condition.factors(),
            "streams": self.condition.streams(),
            "estimator": self.estimator,
            "name": self.model_name,
            "parameters": dict(self.parameters),
            "min_type": self.min_type,
            "names": [list(name) for name in self.names],
        }


def plan(
    study: Study,
    typed: bool = True,
    told: Collection[str] = findings.TOLD,
    further: Iterable[Condition] = (),
) -> list[Planned]:
    """Every condition of the study once, in a fixed order; UserError for a row of the settings that names no level.

    Where labels are not ``typed`` there is nothing for a forest of types to tell apart. ``told`` is what the flows
    tell of themselves beside features and classes, on which depends what else can be asked. What there is already of
    the ``further`` conditions stays as it is, so that asking for it fits nothing anew.
    """
    found: dict[str, Planned] = {}
    for subset, name, condition in (
        *source(study, typed),
        *ledger(study),
        *repetitions(study),
        *own(study),
        *findings.conditions(study, told),
        *added.conditions(study),
        *learning.conditions(study),
    ):
        planned = _planned(study, condition, (subset, name))
        known = found.get(planned.condition.id)
        found[planned.condition.id] = replace(known, names=(*known.names, *planned.names)) if known else planned
    for condition in further:
        planned = _planned(study, condition, ("studies", ""))
        found.setdefault(planned.condition.id, planned)
    return list(found.values())


def source(study: Study, typed: bool = True) -> Iterator[tuple[str, str, Condition]]:
    """The four models on the ranked and on all features, and the attack-type forest in its four variants."""
    for features, called in STREAMS.items():
        for model in SOURCE:
            yield "source", f"{features}.{model}", Condition(
                features=features, model=model, train_rows=rows_of_source(study, features, "binary"),
                _sample_stream=f"binary.{called}.sample", _fit_stream=f"binary.{model}.{called}",
            )  # fmt: skip
    for variant, (features, target) in VARIANTS.items() if typed else ():
        stream = f"attack_types.{variant.replace(features, STREAMS[features])}"
        yield "source", f"types.{variant}", Condition(
            features=features, target=target, train_rows=rows_of_source(study, features, target),
            _sample_stream=f"{stream}.sample", _fit_stream=stream,
        )  # fmt: skip


def ledger(study: Study) -> Iterator[tuple[str, str, Condition]]:
    """What the ledger's reasons need: every preparation, forests by trees and leaves, boosting with and without
    interactions."""
    trees = study.ledger.trees
    for model in SOURCE:
        asked: list[tuple[str, str, dict[str, Any]]] = [(one, one, {}) for one in LEVELS["preparation"]]
        if model == "random_forest":
            asked += [(f"trees_{n}", "standardised", {"n_estimators": n}) for n in steps_to(trees)]
            asked += [(f"leaf_{leaf}", "standardised", {"min_samples_leaf": leaf}) for leaf in LEAVES]
        if model == "gradient_boosting":
            asked += [("stumps", "standardised", {"max_depth": 1, "n_estimators": trees}),
                      ("interacting", "standardised", {"n_estimators": trees})]  # fmt: skip
        for name, preparation, changes in asked:
            yield "ledger", f"{model}.{name}", Condition(
                model=model, preparation=preparation, changes=tuple(changes.items()),
                train_rows=study.ledger.train_rows, _sample_stream="ledger_models.sample",
                _fit_stream=f"ledger_models.{model}",
            )  # fmt: skip


def repetitions(study: Study) -> Iterator[tuple[str, str, Condition]]:
    """Split, ranking and fit of the four models on the ranked features again, each time with a seed of its own.

    In a full study they are fitted on as many flows as the other models of its second part.
    """
    rows = findings.rows_of(study) if study.study == "full" else 0
    for k in range(1, study.repetitions + 1):
        for model in SOURCE:
            stream = f"repetition.{k}/binary.{model}.{STREAMS['selected']}"
            yield (
                "repetitions",
                f"{k}.{model}",
                Condition(model=model, repetition=k, train_rows=rows, _fit_stream=stream),
            )


def steps_to(trees: int) -> list[int]:
    """Numbers of trees of the ledger's forests, the largest of which has ``trees``."""
    return [*(step for step in STEPS if step < trees), trees]


def own(study: Study) -> Iterator[tuple[str, str, Condition]]:
    """The rows of the settings: a row that gives several levels stands for each of them."""
    for number, row in enumerate(study.conditions):
        for condition in expanded(study, row, f"conditions[{number}]"):
            yield "settings", "", condition


FACTORS = (
    "labels", "duplicates", "split", "repetition", "features", "target", "model", "preparation", "parameters",
    "train_rows", "validated",
)  # fmt: skip


def expanded(study: Study, row: Mapping[str, Any], where: str) -> Iterator[Condition]:
    """The conditions that a row of levels stands for; UserError that begins with ``where`` for what is no level."""
    for factor in row:
        if factor not in FACTORS:
            raise UserError(f"{where}.{factor}: unknown factor; {_nearest(factor, FACTORS)}")
    given = {factor: value if isinstance(value, list) else [value] for factor, value in row.items()}
    for factor, levels in given.items():
        if not levels:
            raise UserError(f"{where}.{factor}: an empty list is no level; give one, or leave the factor out")
        for level in levels:
            _demand_level(study, factor, level, f"{where}.{factor}")
    for combination in product(*given.values()):
        chosen = dict(zip(given, combination, strict=True))
        changes = chosen.pop("parameters", {})
        condition = Condition(**chosen, changes=tuple(sorted(changes.items())))
        if "train_rows" not in chosen:
            condition = replace(condition, train_rows=rows_of_source(study, condition.features, condition.target))
        _demand_parameters(study, condition, f"{where}.parameters")
        yield condition


def _demand_level(study: Study, factor: str, level: Any, where: str) -> None:
    if factor in ("repetition", "train_rows"):
        if isinstance(level, bool) or not isinstance(level, int) or level < 0:
            raise UserError(f"{where}: give a whole number from 0 on (it is {level!r})")
    elif factor == "validated":
        if not isinstance(level, bool):
            raise UserError(f"{where}: give true or false (it is {level!r})")
    elif factor == "parameters":
        if not isinstance(level, Mapping):
            raise UserError(f"{where}: give hyperparameters as a mapping (it is {level!r})")
    else:
        known = tuple(models(study)) if factor == "model" else tuple(LEVELS[factor])
        name, _, narrowed = str(level).partition(":")
        if name not in known:
            kind = "model" if factor == "model" else "level"
            raise UserError(f"{where}: unknown {kind} {level!r}; {_nearest(name, known)}")
        if narrowed and name not in WITH_PARAMETER.get(factor, ()):
            raise UserError(f"{where}: {name} takes nothing after a colon (it is {level!r})")
        if name == added.NAME and not added.LEVEL.fullmatch(str(level)):
            raise UserError(f"{where}: {added.HOW} (it is {level!r})")


def _demand_parameters(study: Study, condition: Condition, where: str) -> None:
    known = _parameters(study, condition)
    free = condition.model not in SOURCE
    for name, _ in condition.changes:
        if not free and name not in known:
            raise UserError(f"{where}.{name}: {condition.model} has no such hyperparameter; {_nearest(name, known)}")
    if free and condition.changes:
        from analysis.conditions.models import demand_usable

        try:
            demand_usable(models(study)[condition.model][0], {**known, **dict(condition.changes)})
        except ValueError as error:
            raise UserError(f"{where}: {error}") from None


def models(study: Study) -> dict[str, tuple[str, str]]:
    """Import path and name of every model by key: the source's, then those of the settings."""
    return {key: (model.estimator, model.name) for key, model in SOURCE.items()} | {
        key: (model.estimator, model.name) for key, model in study.models.further().items()
    }


def _parameters(study: Study, condition: Condition) -> dict[str, Any]:
    """The settings' hyperparameters of its model, before its changes."""
    if condition.model not in SOURCE:
        return dict(study.models.further()[condition.model].parameters)
    if condition.target != "binary" and condition.model == "random_forest":
        return study.attack_types.random_forest.model_dump()
    found: dict[str, Any] = getattr(study.models, condition.model).model_dump()
    return found


def rows_of_source(study: Study, features: str, target: str) -> int:
    """The source's sub-sample of the training part; 0: all of it."""
    if target != "binary":
        return study.attack_types.train_rows
    return study.all_features.train_rows if features == "all" else 0


def _planned(study: Study, condition: Condition, name: tuple[str, str]) -> Planned:
    parameters = _parameters(study, condition)
    changes = {key: value for key, value in condition.changes if key not in parameters or parameters[key] != value}
    condition = replace(condition, changes=tuple(changes.items()))
    estimator, words = models(study)[condition.model]
    subset, called = name
    names = ((subset, called or condition.id),)
    return Planned(condition, estimator, words, parameters | changes, names, study.split.min_type)


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"


def batches(planned: Iterable[Planned], many: bool = False) -> dict[str, list[Planned]]:
    """The conditions by the process that fits them.

    Where the flows are ``many``, a fit on all of them takes far longer than a process: two classes are told apart by a
    process for each model then, so that cores do not wait for one another.
    """
    found: dict[str, list[Planned]] = {}
    for one in planned:
        of = one.condition
        alone = many and of.target == "binary" and not of.train_rows
        found.setdefault(f"{of.batch}_{of.model}" if alone else of.batch, []).append(one)
    return found


def fitted_files(build: str, batched: Mapping[str, Iterable[Planned]], *subsets: str) -> dict[str, list[str]]:
    """Files of the batches that hold conditions of these subsets, as named inputs of a rule; without a name, of all."""
    found = [
        batch
        for batch, members in batched.items()
        if not subsets or any(subset in subsets for one in members for subset, _ in one.names)
    ]
    return {
        "predictions": [f"{build}/predictions/{batch}.parquet" for batch in found],
        "descriptions": [f"{build}/models/{batch}.json" for batch in found],
    }
