"""Learning curves: F1 of the four models against the flows that they are fitted on, and whether more would help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from analysis.detection.names import MODELS, the, titled
from analysis.detection.predictions import Fit, confusion
from analysis.findings.intervals import corrected_t, verdict
from analysis.record import Column, Record

NOT_DRAWN = "split and fit were not repeated, or the training part is too small for a curve"
SATURATED = {"practically equal": "saturated", "worse": "saturated", "better": "rising", "undecided": "undecided"}
"""What a curve is called by what its last doubling adds."""


def curves(fits: Mapping[str, Fit]) -> dict[str, dict[int, list[float]]]:
    """F1 by model and number of training flows, split by split; sizes that not every model and split has are left out.

    >>> curves({})
    {}
    """
    splits = {name.partition(".")[0] for name in fits}
    found: dict[str, dict[int, dict[str, float]]] = {}
    for name, fit in fits.items():
        split, _, model = name.split(".")
        if not fit.entry["folds"][0]["reason"]:
            size = fit.description["n_train"]
            found.setdefault(model, {}).setdefault(size, {})[split] = confusion(fit.frame).f1
    whole = [
        size
        for size in sorted({size for curve in found.values() for size in curve})
        if all(curve.get(size, {}).keys() == splits for curve in found.values()) and len(found) == len(MODELS)
    ]
    return {
        model: {size: [found[model][size][split] for split in sorted(splits)] for size in whole}
        for model in found
        if whole
    }


def record_learning(record: Record, fits: Mapping[str, Fit], margin: float, ratio: float) -> None:
    """Table ``learning_curves`` and what the last doubling of the flows adds to each model."""
    drawn = curves(fits)
    rows: list[dict[str, Any]] = []
    for model, curve in drawn.items():
        for size, f1 in curve.items():
            rows.append({"id": f"{model}.{size}", "key": model, "model": titled(MODELS[model]), "flows": size,
                         "f1": float(np.mean(f1)), "least": min(f1), "greatest": max(f1)})  # fmt: skip
    columns = [Column("key", "Key", align="left"), Column("model", "Model", align="left"),
               Column("flows", "Fitted on", "integer"), Column("f1", "Mean F1", "fixed:3"),
               Column("least", "Least", "fixed:3"), Column("greatest", "Greatest", "fixed:3")]  # fmt: skip
    splits = len({name.partition(".")[0] for name in fits})
    notes = [f"Ranked features, {splits} splits, each with a test part of its own."]
    record.table("learning_curves", "F1 against the flows fitted on", columns, rows, notes=notes, id="id")
    sizes = sorted(next(iter(drawn.values()), {}))
    told = len(sizes) > 1 and splits > 1
    reason = None if told else NOT_DRAWN
    record.value("learning.told", told, "text", "whether there are learning curves", unit="")
    record.value("learning.splits", splits, "integer", "splits of the learning curves", unit="splits")
    for key, at, place in (("least", 0, "first"), ("half", -2, "last but one"), ("most", -1, "last")):
        record.value(f"learning.{key}", sizes[at] if told else None, "integer",
                     f"flows fitted on at the {place} step of the curves", unit="flows", reason=reason)  # fmt: skip
    best = max(drawn, key=lambda model: float(np.mean(drawn[model][sizes[-1]]))) if told else None
    for model in MODELS:
        _record_gain(record, model, drawn.get(model, {}) if told else {}, margin, ratio)
    gain = record.values[f"learning.{best}.gain"] if best else None
    ends = {"low": gain.low, "high": gain.high, "interval": gain.interval} if gain else {}
    record.value("learning.best.gain", gain.value if gain else None, "fixed:3", reason=reason, **ends,
                 definition="mean F1 that the last step of the curve adds to the best model")  # fmt: skip
    name = the(MODELS[best]) if best else None
    record.value("learning.best.name", name, "text", "best model at the end of its curve", unit="", reason=reason)
    state = record.values[f"learning.{best}.state"].value if best else None
    record.value(
        "learning.best.state",
        state,
        "text",
        "what the curve of the best model at its end is called",
        unit="",
        reason=reason,
    )
    for name in ("saturated", "rising", "undecided"):
        models = [words for model, words in MODELS.items() if record.values[f"learning.{model}.state"].value == name]
        record.value(f"learning.{name}", models if told else None, "list", f"models whose curves are {name}", unit="",
                     reason=reason)  # fmt: skip
        record.value(f"learning.{name}_any", bool(models), "text", f"whether there are models whose curves are {name}",
                     unit="")  # fmt: skip
    decided = any(record.values[f"learning.{name}_any"].value for name in ("saturated", "rising"))
    record.value("learning.decided", decided, "text", "whether any curve is saturated or rising", unit="")


def _record_gain(record: Record, model: str, curve: Mapping[int, list[float]], margin: float, ratio: float) -> None:
    if not curve:
        for key, display in (("gain", "fixed:3"), ("state", "text")):
            record.value(f"learning.{model}.{key}", None, display, f"{key} of the curve; {MODELS[model]}", unit="",
                         reason=NOT_DRAWN)  # fmt: skip
        return
    half, most = sorted(curve)[-2:]
    mean, low, high = corrected_t(np.array(curve[most]) - np.array(curve[half]), ratio)
    record.value(f"learning.{model}.gain", mean, "fixed:3", low=low, high=high, interval="corrected resampled t",
                 definition=f"mean F1 that the last step of the curve adds; {MODELS[model]}")  # fmt: skip
    state = SATURATED[verdict(low, high, margin)]
    record.value(f"learning.{model}.state", state, "text", f"what the curve is called; {MODELS[model]}", unit="")
