"""What is attacked: models on the source's ten features and on all, and defended ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from analysis.conditions.condition import drawn, drawn_seed
from analysis.conditions.estimator import build, fit_and_predict
from analysis.conditions.models import SOURCE
from analysis.conditions.threshold import CALLED
from analysis.dataset.meter import Flows
from analysis.evasion.attackers import REACH, acted, search
from analysis.evasion.owners import grows, out_of_reach
from analysis.evasion.scores import score_of
from analysis.evasion.trial import Setting, chosen, some_of

FOREST = "random_forest"
FEATURES = {
    "ranked": "the highest-ranked features", "all": "all features",
    "unowned": "all features that the sender does not decide on",
    "grow": "features that the sender does not decide on or that only grow",
}  # fmt: skip
"""Sets of features, with words for readers."""
DEFENCES = {
    "none": "none", "retrained": "adversarial retraining", "unowned": "no column that the sender owns",
    "monotone": "monotone constraints",
}  # fmt: skip
"""What is done against an attacker, with words for readers."""
ROUNDS = 2
"""How often a model is attacked and fitted again with what evaded."""


@dataclass(frozen=True)
class Target:
    """A model on a set of features with a defence; all of it by key."""

    model: str = FOREST
    features: str = "ranked"
    defence: str = "none"

    @property
    def id(self) -> str:
        """Its key among all targets."""
        return ".".join((self.model, self.features, self.defence))

    @property
    def main(self) -> bool:
        """Whether all attackers and controls are tried on it: the forests without a defence."""
        return self.model == FOREST and self.defence == "none"

    def columns(self, ranked: Sequence[str], every: Sequence[str]) -> list[str]:
        """The features that it sees, of those ``ranked`` highest and of ``every`` one."""
        if self.features == "ranked":
            return list(ranked)
        if self.features == "all":
            return list(every)
        return out_of_reach(every) + (grows(every) if self.features == "grow" else [])


TARGETS = (
    *(Target(model, features) for features in ("ranked", "all") for model in SOURCE),
    Target(features="ranked", defence="retrained"),
    Target(features="all", defence="retrained"),
    Target(features="unowned", defence="unowned"),
    Target(features="grow", defence="monotone"),
)


@dataclass(frozen=True)
class Learnt:
    """What a model may learn from: flows by column, their labels and classes, and families, of shape (n,) each.

    ``sound`` are the attacks that can be acted on, since they break no identity of their release.
    """

    flows: Flows
    attack: np.ndarray
    families: np.ndarray
    sound: np.ndarray


def fitted(
    target: Target, columns: Sequence[str], own: Learnt, parameters: Mapping[str, Any], most: int, setting: Setting,
    threads: int,
) -> Pipeline:  # fmt: skip
    """The target fitted to its own flows; adversarially retrained, with what evaded ``most`` flows of each family."""
    given = dict(parameters)
    if target.defence == "monotone":
        given["monotonic_cst"] = [int(name in grows(columns)) for name in columns]
    features, attack = np.column_stack([own.flows[name] for name in columns]), own.attack

    def fit() -> Pipeline:
        estimator = build(SOURCE[target.model].estimator, given, drawn_seed(setting.seed, "evasion.fit"), threads)
        return fit_and_predict(estimator, features, attack, features[:1], threads=threads).pipeline

    found = fit()
    for number in range(ROUNDS if target.defence == "retrained" else 0):
        some = evaded(found, columns, own, most, setting, number)
        features = np.vstack([features, *some])
        attack = np.concatenate([attack, np.ones(len(features) - attack.size, dtype=bool)])
        found = fit()
    return found


def evaded(
    pipeline: Pipeline, columns: Sequence[str], own: Learnt, most: int, setting: Setting, number: int
) -> list[np.ndarray]:
    """Features of flows that evade a model among those it was fitted to, at both ends and by both kinds of attacker."""
    score, few = score_of(pipeline, columns), setting.queries[:1]
    sound = own.sound.copy()
    sound[sound] = score(chosen(own.flows, sound)) > CALLED
    flows = chosen(own.flows, some_of(own.families, sound, most, setting.seed + number))
    found = []
    for reach in REACH if flows["Flow Duration"].size else ():
        chance = drawn(setting.seed, f"evasion.retrained.{number}.{reach}")
        tried = search(flows, score, chance, reach=reach, queries=few, budget=setting.budget, meter=setting.meter)
        one = tried[few[0]]
        assert one.places is not None
        after = acted(chosen(flows, one.evaded), one.places[one.evaded], REACH[reach], setting.meter)
        found.append(np.column_stack([after[name] for name in columns]))
    return found
