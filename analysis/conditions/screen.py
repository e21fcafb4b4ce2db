"""Step: which columns help the ranked features, screened on the training part of a split alone, fold by fold.

A validation part is held back of the training flows; histogram boosting, which is fast, is fitted on the rest with the
ranked features and each other column, and the column with the highest F1 on the validation part is added, until the F1
of all columns is matched within the margin. The columns found are then given to the forest as conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from analysis.command import In, Out, run
from analysis.conditions.condition import drawn
from analysis.conditions.draw import Draw, stratified
from analysis.conditions.features import SHORTCUTS
from analysis.conditions.sample import stratified_rows
from analysis.conditions.threshold import HELD_BACK
from analysis.dataset.parts import Part, folds
from analysis.record import read_json, write_json

ROUNDS, RATE = 25, 0.3
"""Trees and shrinkage of the histogram boosting: few and fast, because it only orders columns."""

Score = Callable[[Sequence[str]], float]


def greedy(base: Sequence[str], others: Sequence[str], limit: float, margin: float, most: int, score: Score
           ) -> list[dict[str, Any]]:  # fmt: skip
    """The columns that are added to ``base`` one after the other, with the score that each brings.

    Each is the one of highest score (ties: the first), until ``limit`` is matched within the margin, ``most`` columns
    are added, or none raises the score.

    >>> worth = {"a": 1, "b": 5, "c": 3}
    >>> greedy([], list(worth), 9, 0.5, 3, lambda seen: sum(worth[name] for name in seen))
    [{'feature': 'b', 'f1': 5}, {'feature': 'c', 'f1': 8}, {'feature': 'a', 'f1': 9}]
    """
    seen, best = list(base), score(base)
    steps: list[dict[str, Any]] = []
    while best < limit - margin and len(steps) < most:
        found = {name: score([*seen, name]) for name in others if name not in seen}
        first = max(found, key=lambda name: found[name], default=None)
        if first is None or found[first] <= best:
            break
        seen.append(first)
        best = found[first]
        steps.append({"feature": first, "f1": best})
    return steps


def paths(selection: Mapping[str, Any], score: Score, margin: float, most: int) -> dict[str, Any]:
    """Both paths with what they start from and are to match, and the F1 of the ranked features with each other column.

    A column that is equal to another one is not tried. Scores are computed once for each set of columns.
    """
    known: dict[tuple[str, ...], float] = {}

    def scored(seen: Sequence[str]) -> float:
        names = tuple(sorted(seen))
        if names not in known:
            known[names] = score(seen)
        return known[names]

    copies = {copy for _, copy in selection["identical"]}
    every, ranked = selection["all"], selection["selected"]
    single = {name: scored([*ranked, name]) for name in every if name not in {*ranked, *copies}}
    found: dict[str, Any] = {"ranked": scored(ranked), "single": single}
    for path, left_out in (("any", ()), ("plain", SHORTCUTS)):
        base = [name for name in ranked if name not in left_out]
        seen = [name for name in every if name not in left_out]
        others = [name for name in seen if name not in copies]
        reason = None if left_out == () or len(seen) < len(every) else "the flows have none of the shortcuts"
        reason = "all ranked features are shortcuts" if not base else reason
        about: dict[str, Any] = {"base": base, "reason": reason, "steps": [], "limit": None, "start": None}
        if reason is None:
            limit = scored(seen)
            about |= {"limit": limit, "start": scored(base),
                      "steps": greedy(base, others, limit, margin, most, scored)}  # fmt: skip
        found[path] = about
    return found


def unavailable(reason: str) -> dict[str, Any]:
    """What is told of a fold in which nothing can be screened."""
    about: dict[str, Any] = {"base": [], "reason": reason, "steps": [], "limit": None, "start": None}
    return {"ranked": None, "single": {}, "any": about, "plain": about}


def f1(truth: np.ndarray, predicted: np.ndarray) -> float:
    """2TP / (2TP + FP + FN) of boolean arrays of shape (n,); 0 where nothing is found."""
    called = int(np.count_nonzero(truth)) + int(np.count_nonzero(predicted))
    return 2 * int(np.count_nonzero(truth & predicted)) / called if called else 0.0


def screened(
    train: Part, selection: Mapping[str, Any], rows: int, columns: int, margin: float, min_type: int,
    generator: np.random.Generator, seed: int, threads: int,
) -> dict[str, Any]:  # fmt: skip
    """What screening finds on a training part: of it alone, and at most ``rows`` flows of either side are used."""
    labels = train.column("Label").to_numpy()
    held = stratified(labels, Draw(HELD_BACK, min_type, generator))
    sides = []
    for mask in (~held, held):
        own = np.flatnonzero(mask)
        sides.append(train.only(own[stratified_rows(labels[own], rows, generator)]))
    learnt, judged = (side.column("is_attack").to_numpy() for side in sides)
    told = {"n_train": int(learnt.size), "n_validation": int(judged.size)}
    if len(selection["selected"]) < selection["count"]:
        return told | unavailable("too few features vary in the training part")
    if len(set(learnt.tolist())) < 2 or not judged.any():
        return told | unavailable("too few attacks in the training part to hold some back")
    at = {name: i for i, name in enumerate(selection["all"])}
    seen, unseen = (side.matrix(selection["all"]) for side in sides)

    def score(names: Sequence[str]) -> float:
        some = [at[name] for name in names]
        model = HistGradientBoostingClassifier(
            max_iter=ROUNDS, learning_rate=RATE, early_stopping=False, random_state=seed
        ).fit(seen[:, some], learnt)
        return f1(judged, model.predict(unseen[:, some]))

    with threadpool_limits(limits=threads):
        return told | paths(selection, score, margin, columns)


def step(
    rows: int, most: int, margin: float, min_type: int, stream: str, seed: int, threads: int,
    flows: In, roles: In, split: In, features: In, added: Out,
) -> None:  # fmt: skip
    """Which columns help the ranked features, screened on the training part of a split alone, fold by fold."""
    selections = read_json(features)["folds"]
    found: list[dict[str, Any]] = []
    for fold, selection in zip(folds(flows, roles, split), selections, strict=True):
        if fold.train is None:
            found.append(unavailable(str(fold.reason)))
            continue
        generator = drawn(seed, stream)
        found.append(
            screened(fold.train, selection, rows, most, margin, min_type, generator,
                     int(generator.integers(2**31)), threads)
        )  # fmt: skip
    write_json(added, {"split": read_json(split)["split"], "folds": found})


if __name__ == "__main__":
    run(step)
