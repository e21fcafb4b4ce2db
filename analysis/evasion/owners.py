"""Who owns each column of a flow, from ``owners.yaml``."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import yaml

GROWS = (
    "Flow Duration", "Total Fwd Packets", "Total Length of Fwd Packets", "Fwd Packet Length Max", "Max Packet Length",
    "Fwd IAT Total", "Fwd IAT Max", "Flow IAT Max", "Fwd Header Length", "Fwd Header Length.1", "act_data_pkt_fwd",
)  # fmt: skip
"""Columns that no action of the sender lowers, at neither end of what a record bounds."""
OWNERS = ("attacker", "server", "derived", "nobody")
FILE = Path(__file__).with_suffix(".yaml")


@cache
def owners() -> dict[str, str]:
    """Owner of every column of the releases whose meters are known, by canonical name."""
    told: dict[str, list[str]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {column: owner for owner, columns in told.items() for column in columns}


def out_of_reach(features: Iterable[str]) -> list[str]:
    """Of these features those that the sender of a flow does not decide on, neither alone nor in part.

    >>> out_of_reach(["Fwd IAT Std", "Bwd Packet Length Max", "Packet Length Mean", "Destination Port"])
    ['Bwd Packet Length Max', 'Destination Port']
    """
    return [name for name in features if owners()[name] in ("server", "nobody")]


def grows(features: Iterable[str]) -> list[str]:
    """Of these features those of :data:`GROWS`.

    >>> grows(["Fwd IAT Std", "Fwd IAT Max"])
    ['Fwd IAT Max']
    """
    return [name for name in features if name in GROWS]
