"""Borders of statistics that only one flow more or less would show."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from analysis.statistics.describe import describe
from analysis.statistics.kolmogorov_smirnov import critical_d, log10_p


def test_the_lowest_part_of_the_range_begins_at_the_minimum_and_holds_its_border() -> None:
    found = describe(np.array([10.0, 15.0, 16.0, 110.0]), np.array([2, 3, 4, 1]))
    assert found.share_low == pytest.approx(0.5)
    assert found.share_at_minimum == pytest.approx(0.2)
    assert found.commonest == pytest.approx(0.4)


@pytest.mark.parametrize("z", [9.9, 10.1, 12.0])
def test_p_values_on_either_side_of_where_the_leading_term_takes_over(z: float) -> None:
    n0, n1 = 9_000_000, 1_000_000
    d = z / np.sqrt(n0 * n1 / (n0 + n1))
    expected = np.log10(2) - 2 * z**2 / np.log(10)
    assert log10_p(d, n0, n1) == pytest.approx(expected, abs=1e-9)
    if z < 11:
        assert log10_p(d, n0, n1) == pytest.approx(np.log10(scipy.stats.kstwobign.sf(z)), abs=1e-6)


def test_the_critical_distance_is_where_the_p_value_is_the_level() -> None:
    assert 10 ** log10_p(critical_d(300, 200), 300, 200) == pytest.approx(0.05)
