"""The levels of features that leave columns out: their columns are those that they speak of."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.conditions.features import ANSWERS, WITHOUT
from analysis.dataset.release import load
from tests.evasion.packets import Packets, metered


def test_without_the_lengths_of_answers_no_column_tells_them() -> None:
    """Two captures that differ in the lengths of the server's packets alone differ in these columns and in no other."""
    forward = np.array([True, False, True, False, False])
    times, lengths = np.array([10, 40, 90, 160, 250]), np.array([60, 200, 70, 900, 500])
    longer = np.where(forward, lengths, lengths * np.array([1, 2, 1, 1.5, 1.9])).astype(int)
    short, long = (metered(Packets(times, of, forward)) for of in (lengths, longer))
    # The least length of all is the sender's here; that of a flow whose answers are the shortest is theirs.
    tiny = metered(Packets(times, np.where(forward, lengths, 1), forward))
    differ = {name for name in short if short[name][0] != long[name][0] or short[name][0] != tiny[name][0]}
    assert differ == {name for name in ANSWERS if name in short}
    assert {name for name in ANSWERS if name not in short} <= {"Bwd Avg Bytes/Bulk", "Bwd Avg Bulk Rate"}


@pytest.mark.parametrize("level", WITHOUT)
def test_the_columns_are_of_releases(level: str) -> None:
    assert set(WITHOUT[level]) <= set(load("original").features)
