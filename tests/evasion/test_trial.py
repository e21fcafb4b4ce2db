"""One model attacked: which flows, in what order of strength, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from analysis.dataset.meter import Array, Flows
from analysis.dataset.release import load
from analysis.evasion.trial import ALL, MOST, drawn, family_of, left, trial
from tests.evasion.packets import Packets, metered

RELEASE = load("original")


def some_flows(n: int, size: int) -> Flows:
    generator = np.random.default_rng(n)
    forward = np.array([True, False, True, False])
    times, sizes = generator.integers(1, 50_000, (n, 4)), generator.integers(size, size + 300, (n, 4))
    some = [metered(Packets(np.cumsum(at), of, forward)) for at, of in zip(times, sizes, strict=True)]
    return {name: np.concatenate([one[name] for one in some]) for name in some[0]}


def short(flows: Mapping[str, Array]) -> Array:
    """Calls an attack what has forward packets of less than 400 bytes at most."""
    return np.clip(1 - flows["Fwd Packet Length Max"] / 800, 0, 1)


def test_each_attacker_has_a_row_for_each_family_and_broken_flows_are_left_out() -> None:
    flows = some_flows(30, 0)
    flows["Packet Length Variance"][:4] = 1e6
    families = np.array(["DoS", "Bot"] * 15)
    rows, told = trial(flows, families, some_flows(20, 800), short, RELEASE, 1)
    assert told == {"attacks": 30, "broken": 4, "detected": 26, "drawn": 26}
    still = {(row["attacker"], row["reach"], row["queries"]): row["still"] for row in rows if row["family"] == ALL}
    assert still["pad 1", "sender", 0] > still["pad 256", "sender", 0]
    assert still["pad 1024", "sender", 0] == still["mimic", "any column", 0] == 0
    assert still["stretch 10", "sender", 0] == 1
    assert still["greedy", "sender", 10] >= still["greedy", "sender", 100]
    for row in rows:
        parts = [
            one
            for one in rows
            if one["family"] != ALL and all(one[k] == row[k] for k in ("attacker", "reach", "queries"))
        ]
        if row["family"] == ALL:
            assert sum(one["n"] for one in parts) == row["n"] == 26
            assert sum(one["n"] * one["still"] for one in parts) == pytest.approx(26 * row["still"])
    assert all(row["bytes"] is None for row in rows if row["attacker"] == "mimic" or row["still"] == 1)


def test_what_is_left_has_wilsons_interval_and_the_cost_of_those_that_evaded() -> None:
    out = np.array([True, False, True, True])
    found = left(out, {"bytes": np.array([10, 999, 20, 60.0]), "seconds": np.array([0, 9, 1, 2.0])}, True)
    assert (found["n"], found["still"], found["bytes"], found["seconds"]) == (4, 0.25, 20, 1)
    assert (found["low"], found["high"]) == pytest.approx(proportion_confint(1, 4, method="wilson"))


def test_as_many_of_each_family_as_are_wanted_and_none_undetected() -> None:
    families, detected = np.array(["DoS"] * 400 + ["Bot"] * 50), np.arange(450) % 10 > 0
    rows = drawn(families, detected, 1)
    assert detected[rows].all()
    assert np.count_nonzero(families[rows] == "DoS") == MOST
    assert np.count_nonzero(families[rows] == "Bot") == 45
    assert np.unique(rows).size == rows.size
    assert not drawn(families, np.zeros(450, dtype=bool), 1).size
    assert (family_of(RELEASE, "DoS Hulk"), family_of(RELEASE, "Bot")) == ("DoS", "Bot")
    assert trial(some_flows(3, 900), np.array(["Bot"] * 3), some_flows(3, 0), short, RELEASE, 1)[0] == []


def test_flows_of_another_meter_are_refused() -> None:
    flows = some_flows(3, 0)
    with pytest.raises(ValueError, match="counts the first packet otherwise"):
        trial(flows, np.array(["Bot"] * 3), flows, short, load("corrected"), 1)
