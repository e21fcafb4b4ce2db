"""Flows as the original release prints them: digits, spelling of infinities, header and labels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.dataset.meter import Flows
from analysis.dataset.release import Release

UNROUNDED_DAY = "Monday"
"""The one day whose times keep all digits; the others were rounded to three from ten million on."""
ROUNDED = ("IAT", "Active", "Idle", "/s", "Variance")


def printed(name: str, column: NDArray[np.float64], day: str) -> NDArray[np.float64]:
    """A column as the release prints it: ten digits, nine decimals, and long times and rates to three digits."""
    with np.errstate(divide="ignore"):
        magnitude = np.floor(np.log10(np.abs(column), where=np.isfinite(column), out=np.zeros(len(column))))
    decimals = 9 - np.maximum(magnitude, 0)
    if day != UNROUNDED_DAY and any(part in name for part in ROUNDED):
        decimals = np.where(magnitude >= 7, 2 - magnitude, decimals)
    scale = 10.0 ** np.abs(decimals)
    result: NDArray[np.float64] = np.where(
        decimals >= 0, np.rint(column * scale) / scale, np.rint(column / scale) * scale
    )
    return result


def number(name: str, kind: str, values: NDArray[np.float64]) -> pl.Series:
    """A column of whole numbers or of fractions, infinities spelled as the release spells them."""
    series = pl.Series(name, values)
    if kind == "integer":
        return series.cast(pl.Int64)
    if not series.is_finite().all():
        return series.cast(pl.String).replace({"inf": "Infinity"})
    return series


def table(flows: Flows, labels: NDArray[np.str_], release: Release, spelling: Mapping[str, str]) -> pl.DataFrame:
    """Flows in the layout of the original release."""
    columns = [number(column.header, column.type, flows[column.name]) for column in release.columns]
    label = pl.Series(f" {release.label_column}", labels).replace(dict(spelling))
    return pl.DataFrame([*columns, label])
