"""How like real flows the twin's are, measured on real rows that were held out of its calibration.

Flows are compared as they come from a small sample: the generator's, without the copies that a release of flows holds.
Rows that cleaning would drop (a feature infinite or undefined) are left out on both sides. Only statistics leave here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import ks_2samp
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from analysis.conditions.estimator import build, fit_and_predict
from analysis.conditions.models import SOURCE
from analysis.dataset.input.headings import LABEL
from analysis.dataset.release import Release
from analysis.detection.evaluation import Confusion
from analysis.model_settings import Models
from analysis.streams import stream, stream_seed
from analysis.twin.fidelity import ENOUGH, MODELS, REPETITIONS
from analysis.twin.generator import Generator

DRAWN = 20_000
"""Flows of a class drawn for its distributions: so many that the distance is that of the real rows' sampling."""
TOP = 10
TREES = 100
"""Of the forest that tells twin from real."""


@dataclass(frozen=True)
class Flows:
    """Flows with finite features: one row a flow (rows x features), and their labels."""

    values: NDArray[np.float64]
    labels: NDArray[np.str_]

    @classmethod
    def of(cls, table: pl.DataFrame, features: Sequence[str]) -> Flows:
        """Those rows of a table whose features are all finite."""
        table = table.filter(pl.all_horizontal(pl.col(features).cast(pl.Float64).is_finite()))
        return cls(table.select(pl.col(features).cast(pl.Float64)).to_numpy(), table[LABEL].to_numpy().astype(str))

    def attack(self, benign: str) -> NDArray[np.bool_]:
        """Which of them are attacks."""
        mask: NDArray[np.bool_] = self.labels != benign
        return mask


def draw(generator: Generator, labels: NDArray[np.str_], random: np.random.Generator) -> Flows:
    """Flows of the twin, one for each of ``labels``, grouped by label."""
    names, counts = np.unique(labels, return_counts=True)
    parts = []
    for name, n in zip(names.tolist(), counts.tolist(), strict=True):
        flows = generator.flows(name, np.zeros(n, dtype=np.int8), "", random)
        parts.append(np.column_stack([flows[column] for column in generator.columns]))
    return Flows(np.concatenate(parts), np.repeat(names, counts))


def measure(
    generator: Generator, held: Mapping[str, pl.DataFrame], kept: pl.DataFrame, natural: pl.DataFrame,
    release: Release, seed: int,
) -> dict[str, Any]:  # fmt: skip
    """All measures as JSON.

    ``held`` has the held-out rows of each class, ``natural`` those of the source of natural class shares, ``kept`` that
    source's rows which took part in the calibration.
    """
    features = tuple(name for name in release.features if name in natural.columns)
    real, known = Flows.of(natural, features), Flows.of(kept, features)
    twin = [draw(generator, real.labels, stream(seed, f"fidelity test {i}")) for i in range(REPETITIONS)]
    trained = [draw(generator, known.labels, stream(seed, f"fidelity train {i}")) for i in range(REPETITIONS)]
    top = highest(known, features, release.benign)
    return {
        "features": features,
        "kept": len(known.labels),
        "held": len(real.labels),
        "attacks": int(real.attack(release.benign).sum()),
        "classes": {
            label: found
            for label, table in held.items()
            if (found := distances(generator, label, table, features, seed)) is not None
        },
        "correlation": correlation(real, twin[0], known),
        "told_apart": told_apart(real, twin[0], known, seed),
        "top_ten": {"real": [features[i] for i in top], "twin": [features[i] for i in highest(trained[0], features,
                release.benign)]},
        "models": models(known, real, trained, twin, top, release.benign, seed),
    }  # fmt: skip


def distances(
    generator: Generator, label: str, table: pl.DataFrame, features: Sequence[str], seed: int
) -> dict[str, Any] | None:
    """Kolmogorov-Smirnov distance of each feature (None where the rows lack it); None for too few rows."""
    names = [name for name in features if name in table.columns]
    real = Flows.of(table, names)
    if len(real.labels) < ENOUGH:
        return None
    twin = draw(generator, np.repeat(label, DRAWN), stream(seed, f"fidelity {label}"))
    column = {name: i for i, name in enumerate(generator.columns)}
    found = {
        name: round(float(ks_2samp(real.values[:, i], twin.values[:, column[name]], method="asymp").statistic), 4)
        for i, name in enumerate(names)
    }
    n = len(real.labels)
    return {
        "n": n,
        "critical": round(1.3581 * float(np.sqrt((n + DRAWN) / (n * DRAWN))), 4),
        "ks": [found.get(name) for name in features],
    }


def correlation(real: Flows, twin: Flows, known: Flows) -> dict[str, float]:
    """Differences of Pearson's r over all pairs of features that vary: mean and largest, beside those of real rows."""
    varies = [i for i in range(real.values.shape[1]) if all(np.ptp(f.values[:, i]) > 0 for f in (real, twin, known))]
    r, other, baseline = (np.corrcoef(f.values[:, varies].T) for f in (real, twin, known))
    upper = np.triu_indices(len(varies), 1)
    apart, between = np.abs(r - other)[upper], np.abs(r - baseline)[upper]
    return {
        "features": len(varies),
        "mean": round(float(apart.mean()), 4),
        "largest": round(float(apart.max()), 4),
        "mean_real": round(float(between.mean()), 4),
        "largest_real": round(float(between.max()), 4),
    }


def told_apart(real: Flows, twin: Flows, known: Flows, seed: int) -> dict[str, float]:
    """ROC-AUC of a forest on all features that tells twin from real, and real from real (five-fold)."""
    chosen = stream(seed, "fidelity halves").permutation(len(known.labels))[: len(real.labels)]
    return {
        "auc": round(_auc(real.values, twin.values, seed), 4),
        "auc_real": round(_auc(real.values, known.values[chosen], seed), 4),
    }


def _auc(one: NDArray[np.float64], other: NDArray[np.float64], seed: int) -> float:
    values, which = np.concatenate([one, other]), np.repeat([0, 1], [len(one), len(other)])
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    forest = RandomForestClassifier(TREES, random_state=seed)
    scores = cross_val_predict(forest, values, which, cv=folds, method="predict_proba")[:, 1]
    return float(roc_auc_score(which, scores))


def highest(flows: Flows, features: Sequence[str], benign: str) -> list[int]:
    """The ten features of highest absolute correlation with the label, highest first."""
    target = flows.attack(benign).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = flows.values - flows.values.mean(axis=0)
        spread = np.sqrt((centred**2).sum(axis=0) * target.var() * len(target))
        r = np.abs(centred.T @ (target - target.mean())) / spread
    order = sorted(range(len(features)), key=lambda i: -round(float(np.nan_to_num(r[i])), 12))
    return order[:TOP]


def models(
    known: Flows, real: Flows, trained: Sequence[Flows], twin: Sequence[Flows], top: Sequence[int], benign: str,
    seed: int,
) -> dict[str, dict[str, float]]:  # fmt: skip
    """F1 of each model on ``top`` features: real to real, twin to twin, and trained on the twin, tested on real rows.

    Means over the repetitions, and the range of those on the twin.
    """
    result = {}
    for name in MODELS:
        scores: dict[str, list[float]] = {"real": [], "twin": [], "twin_to_real": []}
        for i in range(REPETITIONS):
            start = stream_seed(seed, f"fidelity {name} {i}")
            scores["real"].append(_f1(name, start, known, real, top, benign))
            scores["twin"].append(_f1(name, start, trained[i], twin[i], top, benign))
            scores["twin_to_real"].append(_f1(name, start, trained[i], real, top, benign))
        result[name] = {key: round(float(np.mean(found)), 4) for key, found in scores.items()} | {
            "twin_low": round(min(scores["twin"]), 4),
            "twin_high": round(max(scores["twin"]), 4),
        }
    return result


def _f1(model: str, seed: int, train: Flows, test: Flows, top: Sequence[int], benign: str) -> float:
    """F1 of a model of the study with its default hyperparameters, fitted and asked as the study's own are."""
    estimator = build(SOURCE[model].estimator, getattr(Models(), model).model_dump(), seed)
    seen, unseen = (np.asarray(part.values[:, list(top)], dtype=float) for part in (train, test))
    fitted = fit_and_predict(estimator, seen, train.attack(benign), unseen)
    return Confusion.of(test.attack(benign), fitted.predicted).f1 or 0.0
