"""Controls that could refute the findings: benign flows alone, no change, a planted change, labels without meaning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from analysis.conditions.condition import drawn
from analysis.retraining.detectors import rings
from analysis.retraining.forest import Forests, Model, Stream
from analysis.retraining.measures import area_under_time
from analysis.retraining.policies import BASE, POLICIES
from analysis.retraining.replay import replay
from analysis.retraining.windows import Windows

PERMUTATIONS = 3
"""Permutations of the labels within each window."""
PLANTED = 0.5
"""Share of the flows that are attacks of the first windows, from the window in the middle on, in the planted change."""
CONTROLS = {
    "benign": "benign flows alone, in their order",
    "shuffled": "benign flows alone, in an order drawn at random, in equal windows",
    "planted": "benign flows in an order drawn at random, with known attacks planted from the middle on",
}


@dataclass(frozen=True)
class Rung:
    """A control asked of a detector on features or on scores: windows compared, in which it rang, where it must."""

    control: str
    detector: str
    compared: tuple[int, ...]
    rang: tuple[int, ...]
    must: int | None = None


def rung(windows: Windows, initial: int, model: Model, forests: Forests, seed: int) -> Iterator[Rung]:
    """Each control with each detector; after a ring, what rang is the reference of the detector on features."""
    stream = forests.stream
    benign = np.flatnonzero(~stream.attack)
    known = np.flatnonzero(stream.attack & (windows.of < initial))
    generator = drawn(seed, "retraining.controls")
    middle = (initial + windows.count) // 2
    for control in CONTROLS:
        flows, of = benign, windows.of[benign]
        if control != "benign":
            # Equal windows: one that attacks left few benign flows in could not ring.
            flows, of = generator.permutation(benign), np.arange(benign.size) * windows.count // benign.size
        taken = {window: flows[of == window] for window in range(windows.count)}
        if control == "planted":
            for window in range(middle, windows.count):
                size = round(PLANTED * taken[window].size)
                taken[window][:size] = generator.choice(known, size)
        must = middle if control == "planted" else None
        calm = np.concatenate([taken[window] for window in range(initial)])
        for detector in ("features", "scores"):
            yield _asked(control, detector, taken, calm, initial, model, forests, generator, must)


def _asked(
    control: str, detector: str, taken: dict[int, np.ndarray], calm: np.ndarray, initial: int, model: Model,
    forests: Forests, generator: np.random.Generator, must: int | None,
) -> Rung:  # fmt: skip
    features, attack = forests.stream.features, forests.stream.attack
    reference = features[calm] if detector == "features" else model.held_score[~attack[model.held]][:, None]
    rang, compared = [], []
    for window in sorted(taken):
        if window < initial or not taken[window].size:
            continue
        seen = features[taken[window]]
        seen = seen if detector == "features" else model.score(seen, forests.threads)[:, None]
        compared.append(window)
        if rings(reference, seen, generator):
            rang.append(window)
            reference = seen
    return Rung(control, detector, tuple(compared), tuple(rang), must)


@dataclass(frozen=True)
class Permuted:
    """Area under time of the average precision of detectors retrained on labels without meaning, and of the same scores
    by chance, each of shape (permutations,)."""

    found: np.ndarray
    chance: np.ndarray


def permuted(windows: Windows, initial: int, forests: Forests, seed: int) -> Permuted:
    """The baseline where labels are permuted within each window, those of the windows tested as well.

    What the days have in common with their flows is then gone but for the share of attacks.
    """
    from sklearn.metrics import average_precision_score

    base = next(policy for policy in POLICIES if policy.key == BASE)
    found, chance = [], []
    for k in range(PERMUTATIONS):
        generator = drawn(seed, f"retraining.permuted.{k}")
        stream = within(windows, forests, generator)
        other = replace(forests, stream=stream, seconds=0.0, fits=0, _known={}, _scores={})
        known = []
        for one in replay(windows, initial, base, other, seed + k):
            attack = stream.attack[one.rows]
            if attack.any() and not attack.all():
                random = generator.permutation(attack)
                known.append([average_precision_score(truth, one.score) for truth in (attack, random)])
        if known:
            own, by_chance = area_under_time(np.array(known))
            found.append(own)
            chance.append(by_chance)
        forests.seconds += other.seconds
    return Permuted(np.array(found), np.array(chance))


def within(windows: Windows, forests: Forests, generator: np.random.Generator) -> Stream:
    """The stream with the labels of each window in an order drawn at random."""
    stream = forests.stream
    order = np.arange(stream.attack.size)
    for window in range(windows.count):
        rows = windows.rows(window)
        order[rows] = generator.permutation(rows)
    return replace(stream, label=stream.label[order], attack=stream.attack[order])
