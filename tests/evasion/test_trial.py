"""One model attacked: which flows, in what order of strength, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from analysis.dataset.meter import Array, Flows
from analysis.dataset.release import load
from analysis.evasion.actions import Action
from analysis.evasion.attackers import QUERIES, Budget, Tried
from analysis.evasion.trial import (
    ALL,
    Setting,
    Surrogate,
    attacks,
    demand_sound,
    family_of,
    left,
    medians,
    rows_of,
    some_of,
    weights,
)
from tests.evasion.packets import Packets, metered

RELEASE = load("original")
SETTING = Setting(RELEASE, Budget(), 1)


def some_flows(n: int, size: int, meter: str = "twice") -> Flows:
    generator = np.random.default_rng(n)
    forward = np.array([True, False, True, False])
    times, sizes = generator.integers(1, 50_000, (n, 4)), generator.integers(size, size + 300, (n, 4))
    some = [metered(Packets(np.cumsum(at), of, forward), meter) for at, of in zip(times, sizes, strict=True)]
    return {name: np.concatenate([one[name] for one in some]) for name in some[0]}


def short(flows: Mapping[str, Array]) -> Array:
    """Calls an attack what has forward packets of less than 400 bytes at most."""
    return np.clip(1 - flows["Fwd Packet Length Max"] / 800, 0, 1)


def shorter(flows: Mapping[str, Array]) -> Array:
    """As the model above, with a threshold a little further off: what an attacker takes it for."""
    return np.clip(1 - flows["Fwd Packet Length Max"] / 900, 0, 1)


@pytest.mark.parametrize("meter", ["twice", "once"])
def test_each_attacker_has_a_row_for_each_family_and_budget(meter: str) -> None:
    flows = some_flows(26, 0, meter)
    families = np.array(["DoS", "Bot"] * 13)
    setting = Setting(load({"twice": "original", "once": "corrected"}[meter]), Budget(), 1)
    knows = Surrogate(some_flows(10, 0, meter), shorter)
    found = list(attacks(flows, some_flows(20, 800, meter), short, knows, setting, True))
    rows = [(attack.attacker, attack.reach, attack.queries, family, share, cells)
            for attack, family, share, cells in rows_of(found, families, np.ones(26))]  # fmt: skip
    still = {row[:3]: row[5]["still"] for row in rows if row[3:5] == (ALL, 1.0)}
    assert still["pad 1", "sender", 0] > still["pad 256", "sender", 0]
    assert still["pad 1024", "sender", 0] == still["mimic", "any column", 0] == 0
    assert still["stretch 10", "sender", 0] == 1
    assert still["greedy", "sender", 10] >= still["greedy", "sender", 100]
    # Who takes the threshold for a more distant one does more than is needed, and evades.
    assert still["surrogate", "sender", 0] == still["blind", "sender", 0] == 0
    for one in found:
        left_of = [row[5]["still"] for row in rows if row[:4] == (one.attacker, one.reach, one.queries, ALL)]
        assert left_of == sorted(left_of, reverse=True), "more budget never less evasion"
        assert left_of[0] == 1, "without a budget nothing evades"
        parts = [row[5] for row in rows if row[:3] == (one.attacker, one.reach, one.queries) and row[3] != ALL]
        assert sum(part["n"] for part in parts) == 26
        assert sum(part["n"] * part["still"] for part in parts) == pytest.approx(26 * left_of[-1])


def test_who_decides_on_both_ends_is_no_weaker_than_the_sender_alone() -> None:
    flows = some_flows(40, 0)
    setting = Setting(load("original"), Budget(), 1)
    tried = attacks(flows, some_flows(20, 800), short, None, setting, False)
    found = {(one.reach, one.queries): one.tried for one in tried}
    missed = 0
    for queries in QUERIES:
        sender, both = found["sender", queries], found["both", queries]
        assert (both.evaded >= sender.evaded).all()
        assert (both.share <= sender.share)[sender.evaded].all()
        missed += int(np.count_nonzero(both.share == sender.share))
    assert missed, "what the sender found is taken over"


def test_what_is_left_has_wilsons_interval_and_the_cost_of_those_that_evaded() -> None:
    out = np.array([True, False, True, True])
    found = left(out, np.ones(4))
    assert (found["n"], found["still"]) == (4, 0.25)
    assert (found["low"], found["high"]) == pytest.approx(proportion_confint(1, 4, method="wilson"))
    tried = Tried(out, np.array([10, 999, 20, 60.0]), np.array([0, 9, 1, 2.0]), np.zeros(4))
    assert medians(out, tried) == {"bytes": 20, "seconds": 1}
    assert medians(~out & out, tried) == {"bytes": None, "seconds": None}


def test_families_weigh_as_among_the_detected() -> None:
    families, detected = np.array(["DoS"] * 90 + ["Bot"] * 10), np.arange(100) != 3
    rows = some_of(families, detected, 5, 1)
    assert rows.size == 10
    weight = weights(families, detected, rows)
    out = families[rows] == "Bot"
    assert left(out, weight)["still"] == pytest.approx(89 / 99)
    assert left(out, weight)["low"] < left(out, np.ones(10) * 0.9)["high"]
    # A weighted share is less certain than one of as many flows that weigh alike.
    plain, own = left(out, np.ones(10)), left(out, weight)
    assert weight.sum() ** 2 / (weight**2).sum() < 10
    assert own["n"] == plain["n"] == 10


def test_as_many_of_each_family_as_are_wanted_and_none_undetected() -> None:
    families, detected = np.array(["DoS"] * 400 + ["Bot"] * 50), np.arange(450) % 10 > 0
    rows = some_of(families, detected, 300, 1)
    assert detected[rows].all()
    assert np.count_nonzero(families[rows] == "DoS") == 300
    assert np.count_nonzero(families[rows] == "Bot") == 45
    assert np.unique(rows).size == rows.size
    assert not some_of(families, np.zeros(450, dtype=bool), 300, 1).size
    assert (family_of(RELEASE, "DoS Hulk"), family_of(RELEASE, "Bot")) == ("DoS", "Bot")


def test_who_asks_nothing_chooses_by_their_own_model() -> None:
    own = some_flows(10, 0)
    assert Surrogate(own, short).action(Budget(), "twice") == "pad 1024"
    quick = Surrogate(own, lambda flows: (flows["Flow Duration"] < 300_000) * 1.0)
    assert quick.action(Budget(), "twice") == "stretch 10"
    assert Surrogate(own, short).action(Budget(0, 60), "twice") == "pad 1", "the first where none evades"


def test_an_evaded_flow_that_breaks_an_identity_fails_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    flows = some_flows(6, 0)
    places = np.zeros((6, 4), dtype=int)
    places[:, 1] = 3
    tried = Tried(np.full(6, True), np.ones(6), np.zeros(6), np.zeros(6), places)
    demand_sound(flows, tried, "sender", SETTING)

    def careless(self: Action, flows: Mapping[str, Array], *, late: object = False) -> Flows:
        return dict(flows) | {"Fwd Packet Length Max": flows["Fwd Packet Length Max"] * 0}

    monkeypatch.setattr(Action, "__call__", careless)
    with pytest.raises(RuntimeError, match="12 ends of evaded flows break an identity"):
        demand_sound(flows, tried, "sender", SETTING)
