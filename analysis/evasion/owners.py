"""Who owns each column of a flow, from ``owners.yaml``."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import yaml

OWNERS = ("attacker", "server", "derived", "nobody")
FILE = Path(__file__).with_suffix(".yaml")


@cache
def owners() -> dict[str, str]:
    """Owner of every column of the original release, by canonical name."""
    told: dict[str, list[str]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {column: owner for owner, columns in told.items() for column in columns}


def out_of_reach(features: Iterable[str]) -> list[str]:
    """Of these features those that the sender of a flow does not decide on, neither alone nor in part.

    >>> out_of_reach(["Fwd IAT Std", "Bwd Packet Length Max", "Packet Length Mean", "Destination Port"])
    ['Bwd Packet Length Max', 'Destination Port']
    """
    return [name for name in features if owners()[name] in ("server", "nobody")]
