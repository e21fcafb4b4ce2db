"""What a detector must know of its features: unit, kind of number, and the values that it was fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.dataset.feature_units import unit
from analysis.dataset.release import load


def described(features: Sequence[str], seen: np.ndarray, release: str) -> list[dict[str, Any]]:
    """For each feature its unit, whether it is a whole number, and least, median and greatest of ``seen`` (n, k)."""
    whole = {column.name for column in load(release).columns if column.type == "integer"}
    middle = np.quantile(seen, 0.5, axis=0, method="inverted_cdf")
    return [
        {"name": name, "unit": unit(name), "whole": name in whole, "least": float(seen[:, i].min()),
         "median": float(middle[i]), "greatest": float(seen[:, i].max())}
        for i, name in enumerate(features)
    ]  # fmt: skip
