"""The one model of this room: a forest on the features that its first windows select, with a frozen threshold."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.conditions.condition import drawn, drawn_seed
from analysis.conditions.draw import Draw, stratified
from analysis.conditions.estimator import Fitted, build, fit_and_predict, scores
from analysis.conditions.models import SOURCE
from analysis.conditions.sample import stratified_rows
from analysis.conditions.threshold import HELD_BACK, RATES, threshold

RATE = RATES[0]
"""Rate of false alarms that thresholds are set for."""


@dataclass(frozen=True)
class Stream:
    """Flows as the model sees them: ``features`` (n, k); ``label`` and ``attack``, both of shape (n,)."""

    features: np.ndarray
    label: np.ndarray
    attack: np.ndarray


@dataclass(frozen=True)
class Model:
    """A fitted forest: its threshold, and numbers and scores of the flows held back from it, shape (m,)."""

    fitted: Fitted
    threshold: float
    held: np.ndarray
    held_score: np.ndarray

    def score(self, features: np.ndarray, threads: int) -> np.ndarray:
        """The probability of an attack for flows (m, k), shape (m,)."""
        return scores(self.fitted, features, threads)


@dataclass
class Forests:
    """Fits forests to flows of a stream, and each set of flows once; ``seconds`` is the time that fits took."""

    stream: Stream
    parameters: Mapping[str, Any]
    limit: int
    min_type: int
    seed: int
    threads: int
    seconds: float = 0.0
    fits: int = 0
    _known: dict[bytes, Model | None] = field(default_factory=dict)
    _scores: dict[tuple[int, int], np.ndarray] = field(default_factory=dict)

    def of(self, rows: np.ndarray) -> Model | None:
        """The forest that is fitted to these flows alone; None where they have one class only, or no benign is held.

        A stratified part is held back, on whose benign flows the threshold is set, and of the rest at most ``limit``
        flows are fitted on. Equal flows give an equal model.
        """
        key = rows.tobytes()
        if key not in self._known:
            self._known[key] = self._fit(rows)
        return self._known[key]

    def score(self, model: Model, window: int, rows: np.ndarray) -> np.ndarray:
        """The scores of a window's flows, computed once for each of these models: policies share many."""
        key = (id(model), window)
        if key not in self._scores:
            self._scores[key] = model.score(self.stream.features[rows], self.threads)
        return self._scores[key]

    def _fit(self, rows: np.ndarray) -> Model | None:
        began = time.process_time()
        label, generator = self.stream.label[rows], drawn(self.seed, "retraining.sample")
        kept = stratified(label, Draw(HELD_BACK, self.min_type, generator)) if rows.size else np.empty(0, dtype=bool)
        held, own = rows[kept], rows[~kept]
        own = own[stratified_rows(self.stream.label[own], self.limit, generator)]
        attack = self.stream.attack[own]
        if len(set(attack.tolist())) < 2 or self.stream.attack[held].all():
            return None
        estimator = build(SOURCE["random_forest"].estimator, self.parameters, drawn_seed(self.seed, "retraining.fit"),
                          self.threads)  # fmt: skip
        features = self.stream.features
        fitted = fit_and_predict(estimator, features[own], attack, features[held], threads=self.threads)
        score = fitted.score
        assert score is not None
        limit = threshold(score[~self.stream.attack[held]], RATE)
        assert limit is not None
        self.fits += 1
        self.seconds += time.process_time() - began
        return Model(fitted, limit, held, score)
