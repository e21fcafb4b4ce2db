"""How long each new type of attack goes on before a detector calls one of its flows an attack, and what of it then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.retraining.forest import Stream
from analysis.retraining.replay import Tested
from analysis.retraining.windows import Windows

SECOND = 1_000_000


@dataclass(frozen=True)
class Met:
    """A type that the first windows did not hold: its ``first`` window, flows, and in how many windows it comes again.

    ``waited`` are the windows from its first flow to the first that is called an attack, and ``seconds`` the time
    between these, where told; None where none is. ``recall_first`` is of its first window, ``recall_later`` of those
    after (None without any), ``recall`` of all, and ``alarms`` the share of the benign flows of the same windows that
    are called attacks.
    """

    type: str
    first: int
    flows: int
    again: int
    waited: int | None
    seconds: float | None
    recall_first: float
    recall_later: float | None
    recall: float
    alarms: float


def met(stream: Stream, windows: Windows, tested: Sequence[Tested]) -> Iterator[Met]:
    """The types of attack that the detector did not begin with, in the order in which they come."""
    known = set(stream.label[tested[0].trained].tolist())
    rows, called = (np.concatenate(some) for some in ([one.rows for one in tested], [one.called for one in tested]))
    label, of = stream.label[rows], windows.of[rows]
    names = sorted(set(label[stream.attack[rows]].tolist()) - known)
    for name in sorted(names, key=lambda name: (int(of[label == name].min()), name)):
        mask = (label == name) & stream.attack[rows]
        first = int(of[mask].min())
        hit = mask & called
        seconds = None
        if windows.time is not None and hit.any():
            time = windows.time[rows]
            seconds = float(time[hit].min() - time[mask].min()) / SECOND
        later = called[mask & (of > first)]
        benign = called[~stream.attack[rows] & np.isin(of, of[mask])]
        yield Met(
            name, first, int(np.count_nonzero(mask)), np.unique(of[mask]).size - 1,
            int(of[hit].min()) - first if hit.any() else None, seconds, float(called[mask & (of == first)].mean()),
            float(later.mean()) if later.size else None, float(called[mask].mean()),
            float(benign.mean()) if benign.size else 0.0,
        )  # fmt: skip
