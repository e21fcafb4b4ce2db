"""Play the flows of a stream window by window to a detector that is retrained by a policy: test, label, learn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.conditions.condition import drawn
from analysis.retraining.detectors import rings
from analysis.retraining.forest import Forests, Model
from analysis.retraining.policies import Policy, labelled, learnt
from analysis.retraining.windows import Windows

LEAST = 30
"""Attacks that a detector begins with at least."""


@dataclass(frozen=True)
class Tested:
    """A window as it was tested: its flows and their scores, shape (m,), and the detector that tested them.

    ``trained`` are the flows that this detector knew the labels of, ``labels`` how many flows of tested windows had
    been labelled by then, ``fitted`` whether it was fitted anew for this window, and ``rang`` whether the policy's
    detector of drift rang in it (None where it has none).
    """

    window: int
    rows: np.ndarray
    score: np.ndarray
    model: Model
    trained: np.ndarray
    labels: int
    fitted: bool
    rang: bool | None

    @property
    def called(self) -> np.ndarray:
        """Which of the flows are called attacks, shape (m,)."""
        return self.score > self.model.threshold


def beginning(attack: np.ndarray, windows: Windows) -> tuple[int, np.ndarray] | None:
    """The least number of first windows that hold enough attacks, and the flows of these that a detector begins with.

    A window shorter than what lies between learning and testing gives none of its flows. None where no window would be
    left to test.
    """
    for count in range(1, windows.count):
        rows = windows.over_before(np.flatnonzero(windows.of < count), count)
        if np.count_nonzero(attack[rows]) >= LEAST and not attack[rows].all():
            return count, rows
    return None


def replay(windows: Windows, initial: int, policy: Policy, forests: Forests, seed: int) -> Iterator[Tested]:
    """Each window after the ``initial`` ones, tested by what was learnt before it began.

    A policy whose labelled flows do not allow a fit keeps the detector that it has.
    """
    generator = drawn(seed, f"retraining.{policy.key}")
    pools = [windows.rows(window) for window in range(initial)]
    features, labels, due = forests.stream.features, 0, False
    trained = windows.over_before(np.sort(np.concatenate(pools)), initial)
    model = forests.of(trained)
    assert model is not None
    reference = trained
    for window in range(initial, windows.count):
        fitted = False
        if due and window > initial:
            pool = windows.over_before(np.sort(learnt(pools, initial, window, policy)), window)
            found = forests.of(pool)
            if found is not None and not np.array_equal(pool, trained):
                model, trained, fitted = found, pool, True
                labels = sum(part.size for part in pools[initial : max(window - policy.delay, initial)])
        rows = windows.rows(window)
        score = forests.score(model, window, rows)
        rang = None
        if policy.due == "features":
            rang = rings(features[reference], features[rows], generator)
            reference = rows if rang else reference
        elif policy.due == "scores":
            rang = rings(model.held_score[:, None], score[:, None], generator)
        yield Tested(window, rows, score, model, trained, labels, fitted, rang)
        pools.append(labelled(rows, score, policy, generator))
        due = policy.due == "always" or bool(rang)
