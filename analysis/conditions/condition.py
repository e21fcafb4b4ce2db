"""A condition: one level of every factor. It says on which flows what is fitted, and from which streams chance comes.

Adding a condition changes no other, because each has streams of its own, made of its id. Those of the source study have
older names, which stay, since a stream's name decides what is drawn.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import numpy as np

from analysis.streams import stream, stream_seed

LEVELS: dict[str, dict[str, str]] = {
    "labels": {
        "cleaned": "as cleaning leaves them",
        "attempted_out": "attempted attacks left out",
        "attempted_attack": "attempted attacks count as attacks",
    },
    "duplicates": {
        "keep": "repeated flows kept",
        "drop": "repeated flows dropped before the split",
        "together": "all copies of a flow on one side",
    },
    "split": {
        "random": "at random within types",
        "by_file": "each file with both classes is the test part once",
        "campaigns": "whole campaigns, at random within types",
        "chronological": "the end of each type, after a gap of the flow timeout",
        "day_forward": "each day after all days before it",
        "later_days": "all days after each day, with that and those before it to train on",
        "type_out": "each type that has siblings was never trained on",
        "family_out": "each family of types was never trained on",
    },
    "features": {
        "selected": "the highest-ranked features",
        "all": "all features",
        "without_shortcuts": "all but port, initial windows, header lengths and least segment size",
        "without_answers": "all but those that hold the lengths of the server's answers",
        "port": "the destination port alone",
        "best_single": "the highest-ranked feature alone",
        "added": "the highest-ranked features and columns that help them most",
    },
    "target": {
        "binary": "attack or benign",
        "types": "type of traffic",
        "attack_types": "type of attack, attacks alone",
    },
    "preparation": {
        "standardised": "standardised inputs",
        "unscaled": "inputs as they are",
        "winsorised": "standardised inputs, outliers pulled in",
        "ranks": "ranks of the inputs",
    },
}
"""The factors that have named levels, and each level in words; the first is the baseline.

A split of several parts also takes one of them (``by_file:Monday.csv``). The others: ``repetition`` and ``train_rows``
are whole numbers (0: the source's split; all flows), ``model`` is a model's key, ``parameters`` are changes of its
hyperparameters, and ``validated`` says whether a part of the training flows is held back to set thresholds on.
"""
WITH_PARAMETER = {"split": ("by_file", "day_forward", "later_days", "type_out", "family_out"), "features": ("added",)}
"""Levels that take a parameter after a colon: one of the folds of a split, a number of columns."""


WITHIN = "/"
"""In a stream's name: what follows is drawn from the master seed that the stream before it gives."""


class Group(NamedTuple):
    """Conditions that see the same flows and kind of features, and answer the same question."""

    split: str
    features: str
    target: str


@dataclass(frozen=True)
class Condition:
    """One level of every factor; ``id`` is made of them and is safe as a file's name.

    ``changes`` are hyperparameters other than those of the settings. The streams are names for
    :func:`drawn`; the empty ones are those made of the id.
    """

    labels: str = "cleaned"
    duplicates: str = "keep"
    split: str = "random"
    repetition: int = 0
    features: str = "selected"
    target: str = "binary"
    model: str = "random_forest"
    preparation: str = "standardised"
    changes: tuple[tuple[str, Any], ...] = ()
    train_rows: int = 0
    validated: bool = False
    _sample_stream: str = field(default="", compare=False)
    _fit_stream: str = field(default="", compare=False)

    @property
    def split_id(self) -> str:
        """What decides on which flows is learnt: ``random``, ``by_file.duplicates_drop``, ``random.r2``."""
        parts = [slug(self.split)]
        parts += [self.labels] if self.labels != "cleaned" else []
        parts += [f"duplicates_{self.duplicates}"] if self.duplicates != "keep" else []
        parts += [f"r{self.repetition}"] if self.repetition else []
        return ".".join(parts)

    @property
    def group(self) -> Group:
        """The conditions that it shares its arrays with."""
        return Group(self.split_id, slug(self.features.partition(":")[0]), self.target)

    @property
    def batch(self) -> str:
        """The process that fits it: starting one costs more than most fits do.

        The source's binary models, of which there are many, have a process for each of their two feature sets.
        """
        if self.split_id != "random":
            return "repetitions" if self.split_id == f"random.r{self.repetition}" else "splits"
        if self.target != "binary":
            return "types"
        return self.features if self.features in ("selected", "all") else "features"

    @property
    def id(self) -> str:
        """All factors: ``random-selected-binary-adaboost``, then what is not at its baseline."""
        parts = [self.split_id, slug(self.features), self.target, self.model]
        parts += [self.preparation] if self.preparation != "standardised" else []
        parts += [slug(f"{name}={value}") for name, value in self.changes]
        parts += [f"rows{self.train_rows}"] if self.train_rows else []
        parts += ["validated"] if self.validated else []
        return "-".join(parts)

    @property
    def split_stream(self) -> str:
        """Stream of its split, a function of the split alone; a repetition of the source's has its own master seed."""
        plain = self.labels == "cleaned" and self.duplicates == "keep" and self.split == "random"
        if not plain:
            return f"split.{self.split_id}"
        return f"repetition.{self.repetition}{WITHIN}split" if self.repetition else "split"

    @property
    def sample_stream(self) -> str:
        """Stream of the sub-sample of the training part: all models and feature sets see the same flows."""
        return self._sample_stream or f"sample.{self.split_id}-{self.target}-rows{self.train_rows}"

    @property
    def validation_stream(self) -> str:
        """Stream of the part of the training flows that is held back: all models of a split hold back the same."""
        return f"validation.{self.split_id}"

    @property
    def fit_stream(self) -> str:
        """Stream of the estimator."""
        return self._fit_stream or f"fit.{self.id}"

    def factors(self) -> dict[str, Any]:
        """Its levels as JSON."""
        levels = {key: value for key, value in asdict(self).items() if not key.startswith("_")}
        return levels | {"changes": dict(self.changes)}

    def split_factors(self) -> dict[str, Any]:
        """Those of its levels that decide its split."""
        return {name: getattr(self, name) for name in ("labels", "duplicates", "split", "repetition")}

    def streams(self) -> dict[str, str]:
        """The names of its streams as JSON."""
        found = {"split": self.split_stream, "sample": self.sample_stream, "fit": self.fit_stream}
        return found | ({"validation": self.validation_stream} if self.validated else {})


def slug(text: str) -> str:
    """A level as part of a file's name; what had to be replaced is told apart by a checksum."""
    safe = re.sub(r"[^A-Za-z0-9_.=]+", "_", text)
    return safe if safe == text and not safe.startswith(".") else f"{safe.strip('.')}_{zlib.crc32(text.encode()):08x}"


def drawn(seed: int, name: str) -> np.random.Generator:
    """The stream of a condition by its name; ``a/b`` is the stream b of the seed that the stream a gives."""
    outer, _, last = name.rpartition(WITHIN)
    return stream(stream_seed(seed, outer) if outer else seed, last)


def drawn_seed(seed: int, name: str) -> int:
    """A 31-bit seed of the same stream, for scikit-learn's random_state."""
    return int(drawn(seed, name).integers(2**31))
