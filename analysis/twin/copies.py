"""How many flows of the twin repeat others, so that repeated rows are as frequent as in the original release.

Published for the original release, counted over all 79 columns as printed, rows beyond the first: 308,381, of which
256,479 within a file and 51,902 across files; without them 16.88 % of the rows are attacks, which makes 131,871 of the
repeats attacks. An attack type occurs in one file only, so that all repeats across files are benign.

The generator repeats itself without being asked, the more the more flows it draws: flows of a few small packets have
few values to choose from. Calibration measures how often (``ClassSource.repeats``); copies make up the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

WITHIN, ACROSS = 256_479, 51_902
FLOWS, ATTACKS = 2_830_743, 557_646
LEFT, LEFT_PREVALENCE = 2_522_362, 0.1688
ATTACK_REPEATS = ATTACKS - round(LEFT * LEFT_PREVALENCE)
MOST = 0.6
"""At most this share of the flows of a label in a file are copies."""
PRONE = 0.02
"""A type of attack repeats itself if at least this share of its published number of flows do so without copies."""

Repeats = Sequence[tuple[int, int]]
"""Number of flows drawn, and how many of them repeated an earlier one; by rising number of flows."""


@dataclass(frozen=True)
class Copies:
    """Copies per file and label of flows of the same file, and per file of benign flows of the file before it."""

    within: Mapping[str, Mapping[str, int]]
    across: Mapping[str, int]


def none(counts: Mapping[str, Mapping[str, int]]) -> Copies:
    """No copies."""
    return Copies({file: dict.fromkeys(labels, 0) for file, labels in counts.items()}, dict.fromkeys(counts, 0))


def natural(repeats: Repeats, n: float) -> float:
    """Expected repeats among ``n`` drawn flows: the measured rate, on a straight line over the logarithm of n."""
    if n < 1 or not repeats:
        return 0.0
    sizes, counts = np.array(repeats, dtype=float).T
    places, rates, place = np.log2(sizes), counts / sizes, np.log2(n)
    if place > places[-1] and len(places) > 1:
        slope = (rates[-1] - rates[-2]) / (places[-1] - places[-2])
        rate = rates[-1] + slope * (place - places[-1])
    else:
        rate = np.interp(place, places, rates, left=rates[0] * n / sizes[0])
    return float(n * np.clip(rate, 0, 0.95))


def plan(counts: Mapping[str, Mapping[str, int]], repeats: Mapping[str, Repeats], benign: str) -> Copies:
    """Copies for flows of ``counts`` (file, label), so that with the natural repeats the published rates come out."""
    benign_flows = {file: labels.get(benign, 0) for file, labels in counts.items()}
    attacks = {(f, label): n for f, labels in counts.items() for label, n in labels.items() if label != benign}
    within = {file: dict.fromkeys(labels, 0) for file, labels in counts.items()}
    wanted = ATTACK_REPEATS / ATTACKS * sum(attacks.values())
    # Copies of attacks go to the types that repeat themselves in any case, in proportion to their flows.
    prone = {key: n for key, n in attacks.items() if _prone(repeats[key[1]])}
    share = _solve(lambda c: sum(natural(repeats[k[1]], n * (1 - c)) + c * n for k, n in prone.items()), wanted)
    for (file, label), n in prone.items():
        within[file][label] = round(share * n)
    rate = (WITHIN - ATTACK_REPEATS) / (FLOWS - ATTACKS)
    total = sum(benign_flows.values())
    first = next(iter(counts))
    # A flow copied from another file takes the place of a drawn one too, so both shares depend on one another.
    share = beyond = 0.0
    for _ in range(20):
        drawn = {file: n * (1 - share - (beyond if file != first else 0)) for file, n in benign_flows.items()}
        inside = sum(natural(repeats[benign], n) for n in drawn.values())
        share = np.clip((rate * total - inside) / total, 0, MOST)
        others = natural(repeats[benign], sum(drawn.values())) - inside
        lenders = total - benign_flows[first]
        beyond = np.clip((ACROSS / (FLOWS - ATTACKS) * total - others) / max(lenders, 1), 0, 0.2)
    for file, n in benign_flows.items():
        within[file][benign] = round(share * n)
    return Copies(within, {file: 0 if file == first else round(beyond * n) for file, n in benign_flows.items()})


def _prone(repeats: Repeats) -> bool:
    return bool(repeats) and repeats[-1][1] > PRONE * repeats[-1][0]


def _solve(found: Callable[[float], float], wanted: float) -> float:
    """Share of copies, from 0 to MOST, at which the increasing function ``found`` reaches ``wanted``."""
    low, high = 0.0, MOST
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if found(middle) < wanted else (low, middle)
    return low if low > 1e-9 else 0.0
