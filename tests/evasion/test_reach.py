"""The cheapest action that is told of one flow: what its words and numbers say, doing it again must do."""

from __future__ import annotations

import re

import numpy as np
import pytest

from analysis.dataset.release import load
from analysis.evasion.actions import Action
from analysis.evasion.attackers import Budget, cost, ends
from analysis.evasion.reach import Cheapest, cheapest, described
from analysis.evasion.trial import Setting, chosen
from tests.evasion.test_attackers import answered, narrow, short, some_flows

SETTING = Setting(load("original"), Budget(), 1)
WORDS = re.compile(
    r"(?:gaps between its packets ([\d.]+) times as long)?(?:, | and )?(?:([\d,]+) bytes added to each packet)?"
    r"(?:, | and )?(?:([\d,]+) further packets? of ([\d,]+) bytes?)?"
)


def said(words: str) -> Action:
    """The action that the words tell."""
    told = WORDS.fullmatch(words)
    assert told, words
    factor, padding, packets, size = (float((one or "0").replace(",", "")) for one in told.groups())
    return Action(factor or 1, padding, packets, size)


@pytest.mark.parametrize("row", [0, 1, 3])
@pytest.mark.parametrize("score", [short, narrow])
def test_what_is_told_of_an_action_is_what_it_does(row: int, score) -> None:
    flow = chosen(some_flows(6, 3), np.array([row]))
    found = cheapest(flow, score, SETTING, np.random.default_rng(row))
    assert found.why is None
    after = ends(flow, said(found.words))
    octets, seconds = cost(flow, after)
    assert octets[0] == found.bytes <= SETTING.budget.bytes
    assert seconds[0] == pytest.approx(found.seconds, rel=0.01)  # a factor is told with three digits
    assert score(after).max() == pytest.approx(found.score, abs=1e-3)
    assert found.score <= 0.5 < score(flow)[0]


def test_words_leave_out_what_has_no_effect() -> None:
    flow = chosen(some_flows(1, 3), np.array([0]))
    for action, words in ((Action(packets=1, size=1), "1 further packet of 1 byte"), (Action(padding=3), None),
                          (Action(packets=2, size=64), "2 further packets of 64 bytes")):  # fmt: skip
        assert described(flow, action(flow), float(action.size)) == (words or "3 bytes added to each packet")  # type: ignore[arg-type]


def test_where_none_is_found_it_says_why() -> None:
    flow = chosen(some_flows(6, 3), np.array([0]))
    chance = np.random.default_rng(1)
    assert cheapest(flow, answered, SETTING, chance).why == "the search asked for 100 scores and found none"
    wrong = flow | {"Packet Length Variance": np.array([9e6])}
    assert cheapest(wrong, short, SETTING, chance).why == "its columns contradict one another"
    assert cheapest(flow, short, Setting(load("wtmc2021"), Budget(), 1), chance).why == (
        "how the meter of the release counts the first packet is not known"
    )
    del flow["Fwd IAT Total"]
    assert cheapest(flow, short, SETTING, chance) == Cheapest("columns are missing or never vary: Fwd IAT Total")
