"""The exact answer to one question: which padding evades, if any. It is what a search is compared with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analysis.conditions.threshold import CALLED
from analysis.dataset.meter import Array
from analysis.evasion.actions import MOST_PAYLOAD, pad
from analysis.evasion.attackers import Score
from analysis.evasion.trial import Setting

NONE = -1.0
"""Stands for: no padding evades."""


def least_padding(flows: Mapping[str, Array], score: Score, setting: Setting) -> Array:
    """The least bytes added to each forward packet by which a flow evades, or ``NONE``; shape (flows,).

    All whole numbers of bytes are tried, so this is a proof as far as padding alone goes: more than a packet's room
    cannot be added, and padding leaves nothing to bounds. Paddings beyond the budget of bytes count as none.
    """
    found = np.full(flows["Flow Duration"].size, NONE)
    for row in range(found.size):
        room = int(max(MOST_PAYLOAD - flows["Fwd Packet Length Max"][row], 0))
        packets = flows["Total Fwd Packets"][row]
        room = min(room, int(setting.budget.bytes // max(packets, 1)))
        if not room:
            continue
        same = {name: np.full(room, column[row]) for name, column in flows.items()}
        evades = score(pad(same, np.arange(1, room + 1), meter=setting.meter)) <= CALLED
        if evades.any():
            found[row] = np.argmax(evades) + 1
    return found
