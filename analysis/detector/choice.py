"""Which of a build's models becomes the detector, and which tells types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analysis.detection.predictions import answers, confusion
from analysis.detector.built import Built
from analysis.errors import UserError

Chosen = tuple[dict[str, Any], Path]
"""The entry of a condition, and the file of its predictions."""


def detector(built: Built, model: str | None, features: str | None) -> Chosen:
    """The model that tells attacks: of this key and set of features, by default the best by F1 on the ranked features.

    Only models with thresholds are offered, which were set on training flows that the model was not fitted on.
    UserError names what there is.
    """
    offered = {
        (entry["factors"]["model"], entry["factors"]["features"]): (entry, path)
        for entry, path in built.entries()
        if entry["factors"]["validated"] and entry["factors"]["target"] == "binary" and plain(entry)
    }
    there = ", ".join(f"MODEL={one} FEATURES={other}" for one, other in sorted(offered)) or "none"
    if not offered:
        raise UserError(
            f"{built.results}: no model of it has thresholds; build it with 'study: full', which sets them on flows "
            "that a model was not fitted on"
        )
    wanted = features or "selected"
    if model is None:
        of_features = {one: offered[one, other] for one, other in offered if other == wanted}
        if not of_features:
            raise UserError(f"FEATURES={wanted}: no model with thresholds has these; there: {there}")
        model = max(of_features, key=lambda one: _f1(of_features[one]))
    if (model, wanted) not in offered:
        raise UserError(f"MODEL={model} FEATURES={wanted}: there is no such model with thresholds; there: {there}")
    return offered[model, wanted]


def typing(built: Built, features: str) -> Chosen | None:
    """The model that tells the type of what was called an attack, on the same features; None where there is none."""
    found = [
        (entry, path)
        for entry, path in built.entries()
        if entry["factors"]["target"] == "attack_types" and entry["factors"]["features"] == features and plain(entry)
        and not entry["folds"][0]["reason"]
    ]  # fmt: skip
    return found[0] if found else None


def plain(entry: dict[str, Any]) -> bool:
    """Whether its only fold was fitted, on standardised flows, with the settings' hyperparameters."""
    factors = entry["factors"]
    return factors["preparation"] == "standardised" and not factors["changes"] and not entry["folds"][0]["reason"]


def _f1(chosen: Chosen) -> float:
    entry, path = chosen
    return confusion(answers(path, entry["id"])).f1
