"""Attackers against models whose weakness is known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from analysis.dataset.meter import Array, Flows
from analysis.evasion.actions import Action
from analysis.evasion.attackers import MOST_BYTES, MOST_SECONDS, mimic, one_for_all, search
from tests.evasion.packets import Packets, metered


@pytest.fixture
def flows() -> Flows:
    generator = np.random.default_rng(3)
    some = []
    for _ in range(40):
        n = int(generator.integers(4, 9))
        forward = np.array([True, False, *(generator.random(n - 2) < 0.5)])
        times = np.cumsum(generator.integers(1, 50_000, n))
        some.append(metered(Packets(times, generator.integers(0, 300, n), forward)))
    return {name: np.concatenate([one[name] for one in some]) for name in some[0]}


def short(flows: Mapping[str, Array]) -> Array:
    """Calls an attack what has forward packets of less than 400 bytes at most, the surer the shorter."""
    return np.clip(1 - flows["Fwd Packet Length Max"] / 800, 0, 1)


def answered(flows: Mapping[str, Array]) -> Array:
    """Calls an attack what is answered by less than 400 bytes at most."""
    return np.clip(1 - flows["Bwd Packet Length Max"] / 800, 0, 1)


def test_one_action_evades_where_it_reaches_the_threshold(flows: Flows) -> None:
    found = one_for_all(flows, Action(padding=256), short)
    expected = flows["Fwd Packet Length Max"] + 256 >= 400
    assert 0 < expected.sum() < expected.size
    assert np.array_equal(found.evaded(1), expected)
    assert np.array_equal(found.bytes, 256 * flows["Total Fwd Packets"])


@pytest.mark.parametrize("greedy", [True, False])
def test_a_search_finds_what_there_is_within_its_budget(flows: Flows, greedy: bool) -> None:
    found = search(flows, short, np.random.default_rng(1), greedy=greedy)
    few, many = found.evaded(10), found.evaded(100)
    assert (few <= many).all()
    assert many.mean() > 0.9
    assert (found.bytes[many] > 0).all()
    assert (found.bytes <= MOST_BYTES).all()
    assert (found.seconds <= MOST_SECONDS).all()
    assert (found.evaded(100, 500) <= many).all()


def test_only_who_owns_the_other_end_moves_its_answers(flows: Flows) -> None:
    assert not search(flows, answered, np.random.default_rng(1)).evaded(100).any()
    assert search(flows, answered, np.random.default_rng(1), reach="both").evaded(100).mean() > 0.9


def test_what_is_bounded_counts_at_its_worse_end(flows: Flows) -> None:
    """A model that finds flows by a long gap of the other direction, which stretching may or may not make longer."""
    several = {name: column[flows["Total Backward Packets"] > 2] for name, column in flows.items()}
    limit = several["Bwd IAT Max"] + 1

    def score(some: Mapping[str, Array]) -> Array:
        return (some["Bwd IAT Max"] <= limit).astype(float)

    assert not one_for_all(several, Action(factor=10), score).evaded(1).any()


def test_the_mimic_is_as_benign_as_what_it_copies(flows: Flows) -> None:
    benign = {name: column[flows["Fwd Packet Length Max"] > 200] for name, column in flows.items()}
    benign["Fwd Packet Length Max"] = np.full_like(benign["Fwd Packet Length Max"], 500.0)
    assert mimic(flows, benign, short, np.random.default_rng(1)).evaded(1).all()
    assert not mimic(flows, flows, short, np.random.default_rng(1)).evaded(1).any()
