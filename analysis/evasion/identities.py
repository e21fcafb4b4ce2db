"""Which flows break an identity of the release: the tests of the defect audit, asked of flows as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import polars as pl

from analysis.dataset.defects.definitions import flow_defects
from analysis.dataset.meter import Array
from analysis.dataset.release import Release

ALLOWED = ("zero_duration", "non_finite_rates", "nan_", "inf_")
"""What the audit lists although it breaks nothing: flows without duration, whose rates the release leaves undefined."""
ONCE = "average_not_bytes_over_packets"
"""An identity of meters that count the first packet once; of others the audit asks what is left of it."""


def broken(flows: Mapping[str, Array], release: Release) -> np.ndarray:
    """Whether each flow has an error that the defect audit knows, boolean of shape (flows,).

    Among these are all identities of the release: variance and deviation, totals, means and counts, averages, order of
    extremes, headers, gaps and duration, whole numbers, nothing below zero.
    """
    frame = pl.DataFrame(dict(flows))
    return frame.select(_any_error(release, tuple(frame.schema.items()))).to_series().to_numpy()


@lru_cache(maxsize=100)  # few flows are asked about at a time, often; the expression takes as long as the answer
def _any_error(release: Release, columns: tuple[tuple[str, pl.DataType], ...]) -> pl.Expr:
    """Whether a flow with these columns has any of the errors."""
    schema = pl.Schema(columns)
    tests = [
        defect.test.fill_null(False)
        for defect in flow_defects(release, schema)
        if defect.error and not defect.unknown and not defect.id.startswith(ALLOWED)
        and {*defect.columns} <= {*schema} and (defect.id != ONCE or release.first_packet == "once")
    ]  # fmt: skip
    return pl.any_horizontal(*tests)
