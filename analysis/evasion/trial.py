"""One model attacked: detected flows drawn family by family, every attacker in turn, and what each left detected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analysis.conditions.threshold import CALLED
from analysis.dataset.meter import Array, Flows
from analysis.dataset.release import ANY_ATTACK, Release
from analysis.detection.evaluation import score_interval
from analysis.evasion.attackers import (
    ALIKE,
    QUERIES,
    REACH,
    Budget,
    Score,
    Tried,
    acted,
    cost,
    mimic,
    one_for_all,
    search,
    worst,
)
from analysis.evasion.identities import broken
from analysis.streams import stream

ALL = "all"
"""The family of all flows drawn."""
SHARES = (0.0, 0.01, 0.1, 1.0)
"""Shares of the budget that are reported; nothing is attacked with 0."""


def family_of(release: Release, label: str) -> str:
    """The family of a type, or the type itself where it has none."""
    families = ((name, family) for name, family in release.families.items() if name != ANY_ATTACK)
    return next((name for name, family in families if label in family.labels), label)


def some_of(families: np.ndarray, detected: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Row numbers, ascending, of at most ``most`` flows of each family among those ``detected``, shape (n,) both."""
    found = []
    for family in sorted(set(families[detected].tolist())):
        rows = np.flatnonzero(detected & (families == family))
        found.append(stream(seed, f"evasion.{family}").permutation(rows)[:most])
    return np.sort(np.concatenate(found)) if found else np.empty(0, dtype=int)


def chosen(flows: Mapping[str, Array], rows: np.ndarray) -> Flows:
    """The flows of these row numbers, or of a boolean of shape (flows,)."""
    return {name: column[rows] for name, column in flows.items()}


@dataclass(frozen=True)
class Surrogate:
    """What an attacker without answers knows: flows of attacks of their own, and a model fitted to their own flows."""

    flows: Flows
    score: Score

    def action(self, budget: Budget, meter: str) -> str:
        """The key in ``ALIKE`` of the action by which most own flows evade the own model, the first of equals."""
        evaded = {
            key: int(one_for_all(self.flows, replace(one, meter=meter), self.score, budget).evaded.sum())
            for key, one in ALIKE.items()
        }
        return max(evaded, key=lambda key: evaded[key])


@dataclass(frozen=True)
class Attack:
    """An attacker, what it decides on, the answers that it asked for, and what it came to."""

    attacker: str
    reach: str
    queries: int
    tried: Tried


@dataclass(frozen=True)
class Setting:
    """What all attacks on one release share: its description, the budget of a flow, the master seed, and the answers
    that the shorter and the longer search ask for."""

    release: Release
    budget: Budget
    seed: int
    queries: tuple[int, int] = QUERIES

    @property
    def meter(self) -> str:
        """How often the release's meter adds the first packet."""
        return str(self.release.first_packet)


def attacks(
    flows: Mapping[str, Array], benign: Mapping[str, Array], score: Score, surrogate: Surrogate | None,
    setting: Setting, controls: bool,
) -> Iterator[Attack]:  # fmt: skip
    """The attackers in turn; each has a stream of chance of its own. ``controls``: all of them, else greedy alone."""
    budget, meter, seed = setting.budget, setting.meter, setting.seed
    searches = [("greedy", "sender"), ("greedy", "both")]
    if controls:
        for name, action in ALIKE.items():
            yield Attack(name, "sender", 0, one_for_all(flows, replace(action, meter=meter), score, budget))
        if surrogate:
            action = replace(ALIKE[surrogate.action(budget, meter)], meter=meter)
            yield Attack("blind", "sender", 0, one_for_all(flows, action, score, budget))
            yield Attack("surrogate", "sender", 0, by_surrogate(flows, score, surrogate, setting))
        searches.append(("random", "sender"))
        yield Attack("mimic", "any column", 0, mimic(flows, benign, score, stream(seed, "evasion.mimic")))
    of_sender: dict[int, Tried] = {}
    for attacker, reach in searches:
        chance = stream(seed, f"evasion.search.{reach}")
        found = search(flows, score, chance, reach=reach, greedy=attacker == "greedy", queries=setting.queries,
                       budget=budget, meter=meter)  # fmt: skip
        if reach == "both":  # who decides on both ends can do whatever the sender can
            found = {queries: tried.or_those_of(of_sender[queries]) for queries, tried in found.items()}
        elif attacker == "greedy":
            of_sender = found
        demand_sound(flows, found[max(setting.queries)], reach, setting)
        for queries in setting.queries:
            yield Attack(attacker, reach, queries, found[queries])


def by_surrogate(flows: Mapping[str, Array], score: Score, surrogate: Surrogate, setting: Setting) -> Tried:
    """A greedy search against the attacker's own model, whose best action is sent; the attacked model is not asked."""
    most = max(setting.queries)
    chance = stream(setting.seed, "evasion.surrogate")
    own = search(flows, surrogate.score, chance, queries=(most,), budget=setting.budget, meter=setting.meter)[most]
    assert own.places is not None
    after = acted(flows, own.places, REACH["sender"], setting.meter)
    octets, seconds = cost(flows, after)
    share = setting.budget.share(octets, seconds)
    return Tried(worst(score(after)) <= CALLED, octets, seconds, share, own.places)


def demand_sound(flows: Mapping[str, Array], tried: Tried, reach: str, setting: Setting) -> None:
    """RuntimeError where an evaded flow of a search, at either end, breaks an identity of its release."""
    if tried.places is None or not tried.evaded.any():
        return
    out = chosen(flows, tried.evaded)
    demand_whole(acted(out, tried.places[tried.evaded], REACH[reach], setting.meter), setting.release)


def demand_whole(after: Mapping[str, Array], release: Release) -> None:
    """RuntimeError where a flow that was acted on breaks an identity of its release: that is a fault of ours."""
    if wrong := int(np.count_nonzero(broken(after, release))):
        raise RuntimeError(f"{wrong} ends of evaded flows break an identity of the {release.title}; "
                           "the actions in analysis/evasion/actions.py must keep them all")  # fmt: skip


def weights(families: np.ndarray, detected: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Weight of each flow drawn (``rows``), so that families weigh as among all ``detected``; mean 1."""
    of = families[rows]
    share = np.array([np.count_nonzero(detected & (families == one)) / np.count_nonzero(of == one) for one in of])
    return share / share.mean() if rows.size else share


def left(out: np.ndarray, weight: np.ndarray) -> dict[str, Any]:
    """The share still detected of flows of which ``out`` (boolean) evaded, with Wilson's interval.

    Of weighted flows the interval has Kish's effective number of them.
    """
    n, still = out.size, float(np.average(~out, weights=weight))
    low, high = score_interval(still, float(weight.sum() ** 2 / (weight**2).sum()))
    return {"n": n, "still": still, "low": min(low, still), "high": max(high, still)}


def medians(out: np.ndarray, tried: Tried) -> dict[str, float | None]:
    """Medians of what evasion cost where flows got ``out``; None where none did."""
    return {name: float(np.median(getattr(tried, name)[out])) if out.any() else None for name in ("bytes", "seconds")}


def rows_of(
    found: Sequence[Attack], families: np.ndarray, weight: np.ndarray
) -> Iterator[tuple[Attack, str, float, dict[str, Any]]]:
    """Attack, family, share of the budget, and what was left: of all families at each share, of single ones at 1."""
    for attack in found:
        for family in (ALL, *sorted(set(families.tolist()))):
            among = np.full(families.size, True) if family == ALL else families == family
            for share in SHARES if family == ALL else SHARES[-1:]:
                out = attack.tried.within(share) if share else np.zeros(families.size, dtype=bool)
                cells = left(out[among], weight[among] if family == ALL else np.ones(int(among.sum())))
                yield attack, family, share, cells | medians(out & among, attack.tried)
