"""The rules by which flows are split, and what is done with flows that repeat: roles of flows, fold by fold."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from analysis.conditions import campaigns, time_splits, unseen
from analysis.conditions.draw import Draw, Flows, Roles, stratified
from analysis.dataset.parts import TEST, TRAIN, UNUSED


def split(flows: Flows, rule: str, draw: Draw) -> list[Roles]:
    """The folds of a split by its level (``random``, ``by_file``, ``by_file:<fold>``)."""
    name, _, only = rule.partition(":")
    found = RULES[name](flows, draw)
    if only:
        chosen = [fold for fold in found if fold.name == only]
        found = chosen or [Roles(only, None, f"the split {name} has no part {only}")]
    return [_with_both_classes(flows, _without_copies(flows, fold) if name != "random" else fold) for fold in found]


def _with_both_classes(flows: Flows, fold: Roles) -> Roles:
    """Without flows of both classes to train on, and some to test on, there is nothing to build."""
    if fold.roles is None:
        return fold
    if len(set(flows.attack[fold.roles == TRAIN].tolist())) < 2:
        return Roles(fold.name, None, "the training part holds one class only")
    return fold if (fold.roles == TEST).any() else Roles(fold.name, None, "there is no flow to test on")


def random(flows: Flows, draw: Draw) -> list[Roles]:
    """One fold, drawn at random within traffic types."""
    rows = np.flatnonzero(flows.used)
    copies = None if flows.copies is None else flows.copies[rows]
    test = stratified(flows.label[rows], draw, copies)
    roles = np.full(flows.used.size, UNUSED, dtype=np.uint8)
    roles[rows] = np.where(test, TEST, TRAIN)
    return [Roles("random", roles)]


def by_file(flows: Flows, draw: Draw) -> list[Roles]:
    """Each file that holds both classes is the test part once, and all other files are the training part."""
    files = sorted(set(flows.file[flows.used].tolist()))
    if len(files) < 2:
        return [Roles("by_file", None, "all flows come from one file")]
    both = [f for f in files if len(set(flows.attack[flows.used & (flows.file == f)].tolist())) == 2]
    if not both:
        return [Roles("by_file", None, "no file holds both classes")]
    found = []
    for file in both:
        here = flows.file == file
        found.append(Roles(file, np.where(flows.used, np.where(here, TEST, TRAIN), UNUSED).astype(np.uint8)))
    return found


RULES: Mapping[str, Callable[[Flows, Draw], list[Roles]]] = {
    "random": random,
    "by_file": by_file,
    "campaigns": campaigns.apart,
    "chronological": time_splits.chronological,
    "day_forward": time_splits.day_forward,
    "later_days": time_splits.later_days,
    "type_out": unseen.type_out,
    "family_out": unseen.family_out,
}
"""The levels of the factor split; one more is a function here and its words in ``LEVELS``."""


def _without_copies(flows: Flows, fold: Roles) -> Roles:
    """Where copies are to stay on one side and the rule decides the test part, they leave the training part."""
    if flows.copies is None or fold.roles is None:
        return fold
    tested = np.zeros(int(flows.copies.max()) + 1, dtype=bool)
    tested[flows.copies[fold.roles == TEST]] = True
    return Roles(fold.name, np.where((fold.roles == TRAIN) & tested[flows.copies], UNUSED, fold.roles).astype(np.uint8))
