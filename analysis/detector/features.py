"""What a detector must know of its features: unit, kind of number, and the values that it was fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.dataset.release import load

UNITS = (("Bytes/s", "bytes per second"), ("Packets/s", "packets per second"), ("Duration", "microseconds"),
         ("IAT", "microseconds"), ("Active", "microseconds"), ("Idle", "microseconds"), ("Variance", "bytes squared"),
         ("Bulk Rate", "bytes per second"), ("Packets", "packets"), ("Packets/Bulk", "packets"), ("Flag", "packets"),
         ("act_data", "packets"), ("Length", "bytes"), ("Size", "bytes"), ("Bytes", "bytes"), ("bytes", "bytes"),
         ("size", "bytes"))  # fmt: skip
"""Units by what a feature's name holds; the first that it holds counts."""
LENGTHS = "Length of"
"""'Total Length of Fwd Packets' counts bytes."""


def unit(name: str) -> str:
    """The unit of a feature; an empty text for what has none.

    >>> unit("Total Length of Fwd Packets"), unit("Total Fwd Packets"), unit("Flow IAT Std"), unit("Destination Port")
    ('bytes', 'packets', 'microseconds', '')
    """
    if LENGTHS in name:
        return "bytes"
    return next((one for part, one in UNITS if part in name), "")


def described(features: Sequence[str], seen: np.ndarray, release: str) -> list[dict[str, Any]]:
    """For each feature its unit, whether it is a whole number, and least, median and greatest of ``seen`` (n, k)."""
    whole = {column.name for column in load(release).columns if column.type == "integer"}
    middle = np.quantile(seen, 0.5, axis=0, method="inverted_cdf")
    return [
        {"name": name, "unit": unit(name), "whole": name in whole, "least": float(seen[:, i].min()),
         "median": float(middle[i]), "greatest": float(seen[:, i].max())}
        for i, name in enumerate(features)
    ]  # fmt: skip
