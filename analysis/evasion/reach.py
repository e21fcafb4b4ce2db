"""Whether flows can be acted on at all, and the cheapest action found that lets one of them evade, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.dataset.meter import Array, Flows
from analysis.dataset.release import Release
from analysis.evasion.attackers import LEVELS, REACH, Score, acted, search, worst
from analysis.evasion.flow import NEEDED
from analysis.evasion.identities import broken
from analysis.evasion.owners import out_of_reach, owners
from analysis.evasion.trial import Setting, demand_whole
from analysis.record import show


def lacking(release: Release, features: Sequence[str]) -> str | None:
    """Why flows of a release cannot be acted on; None where they can."""
    if release.first_packet is None:
        return "how the meter of the release counts the first packet is not known"
    if missing := [name for name in NEEDED if name not in features]:
        return f"columns are missing or never vary: {', '.join(missing)}"
    if not out_of_reach(one for one in features if one in owners()):
        return "the sender decides on all columns"
    if unknown := [name for name in features if name not in owners()]:
        return f"who decides on a column is not known: {', '.join(unknown)}"
    return None


@dataclass(frozen=True)
class Cheapest:
    """An action of the sender that lets one flow evade: in words, what it adds in bytes and seconds, and the greater
    score at both ends after it. Of a flow for which none was found only ``why``."""

    why: str | None = None
    words: str = ""
    bytes: int = 0
    seconds: float = 0.0
    score: float = 0.0


def cheapest(flow: Mapping[str, Array], score: Score, setting: Setting, chance: np.random.Generator) -> Cheapest:
    """The cheapest action that the longest greedy search of the sender finds for one flow, columns of shape (1,)."""
    if why := lacking(setting.release, [*flow]):
        return Cheapest(why)
    if broken(flow, setting.release).any():
        return Cheapest("its columns contradict one another")
    most = max(setting.queries)
    tried = search(flow, score, chance, queries=(most,), budget=setting.budget, meter=setting.meter)[most]
    assert tried.places is not None
    if not tried.evaded[0]:
        return Cheapest(f"the search asked for {most} scores and found none")
    after = acted(flow, tried.places, REACH["sender"], setting.meter)
    demand_whole(after, setting.release)
    words = described(flow, after, float(LEVELS[3][tried.places[0, 3]]))
    return Cheapest(None, words, int(tried.bytes[0]), float(tried.seconds[0]), float(worst(score(after))[0]))


def described(flow: Mapping[str, Array], after: Flows, size: float) -> str:
    """What an action did to one flow, in words; ``size`` are the bytes of each packet that it added."""

    def now(name: str) -> float:
        return float(after[name][0] - flow[name][0])

    more, count, total = now("Total Fwd Packets"), flow["Total Fwd Packets"][0], flow["Fwd IAT Total"][0]
    longer = (now("Total Length of Fwd Packets") - more * size) / count
    parts = []
    if now("Flow Duration"):
        factor = float(after["Fwd IAT Total"][0] / total)
        parts.append(f"gaps between its packets {show(factor, 'significant:3')} times as long")
    if longer:
        parts.append(f"{show(int(longer), 'integer')} bytes added to each packet")
    if more:
        each = f"{show(int(size), 'integer')} {'byte' if size == 1 else 'bytes'}"
        packets = "packet" if more == 1 else "packets"
        parts.append(f"{show(int(more), 'integer')} further {packets} of {each}")
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
