"""Which flows break an identity of the release: the tests of the defect audit, asked of flows as arrays."""

from __future__ import annotations

from collections.abc import Mapping

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
    tests = [
        defect.test.fill_null(False).alias(defect.id)
        for defect in flow_defects(release, frame.schema)
        if defect.error and not defect.unknown and not defect.id.startswith(ALLOWED)
        and {*defect.columns} <= {*flows} and (defect.id != ONCE or release.first_packet == "once")
    ]  # fmt: skip
    return frame.select(pl.any_horizontal(*tests)).to_series().to_numpy()
