"""One model attacked: detected flows drawn family by family, every attacker in turn, and what each left detected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from analysis.dataset.meter import Array, Flows
from analysis.dataset.release import ANY_ATTACK, Release
from analysis.detection.evaluation import wilson
from analysis.evasion.attackers import ALIKE, CALLED, QUERIES, Score, Tried, mimic, one_for_all, search
from analysis.evasion.identities import broken
from analysis.streams import stream

MOST = 300
"""Detected flows of a family that are attacked, at most."""
ALL = "all"
"""The family of all flows drawn."""


def family_of(release: Release, label: str) -> str:
    """The family of a type, or the type itself where it has none."""
    families = ((name, family) for name, family in release.families.items() if name != ANY_ATTACK)
    return next((name for name, family in families if label in family.labels), label)


def drawn(families: np.ndarray, detected: np.ndarray, seed: int) -> np.ndarray:
    """Row numbers, ascending, of at most ``MOST`` flows of each family among those ``detected``, shape (n,) both."""
    found = []
    for family in sorted(set(families[detected].tolist())):
        rows = np.flatnonzero(detected & (families == family))
        found.append(stream(seed, f"evasion.{family}").permutation(rows)[:MOST])
    return np.sort(np.concatenate(found)) if found else np.empty(0, dtype=int)


def chosen(flows: Mapping[str, Array], rows: np.ndarray) -> Flows:
    """The flows of these row numbers, or of a boolean of shape (flows,)."""
    return {name: column[rows] for name, column in flows.items()}


def attacked(
    flows: Mapping[str, Array], benign: Mapping[str, Array], score: Score, seed: int
) -> Iterator[tuple[str, str, int, Tried]]:
    """Attacker, reach, queries and outcome, for every attacker; each has a stream of chance of its own."""
    for name, action in ALIKE.items():
        yield name, "sender", 0, one_for_all(flows, action, score)
    for attacker, reach in (("greedy", "sender"), ("random", "sender"), ("greedy", "both")):
        chance = stream(seed, f"evasion.{attacker}.{reach}")
        found = search(flows, score, chance, reach=reach, greedy=attacker == "greedy")
        for queries in QUERIES:
            yield attacker, reach, queries, found
    yield "mimic", "any column", 0, mimic(flows, benign, score, stream(seed, "evasion.mimic"))


def trial(
    flows: Mapping[str, Array], families: np.ndarray, benign: Mapping[str, Array], score: Score, release: Release,
    seed: int,
) -> tuple[list[dict[str, Any]], dict[str, int]]:  # fmt: skip
    """Rows of attacker, reach, queries and family, and counts of the flows.

    ``flows`` are attacks, ``families`` theirs, shape (n,), ``benign`` flows for the mimic to copy. A row has the flows
    attacked ``n``, the share of them that are ``still`` detected with Wilson's interval (``low``, ``high``), and of
    those that evaded the medians of ``bytes`` and ``seconds`` added (None where none did or nothing is feasible).
    Flows that break an identity before anything is done are left out and counted. ValueError for a release whose meter
    is another one than that which the actions compute.
    """
    if release.first_packet != "twice":
        raise ValueError(f"{release.title}: its meter counts the first packet otherwise than the actions do")
    sound = ~broken(flows, release)
    detected = sound & (score(flows) > CALLED)
    rows = drawn(families, detected, seed)
    told = {"attacks": sound.size, "broken": int((~sound).sum()), "detected": int(detected.sum()), "drawn": rows.size}
    if not rows.size:
        return [], told
    own, of = chosen(flows, rows), families[rows]
    found = []
    for attacker, reach, queries, tried in attacked(own, benign, score, seed):
        out = tried.evaded(max(queries, 1))
        for family in (ALL, *sorted(set(of.tolist()))):
            among = np.full(of.size, True) if family == ALL else of == family
            found.append({"attacker": attacker, "reach": reach, "queries": queries, "family": family}
                         | left(out[among], chosen(vars(tried), among), attacker != "mimic"))  # fmt: skip
    return found, told


def left(out: np.ndarray, cost: Mapping[str, Array], feasible: bool) -> dict[str, Any]:
    """What an attack left of some flows, of which ``out`` (boolean) evaded, at a ``cost`` in bytes and seconds."""
    n, still = out.size, int(np.count_nonzero(~out))
    low, high = wilson(still, n)
    medians = {
        name: float(np.median(cost[name][out])) if feasible and out.any() else None for name in ("bytes", "seconds")
    }
    return {"n": n, "still": still / n, "low": low, "high": high} | medians


def score_of(pipeline: Any, features: Sequence[str]) -> Score:
    """A fitted model as an attacker sees it, from columns by name."""

    def score(flows: Mapping[str, Array]) -> Array:
        found: Array = pipeline.predict_proba(np.column_stack([flows[name] for name in features]))[:, 1]
        return found

    return score
