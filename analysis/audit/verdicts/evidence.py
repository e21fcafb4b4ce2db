"""What the rules may use: values of the build, predictions on the test part, and the flows' ranked features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analysis.audit.verdicts.intervals import Interval, f1_difference, measure
from analysis.detection.evaluation import Confusion
from analysis.detection.predictions import confusion
from analysis.record.address import Address, AddressError, Tables
from analysis.streams import stream


@dataclass(frozen=True)
class Evidence:
    """Everything that is known when the ledger is written.

    ``values`` are entries of values files by key; ``binary`` predictions by feature set and model; ``types`` by
    variant, none where labels do not name types; ``extra`` those of the ledger's own models, one boolean column a
    variant; ``extra_train`` the flows these were fitted on. ``train`` and ``test`` hold at least the ranked features,
    ``Label`` and ``is_attack``; rows of ``test`` are in the order of the predictions. ``top`` are the ranked features,
    ``printed`` the source's numbers. ``tables`` are those of the build.
    """

    values: Mapping[str, Mapping[str, Any]]
    binary: Mapping[str, Mapping[str, pl.DataFrame]]
    types: Mapping[str, pl.DataFrame]
    extra: Mapping[str, pl.DataFrame]
    extra_train: int
    train: pl.DataFrame
    test: pl.DataFrame
    top: tuple[str, ...]
    metadata: Mapping[str, Any]
    printed: Mapping[str, Any]
    tolerance: float
    margin: float
    resamples: int
    seed: int
    tables: Tables = Tables(Path())  # noqa: RUF009  # a folder's name, never changed
    _counts: dict[tuple[str, str], Confusion] = field(default_factory=dict, compare=False)

    def value(self, name: str) -> Any:
        """The typed value of a key, or of the cell at an address; None where it is not available."""
        if name not in self.values and "[" in name:
            return Address.parse(name).entry(self.tables)["value"]
        return self.values[name]["value"]

    def cell(self, table: str, column: str, **where: str) -> Any:
        """The typed value of the cell of ``table`` in ``column`` where other columns say ``where``."""
        return self.value(str(Address(table, tuple(where.items()), column)))

    def is_ranked(self, feature: str) -> bool:
        """Whether the data have the feature and it varies, so that it stands in the ranking."""
        try:
            return self.cell("ranking", "rank", feature=feature) is not None
        except AddressError:
            return False

    def count(self, features: str, model: str) -> Confusion:
        """Counts of a binary model on the test part."""
        if (features, model) not in self._counts:
            self._counts[features, model] = confusion(self.binary[features][model])
        return self._counts[features, model]

    def f1(self, features: str, model: str) -> Interval:
        """F1 of a binary model, with its interval."""
        found = measure(self.count(features, model), "f1")
        assert found is not None, "a test part without attacks is refused before"
        return found

    def difference(self, name: str, truth: np.ndarray, first: np.ndarray, second: np.ndarray) -> Interval:
        """F1 of ``first`` less F1 of ``second``; the resamples are drawn from a stream of their own by ``name``."""
        return f1_difference(truth, first, second, self.resamples, stream(self.seed, f"ledger.{name}"))

    def models_differ(self, first: tuple[str, str], second: tuple[str, str]) -> Interval:
        """F1 of one binary model, given as feature set and model, less that of another on the same flows."""
        frames = [self.binary[features][model] for features, model in (first, second)]
        name = ".".join((*first, *second))
        truth = frames[0]["is_attack"].to_numpy()
        return self.difference(name, truth, *(frame["predicted"].to_numpy() for frame in frames))

    def variants_differ(self, model: str, first: str, second: str) -> Interval:
        """F1 of one variant of the ledger's own models less that of another."""
        frame = self.extra[model]
        truth, *answers = (frame[column].to_numpy() for column in ("is_attack", first, second))
        return self.difference(f"{model}.{first}.{second}", truth, *answers)

    def variant_f1(self, model: str, variant: str) -> float:
        """F1 of a variant of the ledger's own models."""
        frame = self.extra[model]
        return Confusion.of(frame["is_attack"].to_numpy(), frame[variant].to_numpy()).f1

    @property
    def trained_on(self) -> int:
        """Flows that the binary models on the ranked features were fitted on."""
        return int(self.value("binary.train_rows"))
