"""Every column that a model can see has one owner, and actions move what is said to be theirs."""

from __future__ import annotations

import numpy as np

from analysis.dataset.release import load, names
from analysis.evasion.actions import Action
from analysis.evasion.owners import FILE, GROWS, OWNERS, out_of_reach, owners
from tests.evasion.packets import Packets, metered


def test_every_column_has_one_owner() -> None:
    columns = {column.name for release in names() for column in load(release).columns}
    assert sorted(owners()) == sorted(columns)
    assert FILE.read_text(encoding="utf-8").count("\n  - ") == len(columns), "a column stands there twice"
    assert set(owners().values()) == set(OWNERS)
    assert set(GROWS) <= {name for name, owner in owners().items() if owner in ("attacker", "derived")}


def test_a_sender_moves_no_column_of_the_server_or_of_nobody() -> None:
    packets = Packets(np.array([0, 5, 90, 200]), np.array([10, 20, 30, 7]), np.array([True, False, True, False]))
    before = metered(packets)
    after = Action(1, 100, 5, 900)(before)
    moved = {name for name in before if after[name] != before[name]}
    assert {"Fwd Packet Length Max", "Packet Length Mean", "Average Packet Size"} <= moved
    # A rate of the server's packets is derived: a longer flow lowers it.
    assert not moved & set(out_of_reach(owners()))
    slower = Action(3)(before)
    assert slower["Bwd Packets/s"] < before["Bwd Packets/s"]
